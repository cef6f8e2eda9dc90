// Package connectors is the contract between SEM en ligne and the systems of a
// town. A connector speaks one protocol and maps what it hears to the
// vocabulary of package record; everything else is done around it.
//
// # The life of a source
//
//  1. configs decodes the source's settings into the struct that its [Kind]
//     made, strictly, and calls Validate. No network, no file of data.
//  2. [Kind.Open] is called once, with [Deps]. It does no I/O either: a source
//     that is down never stops the start.
//  3. guard.New puts the guard in front. From here on nobody calls the
//     connector but the guard.
//  4. The aggregator, the portal's actions and the command line call the guarded
//     source, from any goroutine, several at once up to the configured number.
//     Every call has a context with a deadline and must return soon after the
//     context ends, with nothing left running.
//  5. Close is called once, when no call is under way, and may be nil.
//
// # What a connector does not do
//
// It does not retry, sleep, limit, count failures, recover from panics, or log
// what it also returns: the guard does, in one way for all. It does not decide
// whose record is whose beyond checking that the source answered about the
// person asked for. It keeps no personal data between calls, and it never
// guesses: what the source did not say stays unknown.
//
// # All or nothing
//
// A read returns everything it was asked for, or an error and no records. An
// empty result without error is a promise: the source was read, and there is
// nothing. A reply that is cut, garbled, about somebody else, or merely too odd
// to be sure of is [ErrMalformed].
package connectors

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// Source is an opened legacy system. A nil field is a capability that the
// source does not have.
type Source struct {
	// Check is the cheapest call that proves that the source is up and lets us
	// in. It returns nil, ErrUnavailable, ErrDenied or ErrMalformed.
	Check func(ctx context.Context) error
	// Find asks about one person.
	Find Finder
	// List hands over everything the source has for the town.
	List Lister
	// Do acts for one person.
	Do Doer
	// Learn reads what became of an action whose reply was lost.
	Learn Learner
	// Follow returns one Ref for all that a person is known under and for what was
	// sent for the person under the references that receipts gave, newest first. It
	// is false where the source lists by itself what is sent under one of those
	// Refs. It calls nothing. Nil is a source that knows persons, and never needs
	// it.
	Follow func(refs []record.Ref, references []string) (record.Ref, bool)
	// Send delivers a message.
	Send Sender
	// Authenticate checks a card and its PIN.
	Authenticate Authenticator
	// Close frees what the source holds. Nil when it holds nothing.
	Close func() error
}

// Finder reads what a source holds about one person.
type Finder interface {
	// Find returns every record of that person, each with Owner set to who, or
	// an error and no records. A person unknown to the source is ErrNotFound.
	// The guard may call it again after ErrUnavailable.
	Find(ctx context.Context, who record.Ref) ([]record.Record, error)
}

// Lister reads a whole source: a catalogue, a roll, a card registry.
type Lister interface {
	// List calls emit once for each record the source holds now, from the
	// calling goroutine, and returns a cursor that stands for this state.
	//
	// When since is a cursor that an earlier List returned and the source can
	// prove that nothing changed, List may emit nothing and return since itself:
	// the caller keeps what it has. Otherwise it emits everything again; the
	// caller replaces the whole section, and only when List returns nil.
	//
	// An error from emit stops List and comes back, wrapped.
	List(ctx context.Context, since Cursor, emit func(record.Record) error) (Cursor, error)
}

// Cursor marks a state of a source, in the connector's own terms; opaque to
// everybody else. The zero Cursor means "from the beginning".
type Cursor string

// Doer acts on a source for one person.
type Doer interface {
	// Do performs the action at most once: it is never repeated by the guard and
	// the connector never sends it twice unless the protocol makes a repeat
	// harmless.
	//
	// A nil error goes with the outcomes done and refused. When the reply was
	// lost the connector reads the source, on a fresh connection and within what
	// is left of the deadline, to learn what happened; when that does not settle
	// it, Do returns ErrOutcomeUnknown and a Receipt that says unknown with what
	// could be read. Any other error means that nothing was sent or that nothing
	// can have changed.
	//
	// A connector leaves itself time for that reading: it waits for the reply no
	// longer than half of what is left until the deadline.
	Do(ctx context.Context, who record.Ref, action record.Action) (record.Receipt, error)
}

// Learner reads the source to learn what became of an action.
type Learner interface {
	// Learn tells whether an action that was sent at an instant, and of which
	// nothing is known since (the process may have died), has happened. A nil error
	// goes with three outcomes: done, with what was read back; refused with the
	// refusal [record.NotDone], when the source proves that it did not happen;
	// unknown, when the source was read and does not settle it. Done and not done
	// carry [record.ProofReread]. An error, never ErrOutcomeUnknown, means that the
	// source could not be read. A slow source may still be at work on a request sent
	// a moment ago: how old it must be before "not done" is believed is the
	// caller's to decide.
	//
	// It changes nothing at the source: the guard may call it again. It never takes
	// somebody else's record, or an older one, for the action's result: when in
	// doubt it says unknown.
	Learn(ctx context.Context, who record.Ref, action record.Action, sent time.Time) (record.Receipt, error)
}

// Sender delivers messages: mail, web push.
type Sender interface {
	// Send hands the message over at most once. A nil error goes with done (the
	// other side took responsibility) and refused (it said no for good);
	// ErrOutcomeUnknown means that it may have been taken; any other error means
	// that it was not, and ErrUnavailable that a later attempt may do better.
	Send(ctx context.Context, message record.Message) (record.Receipt, error)
}

// Authenticator checks a person's card and PIN with the source that knows them.
type Authenticator interface {
	// Authenticate returns the source's own Ref for the person when the source
	// positively confirmed both, and ErrDenied when it did not. An empty card or
	// PIN is ErrDenied without any call. It is never repeated.
	Authenticate(ctx context.Context, card, pin string) (record.Ref, error)
}

// Deps is what an opened source works with. All fields are set.
type Deps struct {
	// Log is for rare facts about the source that no return value carries. Never
	// a person, never a secret; nothing above debug when all is well.
	Log *slog.Logger
	// HTTP retries idempotent reads, caps replies, refuses redirects and dials
	// only the hosts that the settings named. Its errors wrap the sentinels of
	// this package and hold no query string.
	HTTP *http.Client
	// Dial opens a raw connection under the same allow-list.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// TLS verifies peers with the system's roots and the source's own CA file.
	// Clone it before setting ServerName.
	TLS *tls.Config
}
