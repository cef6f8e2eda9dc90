package record

import "time"

// Activity is one offering of the recreation catalogue that a person may
// register for: a session, or a course with its schedule.
type Activity struct {
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
	Category    string `json:"category,omitempty"`
	Place       string `json:"place,omitempty"`
	Point       *Point `json:"point,omitempty"`
	// Start and End are instants when the source gives hours.
	Start time.Time `json:"start,omitzero"`
	End   time.Time `json:"end,omitzero"`
	// StartDate and EndDate are days, for a course given by dates only.
	StartDate Date       `json:"start_date,omitzero"`
	EndDate   Date       `json:"end_date,omitzero"`
	Schedule  []Schedule `json:"schedule,omitempty"`
	// AgeMin and AgeMax are completed years, inclusive; nil means no limit stated.
	AgeMin *int `json:"age_min,omitempty"`
	AgeMax *int `json:"age_max,omitempty"`
	// Capacity and Remaining are places; nil is unknown, 0 is full.
	Capacity  *int `json:"capacity,omitempty"`
	Remaining *int `json:"remaining,omitempty"`
	// Waiting is the length of the waiting list, nil when unknown.
	Waiting *int           `json:"waiting,omitempty"`
	Status  ActivityStatus `json:"status"`
	Offers  []Offer        `json:"offers,omitempty"`
	Link    string         `json:"link,omitempty"`
}

// Kind returns KindActivity.
func (Activity) Kind() Kind { return KindActivity }

// ActivityStatus is whether an activity takes place.
type ActivityStatus string

// The states of an activity.
const (
	ActivityScheduled   ActivityStatus = "scheduled"
	ActivityCancelled   ActivityStatus = "cancelled"
	ActivityPostponed   ActivityStatus = "postponed"
	ActivityRescheduled ActivityStatus = "rescheduled"
)

// Schedule is a weekly rule of an activity, local to the activity's zone.
type Schedule struct {
	Days  []time.Weekday `json:"days,omitempty"`
	Start string         `json:"start,omitempty"` // 15:04
	End   string         `json:"end,omitempty"`   // 15:04
	From  Date           `json:"from,omitzero"`
	Until Date           `json:"until,omitzero"`
}

// Offer is one price of an activity, for one tier of people.
type Offer struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
	// Price in cents; nil when not given.
	Price    *Cents `json:"price_cents,omitempty"`
	Currency string `json:"currency,omitempty"`
	// Residents is true for residents only, false for others only, nil for all
	// or when the source does not say.
	Residents *bool `json:"residents,omitempty"`
	AgeMin    *int  `json:"age_min,omitempty"`
	AgeMax    *int  `json:"age_max,omitempty"`
	// Opens and Closes bound the time in which the offer may be booked.
	Opens  time.Time `json:"opens,omitzero"`
	Closes time.Time `json:"closes,omitzero"`
	// Bookable is false when the offer demands a step that we do not speak.
	Bookable bool `json:"bookable"`
	// Prepayment is true when the source takes payment before confirming.
	Prepayment bool `json:"prepayment,omitempty"`
}

// RegistrationStatus is where a registration stands.
type RegistrationStatus string

// The states of a registration.
const (
	RegistrationConfirmed RegistrationStatus = "confirmed"
	RegistrationWaiting   RegistrationStatus = "waiting"
	RegistrationPayment   RegistrationStatus = "awaiting_payment"
	RegistrationCancelled RegistrationStatus = "cancelled"
	RegistrationAttended  RegistrationStatus = "attended"
	RegistrationAbsent    RegistrationStatus = "absent"
	RegistrationUnknown   RegistrationStatus = "unknown" // a state we have no word for
)

// Registration is a person's place in an activity, or in its waiting list.
type Registration struct {
	// ID cancels the registration at the source.
	ID string `json:"id"`
	// Order groups registrations made together, and Session is the activity's
	// key in the same source.
	Order   string `json:"order,omitempty"`
	Session string `json:"session,omitempty"`
	Name    string `json:"name,omitempty"`
	// Person is the given name of the family member, as the source writes it.
	Person string             `json:"person,omitempty"`
	Status RegistrationStatus `json:"status"`
	// Rank in the waiting list, from 1; nil when unknown or not waiting.
	Rank  *int      `json:"rank,omitempty"`
	Place string    `json:"place,omitempty"`
	Start time.Time `json:"start,omitzero"`
	End   time.Time `json:"end,omitzero"`
	// StartDate and EndDate are days, for a course given by dates only.
	StartDate Date       `json:"start_date,omitzero"`
	EndDate   Date       `json:"end_date,omitzero"`
	Schedule  []Schedule `json:"schedule,omitempty"`
	Price     *Cents     `json:"price_cents,omitempty"`
	// Notice is a message from the town about this registration.
	Notice string `json:"notice,omitempty"`
	Link   string `json:"link,omitempty"`
}

// Kind returns KindRegistration.
func (Registration) Kind() Kind { return KindRegistration }
