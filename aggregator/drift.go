package aggregator

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
)

// Drift says when a complete read is held back because it is implausible
// beside the last good one: it lost more than MaxLoss of the records, or of
// the records of one kind, or a member that nearly every record of a kind had
// is gone from more than MaxLoss of them. A pass over persons is held back, for
// those concerned, when more than MaxLoss of the persons who had something are
// said to have nothing. Sections then stand, with [ReasonHeldBack], until a
// plausible read comes or IT accepts.
type Drift struct {
	// MaxLoss is a share; 0 is the default of 0.5, and 1 believes everything.
	MaxLoss float64
	// MinRecords is below how many records, or persons, nothing is held back; 0
	// is the default of 20. An empty card registry is held back whatever its
	// size was.
	MinRecords int
}

// drift is the guard of one source. What it compares with lies in the cache,
// beside the sections, and is lost with them.
type drift struct {
	limits Drift
	// place is where the last good profile lies: no source has such a name.
	place string

	mu     sync.Mutex
	accept bool
}

func newDrift(name string, d Drift) drift {
	if d.MaxLoss == 0 {
		d.MaxLoss = 0.5
	}
	if d.MinRecords == 0 {
		d.MinRecords = 20
	}
	return drift{limits: d, place: "drift:" + name}
}

// emptied tells whether so many persons out of those who had something cannot
// have lost it all.
func (d *drift) emptied(lost, had int) bool {
	return had >= d.limits.MinRecords && float64(lost) > d.limits.MaxLoss*float64(had) && !d.isAccepted()
}

func (d *drift) isAccepted() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.accept
}

// settled ends what IT accepted: a pass that went well was the one meant.
func (d *drift) settled() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.accept = false
}

// Accept tells that the next complete read of a source is right, however
// implausible, and asks Run for it.
func (a *Aggregator) Accept(name string) error {
	s, ok := a.sources[name]
	if !ok {
		return ErrNoSource
	}
	s.drift.mu.Lock()
	s.drift.accept = true
	s.drift.mu.Unlock()
	s.kick()
	return nil
}

// plausible compares a complete list with the last good one.
func (a *Aggregator) plausible(ctx context.Context, s *source, now profile) error {
	before, err := a.lastProfile(ctx, s)
	if err != nil {
		return err
	}
	why := now.against(before, s.drift.limits)
	if why == "" && s.Cards && now.total() == 0 && before.total() > 0 {
		why = fmt.Sprintf("records: 0 after %d", before.total())
	}
	if why == "" || s.drift.isAccepted() {
		return nil
	}
	return fmt.Errorf("%s: %w", why, ErrHeldBack)
}

// accepted remembers the profile of a list that was taken.
func (a *Aggregator) accepted(ctx context.Context, s *source, p profile, at time.Time) error {
	other := record.Other{Title: "profile of the last good read"}
	for name, n := range p {
		other.Details = append(other.Details, record.Detail{Label: name, Value: strconv.Itoa(n)})
	}
	section := cache.Section{Source: s.drift.place}.Succeeded(
		[]record.Record{{Key: "profile", Source: s.Name, Body: other}}, at.UTC(), cache.Ages{HideAfter: 1})
	return stored("profile", a.o.Cache.PutTown(ctx, section))
}

// lastProfile returns the profile of the last list that was taken; an empty
// one where none is known.
func (a *Aggregator) lastProfile(ctx context.Context, s *source) (profile, error) {
	section, err := a.o.Cache.Town(ctx, s.drift.place)
	if err != nil {
		return nil, stored("profile", err)
	}
	p := profile{}
	for _, r := range lastGood(section) {
		other, ok := r.Body.(record.Other)
		if !ok {
			continue
		}
		for _, d := range other.Details {
			n, err := strconv.Atoi(d.Value)
			if err != nil {
				return nil, stored("profile", err)
			}
			p[d.Label] = n
		}
	}
	return p, nil
}
