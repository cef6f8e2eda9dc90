package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/semenligne/sem/aggregator/outbox"
	"github.com/semenligne/sem/configs"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/all"
	"github.com/semenligne/sem/connectors/open311/open311sim"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/connectors/sip2/sip2sim"
	"github.com/semenligne/sem/dossier"
)

// killedAt is in the environment of a child process, whose working directory has
// its configuration: at which passage of which fault point it kills itself
// ("begun 2", or "never").
const killedAt = "SEM_TEST_KILLED_AT"

// killedSeeds is how many times it is played; each takes a few seconds.
const killedSeeds = 24

// TestKilledServe kills -9 a process that serves a library and requests over real
// sockets, at a random fault point of the outbox, again and again, some replies
// being lost; starts another, which takes up what was left; and counts what the
// simulators really did. Nothing is lost, nothing is done twice.
func TestKilledServe(t *testing.T) {
	if at := os.Getenv(killedAt); at != "" {
		if err := serveUntilKilled(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Parallel()
	var total killedTally
	t.Run("seeds", func(t *testing.T) {
		for seed := range uint64(killedSeeds) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				newKilledTown(t, seed).play(&total)
			})
		}
	})
	t.Logf("%d seeds: %d actions accepted, %d kills; ends %v; %d lost, %d doubled", killedSeeds, total.accepted, total.kills, total.ends, total.lost, total.doubled)
	if total.kills < killedSeeds/2 || total.accepted != killedSeeds*killedActions {
		t.Error("too little happened for this to prove anything")
	}
}

// serveUntilKilled is the child: the portal and its connectors as sem serve runs
// them, and actions read from standard input, each answered by a line.
func serveUntilKilled(ctx context.Context, at string) error {
	config, _, err := configs.Load("sem.yaml", all.Kinds())
	if err != nil {
		return err
	}
	// A test has no minute to wait.
	config.Outbox.NotDone, config.Outbox.CheckingFor = connectors.Duration(time.Second), connectors.Duration(6*time.Second)
	h, err := openHouse(ctx, config, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
	if err != nil {
		return err
	}
	h.registry = prometheus.NewRegistry()
	o := relayOptions(h, config.Outbox)
	o.Fault = killer(at)
	if h.relay, err = outbox.New(o); err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- h.run(running, func() {}) }()
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		reply, err := killedAct(ctx, h, lines.Text())
		if err != nil {
			stop()
			return errors.Join(err, <-ended)
		}
		fmt.Println("killed-test " + reply)
	}
	stop()
	return errors.Join(lines.Err(), <-ended)
}

// killer is a fault hook that ends the process as kill -9 does.
func killer(at string) func(string) {
	var point string
	var passage int
	_, _ = fmt.Sscan(at, &point, &passage)
	var mu sync.Mutex
	return func(here string) {
		mu.Lock()
		defer mu.Unlock()
		if here != point {
			return
		}
		if passage--; passage == 0 {
			if self, err := os.FindProcess(os.Getpid()); err == nil {
				_ = self.Kill()
			}
			select {} // the kernel is about to
		}
	}
}

// killedAct does what a line says: "card key source ref action key=value …".
func killedAct(ctx context.Context, h *house, line string) (string, error) {
	words := strings.Split(line, "\t")
	action, err := record.ParseAction(words[4], words[5:])
	if err != nil {
		return "", err
	}
	citizen, err := h.dossier.ByCard(ctx, words[0])
	if err != nil {
		return "", err
	}
	got, err := h.relay.Act(ctx, dossier.Transaction{
		Citizen: citizen, Key: words[1], Source: words[2], Ref: record.NewRef(words[3]), Action: action,
	})
	return got.ID + " " + string(got.State), err
}

type killedTally struct {
	mu                             sync.Mutex
	accepted, kills, lost, doubled int
	ends                           map[string]int
}

// killedActions is how many forms are sent for each seed.
const killedActions = 5

// killedTown is what a seed plays in: it outlives its processes.
type killedTown struct {
	t        *testing.T
	random   *rand.Rand
	folder   string
	library  *sip2sim.Server
	requests *open311sim.Server
	child    *killedChild
	kills    int
}

