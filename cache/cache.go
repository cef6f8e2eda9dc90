// Package cache holds what sources said, ready to be served: one [Section] a
// source and citizen, and one a source for the whole town. Everything in it
// can be read again from the sources; losing it costs one refresh.
//
// A section never confuses "nothing" with "not known": its records are only
// reachable through [View.Records], which also says whether they are known.
package cache

import (
	"context"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// State is how much a section can be relied on now.
type State string

// The states of a section, closed.
const (
	// Fresh: read successfully within the section's fresh-for.
	Fresh State = "fresh"
	// Stale: the last good read is older than fresh-for, and shown with its date.
	Stale State = "stale"
	// Unknown: never read, or the last good read is older than hide-after.
	Unknown State = "unknown"
)

// Ages says how long a read may be relied on.
type Ages struct {
	FreshFor  time.Duration `json:"fresh_for"`
	HideAfter time.Duration `json:"hide_after"`
}

// Section is what one source said about one citizen, or about the town. The
// zero Section of a source means that it was never read. Sections are values:
// a read makes a new one, and nobody changes the records of an old one.
type Section struct {
	Source string
	// Version grows by one each time the records change.
	Version uint64
	// AsOf is the instant of the last successful read; zero is never.
	AsOf time.Time
	Ages Ages
	// Trouble is the bounded reason why the latest attempt failed, "" when it
	// succeeded. TroubleSince is the first failure since the last good read.
	Trouble      string
	TroubleSince time.Time

	records []record.Record
	// pasts are what is known of the records' changes since followed, by identity.
	followed time.Time
	pasts    map[string]past
}

// View is what may be said about a section at one moment.
type View struct {
	Source string
	State  State
	// AsOf is the instant of the last good read; zero when there never was one.
	AsOf time.Time
	// Trouble and TroubleSince as in Section.
	Trouble      string
	TroubleSince time.Time
	Version      uint64
	// Until is when age alone changes the state; zero when nothing will.
	Until time.Time

	records  []record.Record
	followed time.Time
	pasts    map[string]past
}

// Records returns the records and whether they are known. Only when known is
// true does an empty list mean that there is nothing.
func (v View) Records() (records []record.Record, known bool) {
	if v.State == Unknown {
		return nil, false
	}
	return v.records, true
}

// At returns what may be said about the section at an instant.
func (s Section) At(now time.Time) View {
	v := View{
		Source: s.Source, State: Fresh, AsOf: s.AsOf, Until: s.AsOf.Add(min(s.Ages.FreshFor, s.Ages.HideAfter)),
		Trouble: s.Trouble, TroubleSince: s.TroubleSince, Version: s.Version,
		records: s.records, followed: s.followed, pasts: s.pasts,
	}
	age := now.Sub(s.AsOf)
	switch {
	case s.AsOf.IsZero(), age >= s.Ages.HideAfter:
		v.State, v.Until, v.records, v.pasts = Unknown, time.Time{}, nil, nil
	case age >= s.Ages.FreshFor:
		v.State, v.Until = Stale, s.AsOf.Add(s.Ages.HideAfter)
	}
	return v
}

// NextChange returns the next instant at which age alone changes the state of
// the section; zero when none will.
func (s Section) NextChange(now time.Time) time.Time { return s.At(now).Until }

// Dashboard is every section of one citizen.
type Dashboard struct {
	// Version grows with every change to any of the sections, failures included.
	Version  uint64
	sections map[string]Section
}

// NewDashboard makes a dashboard of sections, for stores.
func NewDashboard(version uint64, sections []Section) Dashboard {
	d := Dashboard{Version: version, sections: make(map[string]Section, len(sections))}
	for _, s := range sections {
		d.sections[s.Source] = s
	}
	return d
}

// Section returns the section of a source. One that was never written comes
// back as never read: unknown.
func (d Dashboard) Section(source string) Section {
	s, ok := d.sections[source]
	if !ok {
		s.Source = source
	}
	return s
}

// Reader is what the portal reads.
type Reader interface {
	// Dashboard returns a citizen's sections; a citizen without any has an empty
	// dashboard, version 0, and no error.
	Dashboard(ctx context.Context, citizen record.Citizen) (Dashboard, error)
	// Town returns the town-wide section of a source.
	Town(ctx context.Context, source string) (Section, error)
	// Watch delivers a value each time a section of the citizen changes, until
	// the returned function is called. A slow receiver misses values, never the
	// last one.
	Watch(citizen record.Citizen) (changes <-chan struct{}, stop func())
}

// Writer is what the aggregator writes.
type Writer interface {
	// Put replaces one section of a citizen, whole.
	Put(ctx context.Context, citizen record.Citizen, section Section) error
	// PutTown replaces the town-wide section of a source, whole.
	PutTown(ctx context.Context, section Section) error
	// Forget removes everything about a citizen.
	Forget(ctx context.Context, citizen record.Citizen) error
}
