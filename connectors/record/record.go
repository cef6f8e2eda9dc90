// Package record is the vocabulary that connectors, the aggregator, the cache,
// the dossier and the portal share: what a source said, about whom, and when
// it was read. It imports nothing else of this project.
//
// A [Record] carries one fact in a [Body]. The set of bodies is closed; a
// system that fits none of them uses [Other], which every page can show.
// Dates that are days are [Date], instants are [time.Time] in UTC, money is
// [Cents]. In every body an absent value means "the source did not say": nil
// pointers, zero dates, zero times and empty strings are unknown, never "no"
// and never 0.
package record

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"time"
)

// Kind names a body in stored and printed records.
type Kind string

// The kinds of body, closed.
const (
	KindLoan         Kind = "loan"
	KindHold         Kind = "hold"
	KindFee          Kind = "fee"
	KindBlock        Kind = "block"
	KindActivity     Kind = "activity"
	KindRegistration Kind = "registration"
	KindUnit         Kind = "unit"
	KindRequest      Kind = "request"
	KindService      Kind = "service"
	KindPlace        Kind = "place"
	KindSector       Kind = "sector"
	KindShape        Kind = "shape"
	KindCard         Kind = "card"
	KindOther        Kind = "other"

	KindCollection     Kind = "collection"
	KindCollectionRule Kind = "collection_rule"
	KindStream         Kind = "stream"
	KindWateringRule   Kind = "watering_rule"
	KindWateringBan    Kind = "watering_ban"
	KindWateringPermit Kind = "watering_permit"
)

// Body is what a record says. Only this package defines bodies.
type Body interface {
	// Kind names the body's type.
	Kind() Kind
}

// Record is one fact read from one source.
type Record struct {
	// Key identifies the record within its source and kind. It is the same in
	// every read for as long as the thing lives, so that two versions of a
	// section can be compared.
	Key string
	// Owner is whom the record belongs to, in the source's own terms. The zero
	// Ref means that it belongs to the whole town.
	Owner Ref
	// Source is the configured name of the source. The guard fills it in.
	Source string
	// ReadAt is the instant the source answered, UTC. The guard fills it in.
	ReadAt time.Time
	// Body is the fact. Never nil in a record that left a connector.
	Body Body
}

// LogValue keeps everything but the source and the kind out of logs.
func (r Record) LogValue() slog.Value {
	kind := Kind("")
	if r.Body != nil {
		kind = r.Body.Kind()
	}
	return slog.GroupValue(slog.String("source", r.Source), slog.String("kind", string(kind)))
}

// envelope is the part of a record's JSON that every kind shares; the body's
// own members stand beside it in the same object.
type envelope struct {
	Kind   Kind      `json:"kind"`
	Key    string    `json:"key"`
	Owner  string    `json:"owner,omitempty"`
	Source string    `json:"source"`
	ReadAt time.Time `json:"read_at,omitzero"`
}

// MarshalJSON writes one flat object: kind, key, owner, source, read_at, then
// the body's members. Unlike a bare [Ref] it reveals the owner: it is the form
// of the cache, of `sem fetch` and of the citizen's own JSON page.
func (r Record) MarshalJSON() ([]byte, error) {
	if r.Body == nil {
		return nil, fmt.Errorf("record: no body")
	}
	head, err := json.Marshal(envelope{r.Body.Kind(), r.Key, r.Owner.Reveal(), r.Source, r.ReadAt})
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	body, err := json.Marshal(r.Body)
	if err != nil {
		return nil, fmt.Errorf("record: %s body: %w", r.Body.Kind(), err)
	}
	if len(body) > 2 {
		head[len(head)-1] = ','
		head = append(head, body[1:]...)
	}
	return head, nil
}

// UnmarshalJSON reads what [Record.MarshalJSON] wrote. An unknown kind is an
// error.
func (r *Record) UnmarshalJSON(data []byte) error {
	var e envelope
	if err := json.Unmarshal(data, &e); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	body, err := decodeBody(e.Kind, data)
	if err != nil {
		return fmt.Errorf("record: %s body: %w", e.Kind, err)
	}
	*r = Record{Key: e.Key, Owner: NewRef(e.Owner), Source: e.Source, ReadAt: e.ReadAt, Body: body}
	return nil
}

func decodeBody(kind Kind, data []byte) (Body, error) {
	switch kind {
	case KindLoan:
		return decode[Loan](data)
	case KindHold:
		return decode[Hold](data)
	case KindFee:
		return decode[Fee](data)
	case KindBlock:
		return decode[Block](data)
	case KindActivity:
		return decode[Activity](data)
	case KindRegistration:
		return decode[Registration](data)
	case KindUnit:
		return decode[Unit](data)
	case KindRequest:
		return decode[Request](data)
	case KindService:
		return decode[Service](data)
	case KindPlace:
		return decode[Place](data)
	case KindSector:
		return decode[Sector](data)
	case KindShape:
		return decode[Shape](data)
	case KindCollection:
		return decode[Collection](data)
	case KindCollectionRule:
		return decode[CollectionRule](data)
	case KindStream:
		return decode[Stream](data)
	case KindWateringRule:
		return decode[WateringRule](data)
	case KindWateringBan:
		return decode[WateringBan](data)
	case KindWateringPermit:
		return decode[WateringPermit](data)
	case KindCard:
		return decode[Card](data)
	case KindOther:
		return decode[Other](data)
	}
	return nil, fmt.Errorf("unknown kind")
}

func decode[B Body](data []byte) (Body, error) {
	var b B
	err := json.Unmarshal(data, &b)
	return b, err
}
