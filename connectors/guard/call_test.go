package guard

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

func TestBulkhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turn := make(chan struct{})
		var mu sync.Mutex
		var order []string
		src := connectors.Source{Find: finderFunc(func(_ context.Context, who record.Ref) ([]record.Record, error) {
			mu.Lock()
			order = append(order, who.Reveal())
			mu.Unlock()
			<-turn
			return nil, nil
		})}
		g := New("biblio", src, config(func(c *Config) { c.Parallel, c.Queue = 2, 3 }), Deps{})
		var wg sync.WaitGroup
		for _, who := range []string{"a", "b", "c", "d", "e"} {
			wg.Go(func() {
				if _, err := g.Source().Find.Find(t.Context(), record.NewRef(who)); err != nil {
					t.Errorf("%s: %v", who, err)
				}
			})
			synctest.Wait() // they come one after the other
		}
		if s := g.Status(); s.InFlight != 2 || s.Waiting != 3 {
			t.Errorf("%d in flight, %d waiting; want 2, 3", s.InFlight, s.Waiting)
		}
		began := time.Now()
		if err := find(t.Context(), g); !errors.Is(err, connectors.ErrUnavailable) || time.Since(began) != 0 {
			t.Errorf("one too many: %v after %s; want unavailable at once", err, time.Since(began))
		}
		for range 5 {
			turn <- struct{}{}
			synctest.Wait()
		}
		wg.Wait()
		if !slices.Equal(order, []string{"a", "b", "c", "d", "e"}) {
			t.Errorf("served in the order %v", order)
		}
		if s := g.Status(); s.InFlight != 0 || s.Waiting != 0 {
			t.Errorf("%d in flight, %d waiting after the end", s.InFlight, s.Waiting)
		}
	})
}

type finderFunc func(context.Context, record.Ref) ([]record.Record, error)

func (f finderFunc) Find(ctx context.Context, who record.Ref) ([]record.Record, error) {
	return f(ctx, who)
}

// A connector that ignores its context holds its slots and nothing else: its
// callers go at the deadline, later ones are told soon, other sources notice
// nothing, and when it returns at last everything is as before.
func TestHangIsolates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		stuck := newFake(func(context.Context, int) error { <-free; return nil })
		g := New("biblio", stuck.source(), config(func(c *Config) { c.Parallel, c.Queue, c.Retries = 2, 2, 0 }), Deps{})
		other := New("loisirs", newFake(func(context.Context, int) error { return nil }).source(), Defaults(), Deps{})
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				began := time.Now()
				err := find(t.Context(), g)
				if took := time.Since(began); !errors.Is(err, connectors.ErrUnavailable) || took > 10*time.Second+grace {
					t.Errorf("%v after %s; want unavailable within the deadline", err, took)
				}
			})
		}
		wg.Go(func() {
			began := time.Now()
			for range 100 {
				if err := find(t.Context(), other); err != nil {
					t.Errorf("the other source: %v", err)
				}
			}
			if took := time.Since(began); took != 0 {
				t.Errorf("the other source took %s", took)
			}
		})
		wg.Wait()
		if s := g.Status(); s.InFlight != 2 || stuck.called() != 2 {
			t.Errorf("%d slots taken, %d calls; want 2, 2", s.InFlight, stuck.called())
		}
		close(free)
		synctest.Wait()
		if s := g.Status(); s.InFlight != 0 {
			t.Errorf("%d slots taken after the connector returned", s.InFlight)
		}
		if err := find(t.Context(), g); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// A connector that obeys returns at the deadline, not at the end of the grace.
func TestDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(func(ctx context.Context, _ int) error { <-ctx.Done(); return ctx.Err() })
		g := New("biblio", f.source(), Defaults(), Deps{})
		began := time.Now()
		err := find(t.Context(), g)
		if took := time.Since(began); !errors.Is(err, connectors.ErrUnavailable) || took != 10*time.Second || !strings.Contains(err.Error(), "10s") {
			t.Errorf("%v after %s; want unavailable within 10s, saying so", err, took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		began = time.Now()
		if err := find(ctx, g); !errors.Is(err, connectors.ErrUnavailable) || time.Since(began) != 2*time.Second {
			t.Errorf("with the caller's deadline: %v after %s; want unavailable after 2s", err, time.Since(began))
		}
		<-ctx.Done()
		calls := f.called()
		if err := find(ctx, g); !errors.Is(err, connectors.ErrUnavailable) || f.called() != calls {
			t.Errorf("with a deadline past: %v, %d calls", err, f.called()-calls)
		}
	})
}

