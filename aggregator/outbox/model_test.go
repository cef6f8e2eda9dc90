package outbox_test

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/semenligne/sem/aggregator/outbox"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// TestModel drives random sequences of actions, posts repeated, crashes at every
// fault point, lost replies and slow sources, against sources that count what
// was really done. However it went: what was accepted is done exactly once, or
// honestly refused or parked.
//
// A longer run: go test -run TestModel ./aggregator/outbox -rapid.checks=5000.
func TestModel(t *testing.T) {
	t.Parallel()
	if !flagged("rapid.checks") {
		if err := flag.Set("rapid.checks", "200"); err != nil {
			t.Fatal(err)
		}
	}
	var total tally
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.Custom(drawStep), 1, 12).Draw(rt, "steps")
		var wrong []string
		synctest.Test(t, func(t *testing.T) {
			s, anne, leo := store(t)
			m := &model{store: s, people: []record.Citizen{anne, leo}, sent: map[string]bool{}, total: &total}
			wrong = m.play(steps)
		})
		for _, w := range wrong {
			rt.Error(w)
		}
	})
	t.Log(total.String())
}

func flagged(name string) (set bool) {
	flag.Visit(func(f *flag.Flag) { set = set || f.Name == name })
	return set
}

// tally is what all sequences together came to.
type tally struct {
	sequences, accepted, repeated, crashes, lost, doubled int
	ends, points                                          map[string]int
}

func (t *tally) String() string {
	return fmt.Sprintf("%d sequences: %d actions accepted, %d posts repeated, %d crashes; %d lost, %d doubled; ends %v; crashed at %v",
		t.sequences, t.accepted, t.repeated, t.crashes, t.lost, t.doubled, t.ends, t.points)
}

// TestCrashAtEachPoint: the same, once for each fault point and action, with and
// without a lost reply.
func TestCrashAtEachPoint(t *testing.T) {
	t.Parallel()
	for _, point := range points() {
		for _, action := range []string{"renew", "register", "submit", "message"} {
			if point == outbox.FaultLearnt && action == "message" {
				continue // no source says what became of a message
			}
			t.Run(point+" "+action, func(t *testing.T) {
				t.Parallel()
				for _, plan := range [][]behaviour{{{}}, {{silent: true}}} {
					var total tally
					synctest.Test(t, func(t *testing.T) {
						s, anne, leo := store(t)
						m := &model{store: s, people: []record.Citizen{anne, leo}, sent: map[string]bool{}, total: &total}
						for _, wrong := range m.play([]step{{what: "arm", point: point}, {what: "post twice", plan: plan, action: action}}) {
							t.Error(wrong)
						}
					})
					if reached := point != outbox.FaultLearnt || plan[0].silent; reached && total.points[point] != 1 {
						t.Errorf("crashed %v", total.points)
					}
				}
			})
		}
	}
}

// step is one thing that happens.
type step struct {
	what string // post, post twice, crash, wait, arm
	plan []behaviour
	// post: what, by which of the people
	action string
	person int
	// arm: where to die, and at which passage
	point string
	after int
	wait  time.Duration
}

func drawStep(t *rapid.T) step {
	s := step{
		what: rapid.SampledFrom([]string{"post", "post", "post", "post twice", "crash", "wait", "arm", "arm", "arm"}).Draw(t, "step"),
		plan: rapid.SliceOfN(rapid.Custom(drawBehaviour), 0, 4).Draw(t, "plan"),
	}
	switch s.what {
	case "post", "post twice":
		s.action = rapid.SampledFrom([]string{"renew", "register", "submit", "message"}).Draw(t, "action")
		s.person = rapid.IntRange(0, 1).Draw(t, "person")
	case "arm":
		often := append(points(), outbox.FaultLearnt, outbox.FaultLearnt, outbox.FaultBegun)
		s.point = rapid.SampledFrom(often).Draw(t, "point")
		s.after = rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "after")
	case "wait":
		s.wait = time.Duration(rapid.IntRange(1, 300).Draw(t, "seconds")) * time.Second
	}
	return s
}

func points() []string {
	return []string{
		outbox.FaultAccepted, outbox.FaultBegin, outbox.FaultBegun, outbox.FaultSent, outbox.FaultLearnt, outbox.FaultSettled,
	}
}

// model is one sequence.
type model struct {
	store  *dossier.SQLite
	people []record.Citizen
	posts  int
	legacy legacy
	life   *life           // the process that runs now
	sent   map[string]bool // acknowledged, by ID
	total  *tally
	wrong  []string
}

func (m *model) errorf(format string, args ...any) {
	m.wrong = append(m.wrong, fmt.Sprintf(format, args...))
}

// life is one process: a relay that stops dead at a fault point.
type life struct {
	relay *outbox.Relay
	stop  context.CancelFunc
	ended chan struct{}
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
			l.stop()
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

// spared is a process that dies no more.
func (l *life) spared() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at = ""
}

// mortal is the dossier as a process sees it that may be dead: then nothing
// reaches the file any more.
type mortal struct {
	*dossier.SQLite
	life *life
}

