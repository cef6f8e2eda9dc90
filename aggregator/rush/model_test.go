package rush_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/semenligne/sem/aggregator/rush"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// TestModel drives random rushes: arrivals before and after the opening,
// confirmations, people who leave or let their place run out, a source that is
// down or loses replies, and crashes at every fault point. However it went: never
// more places kept or sold than there are, each to whoever is first of those who
// wait, none unsold while somebody was refused, and everybody has an answer.
//
// A longer run: go test -run TestModel ./aggregator/rush -rapid.checks=2000.
func TestModel(t *testing.T) {
	t.Parallel()
	if !flagged("rapid.checks") {
		if err := flag.Set("rapid.checks", "25"); err != nil {
			t.Fatal(err)
		}
	}
	var total tally
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.Custom(drawStep), 12, 45).Draw(rt, "steps")
		seats := map[string]int{"swim": rapid.IntRange(0, 3).Draw(rt, "swim"), "chess": rapid.IntRange(1, 2).Draw(rt, "chess")}
		takes := rapid.SliceOfN(rapid.SampledFrom([]time.Duration{50 * time.Millisecond, 200 * time.Millisecond, 3 * time.Second}), 1, 5).Draw(rt, "takes")
		blunt := rapid.Bool().Draw(rt, "blunt")
		var wrong []string
		synctest.Test(t, func(t *testing.T) {
			m := &model{hall: newHall(t, crowd, seats), seats: seats, in: map[int]bool{}, total: &total}
			m.box.takes, m.box.blunt = takes, blunt
			wrong = m.play(steps)
		})
		for _, w := range wrong {
			rt.Error(w)
		}
	})
	t.Logf("%+v", total)
}

const crowd = 9

func flagged(name string) (set bool) {
	flag.Visit(func(f *flag.Flag) { set = set || f.Name == name })
	return set
}

// tally is what all rushes together came to.
type tally struct {
	Rushes, Tickets, Sold, Refused, Lapsed, Left, Crashes int
	Points                                                map[string]int
}

type step struct {
	what    string
	person  int
	session string
	wait    time.Duration
	point   string
	after   int
}

func drawStep(t *rapid.T) step {
	return step{
		what: rapid.SampledFrom([]string{
			"enter", "enter", "enter", "enter", "confirm", "confirm", "leave", "wait", "wait", "wait", "crash", "arm", "arm", "down", "well", "silent",
		}).Draw(t, "step"),
		person:  rapid.IntRange(0, crowd-1).Draw(t, "person"),
		session: rapid.SampledFrom([]string{"swim", "swim", "chess"}).Draw(t, "session"),
		wait:    time.Duration(rapid.SampledFrom([]int{1, 1, 2, 5, 40, 300, 660, 2700}).Draw(t, "seconds")) * time.Second,
		point: rapid.SampledFrom([]string{
			rush.FaultDrawn, rush.FaultAsked, rush.FaultAnswered, rush.FaultHeld, rush.FaultLapsed, rush.FaultReleased,
		}).Draw(t, "point"),
		after: rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "after"),
	}
}

// life is one process, which stops dead at a fault point.
type life struct {
	kill  context.CancelFunc
	dead  atomic.Bool
	mu    sync.Mutex
	at    string // the fault point to die at, "" for none
	after int    // so many passages later
	died  string
}

// fault ends the goroutine for good when the process is, or now becomes, dead.
func (l *life) fault(point string) {
	l.mu.Lock()
	if l.at == point {
		if l.after--; l.after < 0 {
			l.at, l.died = "", point
			l.dead.Store(true)
			l.kill()
		}
	}
	l.mu.Unlock()
	l.alive()
}

func (l *life) alive() {
	if l.dead.Load() {
		runtime.Goexit()
	}
}

// mortal is the dossier as a process sees it that may be dead: then nothing
// reaches the file any more.
type mortal struct {
	*dossier.SQLite
	life *life
}

func (m mortal) DrawOrder(ctx context.Context, window string, at time.Time) (int, error) {
	m.life.alive()
	return m.SQLite.DrawOrder(ctx, window, at)
}

func (m mortal) Ask(ctx context.Context, id string, at time.Time) error {
	m.life.alive()
	return m.SQLite.Ask(ctx, id, at)
}

func (m mortal) MoveTicket(ctx context.Context, from dossier.TicketState, t dossier.Ticket, at time.Time) error {
	m.life.alive()
	return m.SQLite.MoveTicket(ctx, from, t, at)
}

func (m mortal) RefuseWaiting(ctx context.Context, window, session, reason string, at time.Time) ([]record.Citizen, error) {
	m.life.alive()
	return m.SQLite.RefuseWaiting(ctx, window, session, reason, at)
}

func (m mortal) Released(ctx context.Context, id string, at time.Time) error {
	m.life.alive()
	return m.SQLite.Released(ctx, id, at)
}

// model is one rush.
type model struct {
	*hall
	seats map[string]int
	in    map[int]bool // acknowledged tickets
	wrong []string
	total *tally
	// crashes of this rush: what a dead process was asking for goes on, and counts
	// as calls at once.
	crashes int
}

func (m *model) errorf(format string, args ...any) {
	m.wrong = append(m.wrong, fmt.Sprintf(format, args...))
}

func (m *model) born() {
	m.life = &life{}
	m.start()
	synctest.Wait()
}

// reborn ends the process as kill -9 would and starts another.
func (m *model) reborn() {
	m.life.dead.Store(true)
	m.stop()
	if m.total.Points == nil {
		m.total.Points = map[string]int{}
	}
	if m.life.died != "" {
		m.total.Points[m.life.died]++
	}
	m.total.Crashes++
	m.crashes++
	m.born()
}

