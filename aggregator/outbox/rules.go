package outbox

import (
	"cmp"
	"math/rand/v2"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// The reasons of transactions beside those of package connectors.
const (
	// ReasonLate: what depends on the moment could not be sent while it lasted.
	ReasonLate = "late"
	// ReasonNotDone: the source was read and proved that it had not happened.
	ReasonNotDone = record.NotDone
	// ReasonUnknown: it was sent, and nobody can say whether it happened.
	ReasonUnknown = connectors.ReasonOutcomeUnknown
)

// Rules says how long and how often. A zero value stands for the default in
// parentheses.
type Rules struct {
	// Budget is how long Act waits for an outcome (10 s).
	Budget time.Duration
	// Attempts is how often a request or a message is sent to a source that was
	// out of reach, before it is parked (100).
	Attempts int
	// RetryAfter is the pause after the first such attempt (30 s, so that nobody
	// waits for it); it doubles up to RetryAtMost (15 min), which is also the
	// pause while a source is switched off. Half of every pause is drawn at
	// random.
	RetryAfter, RetryAtMost time.Duration
	// MomentFor is how long a renewal, a hold, a registration or a cancellation
	// may wait for its turn; then it is refused, since the citizen has turned to
	// something else (15 min).
	MomentFor time.Duration
	// CheckAfter is the pause before a source is first read to learn what became
	// of an action (2 s); it doubles up to CheckAtMost (15 min).
	CheckAfter, CheckAtMost time.Duration
	// BelieveNotDone is how old an action must be before a source that shows no
	// trace of it is believed: a slow one may still do it (1 min).
	BelieveNotDone time.Duration
	// CheckingFor is how long the source is read before a person is asked (24 h).
	CheckingFor time.Duration
}

func (r Rules) withDefaults() Rules {
	return Rules{
		Budget: cmp.Or(r.Budget, 10*time.Second), Attempts: cmp.Or(r.Attempts, 100),
		RetryAfter: cmp.Or(r.RetryAfter, 30*time.Second), RetryAtMost: cmp.Or(r.RetryAtMost, 15*time.Minute),
		MomentFor:  cmp.Or(r.MomentFor, 15*time.Minute),
		CheckAfter: cmp.Or(r.CheckAfter, 2*time.Second), CheckAtMost: cmp.Or(r.CheckAtMost, 15*time.Minute),
		BelieveNotDone: cmp.Or(r.BelieveNotDone, time.Minute), CheckingFor: cmp.Or(r.CheckingFor, 24*time.Hour),
	}
}

func isMessage(t dossier.Transaction) bool {
	_, ok := t.Action.(record.Message)
	return ok
}

// waits tells whether a transaction keeps its sense when it is done hours later:
// a request, a message. What depends on the moment is refused instead.
func waits(t dossier.Transaction) bool { return t.Independent() }

// repeatable tells whether the source takes a second one for the first: it knows
// the Order of a registration, and what is cancelled stays so.
func repeatable(t dossier.Transaction) bool {
	switch t.Action.(type) {
	case record.Register, record.CancelRegistration, record.ReleaseSeat:
		return true
	}
	return false
}

func (r Rules) late(t dossier.Transaction, now time.Time) bool {
	return !waits(t) && now.Sub(t.NotBefore) > r.MomentFor
}

// attempted says what follows from an attempt.
func (r Rules) attempted(t dossier.Transaction, receipt record.Receipt, err error, learns bool, now time.Time) dossier.Transaction {
	reason := connectors.Reason(err)
	if reason == connectors.ReasonOK && receipt.Outcome != record.OutcomeDone && receipt.Outcome != record.OutcomeRefused {
		reason = ReasonUnknown
	}
	switch reason {
	case connectors.ReasonOK:
		return answered(t, receipt)
	case connectors.ReasonOutcomeUnknown, connectors.ReasonDefect:
		// After a defect nobody knows how far it came.
		t.Receipt = receipt
		t.Receipt.Outcome = record.OutcomeUnknown
		if isMessage(t) || !learns {
			return parked(t, reason)
		}
		t.State, t.Reason, t.NotBefore = dossier.Checking, reason, now.Add(r.CheckAfter)
		return t
	case connectors.ReasonNotFound, connectors.ReasonRefused:
		return refused(t, reason)
	}
	// Nothing was sent, or nothing can have changed.
	pause := backoff(r.RetryAfter, r.RetryAtMost, t.Attempts)
	switch {
	case !waits(t):
		return refused(t, reason)
	case reason == connectors.ReasonMalformed:
		return parked(t, reason) // it would answer the same again
	case reason == connectors.ReasonPaused:
		t.Attempts-- // the source was not called
		pause = backoff(r.RetryAtMost, r.RetryAtMost, 1)
	case t.Attempts >= r.Attempts:
		return parked(t, reason)
	}
	t.State, t.Reason, t.NotBefore = dossier.Pending, reason, now.Add(pause)
	return t
}

// checked says what follows from reading the source.
func (r Rules) checked(t dossier.Transaction, receipt record.Receipt, err error, now time.Time) dossier.Transaction {
	t.Checks++
	notDone := receipt.Outcome == record.OutcomeRefused && receipt.Refusal == record.NotDone
	switch {
	case err == nil && notDone && now.Sub(t.Sent) >= r.BelieveNotDone:
		return r.notDone(t, receipt, now)
	case err == nil && !notDone && receipt.Outcome != record.OutcomeUnknown:
		return answered(t, receipt)
	case now.Sub(t.Sent) >= r.CheckingFor:
		return parked(t, ReasonUnknown)
	}
	t.Reason = ReasonUnknown
	if err != nil {
		t.Reason = connectors.Reason(err)
	}
	t.State, t.NotBefore = dossier.Checking, now.Add(backoff(r.CheckAfter, r.CheckAtMost, t.Checks))
	return t
}

// notDone says what follows from the proof that nothing happened. Only what a
// second time cannot double is sent again by itself. A request is not thrown
// away either: a person of the town replays it.
func (r Rules) notDone(t dossier.Transaction, receipt record.Receipt, now time.Time) dossier.Transaction {
	t.Receipt = receipt
	switch {
	case waits(t):
		return parked(t, ReasonNotDone)
	case repeatable(t) && t.Attempts < r.Attempts && now.Sub(t.Accepted) < r.MomentFor:
		t.State, t.Reason, t.NotBefore, t.Receipt = dossier.Pending, ReasonNotDone, now, record.Receipt{}
		return t
	}
	return refused(t, ReasonNotDone)
}

// answered takes the source's word.
func answered(t dossier.Transaction, receipt record.Receipt) dossier.Transaction {
	t.Receipt = receipt
	if t.State, t.Reason = dossier.Done, connectors.ReasonOK; receipt.Outcome != record.OutcomeDone {
		t.State, t.Reason = dossier.Refused, connectors.ReasonRefused
	}
	return t
}

// refused ends a transaction of which nothing happened.
func refused(t dossier.Transaction, reason string) dossier.Transaction {
	t.State, t.Reason = dossier.Refused, reason
	t.Receipt.Outcome, t.Receipt.Refusal = record.OutcomeRefused, cmp.Or(t.Receipt.Refusal, reason)
	return t
}

func parked(t dossier.Transaction, reason string) dossier.Transaction {
	t.State, t.Reason = dossier.Parked, reason
	return t
}

// backoff is the pause after the nth time: doubled each time up to a most, half
// of it at random.
func backoff(first, most time.Duration, n int) time.Duration {
	d := most
	if n = max(n, 1); n < 32 {
		d = min(first<<(n-1), most)
	}
	return d/2 + rand.N(d/2+1) //nolint:gosec // spreading load, not secrecy
}