func (m mortal) AcceptWithPhotos(ctx context.Context, t dossier.Transaction, photos ...string) (dossier.Transaction, bool, error) {
	m.life.alive()
	return m.SQLite.AcceptWithPhotos(ctx, t, photos...)
}

func (m mortal) Begin(ctx context.Context, id string, at time.Time) error {
	m.life.alive()
	return m.SQLite.Begin(ctx, id, at)
}

func (m mortal) Settle(ctx context.Context, from dossier.TransactionState, t dossier.Transaction, at time.Time, messages ...dossier.Transaction) error {
	m.life.alive()
	return m.SQLite.Settle(ctx, from, t, at, messages...)
}

// legacy is a system that counts what it really did, answers when it likes, and
// loses replies.
type legacy struct {
	mu      sync.Mutex
	effects map[string]int // by what was asked
	plan    []behaviour
}

// behaviour is how the system treats one call.
type behaviour struct {
	// fails is what it answers without doing anything; nil is none.
	fails error
	// refuses: it says no.
	refuses bool
	// silent: it does it, and the reply is lost.
	silent bool
	// takes is how long it takes, the effect standing at the end.
	takes time.Duration
}

func (l *legacy) planned(plan []behaviour) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.plan = plan
}

func (l *legacy) next() behaviour {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.plan) == 0 {
		return behaviour{}
	}
	b := l.plan[0]
	l.plan = l.plan[1:]
	return b
}

// replyWithin is how long the connector waits for the reply.
const replyWithin = 5 * time.Second

func (l *legacy) call(thing string) (record.Receipt, error) {
	b := l.next()
	if b.fails != nil {
		return record.Receipt{}, b.fails
	}
	apply := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if !b.refuses {
			l.effects[thing]++
		}
	}
	if b.takes > replyWithin { // it does it after nobody listens any more
		time.AfterFunc(b.takes, apply)
		time.Sleep(replyWithin)
		return record.Receipt{Outcome: record.OutcomeUnknown}, connectors.ErrOutcomeUnknown
	}
	time.Sleep(b.takes)
	apply()
	switch {
	case b.silent:
		return record.Receipt{Outcome: record.OutcomeUnknown}, connectors.ErrOutcomeUnknown
	case b.refuses:
		return record.Receipt{Outcome: record.OutcomeRefused, Refusal: "full"}, nil
	}
	return done("R")
}

func (l *legacy) look(thing string) (record.Receipt, error) {
	b := l.next()
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case b.fails != nil:
		return record.Receipt{}, b.fails
	case b.silent: // it cannot tell
		return record.Receipt{Outcome: record.OutcomeUnknown}, nil
	case l.effects[thing] == 0:
		return record.Receipt{Outcome: record.OutcomeRefused, Refusal: record.NotDone}, nil
	}
	return done("R")
}

// thing names what an action asks for, the same in every attempt.
func thing(a record.Action) string {
	switch a := a.(type) {
	case record.Renew:
		return "renew " + a.Item
	case record.Register:
		return "register " + a.Session
	case record.Submit:
		return "submit " + a.Description
	case record.Message:
		return "message " + a.ID
	}
	return a.ActionName()
}

// born starts a process on what the last one left.
func (m *model) born() {
	ctx, stop := context.WithCancel(context.Background())
	l := &life{stop: stop, ended: make(chan struct{})}
	do := func(_ context.Context, a record.Action) (record.Receipt, error) { return m.legacy.call(thing(a)) }
	send := func(_ context.Context, msg record.Message) (record.Receipt, error) { return m.legacy.call(thing(msg)) }
	learn := func(_ context.Context, a record.Action, _ time.Time) (record.Receipt, error) {
		return m.legacy.look(thing(a))
	}
	both := source{do: do, learn: learn}
	r, err := outbox.New(outbox.Options{
		Dossier: mortal{m.store, l}, Fault: l.fault,
		Rules:   outbox.Rules{Attempts: 3, CheckingFor: 20 * time.Minute},
		Sources: []outbox.Source{both.named("library"), both.named("recreation"), both.named("requests"), source{send: send}.named("mail")},
		Letters: func(t dossier.Transaction) []dossier.Transaction {
			return []dossier.Transaction{mailTo(t.Citizen, "Reçu "+t.ID)}
		},
	})
	if err != nil {
		panic(err)
	}
	l.relay, m.life = r, l
	go func() {
		defer close(l.ended)
		if err := r.Run(ctx); err != nil && !l.dead.Load() {
			panic(err)
		}
	}()
	synctest.Wait()
}

// reborn ends the process as kill -9 would, if it is not dead already, and
// starts another.
func (m *model) reborn() {
	l := m.life
	l.dead.Store(true)
	l.stop()
	<-l.ended // its goroutines are gone, or will do nothing more
	if m.total.points == nil {
		m.total.points = map[string]int{}
	}
	m.total.points[cmp.Or(l.died, "any moment")]++
	m.total.crashes++
	m.born()
}