// play runs a whole rush and says what was wrong with it.
func (m *model) play(steps []step) []string {
	m.box.gave = m.inTurn
	m.window.Opens = time.Now().Add(20 * time.Second)
	m.born()
	for _, s := range steps {
		m.step(s)
		if m.life.dead.Load() {
			m.reborn()
		}
		m.counted()
	}
	m.box.set(func(b *box) { b.fails, b.silent = nil, 0 })
	m.life.mu.Lock()
	m.life.at = ""
	m.life.mu.Unlock()
	if early := time.Until(m.window.Opens); early > 0 {
		time.Sleep(early)
	}
	// From now on whoever gets a place takes it, while the window lasts.
	for time.Until(m.window.Closes) > time.Minute && m.waiting() > 0 {
		time.Sleep(time.Minute)
		m.confirmAll()
		m.counted()
	}
	m.judge()
	m.stop()
	return m.wrong
}

func (m *model) step(s step) {
	switch s.what {
	case "enter":
		m.arrive(s.person, s.session)
	case "confirm":
		if m.in[s.person] {
			m.take(m.of(s.person))
		}
	case "leave":
		if !m.in[s.person] {
			return
		}
		if err := m.engine.Leave(context.Background(), m.people[s.person], order(s.person)); err != nil && !errors.Is(err, dossier.ErrMoved) {
			m.errorf("leaving: %v", err)
		}
	case "wait":
		time.Sleep(s.wait)
		synctest.Wait()
	case "crash":
		m.reborn()
	case "arm":
		m.life.mu.Lock()
		m.life.at, m.life.after = s.point, s.after
		m.life.mu.Unlock()
	case "down":
		m.box.set(func(b *box) { b.fails = connectors.ErrUnavailable })
	case "well":
		m.box.set(func(b *box) { b.fails = nil })
	case "silent":
		m.box.set(func(b *box) { b.silent = 1 })
	}
}

func (m *model) arrive(n int, session string) {
	if _, err := m.engine.Enter(context.Background(), m.ticket(n, session)); err == nil {
		m.in[n] = true
	} else if !errors.Is(err, dossier.ErrKeyReused) && time.Now().Before(m.window.Closes) && !time.Now().Before(m.window.Opens.Add(-m.window.Lobby)) {
		m.errorf("entering: %v", err)
	}
}

func (m *model) take(t dossier.Ticket) {
	if err := m.confirm(t); err != nil && !errors.Is(err, dossier.ErrMoved) {
		if _, again := m.box.sold[t.ID]; !again { // confirmed before: its transaction moved on
			m.errorf("confirming: %v", err)
		}
	}
}

func (m *model) confirmAll() {
	for n := range m.in {
		if t := m.of(n); t.State == dossier.TicketHeld {
			m.take(t)
		}
	}
}

func (m *model) waiting() (count int) {
	for n := range m.in {
		if !m.of(n).State.Final() {
			count++
		}
	}
	return count
}

// inTurn holds the source's new place against who waits: nobody with an earlier
// turn does.
func (m *model) inTurn(a record.Register) {
	var rank int
	for n := range m.in {
		if order(n) == a.Order {
			rank = m.of(n).Rank
		}
	}
	for n := range m.in {
		if t := m.of(n); t.State == dossier.TicketWaiting && t.Action.Session == a.Session && t.Rank < rank {
			m.errorf("a place went to turn %d while turn %d waited for it", rank, t.Rank)
		}
	}
}

// counted compares the places given with those there are.
func (m *model) counted() {
	given := map[string]int{}
	for n := range m.in {
		if t := m.of(n); t.State == dossier.TicketHeld {
			given[t.Action.Session]++
		}
	}
	m.box.mu.Lock()
	defer m.box.mu.Unlock()
	for _, session := range m.box.sold {
		given[session]++
	}
	for session, n := range given {
		if n > m.seats[session] {
			m.errorf("%d of %d places of %s kept or sold", n, m.seats[session], session)
		}
	}
	if m.box.most > m.window.Parallel && m.crashes == 0 {
		m.errorf("%d calls at once", m.box.most)
	}
}

func (m *model) judge() {
	m.total.Rushes++
	m.total.Tickets += len(m.in)
	sold := map[string]int{}
	refused := map[string]bool{}
	for n := range m.in {
		t := m.of(n)
		switch t.State {
		case dossier.TicketDone:
			if m.box.sold[t.ID] != t.Action.Session {
				m.errorf("ticket done, place not sold")
			}
			sold[t.Action.Session]++
			m.total.Sold++
		case dossier.TicketRefused:
			refused[t.Action.Session] = refused[t.Action.Session] || t.Reason == rush.ReasonFull
			m.total.Refused++
		case dossier.TicketLapsed:
			m.total.Lapsed++
		case dossier.TicketLeft:
			m.total.Left++
		default:
			if time.Now().Before(m.window.Closes.Add(-time.Minute)) {
				m.errorf("ticket without an answer: %s", t.State)
			}
		}
	}
	for session, seats := range m.seats {
		if refused[session] && sold[session] != seats {
			m.errorf("somebody was refused, and %d of %d places of %s are sold", sold[session], seats, session)
		}
	}
	if len(m.box.sold) != sold["swim"]+sold["chess"] {
		m.errorf("%d sold, %d tickets", len(m.box.sold), sold["swim"]+sold["chess"])
	}
}
