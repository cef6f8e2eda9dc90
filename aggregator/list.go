package aggregator

import (
	"context"
	"errors"
	"reflect"
	"time"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// list reads a whole source and replaces the sections that come from it.
func (a *Aggregator) list(ctx context.Context, s *source, at time.Time) (Result, error) {
	owners, err := a.o.Dossier.Owners(ctx, s.Name)
	if err != nil {
		return Result{}, stored("owners", err)
	}
	since, err := a.since(ctx, s, owners)
	if err != nil {
		return Result{}, err
	}
	read := newReading(owners)
	cursor, err := s.lister.List(ctx, since, read.add)
	r := Result{Records: read.count}
	unchanged := err == nil && since != "" && cursor == since && read.count == 0
	if err == nil && !unchanged {
		err = a.plausible(ctx, s, read.census.profile())
	}
	if ctx.Err() != nil {
		return r, errors.Join(err, ctx.Err())
	}
	switch {
	case err != nil:
		return a.listFailed(ctx, s, owners, r, at, err)
	case unchanged:
		return a.listUnchanged(ctx, s, owners, r, at)
	}
	return a.listed(ctx, s, read, r, cursor, at)
}

// since returns the cursor of the last good list where all that was kept of it
// is still there, under the same links; else the beginning.
func (a *Aggregator) since(ctx context.Context, s *source, owners map[record.Ref][]record.Citizen) (connectors.Cursor, error) {
	cursor, before := s.listed()
	if cursor == "" || !reflect.DeepEqual(before, owners) {
		return "", nil
	}
	for citizen := range s.concerned(owners) {
		d, err := a.o.Cache.Dashboard(ctx, citizen)
		if err != nil {
			return "", stored("dashboard", err)
		}
		if section := d.Section(s.Name); section.AsOf.IsZero() && section.Trouble != connectors.ReasonNotFound {
			return "", nil
		}
	}
	town, err := a.o.Cache.Town(ctx, s.Name)
	if err != nil {
		return "", stored("town section", err)
	}
	if town.AsOf.IsZero() && !s.isPersonal() {
		return "", nil
	}
	return cursor, nil
}

// concerned returns the citizens whose sections come from the list, with
// their Refs: all who are linked, unless the source is asked about persons one
// by one and lists only what is the town's.
func (s *source) concerned(owners map[record.Ref][]record.Citizen) map[record.Citizen][]record.Ref {
	if s.finder != nil && !s.isPersonal() {
		return nil
	}
	return refsOf(owners)
}

// refsOf turns owners round.
func refsOf(owners map[record.Ref][]record.Citizen) map[record.Citizen][]record.Ref {
	refs := map[record.Citizen][]record.Ref{}
	for ref, citizens := range owners {
		for _, citizen := range citizens {
			refs[citizen] = append(refs[citizen], ref)
		}
	}
	return refs
}

// listed writes every section of a complete, plausible list.
func (a *Aggregator) listed(ctx context.Context, s *source, read *reading, r Result, cursor connectors.Cursor, at time.Time) (Result, error) {
	if read.personal || s.finder == nil {
		refs := refsOf(read.owners)
		sections, missed := read.sections()
		if s.finder != nil {
			if err := a.missed(ctx, s, missed, refs, at, &r); err != nil {
				return r, err
			}
			for _, citizen := range missed {
				delete(sections, citizen)
			}
		}
		for citizen, records := range sections {
			err := a.succeed(ctx, s, citizen, refs[citizen], records, at)
			if errors.Is(err, errLinksChange) {
				continue // the next pass is theirs
			}
			if err != nil {
				return r, err
			}
			r.Citizens++
		}
	}
	if town := read.townWide(); len(town) > 0 || !read.personal {
		err := a.updateTown(ctx, s, func(old cache.Section) cache.Section {
			return old.Succeeded(town, at.UTC(), s.Ages)
		})
		if err != nil {
			return r, err
		}
	}
	s.remember(cursor, read.owners, read.personal)
	return r, a.accepted(ctx, s, read.census.profile(), at)
}

// maxMissed bounds the citizens whom a pass asks about one by one.
const maxMissed = 200

// missed asks about the citizens of whom a complete list lacks a Ref. A source
// that can be asked may know more spellings than it lists, a matricule of ten
// digits say, and tells "nothing" from "nobody of that name". One that cannot
// has said all there is: its list was complete.
func (a *Aggregator) missed(ctx context.Context, s *source, citizens []record.Citizen, refs map[record.Citizen][]record.Ref, at time.Time, r *Result) error {
	for i, citizen := range citizens {
		got := answer{citizen: citizen, refs: refs[citizen], at: at, err: connectors.ErrNotFound}
		if i < maxMissed {
			got = a.ask(ctx, s, citizen)
		}
		if err := a.settle(ctx, s, got); err != nil {
			return err
		}
		if got.err != nil {
			r.Failed++
		} else {
			r.Citizens++
		}
	}
	return nil
}

// listUnchanged moves the date of every section that comes from the list.
func (a *Aggregator) listUnchanged(ctx context.Context, s *source, owners map[record.Ref][]record.Citizen, r Result, at time.Time) (Result, error) {
	r.Unchanged = true
	for citizen := range s.concerned(owners) {
		if err := a.confirm(ctx, s, citizen, at); err != nil {
			return r, err
		}
		r.Citizens++
	}
	return r, a.updateTown(ctx, s, func(old cache.Section) cache.Section {
		if old.AsOf.IsZero() {
			return old
		}
		return old.Succeeded(lastGood(old), at.UTC(), s.Ages)
	})
}

// listFailed notes the reason in every section that comes from the list.
func (a *Aggregator) listFailed(ctx context.Context, s *source, owners map[record.Ref][]record.Citizen, r Result, at time.Time, cause error) (Result, error) {
	why := reason(cause)
	for citizen, refs := range s.concerned(owners) {
		if err := a.fail(ctx, s, citizen, refs, why, at); err != nil {
			return r, errors.Join(cause, err)
		}
		r.Failed++
	}
	err := a.updateTown(ctx, s, func(old cache.Section) cache.Section { return old.Failed(why, at.UTC()) })
	return r, errors.Join(cause, err)
}
