package outbox_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/semenligne/sem/aggregator/outbox"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

var errDisk = errors.New("disk full")

// sick is a dossier whose steps fail so many times, some of them after they were
// stored.
type sick struct {
	*dossier.SQLite
	begins, settles atomic.Int64
	stored          bool
}

func (s *sick) Begin(ctx context.Context, id string, at time.Time) error {
	if s.begins.Add(-1) < 0 {
		return s.SQLite.Begin(ctx, id, at)
	}
	if s.stored {
		_ = s.SQLite.Begin(ctx, id, at)
	}
	return errDisk
}

func (s *sick) Settle(ctx context.Context, from dossier.TransactionState, t dossier.Transaction, at time.Time, messages ...dossier.Transaction) error {
	if s.settles.Add(-1) < 0 {
		return s.SQLite.Settle(ctx, from, t, at, messages...)
	}
	return errDisk
}

// TestSickStore: whatever the store refuses for a while, the action is done
// once, and its outcome is stored in the end.
func TestSickStore(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		begins, settles int64
		stored          bool
	}{
		"attempts not noted":                  {begins: 3},
		"attempts noted all the same":         {begins: 3, stored: true},
		"outcomes not stored":                 {settles: 4},
		"neither":                             {begins: 2, settles: 3},
		"attempts noted, outcomes not stored": {begins: 2, settles: 3, stored: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, anne, _ := store(t)
				calls := 0
				library := source{do: func(context.Context, record.Action) (record.Receipt, error) {
					calls++
					return done("R1")
				}}
				ill := &sick{SQLite: s, stored: tc.stored}
				ill.begins.Store(tc.begins)
				ill.settles.Store(tc.settles)
				r := started(t, outbox.Options{Dossier: ill, Sources: []outbox.Source{library.named("library")}})
				got, err := r.Act(t.Context(), renew(anne, "1"))
				if err != nil {
					t.Fatal(err)
				}
				got = settled(t, s, r, anne, got.ID)
				if got.State != dossier.Done || calls != 1 {
					t.Errorf("%s after %d calls, want done after 1", got.State, calls)
				}
			})
		})
	}
}

// TestEndWhileSending: a relay that is told to end waits for the source, and
// stores what it said.
func TestEndWhileSending(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, anne, _ := store(t)
		library := source{do: func(ctx context.Context, _ record.Action) (record.Receipt, error) {
			select {
			case <-ctx.Done():
				return record.Receipt{}, ctx.Err()
			case <-time.After(8 * time.Second):
				return done("R1")
			}
		}}
		r, err := outbox.New(outbox.Options{Dossier: s, Sources: []outbox.Source{library.named("library")}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx) }()
		time.AfterFunc(time.Second, stop)
		got, err := r.Act(t.Context(), renew(anne, "1"))
		if err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		expect(t, got, "done ok 1 0")
		began := time.Now()
		if got, err = r.Act(t.Context(), renew(anne, "2")); err != nil || time.Since(began) > time.Second {
			t.Errorf("after the end: %v, %s later", err, time.Since(began))
		}
		expect(t, got, "pending  0 0") // kept for the next process
	})
}

// TestSlowSource: one source that hangs holds up nobody at another, and no more
// than its share is asked of it at once.
func TestSlowSource(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, anne, leo := store(t)
		var mu sync.Mutex
		now, most := 0, 0
		count := func(n int) {
			mu.Lock()
			defer mu.Unlock()
			now += n
			most = max(most, now)
		}
		requests := source{do: func(context.Context, record.Action) (record.Receipt, error) {
			count(1)
			defer count(-1)
			time.Sleep(30 * time.Second)
			return done("Q")
		}}
		library := source{do: func(context.Context, record.Action) (record.Receipt, error) { return done("R") }}
		slow := requests.named("requests")
		slow.Parallel = 3
		r := started(t, outbox.Options{Dossier: s, Sources: []outbox.Source{slow, library.named("library")}})
		for i := range 20 {
			go func() {
				if _, err := r.Act(t.Context(), submit(anne, string(rune('a'+i)))); err != nil {
					t.Error(err)
				}
			}()
		}
		synctest.Wait()
		began := time.Now()
		got, err := r.Act(t.Context(), renew(leo, "1"))
		if err != nil || time.Since(began) != 0 {
			t.Errorf("behind a slow source for %s, %v", time.Since(began), err)
		}
		expect(t, got, "done ok 1 0")
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		undone := 0
		for _, words := range all(t, s, anne) {
			if words != "submit done" {
				undone++
			}
		}
		if undone > 0 || most != 3 {
			t.Errorf("%d not done after 5 minutes; %d at once, want 3", undone, most)
		}
	})
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, anne, _ := store(t)
		library := source{do: func(context.Context, record.Action) (record.Receipt, error) { return done("R") }}
		requests := source{do: func(context.Context, record.Action) (record.Receipt, error) {
			return record.Receipt{}, connectors.ErrMalformed
		}}
		reg := prometheus.NewRegistry()
		r := started(t, outbox.Options{Dossier: s, Registerer: reg, Sources: []outbox.Source{library.named("library"), requests.named("requests")}})
		for _, sent := range []dossier.Transaction{renew(anne, "1"), renew(anne, "1"), submit(anne, "k")} {
			if _, err := r.Act(t.Context(), sent); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(90 * time.Second)
		want := `# HELP sem_transaction_attempts_total Attempts to do what citizens sent, by how they ended.
# TYPE sem_transaction_attempts_total counter
sem_transaction_attempts_total{reason="malformed",source="requests"} 1
sem_transaction_attempts_total{reason="ok",source="library"} 1
# HELP sem_transactions_oldest_seconds Age of the oldest of them.
# TYPE sem_transactions_oldest_seconds gauge
sem_transactions_oldest_seconds{source="requests",state="parked"} 90
# HELP sem_transactions_total What citizens sent, by the states that it came to.
# TYPE sem_transactions_total counter
sem_transactions_total{action="renew",source="library",state="done"} 1
sem_transactions_total{action="renew",source="library",state="pending"} 1
sem_transactions_total{action="submit",source="requests",state="parked"} 1
sem_transactions_total{action="submit",source="requests",state="pending"} 1
# HELP sem_transactions_unsettled What citizens sent and is not settled yet.
# TYPE sem_transactions_unsettled gauge
sem_transactions_unsettled{source="requests",state="parked"} 1
`
		if err := testutil.GatherAndCompare(reg, strings.NewReader(want)); err != nil {
			t.Error(err)
		}
	})
}
