package dossier

import (
	"context"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// TicketState is where somebody who waits for a place stands.
type TicketState string

// The states of a ticket.
//
//	waiting ──► held ──► done
//	   │          ├──► lapsed    nobody decided in time
//	   ├──────────┴──► left      the citizen gave it up
//	   └──► refused              the source, or the end of the window, said no
const (
	// TicketWaiting: its turn has not come, or no place is free at the moment.
	TicketWaiting TicketState = "waiting"
	// TicketHeld: the source keeps a place until HeldUntil for the citizen to decide.
	TicketHeld TicketState = "held"
	// TicketDone: the citizen confirmed; the transaction with the ticket's ID says
	// what became of it.
	TicketDone TicketState = "done"
	// TicketRefused, TicketLeft and TicketLapsed are final too.
	TicketRefused TicketState = "refused"
	TicketLeft    TicketState = "left"
	TicketLapsed  TicketState = "lapsed"
)

// Final tells that the ticket gets no place any more, or has been used.
func (s TicketState) Final() bool { return s != TicketWaiting && s != TicketHeld }

// Ticket is one person's turn for one place in a window of registration.
type Ticket struct {
	// ID is the Order of Action: a UUID in lower case. Asking the source twice
	// with it is asking for the same place.
	ID string
	// Window names the opening; see [WaitingRoom.PrepareDraw].
	Window  string
	Citizen record.Citizen
	Source  string
	Ref     record.Ref
	// Action is what is sent once the citizen confirms.
	Action record.Register
	// About words it for the citizen's list; logs never see it.
	About   string
	Arrived time.Time
	// Rank is the place in the order of turns, from 1; 0 until the draw.
	Rank  int
	State TicketState
	// Reason is bounded: why it was refused.
	Reason string
	// HeldUntil is how long the place is kept for the citizen, while held, and
	// Receipt the source's answer with its quote.
	HeldUntil time.Time
	Receipt   record.Receipt
	// Asked is when the source was first asked for the place, and Settled when the
	// ticket became final; zero is not yet.
	Asked, Settled time.Time
}

// Draw is the draw of a window.
type Draw struct {
	Window string
	// Commitment is SHA-256 of the seed, known before anybody is in the room.
	Commitment [32]byte
	// Seed is nil until Drawn.
	Seed  []byte
	Drawn time.Time
}

// Crowd counts the tickets of one session in a window.
type Crowd struct {
	// Waiting have no place, and Undecided are places that may come free again:
	// kept for somebody, confirmed and not yet settled at the source, or not yet
	// given back.
	Waiting, Undecided int
}

// Progress is how far the turns of a window have come for one ticket.
type Progress struct {
	// Present is how many wait, of everybody. Ahead of those have an earlier turn,
	// and AheadHere of these want the same session.
	Present, Ahead, AheadHere int
	// Asked is how many turns came since the instant asked for.
	Asked int
}

// WaitingRoom is what a citizen may do in a window of registration.
type WaitingRoom interface {
	// PrepareDraw keeps a window's seed of 32 random bytes until the draw, the
	// first one given, and returns the draw as it stands. It comes before the
	// first Enter.
	PrepareDraw(ctx context.Context, window string, seed []byte, at time.Time) (Draw, error)
	// FindDraw returns the draw of a window, or ErrNotFound.
	FindDraw(ctx context.Context, window string) (Draw, error)
	// Enter stores a ticket as waiting. Before the draw it has no rank; after it,
	// the last one. The same ID with the same content, or another for the same
	// citizen, window, session and attendee while the first is not refused, left
	// or lapsed, is the first ticket, as it stands, and again is true. The ID with other content is
	// ErrKeyReused. ErrNotFound is an unknown citizen or a window without draw,
	// ErrRefused a ticket without ID, Source, session or Arrived, or whose Order
	// is not its ID.
	Enter(ctx context.Context, t Ticket) (stored Ticket, again bool, err error)
	// Ticket returns one of the citizen's own, or ErrNotFound, and Tickets all of
	// them, newest first.
	Ticket(ctx context.Context, citizen record.Citizen, id string) (Ticket, error)
	Tickets(ctx context.Context, citizen record.Citizen) ([]Ticket, error)
	// Leave ends a ticket that is waiting or held. ErrMoved when it is neither,
	// ErrNotFound when it is not the citizen's.
	Leave(ctx context.Context, citizen record.Citizen, id string, at time.Time) error
	// Progress tells how far the turns have come for a ticket, and how many came
	// since an instant.
	Progress(ctx context.Context, t Ticket, since time.Time) (Progress, error)
}

// Turns is what the engine of a window does. Each method is one durable step.
//
// A ticket becomes done by [Transactions.Accept]: a transaction with a ticket's
// ID is accepted only while the ticket is held, for the same citizen and with
// the ticket's very action, but for the price agreed to (ErrMoved, ErrKeyReused),
// and ends it in the same step. So a place that was given back is never confirmed, nor the reverse.
type Turns interface {
	// DrawOrder gives everybody present a rank in the order of [Lots] and tells the
	// seed from then on. A second draw changes nothing. It returns how many are
	// ranked by it.
	DrawOrder(ctx context.Context, window string, at time.Time) (int, error)
	// NextTickets returns at most limit waiting tickets in the order of their
	// ranks, without those of the sessions excepted.
	NextTickets(ctx context.Context, window string, except []string, limit int) ([]Ticket, error)
	// Ask notes that the source is about to be asked; ErrMoved when the ticket does
	// not wait any more.
	Ask(ctx context.Context, id string, at time.Time) error
	// MoveTicket moves a ticket from a state to t's State with its Reason,
	// HeldUntil and Receipt. A receipt that refuses is the source's word that it
	// keeps nothing. ErrMoved when it is not in that state any more.
	MoveTicket(ctx context.Context, from TicketState, t Ticket, at time.Time) error
	// RefuseWaiting refuses every waiting ticket of a session, on the source's word
	// that it has no place, or of the whole window when session is empty, and
	// returns whose they were.
	RefuseWaiting(ctx context.Context, window, session, reason string, at time.Time) ([]record.Citizen, error)
	// RunOut returns the held tickets whose time is over.
	RunOut(ctx context.Context, window string, now time.Time) ([]Ticket, error)
	// Unreleased returns tickets of which the source may still keep a place that
	// nobody wants, oldest first: those that left or lapsed after it was asked, or
	// were refused without its word. Released notes that it does not any more.
	Unreleased(ctx context.Context, window string) ([]Ticket, error)
	Released(ctx context.Context, id string, at time.Time) error
	// Crowd counts the tickets of a session, or of the whole window when session is
	// empty.
	Crowd(ctx context.Context, window, session string) (Crowd, error)
	// WaitingCitizens returns who waits in a window.
	WaitingCitizens(ctx context.Context, window string) ([]record.Citizen, error)
}
