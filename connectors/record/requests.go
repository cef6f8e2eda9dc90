package record

import "time"

// RequestStatus is where a service request stands. Finer words of the source
// are kept beside it.
type RequestStatus string

// The states of a service request (GeoReport v2).
const (
	RequestOpen   RequestStatus = "open"
	RequestClosed RequestStatus = "closed"
	// RequestPending is a request known by its token only: received, without
	// number yet.
	RequestPending RequestStatus = "pending"
	// RequestUnknown is a request whose number we hold and of which the source
	// does not say where it stands, or that it does not know (any more).
	RequestUnknown RequestStatus = "unknown"
)

// Request is a service request that a person sent to the town.
type Request struct {
	// ID is the town's number for it; empty until a token became a number.
	ID          string        `json:"id,omitempty"`
	Token       string        `json:"token,omitempty"`
	Status      RequestStatus `json:"status"`
	StatusWord  string        `json:"status_word,omitempty"` // as received
	StatusNote  string        `json:"status_note,omitempty"`
	ServiceCode string        `json:"service_code,omitempty"`
	Service     string        `json:"service,omitempty"`
	Description string        `json:"description,omitempty"`
	Department  string        `json:"department,omitempty"`
	Notice      string        `json:"notice,omitempty"`
	Sent        time.Time     `json:"sent,omitzero"`
	Updated     time.Time     `json:"updated,omitzero"`
	Expected    time.Time     `json:"expected,omitzero"`
	Address     string        `json:"address,omitempty"`
	Point       *Point        `json:"point,omitempty"`
	Photos      []string      `json:"photos,omitempty"`
	Link        string        `json:"link,omitempty"`
	// History is what happened, oldest first.
	History []RequestEvent `json:"history,omitempty"`
}

// Kind returns KindRequest.
func (Request) Kind() Kind { return KindRequest }

// RequestEvent is one step in the life of a request.
type RequestEvent struct {
	// At is when it happened, or, where Seen is set, when we first saw it.
	At     time.Time `json:"at,omitzero"`
	Seen   bool      `json:"seen,omitempty"`
	Status string    `json:"status,omitempty"`
	Note   string    `json:"note,omitempty"`
}

// FollowUp is what a citizen can expect after sending a request of a service.
type FollowUp string

// The kinds of follow-up (GeoReport v2 service type).
const (
	FollowUpNow   FollowUp = "realtime" // a number at once
	FollowUpLater FollowUp = "batch"    // a token, a number later
	FollowUpNone  FollowUp = "blackbox" // nothing to follow
)

// Service is something that citizens may ask of the town.
type Service struct {
	Code        string      `json:"code"`
	Name        string      `json:"name,omitempty"`
	Description string      `json:"description,omitempty"`
	Group       string      `json:"group,omitempty"`
	Keywords    []string    `json:"keywords,omitempty"`
	FollowUp    FollowUp    `json:"follow_up,omitempty"`
	Attributes  []Attribute `json:"attributes,omitempty"`
}

// Kind returns KindService.
func (Service) Kind() Kind { return KindService }

// Attribute is one question that a service asks.
type Attribute struct {
	Code string `json:"code"`
	// Datatype is string, number, datetime, text, singlevaluelist or
	// multivaluelist.
	Datatype string `json:"datatype"`
	// Question is false for a text to show that wants no answer.
	Question    bool             `json:"question"`
	Required    bool             `json:"required"`
	Order       int              `json:"order,omitempty"`
	Description string           `json:"description,omitempty"`
	Hint        string           `json:"hint,omitempty"`
	Values      []AttributeValue `json:"values,omitempty"`
}

// AttributeValue is one choice of a list attribute.
type AttributeValue struct {
	Key  string `json:"key"`
	Name string `json:"name"`
}