func newKilledTown(t *testing.T, seed uint64) *killedTown {
	k := &killedTown{t: t, random: rand.New(rand.NewPCG(seed, 9)), folder: t.TempDir()}
	due := time.Date(2099, 12, 15, 23, 59, 0, 0, time.UTC)
	patron := sip2sim.Patron{Card: reader, PIN: readersPIN, Name: "Maude Canari"}
	lib := sip2sim.Library{Institution: "VILLE"}
	for i := range killedActions {
		barcode := fmt.Sprintf("3099000000000%d", i)
		lib.Items = append(lib.Items, sip2sim.Item{Barcode: barcode, Title: "L’hiver, tome " + fmt.Sprint(i)})
		patron.Loans = append(patron.Loans, sip2sim.Loan{Item: barcode, Due: due})
	}
	lib.Patrons = []sip2sim.Patron{patron}
	var err1, err2 error
	k.library, err1 = sip2sim.Start("127.0.0.1:0", lib, sip2sim.Config{Personality: sip2sim.Koha})
	k.requests, err2 = open311sim.Start("127.0.0.1:0", open311sim.Seed{
		Keys: []string{demoKey}, Services: []open311sim.Service{{Code: "NID", Name: "Nid-de-poule", Description: "Un trou"}},
	})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(k.library.Close(), k.requests.Close()); err != nil {
			t.Error(err)
		}
	})
	for name, text := range map[string]string{
		"key": demoKey + "\n",
		"sem.yaml": fmt.Sprintf(`listen: 127.0.0.1:0
metrics_listen: 127.0.0.1:0
data_dir: data
sources:
  - name: library
    kind: sip2
    guard: {deadline: 2s, dial_allow: [127.0.0.0/8]}
    settings: {address: %q, institution: VILLE}
  - name: requests
    kind: open311
    guard: {deadline: 2s, dial_allow: [127.0.0.0/8]}
    settings: {base_url: "http://%s/v2", api_key_file: key}
`, k.library.Addr(), k.requests.Addr()),
	} {
		if err := os.WriteFile(filepath.Join(k.folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(k.folder, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	k.inDossier(func(s *dossier.SQLite) {
		if _, err := s.ImportCards(t.Context(), []record.Card{{Number: reader, Name: "Maude Canari"}}); err != nil {
			t.Fatal(err)
		}
	})
	return k
}

// inDossier opens the dossier beside the child, as sem outbox does.
func (k *killedTown) inDossier(do func(s *dossier.SQLite)) {
	s, err := dossier.OpenSQLite(filepath.Join(k.folder, "data", "dossier.db"), slog.New(slog.DiscardHandler), time.UTC)
	if err != nil {
		k.t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			k.t.Error(err)
		}
	}()
	do(s)
}

// killedChild is a running process.
type killedChild struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Scanner
}

func (k *killedTown) start(at string) {
	cmd := exec.CommandContext(context.WithoutCancel(k.t.Context()), os.Args[0], "-test.run=^TestKilledServe$")
	cmd.Dir, cmd.Env = k.folder, append(os.Environ(), killedAt+"="+at)
	cmd.Stderr = k.t.Output()
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		k.t.Fatal(err)
	}
	k.child = &killedChild{cmd, in, bufio.NewScanner(out)}
}

// post sends a form to the child, and tells whether it was answered.
func (k *killedTown) post(form string) bool {
	if _, err := fmt.Fprintln(k.child.in, form); err != nil {
		return false // killed while nobody asked anything of it
	}
	for k.child.lines.Scan() {
		if strings.HasPrefix(k.child.lines.Text(), "killed-test ") {
			return true
		}
	}
	return false
}