// A slot that comes free at the very moment when the caller's time is up is not
// used: an action would only be cut short.
func TestNoTimeLeftAtTheSlot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(func(ctx context.Context, _ int) error {
			if ctx.Err() != nil {
				t.Error("called with no time left")
			}
			<-time.After(5 * time.Second)
			return nil
		})
		g := New("biblio", f.source(), config(func(c *Config) { c.Parallel, c.Retries, c.Breaker.Failures = 1, 0, 100 }), Deps{})
		for range 30 {
			var wg sync.WaitGroup
			wg.Go(func() {
				if err := find(t.Context(), g); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			if _, err := g.Source().Do.Do(ctx, person(), record.RenewAll{}); !errors.Is(err, connectors.ErrUnavailable) {
				t.Errorf("%v; want unavailable: nothing was sent", err)
			}
			cancel()
			wg.Wait()
		}
	})
}

func TestRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(func(context.Context, int) error { return nil })
		g := New("biblio", f.source(), config(func(c *Config) { c.Rate = Rate{60, time.Minute} }), Deps{})
		began := time.Now()
		for range 5 {
			if err := find(t.Context(), g); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != 4*time.Second {
			t.Errorf("five calls at 60/m took %s; want 4s", took)
		}
		// More than the deadline holds: told at once, not after ten seconds.
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		began = time.Now()
		if err := find(ctx, g); !errors.Is(err, connectors.ErrUnavailable) || time.Since(began) != 0 || f.called() != 5 {
			t.Errorf("%v after %s, %d calls", err, time.Since(began), f.called())
		}
	})
}

func TestPanicNet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   func(context.Context, int) error
		says string
	}{
		{"with a person in it", func(context.Context, int) error { panic("canary 29000000000001") }, "panic with a string"},
		{"of the runtime", func(_ context.Context, n int) error { _ = []int{}[n]; return nil }, "index out of range"},
		{"an error of no meaning", func(context.Context, int) error { return errors.New("canary") }, "*errors.errorString"},
		{"the goroutine's end", func(context.Context, int) error { runtime.Goexit(); return nil }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				log, lines := logged()
				g := New("biblio", newFake(c.do).source(), Defaults(), Deps{Log: log})
				err := find(t.Context(), g)
				if !errors.Is(err, connectors.ErrDefect) {
					t.Errorf("reading: %v; want a defect", err)
				}
				_, err2 := g.Source().Do.Do(t.Context(), person(), record.RenewAll{})
				if !errors.Is(err2, connectors.ErrOutcomeUnknown) {
					t.Errorf("acting: %v; want outcome unknown", err2)
				}
				if all := err.Error() + err2.Error() + lines.String(); strings.Contains(all, "canary") || !strings.Contains(all, c.says) {
					t.Errorf("want %q and no value in %s", c.says, all)
				}
				if g.Status().InFlight != 0 {
					t.Error("a slot is lost")
				}
			})
		})
	}
}

// What the connector's own context troubles mean to everybody else.
func TestSettled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		err        error
		find, acts error
	}{
		{"connector canceled itself", context.Canceled, connectors.ErrUnavailable, connectors.ErrOutcomeUnknown},
		{"connector's own deadline", context.DeadlineExceeded, connectors.ErrUnavailable, connectors.ErrOutcomeUnknown},
		{"unavailable", connectors.ErrUnavailable, connectors.ErrUnavailable, connectors.ErrUnavailable},
		{"malformed", connectors.ErrMalformed, connectors.ErrMalformed, connectors.ErrMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := New("biblio", newFake(func(context.Context, int) error { return c.err }).source(), config(noRetries), Deps{})
				if err := find(t.Context(), g); !errors.Is(err, c.find) {
					t.Errorf("reading: %v; want %v", err, c.find)
				}
				if _, err := g.Source().Do.Do(t.Context(), person(), record.RenewAll{}); !errors.Is(err, c.acts) {
					t.Errorf("acting: %v; want %v", err, c.acts)
				}
			})
		})
	}
}
