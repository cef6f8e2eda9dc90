// Package aggregator turns what sources say into the sections that the portal
// shows. It alone decides when a source is read and whose a record is.
//
// A pass reads one source: the whole of it where it can be listed, and every
// active citizen where it is asked person by person. A touch asks about one
// citizen, behind a page. Either replaces whole sections or, when anything
// failed, leaves the last good ones standing with their date and the reason.
package aggregator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// The reasons that sections, attempts and metrics carry beside those of
// package connectors.
const (
	// ReasonHeldBack: the read was complete but implausible; see [Drift].
	ReasonHeldBack = "held_back"
	// ReasonNotLinked: the card registry does not say how the source knows the
	// citizen.
	ReasonNotLinked = "not_linked"
	// ReasonStore: our own cache or dossier could not be read or written.
	ReasonStore = "store"
)

var (
	// ErrNoSource means that no source has this name.
	ErrNoSource = errors.New("aggregator: no such source")
	// ErrHeldBack goes with [ReasonHeldBack].
	ErrHeldBack = errors.New("read held back")

	errStore       = errors.New("store")
	errNotLinked   = errors.New("not linked")
	errLinksChange = errors.New("links changed meanwhile")
)

// Source is one legacy system as the aggregator reads it.
type Source struct {
	// Name is the configured name, also the name of its sections.
	Name string
	// Source is the opened source behind its guard.
	Source connectors.Source
	// Ages are given to every section read.
	Ages  cache.Ages
	Poll  Poll
	Drift Drift
	// Cards marks the registry of cards: its records go to the dossier and
	// never to the cache.
	Cards bool
}

// Poll says when a source is read without being asked. With neither Every nor
// Cron a source that can be listed is read once, at the start.
type Poll struct {
	Every time.Duration
	// Cron is a line of five fields in the town's zone, instead of Every.
	Cron string
	// Jitter is the most that a pass is delayed at random.
	Jitter time.Duration
}

// Dossier is what the aggregator needs of the citizens' dossier.
type Dossier interface {
	ImportCards(ctx context.Context, cards []record.Card) (dossier.Imported, error)
	Links(ctx context.Context, citizen record.Citizen) ([]dossier.Link, error)
	// Transactions are what the citizen sent, newest first: some sources are asked
	// for it by the references that they gave.
	Transactions(ctx context.Context, citizen record.Citizen) ([]dossier.Transaction, error)
	Owners(ctx context.Context, source string) (map[record.Ref][]record.Citizen, error)
	Active(ctx context.Context, since time.Time) ([]record.Citizen, error)
}

// Cache is what the aggregator needs of the cache.
type Cache interface {
	cache.Writer
	Dashboard(ctx context.Context, citizen record.Citizen) (cache.Dashboard, error)
	Town(ctx context.Context, source string) (cache.Section, error)
}

// Options is what an [Aggregator] works with.
type Options struct {
	Sources []Source
	Cache   Cache
	Dossier Dossier
	// Log hears of each source when its state changes. Nil discards.
	Log *slog.Logger
	// Registerer receives the metrics. Nil is none.
	Registerer prometheus.Registerer
	// ActiveFor is how long after a sign-in passes ask person by person about a
	// citizen; 0 is 30 days.
	ActiveFor time.Duration
	// Workers is how many citizens are asked about at once, for each source; 0
	// is 4.
	Workers int
	// Paused tells that a source is not to be read by passes and touches now: it has
	// better to do. What was due is read soon after. Nil is never.
	Paused func(source string) bool
	// Zone is the town's, for cron lines; nil is UTC.
	Zone *time.Location
}

// Aggregator reads sources into sections. Its methods may be called from any
// goroutine, also before Run and after it ended.
type Aggregator struct {
	o       Options
	sources map[string]*source
	metrics *metrics
	touches touches
}

