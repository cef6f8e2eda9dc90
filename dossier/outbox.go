package dossier

import (
	"context"
	"errors"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// ErrKeyReused means that a form's key was used before with other content.
// Nothing was stored.
var ErrKeyReused = errors.New("idempotency key used with other content")

// ErrMoved means that a transaction was no longer in the state that the caller
// believed it to be in: somebody else took it first. Nothing was changed.
var ErrMoved = errors.New("transaction moved on")

// TransactionState is where something that a citizen sent stands.
type TransactionState string

// The states of a transaction.
//
//	pending ──► sending ──► done | refused | parked
//	   ▲           │
//	   │           ├──► pending     nothing was sent: again later
//	   │           └──► checking ──► done | refused | pending | parked
//	   └── parked ──► dropped
//
// What is pending for too long may also be refused or parked without having
// been sent.
//
// A process that dies while sending leaves the transaction there: it counts as
// checking, since nobody can say whether the source did it.
const (
	// Pending: stored, and to be attempted from NotBefore on.
	Pending TransactionState = "pending"
	// Sending: an attempt was begun, and its outcome is not stored yet.
	Sending TransactionState = "sending"
	// Checking: it was sent and its reply was lost; the source is being read, from
	// NotBefore on, to learn what happened. It is never sent again from here
	// unless a read proved that it did not happen.
	Checking TransactionState = "checking"
	// Parked: a person of the town must look; Reason says why.
	Parked TransactionState = "parked"
	// Done, Refused and Dropped are final. Dropped is IT's decision.
	Done    TransactionState = "done"
	Refused TransactionState = "refused"
	Dropped TransactionState = "dropped"
)

// Final tells that nothing more will happen.
func (s TransactionState) Final() bool { return s == Done || s == Refused || s == Dropped }

// Transaction is one thing that a citizen sent to a system of the town: stored
// before it is attempted, and kept with what became of it.
type Transaction struct {
	// ID is a random UUID in lower case; Accept draws one when it is empty. It is
	// also the Order of a registration and the ID of a message that have none, so
	// that both are the same in every attempt.
	ID string
	// Citizen sent it, and alone may read it. For is whose account it concerns:
	// the citizen, or a member of the household; empty is the citizen.
	Citizen, For record.Citizen
	Source       string
	// Ref is the account at the source, as it was when the transaction was sent.
	Ref    record.Ref
	Action record.Action
	// About words what it is about for the citizen's list: a title, a service, a
	// subject. The dossier keeps it, logs never see it.
	About string
	// Key is the form's own key: the same citizen and key is the same
	// transaction.
	Key string
	// Follows is the ID of the transaction whose end made this one: a receipt by
	// mail. Empty for what the citizen sent.
	Follows string
	State   TransactionState
	// Reason is bounded: one of connectors.Reasons, or a word of the relay.
	Reason string
	// Attempts counts how often it was sent since it was accepted or replayed;
	// Checks how often the source was read to learn what became of it.
	Attempts, Checks int
	// Accepted is when it was stored, Sent when the last attempt began, and
	// Settled when it became final. NotBefore is when the relay looks next.
	Accepted, Sent, Settled, NotBefore time.Time
	// Receipt is what the source gave, zero until something is known.
	Receipt record.Receipt
}

// Independent tells whether a transaction may be done in any order among
// others of its account, and be held up by none: what is only handed in.
func (t Transaction) Independent() bool {
	switch t.Action.(type) {
	case record.Submit, record.Message:
		return true
	}
	return false
}

// Step is one change of a transaction's state, in its journal.
type Step struct {
	At time.Time
	// From is empty for the first step.
	From, To TransactionState
	Reason   string
	// By is ByCitizen, ByRelay or, for a decision of IT, the operator's name.
	By string
}

// Who makes a step, beside operators.
const (
	ByCitizen = "citizen"
	ByRelay   = "relay"
)

// ReasonInterrupted is the reason of the step that [Queue.Recover] makes.
const ReasonInterrupted = "interrupted"

// Backlog counts what is not final at one source.
type Backlog struct {
	Source string
	State  TransactionState
	Count  int
	// Oldest is when the oldest of them was accepted.
	Oldest time.Time
}

// Transactions is what a citizen may do with the outbox.
type Transactions interface {
	// Accept stores a new transaction as Pending, due from Accepted on. When the
	// citizen used the key before with the same content, the transaction stored
	// then comes back, as it stands now, and again is true; with other content it
	// is ErrKeyReused. The content is Source, For, Ref and Action; an Order or a
	// message's ID that is empty equals the one that was drawn.
	//
	// A citizen or member who is not there is ErrNotFound. A transaction without
	// Source, Action, Key or Accepted is ErrRefused. A registration whose Order is
	// a ticket's is accepted as [Turns] says.
	Accept(ctx context.Context, t Transaction) (stored Transaction, again bool, err error)
	// AcceptWithPhotos is Accept that also gives drafts of the citizen to the new
	// transaction, in the same step and under the rules of [Photos.AttachPhotos].
	AcceptWithPhotos(ctx context.Context, t Transaction, photos ...string) (stored Transaction, again bool, err error)
	// Transaction returns one of the citizen's own, or ErrNotFound.
	Transaction(ctx context.Context, citizen record.Citizen, id string) (Transaction, error)
	// Transactions returns everything that the citizen ever sent and what followed
	// from it, newest first.
	Transactions(ctx context.Context, citizen record.Citizen) ([]Transaction, error)
}

// Queue is what the relay does with the outbox.
type Queue interface {
	// DueTransactions returns at most limit transactions of a source that are
	// pending or checking and whose NotBefore has come, oldest first. Of one
	// account only the oldest that is not final is due: what a citizen sent first
	// is done first. An account is a Ref at a source, or the citizen where Ref is
	// zero. What is parked or [Transaction.Independent] holds nobody up.
	DueTransactions(ctx context.Context, source string, now time.Time, limit int) ([]Transaction, error)
	// NextDue is the earliest instant at which DueTransactions has something, if
	// nothing changes; zero when there is none.
	NextDue(ctx context.Context, source string) (time.Time, error)
	// Begin moves a pending transaction to sending, counts an attempt and notes
	// the instant as Sent, before anything is sent. ErrMoved when it was not
	// pending any more.
	Begin(ctx context.Context, id string, at time.Time) error
	// Settle moves a transaction from pending, sending or checking to t's State,
	// or back to the same, with its Reason, Receipt, Attempts, Checks and
	// NotBefore, and stores the messages that follow from it (a receipt by mail),
	// all in one step. Messages are given as for Accept; each gets a Key of its
	// own, and is accepted at that instant. ErrMoved when the transaction is not in state from any more.
	Settle(ctx context.Context, from TransactionState, t Transaction, at time.Time, messages ...Transaction) error
	// Recover turns every transaction that a dead process left sending into
	// checking, due at once, and counts them. It is called once, before a relay
	// starts.
	Recover(ctx context.Context, at time.Time) (int, error)
}

// Inspection is what IT does with the outbox.
type Inspection interface {
	// Unsettled returns what is not final, of everybody, oldest first.
	Unsettled(ctx context.Context) ([]Transaction, error)
	// Backlog counts it by source and state.
	Backlog(ctx context.Context) ([]Backlog, error)
	// Replay makes a parked transaction pending again, with no attempts counted,
	// and Drop ends it. Both are journalled under the operator's name. ErrMoved
	// when it is not parked, ErrNotFound when there is none.
	Replay(ctx context.Context, id, operator string, at time.Time) error
	Drop(ctx context.Context, id, operator string, at time.Time) error
	// Journal returns the steps of a transaction, oldest first, or ErrNotFound.
	Journal(ctx context.Context, id string) ([]Step, error)
}

// Outbox keeps what citizens sent until it is settled, and the receipts after.
// Each method is one durable step: when it returned, a crash loses nothing of
// it.
type Outbox interface {
	Transactions
	Queue
	Inspection
}
