package guard

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

func TestRetries(t *testing.T) {
	t.Parallel()
	first := func(err error) func(context.Context, int) error {
		return func(_ context.Context, n int) error {
			if n == 1 {
				return err
			}
			return nil
		}
	}
	read := func(ctx context.Context, s connectors.Source) error {
		_, err := s.Find.Find(ctx, person())
		return err
	}
	check := func(ctx context.Context, s connectors.Source) error { return s.Check(ctx) }
	list := func(ctx context.Context, s connectors.Source) error {
		_, err := s.List.List(ctx, "", func(record.Record) error { return nil })
		return err
	}
	act := func(ctx context.Context, s connectors.Source) error {
		_, err := s.Do.Do(ctx, person(), record.RenewAll{})
		return err
	}
	learn := func(ctx context.Context, s connectors.Source) error {
		_, err := s.Learn.Learn(ctx, person(), record.RenewAll{}, time.Now())
		return err
	}
	send := func(ctx context.Context, s connectors.Source) error {
		_, err := s.Send.Send(ctx, record.Message{})
		return err
	}
	authenticate := func(ctx context.Context, s connectors.Source) error {
		_, err := s.Authenticate.Authenticate(ctx, "29000000000001", "1234")
		return err
	}
	below := func(ctx context.Context, n int) error {
		if n == 1 && !connectors.MayRetry(ctx) {
			return connectors.ErrDefect
		}
		return first(unavailable())(ctx, n)
	}
	for _, c := range []struct {
		name    string
		retries int
		do      func(context.Context, int) error
		call    func(context.Context, connectors.Source) error
		want    error
		calls   int
	}{
		{"find, once more", 1, first(unavailable()), read, nil, 2},
		{"check, once more", 1, first(unavailable()), check, nil, 2},
		{"list, once more", 1, first(unavailable()), list, nil, 2},
		{"learn, once more", 1, first(unavailable()), learn, nil, 2},
		{"no retries", 0, first(unavailable()), read, connectors.ErrUnavailable, 1},
		{"malformed", 1, first(connectors.ErrMalformed), read, connectors.ErrMalformed, 1},
		{"denied", 1, first(connectors.ErrDenied), read, connectors.ErrDenied, 1},
		{"defect", 1, first(connectors.ErrDefect), read, connectors.ErrDefect, 1},
		{"repeated below, by its mark", 1, first(connectors.Retried(unavailable())), read, connectors.ErrUnavailable, 1},
		{"repeated below, by the allowance", 3, below, read, connectors.ErrUnavailable, 1},
		{"action", 3, first(unavailable()), act, connectors.ErrUnavailable, 1},
		{"message", 3, first(unavailable()), send, connectors.ErrUnavailable, 1},
		{"PIN", 3, first(unavailable()), authenticate, connectors.ErrUnavailable, 1},
		{"at most so often", 3, func(context.Context, int) error { return unavailable() }, read, connectors.ErrUnavailable, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFake(c.do)
				g := New("biblio", f.source(), config(func(cfg *Config) { cfg.Retries = c.retries }), Deps{})
				if err := c.call(t.Context(), g.Source()); !errors.Is(err, c.want) || f.called() != c.calls {
					t.Errorf("%v after %d calls; want %v after %d", err, f.called(), c.want, c.calls)
				}
			})
		})
	}
}

// The HTTP client below may repeat a GET of a read or of an action's re-reading,
// never one that checks a PIN.
func TestAllowanceBelow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var may bool
		f := newFake(func(ctx context.Context, _ int) error { may = connectors.MayRetry(ctx); return nil })
		s := New("biblio", f.source(), Defaults(), Deps{}).Source()
		if err := s.Check(t.Context()); err != nil || !may {
			t.Errorf("check: %v, may repeat %t", err, may)
		}
		if _, err := s.Do.Do(t.Context(), person(), record.RenewAll{}); err != nil || !may {
			t.Errorf("do: %v, may repeat %t", err, may)
		}
		if _, err := s.Authenticate.Authenticate(t.Context(), "29000000000001", "1234"); err != nil || may {
			t.Errorf("authenticate: %v, may repeat %t", err, may)
		}
	})
}

// However sick the source, a fifth more calls and the reserve is all it gets.
func TestRetryBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const calls = 400
		f := newFake(func(context.Context, int) error { return unavailable() })
		g := New("biblio", f.source(), config(func(c *Config) { c.Retries, c.Breaker.Failures = 3, 100 }), Deps{})
		made := 0
		for range calls {
			_ = find(t.Context(), g)
			made++
			if g.Status().Reads == Open {
				break
			}
		}
		extra := f.called() - made
		if most := int(budgetShare*float64(made)) + budgetReserve; extra > most || extra < budgetReserve {
			t.Errorf("%d retries for %d calls; want %d to %d", extra, made, budgetReserve, most)
		}
	})
}

// A wait that would outlive the call is not begun: the failure is told at once.
func TestRetriesStayWithinTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(func(context.Context, int) error {
			<-time.After(4 * time.Second)
			return unavailable()
		})
		g := New("biblio", f.source(), config(func(c *Config) { c.Retries = 5 }), Deps{})
		began := time.Now()
		err := find(t.Context(), g)
		if took := time.Since(began); !errors.Is(err, connectors.ErrUnavailable) || took > 10*time.Second+grace || f.called() > 3 {
			t.Errorf("%v after %s and %d calls", err, took, f.called())
		}
		<-time.After(4 * time.Second) // the fake does not obey its context
		if !pause(t.Context(), time.Millisecond) {
			t.Error("a context without deadline leaves no time")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began = time.Now()
		if pause(ctx, 2*time.Second) || time.Since(began) != 0 {
			t.Error("a wait past the deadline was begun")
		}
	})
}
