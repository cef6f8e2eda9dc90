package guard

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

func noRetries(c *Config) { c.Retries = 0 }

// One outage, over virtual minutes: it opens at the fifth failure, lets nothing
// through, tries once after its rest, opens again, tries again, and closes.
func TestBreakerLife(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := true
		f := newFake(func(context.Context, int) error {
			if down {
				return unavailable()
			}
			return nil
		})
		metrics := NewMetrics(prometheus.NewRegistry())
		g := New("biblio", f.source(), config(noRetries), Deps{Metrics: metrics})
		expect := func(step string, state State, calls int) {
			t.Helper()
			if got := g.Status().Reads; got != state || f.called() != calls {
				t.Fatalf("%s: %s after %d calls; want %s after %d", step, got, f.called(), state, calls)
			}
			if v := testutil.ToFloat64(metrics.state.WithLabelValues("biblio", string(state))); v != 1 {
				t.Fatalf("%s: the metric of %s is %v", step, state, v)
			}
			if n := testutil.CollectAndCount(metrics.state); n != 3 {
				t.Fatalf("%s: %d states in the metrics", step, n)
			}
		}
		for range 4 {
			_ = find(t.Context(), g)
		}
		expect("four failures", Closed, 4)
		_ = find(t.Context(), g)
		expect("five failures", Open, 5)
		for range 10 {
			if err := find(t.Context(), g); !errors.Is(err, connectors.ErrUnavailable) {
				t.Fatalf("an open breaker says %v", err)
			}
		}
		expect("at rest", Open, 5)
		<-time.After(29 * time.Second)
		_ = find(t.Context(), g)
		expect("still at rest", Open, 5)
		<-time.After(9 * time.Second) // 30 s and up to a quarter
		expect("rested", HalfOpen, 5)
		_ = find(t.Context(), g)
		expect("the try failed", Open, 6)
		<-time.After(20 * time.Minute)
		down = false
		if err := find(t.Context(), g); err != nil {
			t.Fatal(err)
		}
		expect("the try went well", Closed, 7)
		if v := testutil.ToFloat64(metrics.transitions.WithLabelValues("biblio", "open")); v != 2 {
			t.Errorf("opened %v times in the metrics; want 2", v)
		}
	})
}

// Only one call goes through a half-open breaker.
func TestHalfOpenLetsOneThrough(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		f := newFake(func(_ context.Context, n int) error {
			if n <= 5 || n >= 8 {
				return unavailable()
			}
			<-hold
			return nil
		})
		g := New("biblio", f.source(), config(noRetries), Deps{})
		for range 5 {
			_ = find(t.Context(), g)
		}
		<-time.After(time.Minute)
		probe := make(chan error, 1)
		go func() { probe <- find(t.Context(), g) }()
		synctest.Wait()
		if err := find(t.Context(), g); !errors.Is(err, connectors.ErrUnavailable) || f.called() != 6 {
			t.Errorf("beside the probe: %v, %d calls; want unavailable, 6", err, f.called())
		}
		close(hold)
		if err := <-probe; err != nil {
			t.Error(err)
		}
		if err := find(t.Context(), g); err != nil {
			t.Errorf("after the probe: %v", err)
		}
		// What failed before the rest is forgotten: it takes five again.
		for range 4 {
			_ = find(t.Context(), g)
		}
		if s := g.Status().Reads; s != Closed {
			t.Errorf("%s after four failures", s)
		}
	})
}

// At one poll in a quarter of an hour the failures in a row still count.
func TestSlowPollsOpenToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(func(context.Context, int) error { return unavailable() })
		g := New("biblio", f.source(), config(noRetries), Deps{})
		for range 5 {
			_ = find(t.Context(), g)
			<-time.After(15 * time.Minute)
		}
		if err := find(t.Context(), g); !errors.Is(err, connectors.ErrUnavailable) || f.called() != 6 {
			t.Errorf("%v, %d calls; want the sixth let through as the probe", err, f.called())
		}
		if g.Status().Reads != Open {
			t.Errorf("%s after six failures", g.Status().Reads)
		}
	})
}

func TestFailingShareOpens(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		fails  func(n int) bool
		apart  time.Duration
		opens  bool
		within int
	}{
		{"every other", func(n int) bool { return n%2 == 0 }, time.Second, true, 11},
		{"every third", func(n int) bool { return n%3 == 0 }, time.Second, false, 100},
		{"every other, long ago", func(n int) bool { return n%2 == 0 }, time.Minute, false, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFake(func(_ context.Context, n int) error {
					if c.fails(n) {
						return unavailable()
					}
					return nil
				})
				g := New("biblio", f.source(), config(noRetries), Deps{})
				for n := 1; n <= 100; n++ {
					_ = find(t.Context(), g)
					if g.Status().Reads == Open {
						if !c.opens || n > c.within {
							t.Errorf("open at call %d", n)
						}
						return
					}
					<-time.After(c.apart)
				}
				if c.opens {
					t.Error("still closed after 100 calls")
				}
			})
		})
	}
}

