package rush

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

const (
	// callAtMost bounds a call of a source; guards end theirs well before.
	callAtMost = time.Minute
	// restFirst is the pause after a source could not be asked; it doubles up to
	// restMost.
	restFirst, restMost = time.Second, time.Minute
	// oddAtMost is how often one ticket may get an answer that makes no sense, before
	// it is refused: else it would hold up everybody behind it.
	oddAtMost = 3
	// settlingIn is how long after the opening a source that does not sell yet is
	// believed to be a little late, and lateRest how long it then is left alone.
	settlingIn, lateRest = 2 * time.Minute, 5 * time.Second
)

// early tells whether the source may not have noticed yet that it is time.
func (r *room) early(now time.Time) bool { return now.Sub(r.Opens) < settlingIn }

// ask asks the source to keep the place of one ticket. Once asked, the answer is
// waited for and stored, whatever becomes of the engine. The ticket that gets no
// answer keeps its turn: asking again is asking for the same place.
func (e *Engine) ask(ctx context.Context, r *room, t dossier.Ticket) {
	session := t.Action.Session
	freed := r.freedOf(session)
	crowd, err := e.o.Dossier.Crowd(ctx, r.ID(), session)
	if err == nil {
		err = e.o.Dossier.Ask(ctx, t.ID, time.Now())
	}
	if errors.Is(err, dossier.ErrMoved) {
		return // it left
	} else if err != nil {
		e.unstored(ctx, r, err)
		return
	}
	e.o.Fault(FaultAsked)
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), callAtMost)
	defer cancel()
	receipt, err := r.doer.Do(limited, t.Ref, record.HoldSeat{Register: t.Action})
	e.o.Fault(FaultAnswered)
	now := time.Now()
	reason := connectors.Reason(err)
	e.metrics.asked(r.Source, cmp.Or(receipt.Refusal, reason))
	switch {
	case err != nil:
		err = e.trouble(ctx, r, t, reason, now)
	case receipt.Outcome == record.OutcomeDone && receipt.Quote != nil:
		r.recovered()
		err = e.hold(ctx, r, t, receipt, now)
	case receipt.Outcome == record.OutcomeRefused:
		r.recovered()
		err = e.refused(ctx, r, t, receipt, crowd.Undecided, freed != r.freedOf(session), now)
	default:
		err = e.trouble(ctx, r, t, connectors.ReasonMalformed, now)
	}
	if err != nil && !errors.Is(err, dossier.ErrMoved) { // moved: it left, and the place is given back
		e.unstored(ctx, r, err)
	}
}

// hold notes the place that is kept, until the source or the town ends it.
func (e *Engine) hold(ctx context.Context, r *room, t dossier.Ticket, receipt record.Receipt, now time.Time) error {
	t.State, t.Receipt, t.HeldUntil = dossier.TicketHeld, receipt, now.Add(r.Decide)
	if until := receipt.Quote.HeldUntil; !until.IsZero() && until.Before(t.HeldUntil) {
		t.HeldUntil = until
	}
	err := e.move(ctx, dossier.TicketWaiting, t)
	e.o.Fault(FaultHeld)
	return err
}

// refused says what follows from a no. When nothing of ours was undecided in the
// session, a full one is full for everybody; freed tells that a place was given
// back meanwhile.
func (e *Engine) refused(ctx context.Context, r *room, t dossier.Ticket, receipt record.Receipt, undecided int, freed bool, now time.Time) error {
	session := t.Action.Session
	switch receipt.Refusal {
	case ReasonFull:
		if undecided == 0 && !freed {
			return e.refuse(ctx, r, session, ReasonFull, now)
		}
		if freed {
			return nil // again at once: the answer is older than the place
		}
		r.close(session, shut{now.Add(probeEvery), true})
		return nil
	case record.RefusalReserved, record.RefusalAgain:
		if !freed {
			r.close(session, shut{now.Add(probeEvery), undecided > 0})
		}
		return nil
	case record.RefusalNotBookable:
		if r.early(now) {
			r.close(session, shut{until: now.Add(lateRest)})
			return nil
		}
	}
	t.State, t.Reason, t.Receipt = dossier.TicketRefused, cmp.Or(receipt.Refusal, connectors.ReasonRefused), receipt
	return e.move(ctx, dossier.TicketWaiting, t)
}

// trouble says what follows when there was no answer, or none that makes sense.
func (e *Engine) trouble(ctx context.Context, r *room, t dossier.Ticket, reason string, now time.Time) error {
	switch reason {
	case connectors.ReasonRefused, connectors.ReasonNotFound:
	case connectors.ReasonMalformed, connectors.ReasonDefect, connectors.ReasonOutcomeUnknown:
		if r.tried(t.ID) < oddAtMost {
			r.rest(reason, now)
			return nil
		}
	default:
		e.o.Log.Warn("the waiting room rests", "source", r.Source, "reason", reason)
		r.rest(reason, now)
		return e.tellWaiting(ctx, r)
	}
	t.State, t.Reason = dossier.TicketRefused, reason
	return e.move(ctx, dossier.TicketWaiting, t)
}

// release gives a place back that nobody wants, or lets it run out.
func (e *Engine) release(ctx context.Context, r *room, t dossier.Ticket) {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), callAtMost)
	defer cancel()
	_, err := r.doer.Do(limited, t.Ref, record.ReleaseSeat{Order: t.ID})
	e.o.Fault(FaultReleased)
	now, reason := time.Now(), connectors.Reason(err)
	ranOut := t.Receipt.Quote != nil && !t.Receipt.Quote.HeldUntil.IsZero() && !t.Receipt.Quote.HeldUntil.After(now)
	if err != nil && reason != connectors.ReasonRefused && reason != connectors.ReasonNotFound && !ranOut {
		r.rest(reason, now)
		return
	}
	if err := e.o.Dossier.Released(context.WithoutCancel(ctx), t.ID, now); err != nil {
		e.unstored(ctx, r, err)
		return
	}
	r.open(t.Action.Session, true)
}

// unstored rests: what cannot be stored is not asked for.
func (e *Engine) unstored(ctx context.Context, r *room, err error) {
	if ctx.Err() != nil {
		return
	}
	e.o.Log.Error("ticket not stored", "source", r.Source, "err", err)
	r.rest("store", time.Now())
}
