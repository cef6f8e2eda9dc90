package openactive

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors"
)

// keep is how long a publisher keeps tombstones at least: a cursor that is
// older may have missed a deletion and is worth nothing.
const keep = 7 * 24 * time.Hour

// maxWeight bounds the text that the catalogue holds in memory, in bytes.
const maxWeight = 128 << 20

// catalogue is the harvested public feeds. It holds no person. Its lock is a
// channel, so that whoever waits for it stops waiting when its context ends.
type catalogue struct {
	lock  chan struct{}
	feeds []*feed
}

// feed is one feed's harvest so far.
type feed struct {
	start  *url.URL
	cursor *url.URL // the next page to read; start when nothing was stored yet
	// things holds the newest state of each item, tombstones included: a late,
	// older update must not bring a deleted item back.
	things map[string]*thing
	weight int
	// read is when the last page was stored or the end confirmed, and whole is
	// set once the end was reached.
	read  time.Time
	whole bool
}

// thing is one item at its newest: an opportunity, or its tombstone.
type thing struct {
	modified string
	gone     bool
	at       time.Time // when it was stored
	opp      *opportunity
}

// arrival is one item of a page that is not stored yet.
type arrival struct {
	key string
	thing
}

// arrival keeps of an item what the catalogue needs.
func (m mapper) arrival(i item) arrival {
	a := arrival{i.key(), thing{modified: i.modified, gone: i.deleted}}
	if !i.deleted {
		a.opp = m.opportunity(i.data, i.kind, i.id)
	}
	return a
}

func newCatalogue(starts []*url.URL) *catalogue {
	c := &catalogue{lock: make(chan struct{}, 1)}
	for _, u := range starts {
		f := &feed{start: u}
		f.restart()
		c.feeds = append(c.feeds, f)
	}
	return c
}

// restart forgets everything: the next walk builds a fresh set. Nobody sees the
// set before its end was reached.
func (f *feed) restart() {
	*f = feed{start: f.start, cursor: f.start, things: map[string]*thing{}}
}

func (c *catalogue) acquire(ctx context.Context) error {
	select {
	case c.lock <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("openactive: catalogue: %w", ctx.Err())
	}
}

func (c *catalogue) release() { <-c.lock }

// whole tells whether every feed was read to its end, recently enough.
func (c *catalogue) whole(now time.Time) bool {
	return !slices.ContainsFunc(c.feeds, func(f *feed) bool { return !f.whole || now.Sub(f.read) > keep })
}

// refresh reads what is new in every feed. The caller holds the lock. When it
// fails, what was stored stays, and the next refresh goes on from there.
func (s *source) refresh(ctx context.Context) error {
	for i, f := range s.catalogue.feeds {
		if err := s.harvest(ctx, f); err != nil {
			return fmt.Errorf("openactive: feed %d: %w", i+1, err)
		}
	}
	return nil
}

func (s *source) harvest(ctx context.Context, f *feed) error {
	if time.Since(f.read) > keep {
		f.restart()
	}
	var arrivals []arrival // of the page under way
	err := s.walk(ctx, f.cursor, func(i item) error {
		arrivals = append(arrivals, s.mapper.arrival(i))
		return nil
	}, func(cursor *url.URL) error {
		for _, a := range arrivals {
			f.apply(a)
		}
		if len(f.things) > s.settings.MaxItems || f.weight > maxWeight {
			return errTooMuch
		}
		arrivals, f.cursor, f.read = arrivals[:0], cursor, time.Now()
		return nil
	})
	switch {
	case err == nil:
		f.read, f.whole = time.Now(), true
		f.prune()
	case errors.Is(err, errLoop), errors.Is(err, errTooMuch), errors.Is(err, connectors.ErrNotFound), errors.Is(err, connectors.ErrRefused):
		f.restart() // this cursor leads nowhere
	}
	return err
}

// errTooMuch is a feed with more than we keep.
var errTooMuch = fmt.Errorf("feed with too many items, or too much text: %w", connectors.ErrMalformed)

// apply stores one change. Last wins, except that an older one never replaces a
// newer one. Deleting the unknown is normal.
func (f *feed) apply(a arrival) {
	old := f.things[a.key]
	if old != nil && older(a.modified, old.modified) {
		return
	}
	t := a.thing
	t.at = time.Now()
	if old != nil {
		f.weight -= old.opp.weight()
		if t.gone {
			t.opp = old.opp.tombstone()
		}
	}
	f.weight += t.opp.weight()
	f.things[a.key] = &t
}

// prune forgets tombstones that the publisher forgets too. Those of a series
// stay: they hold back its sessions.
func (f *feed) prune() {
	for key, t := range f.things {
		if t.gone && (t.opp == nil || t.opp.offered()) && time.Since(t.at) > keep {
			f.weight -= t.opp.weight()
			delete(f.things, key)
		}
	}
}

// snapshot is the catalogue at one moment, ready to be joined.
type snapshot struct {
	// offered is what a person may register for, by key, and parents what it
	// inherits from, by @id.
	offered, parents map[string]*opportunity
	// gone holds the @id of parents that were deleted.
	gone map[string]bool
}

// snapshot gathers all feeds. The caller holds the lock; the opportunities are
// never written again, so that the result may be used without it.
func (c *catalogue) snapshot() snapshot {
	s := snapshot{offered: map[string]*opportunity{}, parents: map[string]*opportunity{}, gone: map[string]bool{}}
	sessions := false
	var embedded []*opportunity
	for _, f := range c.feeds {
		for _, key := range slices.Sorted(maps.Keys(f.things)) {
			t := f.things[key]
			sessions = sessions || strings.Contains(key[:strings.IndexByte(key, 0)], "ScheduledSession")
			switch {
			case t.opp == nil:
			case t.gone:
				s.gone[t.opp.id] = true
			default:
				s.parents[t.opp.id] = t.opp
				embedded = append(embedded, t.opp.sessions...)
				if t.opp.offered() {
					s.offered[t.opp.id] = t.opp
				}
			}
		}
	}
	for id := range s.parents { // deleted under one number, alive under another
		delete(s.gone, id)
	}
	for _, o := range embedded { // a session of its own feed wins over the copy inside its series
		if s.offered[o.id] == nil && !s.gone[o.id] {
			s.offered[o.id] = o
		}
	}
	if !sessions && len(embedded) == 0 {
		s.addSeries()
	}
	return s
}

// addSeries offers the series themselves where the publisher announces no
// single sessions, only rules.
func (s *snapshot) addSeries() {
	for id, o := range s.parents {
		if o.kind == "SessionSeries" && len(o.activity.Schedule) > 0 {
			s.offered[id] = o
		}
	}
}

// keys returns the keys of everything offered, in order.
func (s snapshot) keys() []string {
	keys := slices.Sorted(maps.Keys(s.offered))
	return slices.DeleteFunc(keys, func(k string) bool { return s.gone[s.offered[k].parent] })
}
