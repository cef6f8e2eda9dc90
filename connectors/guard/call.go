package guard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors"
)

// grace is how long a connector may take to return after its context ended,
// before it is left behind.
const grace = 500 * time.Millisecond

// plan is how one operation is called.
type plan struct {
	op       op
	breaker  *breaker
	deadline time.Duration
	retries  int // of the whole call
	// rereads is set where the HTTP client below may repeat a GET.
	rereads bool
	// acts is set where a call that was cut short may have changed something.
	acts bool
}

func (g *Guard) read(o op, deadline connectors.Duration) plan {
	return plan{op: o, breaker: g.breakers.reads, deadline: deadline.Std(), retries: g.cfg.Retries, rereads: true}
}

// call takes one call through the guard to the connector and counts how it
// ended. The error carries one sentinel, or is the caller's own cancellation.
func call[T any](ctx context.Context, g *Guard, p plan, try func(context.Context) (T, error)) (T, error) {
	began := time.Now()
	release, err := g.admit(ctx)
	if err != nil {
		var none T
		g.watch.turnedAway(p.op, err)
		return none, err
	}
	done, err := p.breaker.allow()
	if err != nil {
		release()
		var none T
		g.watch.turnedAway(p.op, err)
		return none, err
	}
	v, err := bounded(ctx, g, p, release, try)
	if canceled(ctx) != nil && !answered(err) {
		done(context.Canceled) // our caller went away: it says nothing about the source
	} else {
		done(err)
	}
	g.watch.ended(p.op, err, began)
	return v, err
}

// admit waits for the call's turn: at most the configured deadline, or until
// the caller gives up. release must be called when the slot is free again.
func (g *Guard) admit(ctx context.Context) (release func(), err error) {
	if err := g.paused(time.Now()); err != nil {
		return nil, err
	}
	wait, cancel := context.WithTimeout(ctx, g.cfg.Deadline.Std())
	defer cancel()
	if g.limiter.Wait(wait) != nil {
		return nil, cmp.Or(canceled(ctx), fmt.Errorf("no turn in time: %w", connectors.ErrUnavailable))
	}
	if err := g.bulkhead.acquire(wait); err != nil {
		return nil, cmp.Or(canceled(ctx), err)
	}
	// The world may have changed while the call waited.
	if err := cmp.Or(hasTime(ctx), g.paused(time.Now())); err != nil {
		g.bulkhead.release()
		return nil, err
	}
	return g.bulkhead.release, nil
}

// hasTime returns an error when the caller's context is over before the source
// was asked.
func hasTime(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ctx.Err() == nil && (!ok || time.Now().Before(deadline)) {
		return nil
	}
	return cmp.Or(canceled(ctx), fmt.Errorf("no time left to ask: %w", connectors.ErrUnavailable))
}

// canceled returns context.Canceled when the caller went away.
func canceled(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return context.Canceled
	}
	return nil
}

// ending is how a connector's work ended.
type ending[T any] struct {
	value T
	err   error
}

// bounded runs the connector under the deadline and returns when it returns,
// or soon after the context ended. The slot is released only when the
// connector really returned.
func bounded[T any](ctx context.Context, g *Guard, p plan, release func(), try func(context.Context) (T, error)) (T, error) {
	limited, cancel := context.WithTimeout(ctx, p.deadline)
	defer cancel()
	ended := make(chan ending[T], 1)
	go func() {
		defer release()
		var e ending[T]
		e.err = errGone // stands when the connector ended the goroutine
		defer func() { ended <- e }()
		e.value, e.err = retrying(limited, g.budget, p, func(ctx context.Context) (T, error) {
			return caught(ctx, g, p, try)
		})
	}()
	e, left := ending[T]{}, false
	select {
	case e = <-ended:
	case <-limited.Done():
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case e = <-ended:
		case <-timer.C:
			e.err, left = limited.Err(), true
		}
	}
	if left {
		g.watch.leftBehind(p.op)
	}
	return e.value, settled(ctx, limited, p, e.err)
}

// settled gives an error its one meaning.
func settled(caller, limited context.Context, p plan, err error) error {
	reason := connectors.Reason(err)
	unanswered := reason == connectors.ReasonUnavailable || reason == connectors.ReasonCanceled
	switch {
	case p.acts:
		return settledAction(limited, p, err)
	case !unanswered, errors.Is(err, errStopped):
		return err
	case canceled(caller) != nil:
		return context.Canceled
	case reason == connectors.ReasonCanceled:
		return fmt.Errorf("connector gave up: %w", connectors.ErrUnavailable)
	case errors.Is(err, connectors.ErrUnavailable):
		return err
	case limited.Err() != nil:
		return fmt.Errorf("no answer within %s: %w", p.deadline, connectors.ErrUnavailable)
	}
	return fmt.Errorf("no answer: %w", connectors.ErrUnavailable)
}

// settledAction is settled for what may have changed something: the connector's
// word that nothing did is taken only while it had time to be sure.
func settledAction(limited context.Context, p plan, err error) error {
	switch reason := connectors.Reason(err); {
	case reason == connectors.ReasonDefect:
		return fmt.Errorf("connector defect: %w", connectors.ErrOutcomeUnknown)
	case reason != connectors.ReasonUnavailable && reason != connectors.ReasonCanceled:
		return err
	case limited.Err() != nil:
		return fmt.Errorf("cut short, after %s at most: %w", p.deadline, connectors.ErrOutcomeUnknown)
	case errors.Is(err, connectors.ErrUnavailable):
		return err
	}
	return fmt.Errorf("connector gave up: %w", connectors.ErrOutcomeUnknown)
}
