package record

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Action is something a person asks a source to do. The set is closed.
type Action interface {
	// ActionName is the bounded word for metrics, journals and the command line.
	ActionName() string
}

// Renew asks for a longer loan of one item.
type Renew struct {
	Item string
	// Due is the due date that the person saw, when known: a later date at the
	// source proves that the renewal happened.
	Due Date
}

// RenewAll asks for a longer loan of every item of the patron.
type RenewAll struct{}

// PlaceHold asks the library to keep an item, by barcode or by title.
type PlaceHold struct {
	Item, Title string
	Pickup      string // branch; empty for the library's default
}

// CancelHold gives up a hold.
type CancelHold struct{ Item, Title string }

// Register takes a place in an activity.
type Register struct {
	// Session is the key of the activity, and Offer the price chosen; an empty
	// Offer is accepted only where exactly one may be booked.
	Session, Offer string
	// Order is the UUID that makes a repeat harmless: the same Order is the same
	// registration. Empty lets the connector draw one.
	Order string
	// Customer and attendee, where the source asks for them.
	Email, GivenName, FamilyName          string
	AttendeeGivenName, AttendeeFamilyName string
	// Agreed is the total that the person saw and agreed to, in cents: at any other
	// the source registers nobody ("price_changed"). Nil agrees to whatever the
	// source asks.
	Agreed *Cents
}

// HoldSeat asks the source to keep a place for a few minutes while the person
// reads the price and decides. Order is required: the same Order is the same
// place, and Register with it takes the place. Nothing is bound by it.
type HoldSeat struct{ Register }

// ReleaseSeat gives a kept place back before its time. Repeating it is harmless.
type ReleaseSeat struct{ Order string }

// CancelRegistration gives up a place.
type CancelRegistration struct{ ID string }

// Submit sends a service request.
type Submit struct {
	ServiceCode string
	Point       *Point
	Address     string
	AddressID   string
	Description string
	// Attributes are the answers by attribute code; several for a multivaluelist.
	Attributes map[string][]string
	MediaURL   string
	// Contact details that the person chose to give.
	Email, GivenName, FamilyName, Phone string
}

// ActionName returns "renew".
func (Renew) ActionName() string { return "renew" }

// ActionName returns "renew-all".
func (RenewAll) ActionName() string { return "renew-all" }

// ActionName returns "hold".
func (PlaceHold) ActionName() string { return "hold" }

// ActionName returns "cancel-hold".
func (CancelHold) ActionName() string { return "cancel-hold" }

// ActionName returns "register".
func (Register) ActionName() string { return "register" }

// ActionName returns "hold-seat".
func (HoldSeat) ActionName() string { return "hold-seat" }

// ActionName returns "release-seat".
func (ReleaseSeat) ActionName() string { return "release-seat" }

// ActionName returns "cancel-registration".
func (CancelRegistration) ActionName() string { return "cancel-registration" }

// ActionName returns "submit".
func (Submit) ActionName() string { return "submit" }

// ParseAction makes an action of its name and of key=value words, as the
// command line writes them. Unknown, missing, repeated or
// unreadable keys are errors that name the key and never the value.
func ParseAction(name string, words []string) (Action, error) {
	p := params{values: map[string][]string{}, used: map[string]bool{}}
	for _, w := range words {
		k, v, ok := strings.Cut(w, "=")
		if !ok {
			return nil, fmt.Errorf("action %s: a word that is not key=value", name)
		}
		p.values[k] = append(p.values[k], v)
	}
	a, err := p.action(name)
	if err != nil {
		return nil, fmt.Errorf("action %s: %w", name, err)
	}
	var unknown []string
	for k := range p.values {
		if !p.used[k] {
			unknown = append(unknown, k)
		}
	}
	if len(unknown) > 0 {
		sort.Strings(unknown)
		return nil, fmt.Errorf("action %s: unknown key %s", name, strings.Join(unknown, ", "))
	}
	return a, nil
}

type params struct {
	values map[string][]string
	used   map[string]bool
	err    error
}

// one returns the single value of a key, "" when absent.
func (p *params) one(key string) string {
	p.used[key] = true
	v := p.values[key]
	if len(v) > 1 && p.err == nil {
		p.err = fmt.Errorf("key %s given %d times", key, len(v))
	}
	if len(v) == 0 {
		return ""
	}
	return v[0]
}

// need is one for a key that must be there.
func (p *params) need(key string) string {
	v := p.one(key)
	if v == "" && p.err == nil {
		p.err = fmt.Errorf("key %s is missing", key)
	}
	return v
}

func (p *params) action(name string) (Action, error) {
	var a Action
	switch name {
	case "renew":
		a = Renew{Item: p.need("item"), Due: p.date("due")}
	case "renew-all":
		a = RenewAll{}
	case "hold":
		h := PlaceHold{Item: p.one("item"), Title: p.one("title"), Pickup: p.one("pickup")}
		p.oneOf("item", "title")
		a = h
	case "cancel-hold":
		a = CancelHold{Item: p.one("item"), Title: p.one("title")}
		p.oneOf("item", "title")
	case "register":
		a = Register{
			Session: p.need("session"), Offer: p.one("offer"), Order: p.one("order"),
			Email: p.one("email"), GivenName: p.one("given_name"), FamilyName: p.one("family_name"),
			AttendeeGivenName: p.one("attendee_given_name"), AttendeeFamilyName: p.one("attendee_family_name"),
		}
	case "cancel-registration":
		a = CancelRegistration{ID: p.need("id")}
	case "submit":
		a = p.submit()
	default:
		return nil, fmt.Errorf("unknown; one of renew, renew-all, hold, cancel-hold, register, cancel-registration, submit")
	}
	return a, p.err
}

