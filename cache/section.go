package cache

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// Succeeded returns the section after a successful, complete read at an
// instant. The version grows only when the records differ in something else
// than when they were read. What the read changed is remembered, record by
// record, for [View.Change].
func (s Section) Succeeded(records []record.Record, at time.Time, ages Ages) Section {
	s = s.follow(records, at)
	if s.AsOf.IsZero() || !same(s.records, records) {
		s.Version++
	}
	s.records, s.AsOf, s.Ages = records, at, ages
	s.Trouble, s.TroubleSince = "", time.Time{}
	return s
}

// Failed returns the section after a failed read: the last good records stand
// with their date, and the reason is kept.
func (s Section) Failed(reason string, at time.Time) Section {
	if s.Trouble == "" {
		s.TroubleSince = at
	}
	s.Trouble = reason
	return s
}

// Weakest returns what may be said at an instant about the section that is to be
// relied on least: by its state, then by its age. An answer made of several
// sections is no better than that, and as long as none of them changes. Of no
// sections nothing is known.
func Weakest(now time.Time, sections ...Section) View {
	weakest := View{State: Unknown}
	var until time.Time
	for i, s := range sections {
		v := s.At(now)
		if order := cmp.Or(cmp.Compare(v.State.rank(), weakest.State.rank()), weakest.AsOf.Compare(v.AsOf)); i == 0 || order > 0 {
			weakest = v
		}
		if !v.Until.IsZero() && (until.IsZero() || v.Until.Before(until)) {
			until = v.Until
		}
	}
	weakest.Until = until
	return weakest
}

// rank is 0 for the most reliable state.
func (s State) rank() int { return slices.Index([]State{Fresh, Stale, Unknown}, s) }

// stored is the form of a section at rest.
type stored struct {
	Source       string          `json:"source"`
	Version      uint64          `json:"version"`
	AsOf         time.Time       `json:"as_of,omitzero"`
	Ages         Ages            `json:"ages"`
	Trouble      string          `json:"trouble,omitempty"`
	TroubleSince time.Time       `json:"trouble_since,omitzero"`
	Records      []record.Record `json:"records"`
	// Followed and Pasts are missing in what was written before changes were
	// followed: no change is known.
	Followed time.Time       `json:"followed,omitzero"`
	Pasts    map[string]past `json:"pasts,omitempty"`
}

// MarshalJSON writes the section for a store.
func (s Section) MarshalJSON() ([]byte, error) {
	return json.Marshal(stored{s.Source, s.Version, s.AsOf, s.Ages, s.Trouble, s.TroubleSince, s.records, s.followed, s.pasts})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Section) UnmarshalJSON(data []byte) error {
	var r stored
	if err := json.Unmarshal(data, &r); err != nil {
		return err
	}
	*s = Section{r.Source, r.Version, r.AsOf, r.Ages, r.Trouble, r.TroubleSince, r.Records, r.Followed, r.Pasts}
	return nil
}
