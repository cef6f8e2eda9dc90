// Package guard stands in front of every source: nobody else calls a
// connector. It makes one meaning of failure for all of them.
//
// A call passes, from the outside in:
//
//	kill switch, maintenance   ErrPaused
//	rate limit                 waits no longer than the deadline, then ErrUnavailable
//	bulkhead                   so many at once, so many waiting, then ErrUnavailable
//	breaker                    ErrUnavailable while it is open
//	deadline                   ErrUnavailable; for an action ErrOutcomeUnknown
//	retry                      reads only, ErrUnavailable only, within a budget
//	panic net                  ErrDefect
//	contract checks            ErrDefect or ErrMalformed, and no record
//	the connector
//
// Reads (to learn what became of an action is one), PIN checks and actions (to
// send a message is one) of a source have a breaker each, for they fail
// apart: a renewal that hangs says nothing about reading. Refusals, "not
// found" and denied PINs are answers and count as successes; a caller that
// goes away counts as nothing.
//
// A connector that ignores its context is left behind: its caller gets an
// error at the deadline, and its slot stays taken until it really returns, so
// that a source can never hold more goroutines than its slots.
//
// Do, Send and Authenticate reach the connector at most once.
package guard

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"github.com/semenligne/sem/connectors"
)

// Deps is what a guard works with.
type Deps struct {
	// Log carries the attributes source and kind already. Nil discards.
	Log *slog.Logger
	// Metrics is shared by all sources. Nil counts for nobody.
	Metrics *Metrics
	// Zone is the town's time zone, for maintenance windows. Nil is time.Local.
	Zone *time.Location
}

// Guard stands in front of one source. Its methods may be called from any
// goroutine.
type Guard struct {
	name string
	src  connectors.Source
	cfg  Config
	log  *slog.Logger
	zone *time.Location

	kill     killSwitch
	limiter  *rate.Limiter
	bulkhead *bulkhead
	breakers breakers
	budget   *budget
	watch    *watch
}

// New puts a guard in front of a source. The config has been validated. The
// name is the source's configured name: it becomes a metric label and the
// Source of every record.
func New(name string, src connectors.Source, cfg Config, deps Deps) *Guard {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Metrics == nil {
		deps.Metrics = NewMetrics(prometheus.NewRegistry())
	}
	if deps.Zone == nil {
		deps.Zone = time.Local
	}
	g := &Guard{
		name: name, src: src, cfg: cfg, log: deps.Log, zone: deps.Zone,
		limiter:  cfg.Rate.limiter(),
		bulkhead: newBulkhead(cfg.Parallel, cfg.Queue),
		budget:   newBudget(),
		watch:    newWatch(name, src, deps),
	}
	g.breakers = newBreakers(cfg.Breaker, g.watch.breakerChanged)
	return g
}

// Source returns the guarded source. It has the capabilities of the source
// behind it: what was nil is nil.
func (g *Guard) Source() connectors.Source {
	guarded := connectors.Source{Close: g.src.Close, Follow: g.src.Follow}
	if g.src.Check != nil {
		guarded.Check = g.check
	}
	if g.src.Find != nil {
		guarded.Find = finder{g}
	}
	if g.src.List != nil {
		guarded.List = lister{g}
	}
	if g.src.Do != nil {
		guarded.Do = doer{g}
	}
	if g.src.Learn != nil {
		guarded.Learn = learner{g}
	}
	if g.src.Send != nil {
		guarded.Send = sender{g}
	}
	if g.src.Authenticate != nil {
		guarded.Authenticate = authenticator{g}
	}
	return guarded
}

func (g *Guard) check(ctx context.Context) error {
	_, err := call(ctx, g, g.read(opCheck, g.cfg.Deadline), func(ctx context.Context) (struct{}, error) {
		return struct{}{}, g.src.Check(ctx)
	})
	return err
}
