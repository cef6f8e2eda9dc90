package openactivesim

import (
	"fmt"
	"strings"
	"time"
)

// Event is a session or a course of the town.
type Event struct {
	// Capacity, Status and Start may be changed by Server.Update.
	Capacity int
	Status   string
	Start    time.Time

	id, path, kind string
	offers         []*Offer
	session        Session
	course         Course
	waitingList    bool
	attendeeNames  bool
	series         *series
	deleted        bool
	modified       int64
}

type series struct {
	Series
	modified int64
}

// order is a booking.
type order struct {
	uuid, digest, number                  string
	account, email, givenName, familyName string
	items                                 []*orderItem
	modified                              int64
}

type orderItem struct {
	event                              *Event
	offer                              *Offer
	number                             int
	status, message                    string
	attendeeGivenName, attendeeSurname string
}

// lease holds seats for a quote.
type lease struct {
	seats   map[*Event]int
	expires time.Time
}

// town is all state. Its mutex is the server's.
type town struct {
	key      string
	base     string
	changes  int // carried out for brokers
	pageSize int
	leaseFor time.Duration
	terms    []Terms
	now      func() time.Time
	clock    int64 // the last modified mark given

	series map[string]*series
	events map[string]*Event
	orders map[string]*order
	queue  []*orderItem // waiting lists, oldest first
	leases map[string]*lease
}

func newTown(seed Seed) (*town, error) {
	t := &town{
		key: seed.APIKey, base: seed.Base, pageSize: seed.PageSize, leaseFor: seed.LeaseFor, terms: seed.Terms, now: seed.Now, clock: 1_764_000_000,
		series: map[string]*series{}, events: map[string]*Event{}, orders: map[string]*order{}, leases: map[string]*lease{},
	}
	if t.pageSize == 0 {
		t.pageSize = 500
	}
	if t.leaseFor == 0 {
		t.leaseFor = 15 * time.Minute
	}
	if t.now == nil {
		t.now = time.Now
	}
	for _, s := range seed.Series {
		t.series[s.ID] = &series{Series: s, modified: t.tick()}
	}
	for _, s := range seed.Sessions {
		if err := t.addSession(s); err != nil {
			return nil, err
		}
	}
	for _, c := range seed.Courses {
		t.addCourse(c)
	}
	for _, o := range seed.Orders {
		if err := t.addOrder(o); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *town) addSession(s Session) error {
	parent := t.series[s.Series]
	if parent == nil || t.events[s.ID] != nil {
		return fmt.Errorf("session %q: no such series, or the session twice", s.ID)
	}
	e := &Event{
		Capacity: s.Capacity, Status: s.Status, Start: s.Start,
		id: s.ID, path: "/series/" + s.Series + "/sessions/" + s.ID, kind: "ScheduledSession",
		session: s, series: parent, waitingList: s.WaitingList, attendeeNames: s.AttendeeNames, modified: t.tick(),
	}
	for i := range parent.Offers {
		e.offers = append(e.offers, &parent.Offers[i])
	}
	t.events[s.ID] = e
	return nil
}

func (t *town) addCourse(c Course) {
	e := &Event{
		Capacity: c.Capacity, id: c.ID, path: "/courses/" + c.ID, kind: "CourseInstance",
		course: c, waitingList: c.WaitingList, modified: t.tick(),
	}
	for i := range c.Offers {
		e.offers = append(e.offers, &c.Offers[i])
	}
	t.events[c.ID] = e
}

func (t *town) addOrder(o Order) error {
	made := &order{
		uuid: o.UUID, number: t.nextNumber(), account: o.Account, email: o.Email,
		givenName: o.GivenName, familyName: o.FamilyName, modified: t.tick(),
	}
	for n, i := range o.Items {
		e := t.events[i.Session]
		if e == nil {
			return fmt.Errorf("order %s: no event %q", o.UUID, i.Session)
		}
		f := e.offer(i.Offer)
		if f == nil {
			return fmt.Errorf("order %s: no offer %q of %q", o.UUID, i.Offer, i.Session)
		}
		item := &orderItem{event: e, offer: f, number: n + 1, status: i.Status, attendeeGivenName: i.Attendee}
		if item.status == "" {
			item.status = "OrderItemConfirmed"
		}
		if item.status == waiting {
			t.queue = append(t.queue, item)
		}
		made.items = append(made.items, item)
	}
	t.orders[o.UUID] = made
	return nil
}

// waiting is the extension's state of an order item.
const waiting = "OrderItemWaiting"

func (t *town) nextNumber() string { return fmt.Sprintf("VX%06d", len(t.orders)+1) }

// tick gives the next modified mark: every change is later than all before.
func (t *town) tick() int64 {
	t.clock++
	return t.clock
}

func (t *town) touch(e *Event)      { e.modified = t.tick() }
func (t *town) touchOrder(o *order) { o.modified = t.tick() }

func (e *Event) offer(id string) *Offer {
	for _, f := range e.offers {
		if f.ID == id {
			return f
		}
	}
	return nil
}

// offerPath is the address of an offer: it belongs to the series, or to the
// course itself.
func (e *Event) offerPath(f *Offer) string {
	if e.series != nil {
		return "/series/" + e.series.ID + "#/offers/" + f.ID
	}
	return e.path + "#/offers/" + f.ID
}

// find returns the event of an address, by its path: the host is whatever the
// client reached us by.
func (t *town) find(uri string) *Event {
	_, rest, ok := strings.Cut(uri, "://")
	if !ok {
		return nil
	}
	slash := strings.IndexByte(rest, '/')
	if slash < 0 {
		return nil
	}
	for _, e := range t.events {
		if e.path == rest[slash:] && !e.deleted {
			return e
		}
	}
	return nil
}

// findOffer returns the event's offer of an address.
func (e *Event) findOffer(uri string) *Offer {
	for _, f := range e.offers {
		if strings.HasSuffix(uri, e.offerPath(f)) {
			return f
		}
	}
	return nil
}

// taken counts confirmed places.
func (t *town) taken(e *Event) int { return t.count(e, "OrderItemConfirmed") }

// waitingFor counts the waiting list.
func (t *town) waitingFor(e *Event) int { return t.count(e, waiting) }

func (t *town) count(e *Event, status string) int {
	n := 0
	for _, o := range t.orders {
		for _, i := range o.items {
			if i.event == e && i.status == status {
				n++
			}
		}
	}
	return n
}

// leased counts the seats that the running leases of others hold.
func (t *town) leased(e *Event, but string) int {
	n := 0
	for uuid, l := range t.leases {
		if uuid != but && l.expires.After(t.now()) {
			n += l.seats[e]
		}
	}
	return n
}

// rank is an item's place in its waiting list, from 1.
func (t *town) rank(item *orderItem) int {
	n := 0
	for _, i := range t.queue {
		if i.event == item.event && i.status == waiting {
			n++
		}
		if i == item {
			return n
		}
	}
	return 0
}

// promote gives freed places to whoever waits longest.
func (t *town) promote(e *Event) {
	for _, i := range t.queue {
		if i.event == e && i.status == waiting && t.taken(e) < e.Capacity {
			i.status = "OrderItemConfirmed"
			t.touchOwner(i)
		}
	}
	t.touch(e)
}

func (t *town) touchOwner(item *orderItem) {
	for _, o := range t.orders {
		for _, i := range o.items {
			if i == item {
				t.touchOrder(o)
			}
		}
	}
}
