package openactivesim

import "time"

// Seed is the invented town that a server starts with. Its identifiers are
// short words; the server makes addresses of them.
type Seed struct {
	// APIKey is the Bearer token that the booking server asks for; empty lets
	// everybody in.
	APIKey string
	// Base begins the @id of everything published, such as
	// https://loisirs.exemple.test; empty means the address that the request
	// named. The addresses of pages always are the request's.
	Base string
	// PageSize is how many items a page of a feed holds; 0 means 500.
	PageSize int
	// LeaseFor is how long a quote holds a seat; 0 means 15 minutes, less than 0
	// means that nothing is ever held.
	LeaseFor time.Duration
	// Now tells the time, for leases; nil means time.Now.
	Now func() time.Time

	// Terms are the seller's, sent with each quote.
	Terms []Terms

	Series   []Series
	Sessions []Session
	Courses  []Course
	Orders   []Order
}

// Terms are conditions of the seller.
type Terms struct {
	Name, URL string
	// Consent is asked for in so many words.
	Consent bool
}

// Series is an activity that is given several times (SessionSeries).
type Series struct {
	ID, Name, Description, Activity, Place string
	Lat, Long                              float64
	// AgeMin and AgeMax are completed years; 0 means no limit.
	AgeMin, AgeMax int
	Offers         []Offer
}

// Offer is one price of a series or course.
type Offer struct {
	ID, Name string
	// Cents is the price in hundredths of a Canadian dollar.
	Cents int
	// Opens is how long before the start it may be booked, such as P30D.
	Opens string
	// Prepayment is Required, Optional, Unavailable, or empty when not stated.
	Prepayment string
	// Flow are requirements of the booking, such as OpenBookingApproval.
	Flow []string
}

// Session is one meeting of a series (ScheduledSession).
type Session struct {
	ID, Series string
	Start, End time.Time
	Capacity   int
	// Status is EventScheduled when empty.
	Status string
	// WaitingList opens an extension: when the session is full, a booking is
	// accepted into its waiting list.
	WaitingList bool
	// AttendeeNames makes the server ask for the attendee's given name.
	AttendeeNames bool
}

// Course is an activity that is taken as a whole (CourseInstance).
type Course struct {
	ID, Name, Description, Activity, Place string
	AgeMin, AgeMax                         int
	// From and Until are days, 2006-01-02; Weekday is an English name; Begins and
	// Ends are times of day, 15:04.
	From, Until, Weekday, Begins, Ends string
	Capacity                           int
	Offers                             []Offer
	WaitingList                        bool
}

// Order is a booking made before the server started.
type Order struct {
	UUID string
	// Account and Email are what the order is found by.
	Account, Email, GivenName, FamilyName string
	Items                                 []Item
}

// Item is one place of an order.
type Item struct {
	// Session is the ID of a session or course, and Offer of one of its offers.
	Session, Offer string
	// Attendee is a given name.
	Attendee string
	// Status is OrderItemConfirmed when empty; OrderItemWaiting is the extension's
	// own.
	Status string
}