// post sends a form and waits for the answer, or for the process's death.
func (m *model) post(t dossier.Transaction) {
	answered := make(chan struct{})
	life := m.life
	var got dossier.Transaction
	go func() {
		defer close(answered)
		var err error
		if got, err = life.relay.Act(context.Background(), t); err != nil {
			panic(err)
		}
	}()
	<-answered
	if got.ID != "" {
		m.sent[got.ID] = true
	}
}

// play runs a whole sequence and says what was wrong with how it ended.
func (m *model) play(steps []step) []string {
	m.legacy.effects = map[string]int{}
	m.born()
	for _, s := range steps {
		m.legacy.planned(s.plan)
		m.step(s)
		if m.life.dead.Load() {
			m.reborn()
		}
	}
	m.legacy.planned(nil) // every source is well again
	m.life.spared()
	for range 24 { // two hours at most
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if m.settled() {
			break
		}
	}
	m.judge()
	m.life.stop()
	<-m.life.ended
	return m.wrong
}

// settled tells whether the relay has nothing left to do.
func (m *model) settled() bool {
	counts, err := m.store.Backlog(context.Background())
	if err != nil {
		panic(err)
	}
	return !slices.ContainsFunc(counts, func(b dossier.Backlog) bool { return b.State != dossier.Parked })
}

func (m *model) step(s step) {
	switch s.what {
	case "post":
		m.post(m.form(s))
	case "post twice":
		t := m.form(s)
		m.total.repeated++
		m.post(t)
		if m.life.dead.Load() {
			m.reborn()
		}
		m.post(t)
	case "crash":
		m.reborn()
	case "arm":
		m.life.mu.Lock()
		m.life.at, m.life.after = s.point, s.after
		m.life.mu.Unlock()
	case "wait":
		time.Sleep(s.wait)
		synctest.Wait()
	}
}

func drawBehaviour(t *rapid.T) behaviour {
	return rapid.SampledFrom([]behaviour{
		{},
		{fails: connectors.ErrUnavailable},
		{fails: connectors.ErrPaused},
		{refuses: true},
		{silent: true},
		{silent: true},
		{silent: true},
		{takes: 3 * time.Second},
		{takes: 3 * time.Second, silent: true},
		{takes: 40 * time.Second},
	}).Draw(t, "behaviour")
}

// form makes one that nobody posted yet.
func (m *model) form(s step) dossier.Transaction {
	m.posts++
	key := fmt.Sprint("form ", m.posts)
	t := dossier.Transaction{Citizen: m.people[s.person], Key: key}
	switch s.action {
	case "renew":
		t.Source, t.Action = "library", record.Renew{Item: key}
	case "register":
		t.Source, t.Action = "recreation", record.Register{Session: key}
	case "submit":
		t.Source, t.Action = "requests", record.Submit{ServiceCode: "7", Description: key}
	case "message":
		t.Source, t.Action = "mail", record.Message{Subject: key}
	}
	if t.Source != "mail" {
		t.Ref = record.NewRef("P-" + string(t.Citizen))
	}
	return t
}

// judge compares what was accepted with what was done.
func (m *model) judge() {
	mine := map[string]dossier.Transaction{}
	receipts := map[string]int{}
	for _, who := range m.people {
		list, err := m.store.Transactions(context.Background(), who)
		if err != nil {
			panic(err)
		}
		for _, t := range list {
			mine[t.ID] = t
			receipts[t.Follows]++
		}
	}
	for id := range m.sent {
		if _, ok := mine[id]; !ok {
			m.total.lost++
			m.errorf("a transaction that was acknowledged is gone")
		}
	}
	if m.total.ends == nil {
		m.total.ends = map[string]int{}
	}
	known := map[string]bool{}
	for id, t := range mine {
		if t.Follows == "" && receipts[id] != 1 {
			m.errorf("%d receipts of one end", receipts[id])
		}
		name := thing(t.Action)
		known[name] = true
		m.judgeOne(t, m.legacy.effects[name])
	}
	for name := range m.legacy.effects {
		if !known[name] {
			m.errorf("done, and nobody sent it: %s", name)
		}
	}
	m.total.sequences++
	m.total.accepted += len(mine)
}

func (m *model) judgeOne(t dossier.Transaction, effects int) {
	words := fmt.Sprintf("%s ended %s %s after %d attempts and %d checks, done %d times",
		t.Action.ActionName(), t.State, t.Reason, t.Attempts, t.Checks, effects)
	m.total.ends[string(t.State)]++
	if effects > 1 {
		m.total.doubled++
		m.errorf("doubled: %s", words)
	}
	switch t.State {
	case dossier.Done:
		if effects == 0 {
			m.total.lost++
			m.errorf("lost: %s", words)
		}
	case dossier.Refused:
		if effects != 0 {
			m.errorf("not true: %s", words)
		}
	case dossier.Parked:
		if t.Reason == "" || t.Reason != outbox.ReasonUnknown && effects != 0 {
			m.errorf("not honest: %s", words)
		}
	default:
		m.total.lost++
		m.errorf("not settled: %s", words)
	}
}
