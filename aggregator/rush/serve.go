package rush

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/semenligne/sem/dossier"
)

// serve works a window from its preparation until nothing of it is undecided.
func (e *Engine) serve(ctx context.Context, r *room) {
	var hands sync.WaitGroup
	defer hands.Wait()
	steps := []func(context.Context, *room) error{e.prepare, e.draw}
	for ctx.Err() == nil {
		var wait time.Duration
		if len(steps) > 0 {
			if wait = e.advance(ctx, r, steps[0]); wait < 0 {
				steps = steps[1:]
				continue
			}
		} else {
			over, err := e.round(ctx, r, &hands)
			if err != nil && ctx.Err() == nil {
				e.o.Log.Error("waiting room not read", "source", r.Source, "err", err)
			}
			if over {
				return
			}
			wait = r.nap(time.Now())
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-r.kicked:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// advance takes a step that must be stored; the answer is how long to wait before
// the next try, or less than 0 when it is taken.
func (e *Engine) advance(ctx context.Context, r *room, step func(context.Context, *room) error) time.Duration {
	err := step(ctx, r)
	switch {
	case err == nil:
		return -1
	case errors.Is(err, errEarly):
		return max(time.Until(r.Opens), 0)
	case ctx.Err() == nil:
		e.o.Log.Error("waiting room not stored", "source", r.Source, "err", err)
	}
	return lookEvery
}

var errEarly = errors.New("rush: not open yet")

// draw makes the order of turns at the opening.
func (e *Engine) draw(ctx context.Context, r *room) error {
	now := time.Now()
	if now.Before(r.Opens) {
		return errEarly
	}
	n, err := e.o.Dossier.DrawOrder(ctx, r.ID(), now)
	if err != nil {
		return err
	}
	e.o.Fault(FaultDrawn)
	if n > 0 {
		e.o.Log.Info("registration open, the order is drawn", "source", r.Source, "present", n)
	}
	return e.tellWaiting(ctx, r)
}

func (e *Engine) tellWaiting(ctx context.Context, r *room) error {
	all, err := e.o.Dossier.WaitingCitizens(ctx, r.ID())
	for _, c := range all {
		e.watchers.Tell(c)
	}
	return err
}

// round ends what ran out, gives back what nobody wants, and asks for the next
// places. It is over when the window is and everybody has an answer.
func (e *Engine) round(ctx context.Context, r *room, hands *sync.WaitGroup) (over bool, err error) {
	now := time.Now()
	closed := !now.Before(r.Closes)
	if closed {
		if err := e.refuse(ctx, r, "", ReasonClosed, now); err != nil {
			return false, err
		}
	}
	if err := errors.Join(e.lapse(ctx, r, now), e.giveBack(ctx, r, hands, now)); err != nil {
		return false, err
	}
	if closed {
		c, err := e.o.Dossier.Crowd(ctx, r.ID(), "")
		return c == dossier.Crowd{}, err
	}
	if err := e.reopen(ctx, r); err != nil {
		return false, err
	}
	if r.due(now) {
		if err := e.tellWaiting(ctx, r); err != nil {
			return false, err
		}
	}
	return false, e.askNext(ctx, r, hands, now)
}

// lapse ends the tickets whose time to decide is over.
func (e *Engine) lapse(ctx context.Context, r *room, now time.Time) error {
	tickets, err := e.o.Dossier.RunOut(ctx, r.ID(), now)
	if err != nil {
		return err
	}
	for _, t := range tickets {
		t.State = dossier.TicketLapsed
		if err := e.move(ctx, dossier.TicketHeld, t); err != nil && !errors.Is(err, dossier.ErrMoved) {
			return err
		}
		e.o.Fault(FaultLapsed)
	}
	return nil
}

// giveBack puts hands to places that are kept for nobody.
func (e *Engine) giveBack(ctx context.Context, r *room, hands *sync.WaitGroup, now time.Time) error {
	tickets, err := e.o.Dossier.Unreleased(ctx, r.ID())
	if err != nil {
		return err
	}
	_, _, resting := r.resting(now)
	for _, t := range tickets {
		if !resting && r.take(t, false) {
			hands.Go(func() {
				defer r.done(t)
				e.release(ctx, r, t)
			})
		}
	}
	return nil
}

// reopen has those sessions asked for again whose last places are all decided on:
// then the answer is final.
func (e *Engine) reopen(ctx context.Context, r *room) error {
	for _, s := range r.undecided(time.Now()) {
		c, err := e.o.Dossier.Crowd(ctx, r.ID(), s)
		if err != nil {
			return err
		}
		if c.Undecided == 0 {
			r.open(s, false)
		}
	}
	return nil
}

// askNext puts free hands to the next turns.
func (e *Engine) askNext(ctx context.Context, r *room, hands *sync.WaitGroup, now time.Time) error {
	for {
		if _, _, resting := r.resting(now); resting {
			return nil
		}
		next, err := e.o.Dossier.NextTickets(ctx, r.ID(), r.passedOver(now), 1)
		if err != nil || len(next) == 0 || !r.take(next[0], true) {
			return err
		}
		hands.Go(func() {
			defer r.done(next[0])
			e.ask(ctx, r, next[0])
		})
	}
}

// move stores a ticket's new state and tells of it.
func (e *Engine) move(ctx context.Context, from dossier.TicketState, t dossier.Ticket) error {
	if err := e.o.Dossier.MoveTicket(context.WithoutCancel(ctx), from, t, time.Now()); err != nil {
		return err
	}
	e.metrics.came(t)
	e.watchers.Tell(t.Citizen)
	return nil
}

// refuse answers everybody who waits for a session, or for any.
func (e *Engine) refuse(ctx context.Context, r *room, session, reason string, now time.Time) error {
	whose, err := e.o.Dossier.RefuseWaiting(context.WithoutCancel(ctx), r.ID(), session, reason, now)
	for _, c := range whose {
		e.metrics.came(dossier.Ticket{Source: r.Source, State: dossier.TicketRefused})
		e.watchers.Tell(c)
	}
	return err
}
