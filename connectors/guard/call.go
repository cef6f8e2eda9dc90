package guard

import (
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
	retries  int
	// acts is set where a call that was cut short may have changed something.
	acts bool
}

func (g *Guard) read(o op, deadline connectors.Duration) plan {
	return plan{op: o, breaker: g.breakers.reads, deadline: deadline.Std(), retries: g.cfg.Retries}
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
	done(err)
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
	err = g.limiter.Wait(wait)
	if err != nil {
		err = fmt.Errorf("rate limit: %w", connectors.ErrUnavailable)
	} else {
		err = g.bulkhead.acquire(wait)
	}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		if err == nil {
			g.bulkhead.release()
		}
		return nil, context.Canceled
	case err != nil:
		return nil, err
	}
	if err := g.paused(time.Now()); err != nil { // switched off while waiting
		g.bulkhead.release()
		return nil, err
	}
	return g.bulkhead.release, nil
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
		once := func(ctx context.Context) (T, error) { return caught(g, p, ctx, try) }
		if p.acts || p.retries == 0 {
			e.value, e.err = once(limited)
			return
		}
		e.value, e.err = retrying(limited, g.budget, p.retries, once)
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
	if reason != connectors.ReasonUnavailable && reason != connectors.ReasonCanceled {
		return err
	}
	switch {
	case p.acts && limited.Err() != nil:
		// Handed over, and nobody waited for the end: it may have happened.
		return fmt.Errorf("ended after %s at most: %w", p.deadline, connectors.ErrOutcomeUnknown)
	case errors.Is(caller.Err(), context.Canceled):
		return context.Canceled
	case reason == connectors.ReasonCanceled && p.acts:
		return fmt.Errorf("connector gave up: %w", connectors.ErrOutcomeUnknown)
	case reason == connectors.ReasonCanceled:
		return fmt.Errorf("connector gave up: %w", connectors.ErrUnavailable)
	case errors.Is(err, connectors.ErrUnavailable):
		return err
	case limited.Err() != nil:
		return fmt.Errorf("no answer within %s: %w", p.deadline, connectors.ErrUnavailable)
	}
	return fmt.Errorf("no answer: %w", connectors.ErrUnavailable)
}
