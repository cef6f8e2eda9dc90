package aggregator

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// starts notes when passes begin, in minutes since the test began.
type starts struct {
	mu      sync.Mutex
	zero    time.Time
	minutes []int
}

func newStarts() *starts { return &starts{zero: time.Now()} }

func (s *starts) note() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.minutes = append(s.minutes, int(time.Since(s.zero).Minutes()))
}

func (s *starts) expect(t *testing.T, want ...int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Equal(s.minutes, want) {
		t.Errorf("began at minutes %v, want %v", s.minutes, want)
	}
}

// taking is a list that takes so long, unless the context ends.
func (s *starts) taking(d time.Duration) listFunc {
	return func(ctx context.Context, _ connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
		s.note()
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(d):
			return "", emit(service("s1"))
		}
	}
}

func every(s Source, d time.Duration) Source {
	s.Poll.Every = d
	return s
}

func TestPassesNeverOverlap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := newStarts()
		h := newHouse(t, registerOf(), every(whole("slow", began.taking(20*time.Minute)), 15*time.Minute))
		stop := h.run()
		time.Sleep(100 * time.Minute)
		stop()
		began.expect(t, 0, 30, 60, 90)
	})
}

func TestHangingSourceDelaysNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hung, began := newStarts(), newStarts()
		never := person("library", func(ctx context.Context, _ record.Ref) ([]record.Record, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		never.Source.List = hung.taking(1000 * time.Hour)
		good := every(whole("services", began.taking(time.Second)), 10*time.Minute)
		requests := person("requests", func(_ context.Context, who record.Ref) ([]record.Record, error) {
			return []record.Record{loan(who.Reveal(), "r")}, nil
		})
		var cards []record.Card
		for _, n := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
			cards = append(cards, card(n, "library=L"+n, "requests=Q"+n))
		}
		h := newHouse(t, registerOf(cards...), every(never, time.Minute), good, requests)
		stop := h.run()
		for _, c := range cards {
			h.Touch(citizenOf(c.Number))
		}
		time.Sleep(35 * time.Minute)
		for _, c := range cards {
			h.expect(c.Number, "requests", "stale: r")
			h.expect(c.Number, "library", "unknown")
		}
		stop()
		hung.expect(t, 0)
		began.expect(t, 0, 10, 20, 30)
		// Stopping is not a failure of the source.
		h.expect("1", "library", "unknown")
	})
}

func TestCronInTheTownsZone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		toronto, err := time.LoadLocation("America/Toronto")
		if err != nil {
			t.Fatal(err)
		}
		began := newStarts() // the bubble begins at midnight UTC, 19:00 in Toronto
		nightly := whole("roll", began.taking(time.Minute))
		nightly.Poll.Cron = "30 2 * * *"
		h := newHouse(t, registerOf(), nightly)
		h.o.Zone = toronto
		stop := h.run()
		time.Sleep(40 * time.Hour)
		stop()
		began.expect(t, 0, 7*60+30, 31*60+30)
	})
}

func TestJitterSpreadsPasses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := newStarts()
		spread := every(whole("roll", began.taking(0)), 60*time.Minute)
		spread.Poll.Jitter = 30 * time.Minute
		h := newHouse(t, registerOf(), spread)
		stop := h.run()
		time.Sleep(50*time.Hour + 45*time.Minute)
		stop()
		began.mu.Lock()
		defer began.mu.Unlock()
		if len(began.minutes) != 51 {
			t.Fatalf("%d passes, want 51", len(began.minutes))
		}
		at := map[int]bool{}
		for i, m := range began.minutes {
			delay := m - 60*i
			if delay < 0 || delay >= 30 {
				t.Errorf("pass %d began %d minutes late, want 0 to 29", i, delay)
			}
			at[delay] = true
		}
		if len(at) < 5 {
			t.Errorf("only %d different delays", len(at))
		}
	})
}

func TestSourceWithoutPollIsListedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := newStarts()
		h := newHouse(t, registerOf(), whole("roll", began.taking(time.Minute)))
		stop := h.run()
		time.Sleep(1000 * time.Hour)
		stop()
		began.expect(t, 0)
	})
}

func TestBadCronEndsRun(t *testing.T) {
	t.Parallel()
	bad := whole("roll", listOf(func() []record.Record { return nil }))
	bad.Poll.Cron = "every now and then"
	h := newHouse(t, registerOf(), bad)
	if err := h.Run(t.Context()); err == nil {
		t.Error("no error")
	}
}

func TestRefreshWaitsForThePassUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := newStarts()
		h := newHouse(t, registerOf(), whole("slow", began.taking(20*time.Minute)))
		first := make(chan error, 1)
		go func() { _, err := h.Refresh(t.Context(), "slow"); first <- err }()
		synctest.Wait()
		impatient, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if r, err := h.Refresh(impatient, "slow"); err == nil || r.Reason != connectors.ReasonCanceled {
			t.Errorf("impatient: %q, %v", r.Reason, err)
		}
		h.refresh("slow", "ok")
		if err := <-first; err != nil {
			t.Error(err)
		}
		began.expect(t, 0, 20)
	})
}