// An evening of typing mistakes must not cut the library off.
func TestAnswersNeverOpen(t *testing.T) {
	t.Parallel()
	for _, answer := range []error{connectors.ErrDenied, connectors.ErrNotFound, connectors.ErrRefused, connectors.ErrPaused} {
		t.Run(connectors.Reason(answer), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFake(func(context.Context, int) error { return fmt.Errorf("fake: %w", answer) })
				g := New("biblio", f.source(), Defaults(), Deps{})
				for range 200 {
					if _, err := g.Source().Authenticate.Authenticate(t.Context(), "29000000000001", "0000"); !errors.Is(err, answer) {
						t.Fatalf("%v; want %v", err, answer)
					}
					if err := find(t.Context(), g); !errors.Is(err, answer) {
						t.Fatalf("%v; want %v", err, answer)
					}
				}
				if s := g.Status(); s.Authenticate != Closed || s.Reads != Closed || f.called() != 400 {
					t.Errorf("%s, %s after %d calls; want closed after 400", s.Authenticate, s.Reads, f.called())
				}
			})
		})
	}
}

func TestCancellationNeverOpens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// The connector words its end in every way there is.
		f := newFake(func(ctx context.Context, n int) error {
			<-ctx.Done()
			return []error{ctx.Err(), unavailable(), connectors.ErrMalformed, connectors.ErrOutcomeUnknown}[n%4]
		})
		g := New("biblio", f.source(), config(noRetries), Deps{})
		for range 60 {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			_ = find(ctx, g)
			ctx, cancel = context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			if _, err := g.Source().Do.Do(ctx, person(), record.RenewAll{}); err == nil {
				t.Fatal("a canceled action went well")
			}
		}
		if s := g.Status(); s.Reads != Closed || s.Actions != Closed || f.called() != 120 {
			t.Errorf("%s, %s after %d calls; want closed after 120", s.Reads, s.Actions, f.called())
		}
	})
}

// A caller that goes away proves nothing good either: the failures around it
// stay in a row, and a half-open breaker goes on waiting for its probe.
func TestCancellationIsNoSuccess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(func(ctx context.Context, n int) error {
			if n == 5 || n == 7 {
				<-ctx.Done()
				return ctx.Err()
			}
			return unavailable()
		})
		g := New("biblio", f.source(), config(noRetries), Deps{})
		leave := func() {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			_ = find(ctx, g)
			cancel()
		}
		for range 4 {
			_ = find(t.Context(), g)
		}
		leave()
		_ = find(t.Context(), g)
		if s := g.Status().Reads; s != Open {
			t.Errorf("%s after four failures, a caller gone, a failure; want open", s)
		}
		<-time.After(time.Minute)
		leave()
		if s := g.Status().Reads; s != HalfOpen || f.called() != 7 {
			t.Errorf("%s after a probe whose caller went away, %d calls; want half_open, 7", s, f.called())
		}
		_ = find(t.Context(), g)
		if s := g.Status().Reads; s != Open || f.called() != 8 {
			t.Errorf("%s after a failed probe, %d calls; want open, 8", s, f.called())
		}
	})
}

func TestWorstState(t *testing.T) {
	t.Parallel()
	for range 50 { // the order of a map
		var worst State
		s := &states{now: map[string]State{}, changed: func(_ string, _, w State) { worst = w }}
		for _, c := range []struct {
			which    string
			to, want State
		}{
			{"reads", Open, Open},
			{"actions", Open, Open},
			{"actions", HalfOpen, Open},
			{"reads", Closed, HalfOpen},
			{"actions", Closed, Closed},
		} {
			if s.set(c.which, c.to); worst != c.want {
				t.Fatalf("%s to %s: worst %s; want %s", c.which, c.to, worst, c.want)
			}
		}
	}
}

func TestBreakersFailApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src := newFake(func(context.Context, int) error { return nil }).source()
		src.Do = newFake(func(context.Context, int) error { return connectors.ErrOutcomeUnknown })
		metrics := NewMetrics(prometheus.NewRegistry())
		g := New("biblio", src, Defaults(), Deps{Metrics: metrics})
		for range 5 {
			_, _ = g.Source().Do.Do(t.Context(), person(), record.RenewAll{})
		}
		if _, err := g.Source().Do.Do(t.Context(), person(), record.RenewAll{}); !errors.Is(err, connectors.ErrUnavailable) {
			t.Errorf("%v; want unavailable: nothing is sent while the breaker is open", err)
		}
		if err := find(t.Context(), g); err != nil {
			t.Errorf("reading: %v", err)
		}
		if s := g.Status(); s.Actions != Open || s.Reads != Closed || s.Authenticate != Closed {
			t.Errorf("actions %s, reads %s, authenticate %s", s.Actions, s.Reads, s.Authenticate)
		}
		if v := testutil.ToFloat64(metrics.state.WithLabelValues("biblio", "open")); v != 1 {
			t.Error("the metric shows not the worst breaker")
		}
	})
}
