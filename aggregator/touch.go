package aggregator

import (
	"context"
	"sync"
	"time"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
)

const (
	// touchQueue bounds the citizens who wait to be looked at.
	touchQueue = 1024
	// retryAfter is how long a failed question about one citizen is not repeated
	// for a page view.
	retryAfter = time.Minute
	// touchEvery is how long a citizen who was looked at is not looked at again:
	// a page that is reloaded while every source is silent asks each time.
	touchEvery = 3 * time.Second
	// maxLooked bounds the citizens remembered for it.
	maxLooked = 10_000
	// maxFailed bounds the failed questions remembered for each source.
	maxFailed = 10_000
)

// touches are the citizens who wait to be looked at, each once.
type touches struct {
	mu      sync.Mutex
	waiting map[record.Citizen]bool
	looked  map[record.Citizen]time.Time // when, lately
	queue   chan record.Citizen
}

func newTouches() touches {
	return touches{waiting: map[record.Citizen]bool{}, looked: map[record.Citizen]time.Time{}, queue: make(chan record.Citizen, touchQueue)}
}

// Touch asks, without waiting, for whatever of the citizen's is older than its
// freshness. Touches of one citizen coalesce, those of a few seconds too, and
// so do questions to one source about one citizen; a question that failed less
// than a minute ago is not repeated. Run does the work.
func (a *Aggregator) Touch(citizen record.Citizen) {
	t := &a.touches
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if at, ok := t.looked[citizen]; t.waiting[citizen] || ok && now.Sub(at) < touchEvery && !now.Before(at) {
		return
	}
	select {
	case t.queue <- citizen:
		t.waiting[citizen] = true
	default:
		a.metrics.dropped.Inc()
	}
}

// taken notes that a citizen's turn has come.
func (t *touches) taken(citizen record.Citizen) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.waiting, citizen)
	now := time.Now()
	if len(t.looked) >= maxLooked {
		for c, at := range t.looked {
			if now.Sub(at) >= touchEvery || len(t.looked) >= maxLooked {
				delete(t.looked, c)
			}
		}
	}
	t.looked[citizen] = now
}

// look takes touched citizens, one by one, and puts a question to each source
// that has news to give. It never waits for a source.
func (a *Aggregator) look(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case citizen := <-a.touches.queue:
			a.touches.taken(citizen)
			if err := a.lookAt(ctx, citizen); err != nil && ctx.Err() == nil {
				a.o.Log.Error("citizen touched", "err", err)
			}
		}
	}
}

func (a *Aggregator) lookAt(ctx context.Context, citizen record.Citizen) error {
	d, err := a.o.Cache.Dashboard(ctx, citizen)
	if err != nil {
		return stored("dashboard", err)
	}
	links, err := a.o.Dossier.Links(ctx, citizen)
	if err != nil {
		return stored("links", err)
	}
	linked := map[string]bool{}
	for _, l := range links {
		linked[l.Source] = true
	}
	now := time.Now()
	for _, s := range a.sources {
		known := linked[s.Name]
		if !known { // something that was sent without a link may be followed all the same
			if _, known, err = a.follow(ctx, s, citizen); err != nil {
				return err
			}
		}
		section := d.Section(s.Name)
		switch {
		case s.Cards || s.finder == nil && !s.isPersonal() || a.o.Paused(s.Name):
		case !known:
			if section.Trouble == ReasonNotLinked && section.AsOf.IsZero() {
				continue
			}
			if err := a.settle(ctx, s, answer{citizen: citizen, at: now, err: errNotLinked}); err != nil {
				return err
			}
		case s.wants(section, now) && s.claimTouch(citizen, now):
			select {
			case s.jobs <- citizen:
			default:
				s.touched(citizen, time.Time{})
				a.metrics.dropped.Inc()
			}
		}
	}
	return nil
}

// wants tells whether a question about the citizen is due. Where the list
// holds persons, asking one by one only fills in for those it has not reached.
func (s *source) wants(section cache.Section, now time.Time) bool {
	if s.finder == nil || s.isPersonal() && !section.AsOf.IsZero() {
		return false
	}
	return section.At(now).State != cache.Fresh
}

// claimTouch tells whether the citizen may be asked about now: nobody does
// already, and no question failed a moment ago.
func (s *source) claimTouch(citizen record.Citizen, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, ok := s.failed[citizen]; s.asked[citizen] || ok && now.Sub(at) < retryAfter && !now.Before(at) {
		return false
	}
	s.asked[citizen] = true
	return true
}

// touched ends a claim; failed is when the question failed, zero when it did
// not.
func (s *source) touched(citizen record.Citizen, failed time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.asked, citizen)
	delete(s.failed, citizen)
	if failed.IsZero() {
		return
	}
	if len(s.failed) >= maxFailed {
		for c, at := range s.failed {
			if failed.Sub(at) >= retryAfter || len(s.failed) >= maxFailed {
				delete(s.failed, c)
			}
		}
	}
	s.failed[citizen] = failed
}

// work puts the questions of one source; several run at once, and none waits
// for another source.
func (a *Aggregator) work(ctx context.Context, s *source) {
	for {
		select {
		case <-ctx.Done():
			return
		case citizen := <-s.jobs:
			a.touchOne(ctx, s, citizen)
		}
	}
}

func (a *Aggregator) touchOne(ctx context.Context, s *source, citizen record.Citizen) {
	got := a.ask(ctx, s, citizen)
	var failed time.Time
	if got.err != nil {
		failed = time.Now()
	}
	defer s.touched(citizen, failed)
	if err := a.settle(ctx, s, got); err != nil && ctx.Err() == nil {
		a.o.Log.Error("section not written", "source", s.Name, "reason", ReasonStore, "err", err)
	}
}
