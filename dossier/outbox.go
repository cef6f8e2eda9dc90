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
//	pending ──► sending ──► done | refused
//	   ▲           │
//	   │           ├──► pending     nothing was sent: again later
//	   │           └──► checking ──► done | refused | pending | parked
//	   └── parked ──► dropped
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
	// ID is a random UUID in lower case. It is also the Order of a registration
	// and the message id of a mail, so that both are the same in every attempt.
	ID string
	// Citizen sent it, and alone may read it. For is whose account it concerns:
	// the citizen, or a member of the household.
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
	Key   string
	State TransactionState
	// Reason is bounded: one of connectors.Reasons, or a word of the relay for a
	// parked transaction.
	Reason string
	// Attempts counts how often it was sent; Checks how often the source was read
	// to learn what became of it.
	Attempts, Checks int
	// Accepted is when it was stored, Sent when the last attempt began, and
	// Settled when it became final. NotBefore is when the relay looks next.
	Accepted, Sent, Settled, NotBefore time.Time
	// Receipt is what the source gave, zero until something is known.
	Receipt record.Receipt
}

// Step is one change of a transaction's state, in its journal.
type Step struct {
	At       time.Time
	From, To TransactionState
	Reason   string
	// By is "citizen", "relay" or, for a decision of IT, the operator's name.
	By string
}

// Outbox keeps what citizens sent until it is settled, and the receipts after.
// Each method is one durable step: when it returned, a crash loses nothing of
// it.
type Outbox interface {
	// Accept stores a new transaction as Pending, due at once. When the citizen
	// used the key before with the same content, the transaction stored then comes
	// back, as it stands now, and again is true; with other content it is
	// ErrKeyReused. The content is Source, For, Ref and Action.
	Accept(ctx context.Context, t Transaction) (stored Transaction, again bool, err error)
	// Transaction returns one of the citizen's own, or ErrNotFound.
	Transaction(ctx context.Context, citizen record.Citizen, id string) (Transaction, error)
	// Transactions returns everything the citizen ever sent, newest first.
	Transactions(ctx context.Context, citizen record.Citizen) ([]Transaction, error)

	// DueTransactions returns at most limit transactions that are pending or
	// checking and whose NotBefore has come, oldest first. Of one account at one
	// source only the oldest that is not final is due: what a citizen sent first
	// is done first. A parked transaction holds nobody up.
	DueTransactions(ctx context.Context, now time.Time, limit int) ([]Transaction, error)
	// NextDue is the earliest NotBefore of what is not final nor parked; zero when
	// there is nothing.
	NextDue(ctx context.Context) (time.Time, error)
	// Begin moves a pending transaction to sending and counts an attempt, before
	// anything is sent. ErrMoved when it was not pending any more.
	Begin(ctx context.Context, id string, at time.Time) error
	// Settle moves a transaction from sending or checking to t's State, with its
	// Reason, Receipt, Checks and NotBefore, and stores the messages that follow
	// from it (a receipt by mail), all in one step. ErrMoved when the transaction
	// is not in state from any more.
	Settle(ctx context.Context, from TransactionState, t Transaction, at time.Time, messages ...Transaction) error
	// Recover turns every transaction that a dead process left sending into
	// checking, and counts them. It is called once, before a relay starts.
	Recover(ctx context.Context, at time.Time) (int, error)

	// Unsettled returns what is not final, of everybody, oldest first: IT's view.
	Unsettled(ctx context.Context) ([]Transaction, error)
	// Replay makes a parked transaction pending again, and Drop ends it. Both are
	// journalled under the operator's name; ErrMoved when it is not parked.
	Replay(ctx context.Context, id, operator string, at time.Time) error
	Drop(ctx context.Context, id, operator string, at time.Time) error
	// Journal returns the steps of a transaction, oldest first.
	Journal(ctx context.Context, id string) ([]Step, error)
}