// play posts forms until each was answered, whoever dies meanwhile, lets the
// last process finish, and judges.
func (k *killedTown) play(total *killedTally) {
	k.start(k.somewhere())
	for i := range killedActions {
		k.library.SetFault(sip2sim.FaultNone)
		k.requests.SetFault(open311sim.FaultNone)
		if k.random.IntN(3) == 0 {
			k.library.SetFault(sip2sim.FaultSwallow)
			k.requests.SetFault(open311sim.FaultLost)
		}
		form := k.form(i)
		for !k.post(form) {
			k.buried()
			k.start(k.somewhere())
		}
	}
	k.library.SetFault(sip2sim.FaultNone)
	k.requests.SetFault(open311sim.FaultNone)
	_ = k.child.cmd.Process.Kill() // at any moment
	k.buried()
	k.start("never")
	k.settled()
	k.judge(total)
	if err := k.child.in.Close(); err != nil {
		k.t.Error(err)
	}
	for k.child.lines.Scan() {
		// what the test binary says at its end
	}
	if err := k.child.cmd.Wait(); err != nil {
		k.t.Errorf("the last process: %v", err)
	}
}

func (k *killedTown) buried() {
	_ = k.child.in.Close()
	if err := k.child.cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		k.t.Fatalf("the process was not killed: %v", err)
	}
	k.kills++
}

// somewhere draws a fault point and a passage; now and then none.
func (k *killedTown) somewhere() string {
	points := []string{
		"never", outbox.FaultAccepted, outbox.FaultBegin, outbox.FaultBegun, outbox.FaultSent, outbox.FaultSent, outbox.FaultLearnt, outbox.FaultSettled,
	}
	if k.kills > 12 {
		return "never"
	}
	return fmt.Sprint(points[k.random.IntN(len(points))], " ", 1+k.random.IntN(2))
}

// form is the ith thing to send.
func (k *killedTown) form(i int) string {
	words := []string{reader, fmt.Sprint("form ", i), "library", reader, "renew", fmt.Sprintf("item=3099000000000%d", i), "due=2099-12-15"}
	if i%2 == 1 {
		words = []string{
			reader, fmt.Sprint("form ", i), "requests", "account:R1", "submit", "service_code=NID", "description=Trou " + fmt.Sprint(i),
			"email=maude@exemple.test", "address_string=" + fmt.Sprint(i) + " rue des Érables",
		}
	}
	return strings.Join(words, "\t")
}

// settled waits until the process has nothing left to do.
func (k *killedTown) settled() {
	k.inDossier(func(s *dossier.SQLite) {
		eventually(k.t, "an outbox that is settled", func() bool {
			counts, err := s.Backlog(k.t.Context())
			if err != nil {
				k.t.Fatal(err)
			}
			return !slices.ContainsFunc(counts, func(b dossier.Backlog) bool { return b.State != dossier.Parked })
		})
	})
}

// effects counts what the simulators did for the ith form.
func (k *killedTown) effects(i int) int {
	if i%2 == 0 {
		return k.library.Renewals(fmt.Sprintf("3099000000000%d", i))
	}
	n := 0
	for _, r := range k.requests.Requests() {
		if r.Description == fmt.Sprint("Trou ", i) {
			n++
		}
	}
	return n
}

func (k *killedTown) judge(total *killedTally) {
	total.mu.Lock()
	defer total.mu.Unlock()
	total.kills += k.kills
	if total.ends == nil {
		total.ends = map[string]int{}
	}
	found := map[string]dossier.Transaction{}
	k.inDossier(func(s *dossier.SQLite) {
		who, err1 := s.ByCard(k.t.Context(), reader)
		list, err2 := s.Transactions(k.t.Context(), who)
		if err := errors.Join(err1, err2); err != nil {
			k.t.Fatal(err)
		}
		for _, t := range list {
			found[t.Key] = t
		}
	})
	for i := range killedActions {
		t, n := found[fmt.Sprint("form ", i)], k.effects(i)
		total.accepted++
		total.ends[string(t.State)+" "+t.Reason]++
		switch {
		case t.ID == "", t.State == dossier.Done && n == 0:
			total.lost++
			k.t.Errorf("form %d lost: %s %s", i, t.State, t.Reason)
		case n > 1:
			total.doubled++
			k.t.Errorf("form %d done %d times", i, n)
		case t.State == dossier.Refused && n > 0, t.State == dossier.Parked && t.Reason != outbox.ReasonUnknown && n > 0:
			k.t.Errorf("form %d ends %s %s, and was done", i, t.State, t.Reason)
		}
	}
}
