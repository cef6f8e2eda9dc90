package outbox

import (
	"context"
	"errors"
	"time"

	"github.com/semenligne/sem/dossier"
)

// storeRest is the longest pause between two tries to store an outcome.
const storeRest = 30 * time.Second

// work takes one transaction a step further. Once begun, it is not cut short by
// the end of the relay: what a source was asked is waited for, and stored.
func (r *Relay) work(ctx context.Context, l *lane, t dossier.Transaction) {
	if t.State == dossier.Checking {
		r.check(ctx, l, t)
		return
	}
	now := time.Now()
	if r.o.Rules.late(t, now) {
		r.settle(ctx, dossier.Pending, refused(t, ReasonLate))
		return
	}
	r.o.Fault(FaultBegin)
	switch err := r.o.Dossier.Begin(ctx, t.ID, now); {
	case errors.Is(err, dossier.ErrMoved):
		return
	case err != nil:
		// Nobody knows whether that was stored. If it was, nothing was sent.
		r.o.Log.Error("attempt not stored", "source", l.Name, "err", err)
		r.settle(ctx, dossier.Sending, t)
		return
	}
	t.State, t.Sent, t.Attempts = dossier.Sending, now, t.Attempts+1
	r.tell(t.Citizen)
	r.o.Fault(FaultBegun)
	receipt, err := l.perform(context.WithoutCancel(ctx), t)
	r.o.Fault(FaultSent)
	next := r.o.Rules.attempted(t, receipt, err, l.Source.Source.Learn != nil, time.Now())
	r.metrics.attempted(l.Name, err)
	r.settle(ctx, dossier.Sending, next)
	r.refresh(ctx, next)
}

// check reads the source to learn what became of a transaction.
func (r *Relay) check(ctx context.Context, l *lane, t dossier.Transaction) {
	if l.Source.Source.Learn == nil {
		r.settle(ctx, dossier.Checking, parked(t, ReasonUnknown))
		return
	}
	limited, cancel := context.WithTimeout(ctx, callAtMost)
	receipt, err := l.Source.Source.Learn.Learn(limited, t.Ref, t.Action, t.Sent)
	cancel()
	if ctx.Err() != nil {
		return // it stays checking, and is read after the next start
	}
	r.o.Fault(FaultLearnt)
	next := r.o.Rules.checked(t, receipt, err, time.Now())
	r.settle(ctx, dossier.Checking, next)
	r.refresh(ctx, next)
}

// settle stores what became of a transaction, with the letters that follow, and
// tells of it. While the store is out of order it tries again until the relay
// ends: the outcome is known here alone.
func (r *Relay) settle(ctx context.Context, from dossier.TransactionState, t dossier.Transaction) {
	letters := r.letters(t)
	for wait := time.Second; ; wait = min(2*wait, storeRest) {
		err := r.o.Dossier.Settle(context.WithoutCancel(ctx), from, t, time.Now(), letters...)
		if errors.Is(err, dossier.ErrMoved) {
			return // somebody else took it further
		}
		if err == nil {
			break
		}
		r.o.Log.Error("outcome not stored", "source", t.Source, "transaction", t.ID, "err", err)
		if errors.Is(err, dossier.ErrRefused) || errors.Is(err, dossier.ErrNotFound) {
			letters = nil // they cannot be stored; the outcome can
		}
		select {
		case <-ctx.Done():
			return // the next start finds it where it was, and reads the source
		case <-time.After(wait):
		}
	}
	r.o.Fault(FaultSettled)
	r.metrics.entered(t)
	if t.State == dossier.Parked {
		r.o.Log.Warn("an action needs a person of the town", "source", t.Source, "action", t.Action.ActionName(),
			"transaction", t.ID, "reason", t.Reason)
	}
	r.tell(t.Citizen)
	for _, letter := range letters {
		if l := r.lanes[letter.Source]; l != nil {
			l.kick()
		}
	}
}

// letters are the messages that follow from a transaction.
func (r *Relay) letters(t dossier.Transaction) []dossier.Transaction {
	if r.o.Letters == nil || t.Follows != "" || !t.State.Final() && t.State != dossier.Parked {
		return nil
	}
	return r.o.Letters(t)
}

// refresh has the sections concerned read again once the source answered.
func (r *Relay) refresh(ctx context.Context, t dossier.Transaction) {
	if r.o.Refresh == nil || t.State != dossier.Done && t.State != dossier.Refused || isMessage(t) {
		return
	}
	r.o.Refresh(ctx, t.Source, t.For)
	if t.Citizen != t.For {
		r.o.Refresh(ctx, t.Source, t.Citizen)
	}
}