// New makes an aggregator. Sources are read by Refresh, Touch and Run only.
func New(o Options) (*Aggregator, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.ActiveFor == 0 {
		o.ActiveFor = 30 * 24 * time.Hour
	}
	if o.Workers <= 0 {
		o.Workers = 4
	}
	if o.Paused == nil {
		o.Paused = func(string) bool { return false }
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	a := &Aggregator{o: o, sources: map[string]*source{}, touches: newTouches()}
	names := make([]string, 0, len(o.Sources))
	for _, s := range o.Sources {
		if _, twice := a.sources[s.Name]; twice || s.Name == "" {
			return nil, fmt.Errorf("aggregator: source name %q: empty or used twice", s.Name)
		}
		a.sources[s.Name] = newSource(s, o.Workers)
		names = append(names, s.Name)
	}
	var err error
	if a.metrics, err = newMetrics(o.Registerer, names); err != nil {
		return nil, fmt.Errorf("aggregator: metrics: %w", err)
	}
	return a, nil
}

// Result is how one pass went.
type Result struct {
	// Reason is "ok" or the reason of the failure.
	Reason string `json:"reason"`
	// Records is how many records the source handed over.
	Records int `json:"records"`
	// Citizens is how many citizens' sections were brought up to date, and
	// Failed how many could not be.
	Citizens int `json:"citizens"`
	Failed   int `json:"failed"`
	// Unchanged: the source proved that nothing changed.
	Unchanged bool `json:"unchanged,omitempty"`
	// Cards is what a card registry changed.
	Cards dossier.Imported `json:"cards,omitzero"`
	// Took is how long the pass took.
	Took time.Duration `json:"took_ns"`
}

// Refresh makes one synchronous pass over a source, after one that is under
// way. The error is the failure that Result.Reason names.
func (a *Aggregator) Refresh(ctx context.Context, name string) (Result, error) {
	s, ok := a.sources[name]
	if !ok {
		return Result{}, ErrNoSource
	}
	select {
	case s.passing <- struct{}{}:
		defer func() { <-s.passing }()
	case <-ctx.Done():
		return Result{Reason: connectors.ReasonCanceled}, fmt.Errorf("aggregator: %s: %w", name, ctx.Err())
	}
	at := time.Now()
	r, err := a.pass(ctx, s, at)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err() // we stopped it: no failure of the source
	}
	r.Reason, r.Took = reason(err), time.Since(at)
	if err == nil {
		s.drift.settled()
	}
	s.history.add(Attempt{At: at.UTC(), Result: r})
	a.metrics.passed(name, r)
	if s.changedTo(r.Reason) {
		level := slog.LevelInfo
		if err != nil {
			level = slog.LevelWarn
		}
		a.o.Log.Log(ctx, level, "source read", "source", name, "reason", r.Reason, "records", r.Records,
			"citizens", r.Citizens, "failed", r.Failed, "took", r.Took, "err", err)
	}
	if err != nil {
		err = fmt.Errorf("aggregator: %s: %w", name, err)
	}
	return r, err
}

// pass reads what the source can hand over: cards, or a list, or person by
// person.
func (a *Aggregator) pass(ctx context.Context, s *source, at time.Time) (Result, error) {
	if s.Cards {
		return a.importCards(ctx, s)
	}
	var r Result
	var err error
	if s.lister != nil {
		r, err = a.list(ctx, s, at)
	}
	if s.finder != nil && !s.isPersonal() {
		found, failed := a.findAll(ctx, s)
		r.Records += found.Records
		r.Citizens += found.Citizens
		r.Failed += found.Failed
		err = errors.Join(err, failed)
	}
	return r, err
}

// History returns the latest passes over a source, newest first; failures are
// kept for longer than successes.
func (a *Aggregator) History(name string) []Attempt {
	s, ok := a.sources[name]
	if !ok {
		return nil
	}
	return s.history.list()
}

// reason is the bounded word for a failure of a pass.
func reason(err error) string {
	switch {
	case errors.Is(err, errStore):
		return ReasonStore
	case errors.Is(err, ErrHeldBack):
		return ReasonHeldBack
	case errors.Is(err, errNotLinked):
		return ReasonNotLinked
	}
	return connectors.Reason(err)
}

// stored marks an error of our own cache or dossier.
func stored(what string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%s: %w: %w", what, errStore, err)
}
