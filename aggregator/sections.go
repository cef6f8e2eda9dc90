package aggregator

import (
	"context"
	"slices"
	"time"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// succeed replaces a citizen's section after a complete read begun at an
// instant. Where the citizen's links changed since, the answer is about
// somebody else: errLinksChange. Whoever changes links empties the section
// afterwards, under the same claim, so that no such answer stays.
func (a *Aggregator) succeed(ctx context.Context, s *source, citizen record.Citizen, refs []record.Ref, records []record.Record, at time.Time) error {
	defer s.claim(citizen)()
	now, err := a.refs(ctx, s, citizen)
	if err != nil {
		return err
	}
	if !sameRefs(now, refs) {
		return errLinksChange
	}
	return a.put(ctx, s, citizen, at, func(old cache.Section) cache.Section {
		return ours(old, refs).Succeeded(records, at.UTC(), s.Ages)
	})
}

// fail keeps a citizen's last good section and notes the reason.
func (a *Aggregator) fail(ctx context.Context, s *source, citizen record.Citizen, refs []record.Ref, reason string, at time.Time) error {
	return a.update(ctx, s, citizen, at, func(old cache.Section) cache.Section {
		return ours(old, refs).Failed(reason, at.UTC())
	})
}

// confirm moves the date of a section that the source proved unchanged.
func (a *Aggregator) confirm(ctx context.Context, s *source, citizen record.Citizen, at time.Time) error {
	return a.update(ctx, s, citizen, at, func(old cache.Section) cache.Section {
		if old.AsOf.IsZero() || old.Trouble == connectors.ReasonNotFound {
			return old
		}
		return old.Succeeded(lastGood(old), at.UTC(), s.Ages)
	})
}

// relinked empties the section of a citizen whom the source now knows under
// other Refs: what it said before was about somebody else.
func (a *Aggregator) relinked(ctx context.Context, s *source, citizen record.Citizen, linked bool) (had bool, err error) {
	now := time.Now()
	err = a.update(ctx, s, citizen, now, func(old cache.Section) cache.Section {
		if had = old.Version > 0 || old.Trouble != ""; !had {
			return old
		}
		next := never(old)
		if !linked {
			next = next.Failed(ReasonNotLinked, now.UTC())
		}
		return next
	})
	return had, err
}

// update puts what change makes of a citizen's section. A section read later
// than the instant stands, and one that did not change is not written.
func (a *Aggregator) update(ctx context.Context, s *source, citizen record.Citizen, at time.Time, change func(cache.Section) cache.Section) error {
	defer s.claim(citizen)()
	return a.put(ctx, s, citizen, at, change)
}

// put is update for who holds the claim.
func (a *Aggregator) put(ctx context.Context, s *source, citizen record.Citizen, at time.Time, change func(cache.Section) cache.Section) error {
	d, err := a.o.Cache.Dashboard(ctx, citizen)
	if err != nil {
		return stored("dashboard", err)
	}
	old := d.Section(s.Name)
	if later(old, at) {
		return nil
	}
	next := change(old)
	if sameState(old, next) {
		return nil
	}
	return stored("section", a.o.Cache.Put(ctx, citizen, next))
}

// updateTown is update for the town-wide section; passes of a source never
// overlap.
func (a *Aggregator) updateTown(ctx context.Context, s *source, change func(cache.Section) cache.Section) error {
	old, err := a.o.Cache.Town(ctx, s.Name)
	if err != nil {
		return stored("town section", err)
	}
	next := change(old)
	if sameState(old, next) {
		return nil
	}
	return stored("town section", a.o.Cache.PutTown(ctx, next))
}

// later tells whether the section comes from a read begun after an instant. A
// date in the future is a clock that jumped, not a later read.
func later(section cache.Section, at time.Time) bool {
	return section.AsOf.After(at) && !section.AsOf.After(time.Now())
}

func sameState(a, b cache.Section) bool {
	return a.Version == b.Version && a.AsOf.Equal(b.AsOf) && a.Ages == b.Ages &&
		a.Trouble == b.Trouble && a.TroubleSince.Equal(b.TroubleSince)
}

// lastGood returns the records of the last good read, whatever its age.
func lastGood(section cache.Section) []record.Record {
	records, _ := section.At(section.AsOf).Records()
	return records
}

// never is a section of the same source that was never read. Its version goes
// on, so that nobody takes it for the old one.
func never(old cache.Section) cache.Section {
	return cache.Section{Source: old.Source, Version: old.Version + 1}
}

// ours returns the section, or a never read one where it holds a record of a
// Ref that is not the citizen's any more.
func ours(section cache.Section, refs []record.Ref) cache.Section {
	for _, r := range lastGood(section) {
		if !slices.Contains(refs, r.Owner) {
			return never(section)
		}
	}
	return section
}
