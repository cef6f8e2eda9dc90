package cache

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// Change is what is known to have happened to a record since an instant.
type Change string

// The changes, closed.
const (
	// Unchanged: nothing that we know of.
	Unchanged Change = ""
	// Appeared: the section did not have the record.
	Appeared Change = "appeared"
	// Altered: the section had it, and it said something else.
	Altered Change = "altered"
)

// past is when a record was first read and when it last said something else.
// The zero time is "before the section was followed, or never".
type past struct {
	Appeared time.Time `json:"appeared,omitzero"`
	Altered  time.Time `json:"altered,omitzero"`
}

// Change tells what is known to have happened since an instant to a record of
// the view. Times are those of the reads that found it.
func (v View) Change(r record.Record, since time.Time) Change {
	p := v.pasts[identity(r)]
	switch {
	case p.Appeared.After(since):
		return Appeared
	case p.Altered.After(since):
		return Altered
	}
	return Unchanged
}

// Followed tells whether every change since an instant is known: only then do
// records without a change mean that there was none. A section that was lost
// or just made is followed from its first read on.
func (v View) Followed(since time.Time) bool {
	return v.State != Unknown && !v.followed.IsZero() && !since.Before(v.followed)
}

// follow notes what a read at an instant changed.
func (s Section) follow(records []record.Record, at time.Time) Section {
	if s.AsOf.IsZero() { // nothing to compare with: nothing is new
		s.pasts, s.followed = nil, at
		return s
	}
	if s.followed.IsZero() { // written before changes were followed
		s.followed = s.AsOf
	}
	before := make(map[string][]record.Record, len(s.records)) // one each, unless a source repeats a key
	for _, r := range s.records {
		before[identity(r)] = append(before[identity(r)], r)
	}
	pasts := map[string]past{}
	for _, r := range records {
		id := identity(r)
		old, p := before[id], s.pasts[id]
		switch {
		case len(old) == 0:
			p = past{Appeared: at}
		case !slices.ContainsFunc(old, func(o record.Record) bool { return saysSame(o, r) }):
			p.Altered = at
		}
		if p != (past{}) {
			pasts[id] = p
		}
	}
	s.pasts = pasts
	return s
}

// identity names a record within its section.
func identity(r record.Record) string {
	if r.Body == nil {
		return r.Key
	}
	return string(r.Body.Kind()) + "/" + r.Key
}

// saysSame tells whether a record says the same as before. A loan that the
// library once listed and did not describe is still the same loan.
func saysSame(old, now record.Record) bool {
	return undescribed(old) || undescribed(now) || sameRecord(old, now)
}

func undescribed(r record.Record) bool {
	loan, ok := r.Body.(record.Loan)
	return ok && loan.DetailsUnknown
}

// same compares all but when records were read.
func same(a, b []record.Record) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !sameRecord(a[i], b[i]) {
			return false
		}
	}
	return true
}

// sameRecord compares all but when the records were read. What is equal at rest
// is equal: an instant that came back from a store has another zone in memory,
// and an empty list is none.
func sameRecord(x, y record.Record) bool {
	x.ReadAt, y.ReadAt = time.Time{}, time.Time{}
	if reflect.DeepEqual(x, y) {
		return true
	}
	a, errA := json.Marshal(x)
	b, errB := json.Marshal(y)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}