func (p *params) oneOf(a, b string) {
	if p.err == nil && (p.one(a) == "") == (p.one(b) == "") {
		p.err = fmt.Errorf("exactly one of the keys %s and %s is wanted", a, b)
	}
}

func (p *params) submit() Submit {
	s := Submit{
		ServiceCode: p.need("service_code"), Address: p.one("address_string"), AddressID: p.one("address_id"),
		Description: p.one("description"), MediaURL: p.one("media_url"),
		Email: p.one("email"), GivenName: p.one("first_name"), FamilyName: p.one("last_name"), Phone: p.one("phone"),
		Attributes: map[string][]string{},
	}
	for k, v := range p.values {
		if code, ok := strings.CutPrefix(k, "attribute."); ok && code != "" {
			p.used[k] = true
			s.Attributes[code] = v
		}
	}
	lat, long := p.one("lat"), p.one("long")
	if lat == "" && long == "" {
		return s
	}
	point := Point{p.degrees("lat", lat), p.degrees("long", long)}
	if !point.Valid() && p.err == nil {
		p.err = fmt.Errorf("keys lat and long are no place on Earth")
	}
	s.Point = &point
	return s
}

func (p *params) date(key string) (d Date) {
	if err := d.UnmarshalText([]byte(p.one(key))); err != nil && p.err == nil {
		p.err = fmt.Errorf("key %s is not a date like 2026-12-31", key)
	}
	return d
}

func (p *params) degrees(key, v string) float64 {
	f, err := strconv.ParseFloat(v, 64)
	if err != nil && p.err == nil {
		p.err = fmt.Errorf("key %s is not a number of degrees", key)
	}
	return f
}

// Outcome is the honest end of an action.
type Outcome string

// The refusals that others than the portal's words act upon; every connector
// that means one of them says it like this.
const (
	// RefusalFull: no place is left.
	RefusalFull = "activity_full"
	// RefusalReserved: the last places are kept for others for a while.
	RefusalReserved = "seats_reserved"
	// RefusalNotBookable: nobody can register here now.
	RefusalNotBookable = "not_bookable"
	// RefusalPayment: the source takes payment first; the receipt's Link leads there.
	RefusalPayment = "payment_required"
	// RefusalAgain: the source is too busy and asks to be asked again.
	RefusalAgain = "try_again"
)

// NotDone is the refusal of an action that a later read proved not to have
// happened: the person may send it again.
const NotDone = "not_done"

// The outcomes of an action.
const (
	// OutcomeDone: the source said so, or a later read proved it.
	OutcomeDone Outcome = "done"
	// OutcomeRefused: the source said no; nothing changed.
	OutcomeRefused Outcome = "refused"
	// OutcomeUnknown: the reply was lost and the source could not be read well
	// enough to learn what happened. It must not be sent again blindly.
	OutcomeUnknown Outcome = "unknown"
)

// Receipt is what a person gets for an action.
type Receipt struct {
	Outcome Outcome `json:"outcome"`
	// Refusal says why, in a closed set per connector that the portal has words
	// for: "too_many_renewals", "activity_full".
	Refusal string `json:"refusal,omitempty"`
	// Note is the source's own wording, for staff and, where configured, for
	// the person. It may name the person and is never logged.
	Note string `json:"note,omitempty"`
	// Reference is the source's number for what was done.
	Reference string `json:"reference,omitempty"`
	// Proof tells how the outcome is known.
	Proof Proof `json:"proof,omitempty"`
	// Quote is the answer to [HoldSeat]; nil for every other action.
	Quote *Quote `json:"quote,omitempty"`
	// Link is where the person goes on, such as the source's own checkout.
	Link string `json:"link,omitempty"`
	// Records are what was read back after the action: the loan with its new
	// date, the registration, the request.
	Records []Record `json:"records,omitempty"`
}

// Proof is how an outcome is known.
type Proof string

// The proofs of an outcome.
const (
	ProofReply  Proof = "reply"  // the source's answer to the action
	ProofReread Proof = "reread" // the answer was lost or odd; a later read shows the state
)

// Quote is what a source asks for a place, before anything is bound.
type Quote struct {
	// Total is what the person will owe, taxes included; nil is not given. Tax is
	// the part of it that is tax.
	Total    *Cents `json:"total_cents,omitempty"`
	Tax      *Cents `json:"tax_cents,omitempty"`
	Currency string `json:"currency,omitempty"`
	// HeldUntil is how long the place is kept. Zero means that nothing is kept:
	// somebody else may take it first.
	HeldUntil time.Time `json:"held_until,omitzero"`
	Terms     []Terms   `json:"terms,omitempty"`
	// Prepayment is true when the source takes payment before it confirms: then
	// the person goes on at the receipt's Link.
	Prepayment bool `json:"prepayment,omitempty"`
}

// Terms are conditions that go with a place.
type Terms struct {
	Name string `json:"name,omitempty"`
	URL  string `json:"url"`
	// Consent is true when the person must agree in so many words.
	Consent bool `json:"consent,omitempty"`
}
