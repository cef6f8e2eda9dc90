package rush_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/semenligne/sem/aggregator/rush"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// box is a recreation system with seats: it keeps a place under an order for a
// while, and sells what it keeps.
type box struct {
	mu       sync.Mutex
	capacity map[string]int
	kept     map[string]keeping // by order
	sold     map[string]string  // session by order
	leaseFor time.Duration
	takes    []time.Duration // of one call after the other, again and again
	blunt    bool            // calls a session full whose last places are only kept
	opens    time.Time       // its own opening
	fails    error           // what it answers instead, nil is well
	silent   int             // replies to lose
	odd      string          // the order whose replies make no sense

	// gave hears of each place that is kept anew, before anybody else.
	gave func(a record.Register)

	calls, now, most int
	holds            []string // orders, as the places were first kept
}

type keeping struct {
	session string
	until   time.Time
}

func newBox(capacity map[string]int) *box {
	return &box{capacity: capacity, kept: map[string]keeping{}, sold: map[string]string{}, leaseFor: 15 * time.Minute, takes: []time.Duration{200 * time.Millisecond}}
}

// Do implements connectors.Doer. The effect stands at the end of the call.
func (b *box) Do(_ context.Context, _ record.Ref, a record.Action) (record.Receipt, error) {
	b.mu.Lock()
	b.calls++
	b.now++
	b.most = max(b.most, b.now)
	takes := b.takes[b.calls%len(b.takes)]
	b.mu.Unlock()
	time.Sleep(takes)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now--
	if b.fails != nil {
		return record.Receipt{}, b.fails
	}
	receipt := b.act(a)
	if h, ok := a.(record.HoldSeat); ok && h.Order == b.odd {
		return record.Receipt{}, connectors.ErrMalformed
	}
	if b.silent > 0 {
		b.silent--
		return record.Receipt{}, connectors.ErrOutcomeUnknown
	}
	return receipt, nil
}

func (b *box) act(a record.Action) record.Receipt {
	no := func(why string) record.Receipt {
		return record.Receipt{Outcome: record.OutcomeRefused, Refusal: why}
	}
	switch a := a.(type) {
	case record.ReleaseSeat:
		delete(b.kept, a.Order)
	case record.HoldSeat:
		if time.Now().Before(b.opens) {
			return no("not_bookable")
		}
		_, before := b.kept[a.Order]
		sold, kept := b.count(a.Session, a.Order)
		switch {
		case sold >= b.capacity[a.Session], b.blunt && sold+kept >= b.capacity[a.Session]:
			return no("activity_full")
		case sold+kept >= b.capacity[a.Session]:
			return no("seats_reserved")
		}
		if !before {
			b.holds = append(b.holds, a.Order)
			if b.gave != nil {
				b.gave(a.Register)
			}
		}
		b.kept[a.Order] = keeping{a.Session, time.Now().Add(b.leaseFor)}
		return record.Receipt{Outcome: record.OutcomeDone, Quote: &record.Quote{HeldUntil: b.kept[a.Order].until}}
	}
	return record.Receipt{Outcome: record.OutcomeDone}
}

// count is how many seats are sold, and kept for others.
func (b *box) count(session, but string) (sold, kept int) {
	for _, s := range b.sold {
		if s == session {
			sold++
		}
	}
	for order, k := range b.kept {
		if k.session == session && order != but && k.until.After(time.Now()) {
			kept++
		}
	}
	return sold, kept
}

// sell books what is kept under an order, as the relay would have it done.
func (b *box) sell(a record.Register) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	sold, kept := b.count(a.Session, a.Order)
	if sold+kept >= b.capacity[a.Session] {
		return false
	}
	delete(b.kept, a.Order)
	b.sold[a.Order] = a.Session
	return true
}

// asked is how often it was called, the most calls at once, and the orders it
// kept places for, in turn.
func (b *box) asked() (calls, most int, holds []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls, b.most, slices.Clone(b.holds)
}

// seats is how many it sold, and how many it keeps.
func (b *box) seats() (sold, kept int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.sold), len(b.kept)
}

func (b *box) set(change func(*box)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(b)
}

// hall is a town of n citizens at the doors of a window that opens in an hour.
type hall struct {
	t      testing.TB
	store  *dossier.SQLite
	people []record.Citizen
	box    *box
	window rush.Window
	engine *rush.Engine
	stop   func()
	life   *life // nil is a process that does not die
}

func newHall(t testing.TB, n int, capacity map[string]int) *hall {
	t.Helper()
	s, err := dossier.OpenSQLite(filepath.Join(t.TempDir(), "dossier.db"), slog.New(slog.DiscardHandler), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	var cards []record.Card
	for i := range n {
		cards = append(cards, record.Card{Number: fmt.Sprint(i), Name: "Somebody"})
	}
	if _, err := s.ImportCards(t.Context(), cards); err != nil {
		t.Fatal(err)
	}
	h := &hall{t: t, store: s, box: newBox(capacity)}
	for i := range n {
		c, err := s.ByCard(t.Context(), fmt.Sprint(i))
		if err != nil {
			t.Fatal(err)
		}
		h.people = append(h.people, c)
	}
	opens := time.Now().Add(time.Hour)
	h.window = rush.Window{Source: "recreation", Opens: opens, Closes: opens.Add(4 * time.Hour), Lobby: 90 * time.Minute, Parallel: 4, Decide: 10 * time.Minute}
	return h
}

// start runs an engine; the one before is stopped.
func (h *hall) start() {
	h.t.Helper()
	o := rush.Options{Windows: []rush.Window{h.window}, Dossier: h.store, Sources: map[string]connectors.Doer{"recreation": h.box}}
	if h.life != nil {
		o.Dossier, o.Fault = mortal{h.store, h.life}, h.life.fault
	}
	e, err := rush.New(o)
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = e.Run(ctx) }()
	h.engine, h.stop = e, func() { cancel(); <-ended }
	if h.life != nil {
		h.life.kill = cancel
	}
}

func order(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

func (h *hall) ticket(n int, session string) dossier.Ticket {
	return dossier.Ticket{
		ID: order(n), Window: h.window.ID(), Citizen: h.people[n], Source: "recreation", Ref: record.NewRef("A"),
		Action: record.Register{Session: session, Order: order(n)},
	}
}

func (h *hall) enter(n int, session string) {
	h.t.Helper()
	if _, err := h.engine.Enter(h.t.Context(), h.ticket(n, session)); err != nil {
		h.t.Error(err)
	}
}

func (h *hall) of(n int) dossier.Ticket {
	h.t.Helper()
	t, err := h.store.Ticket(h.t.Context(), h.people[n], order(n))
	if err != nil {
		h.t.Fatal(err)
	}
	return t
}

// expect compares a ticket's state and reason.
func (h *hall) expect(n int, want string) {
	h.t.Helper()
	t := h.of(n)
	got := string(t.State)
	if t.Reason != "" {
		got += " " + t.Reason
	}
	if got != want {
		h.t.Errorf("ticket %d is %q, want %q", n, got, want)
	}
}

// confirm accepts the registration of a held ticket and has it done, as the
// portal and the relay do.
func (h *hall) confirm(t dossier.Ticket) error {
	ctx := context.Background()
	x, _, err := h.store.Accept(ctx, dossier.Transaction{
		ID: t.ID, Key: t.ID, Citizen: t.Citizen, Source: t.Source, Ref: t.Ref, Action: t.Action, Accepted: time.Now(),
	})
	if err != nil {
		return err
	}
	if err := h.store.Begin(ctx, x.ID, time.Now()); err != nil {
		return err
	}
	x.State = dossier.Refused
	if h.box.sell(t.Action) {
		x.State = dossier.Done
	}
	return h.store.Settle(ctx, dossier.Sending, x, time.Now())
}
