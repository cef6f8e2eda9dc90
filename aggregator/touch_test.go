package aggregator

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

func TestTouchCoalesces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		h := newHouse(t, registerOf(card("1", "library=P1"), card("2", "library=P2")),
			person("library", func(_ context.Context, who record.Ref) ([]record.Record, error) {
				calls.Add(1)
				time.Sleep(5 * time.Second)
				return []record.Record{loan(who.Reveal(), "a")}, nil
			}))
		defer h.run()()
		expectCalls := func(want int64) {
			t.Helper()
			if got := calls.Load(); got != want {
				t.Errorf("%d calls, want %d", got, want)
			}
		}
		for range 20 { // while waiting, and while under way
			h.Touch(citizenOf("1"))
			synctest.Wait()
		}
		expectCalls(1)
		h.Touch(citizenOf("2"))
		time.Sleep(6 * time.Second)
		expectCalls(2)
		h.expect("1", "library", "fresh: a")

		h.Touch(citizenOf("1")) // fresh: nothing to ask
		synctest.Wait()
		expectCalls(2)

		time.Sleep(10 * time.Minute)
		h.expect("1", "library", "stale: a")
		h.Touch(citizenOf("1"))
		time.Sleep(6 * time.Second)
		expectCalls(3)
		h.expect("1", "library", "fresh: a")
	})
}

func TestTouchDoesNotHammerASickSource(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		var well atomic.Bool
		h := newHouse(t, registerOf(card("1", "library=P1")),
			person("library", func(_ context.Context, who record.Ref) ([]record.Record, error) {
				calls.Add(1)
				if !well.Load() {
					return nil, fmt.Errorf("library: %w", connectors.ErrUnavailable)
				}
				return []record.Record{loan(who.Reveal(), "a")}, nil
			}))
		defer h.run()()
		for range 59 { // a page view a second
			h.Touch(citizenOf("1"))
			time.Sleep(time.Second)
		}
		if got := calls.Load(); got != 1 {
			t.Errorf("%d calls in a minute, want 1", got)
		}
		h.expect("1", "library", "unknown (unavailable)")
		well.Store(true)
		time.Sleep(2 * time.Second)
		h.Touch(citizenOf("1"))
		synctest.Wait()
		h.expect("1", "library", "fresh: a")
	})
}

func TestTouchSaysWhoIsNotLinked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, registerOf(card("1", "library=P1")),
			person("library", func(_ context.Context, who record.Ref) ([]record.Record, error) {
				return []record.Record{loan(who.Reveal(), "a")}, nil
			}),
			whole("roll", listOf(func() []record.Record { return []record.Record{unit("R1")} })),
			person("requests", func(context.Context, record.Ref) ([]record.Record, error) { return nil, nil }), whole("services", listOf(func() []record.Record { return []record.Record{service("s")} })))
		h.refresh("roll", "ok")
		defer h.run()()
		h.Touch(citizenOf("1"))
		synctest.Wait()
		h.expect("1", "library", "fresh: a")
		h.expect("1", "requests", "unknown (not_linked)")
		h.expect("1", "roll", "unknown (not_linked)")
		h.expect("1", "services", "unknown")
		h.expectTown("services", "fresh: s")
	})
}

// A roll can be asked for one matricule: a newcomer need not wait for the
// night's pass, and nobody else is asked about twice.
func TestTouchFillsInForAList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		roll := person("roll", func(_ context.Context, who record.Ref) ([]record.Record, error) {
			calls.Add(1)
			return []record.Record{unit(who.Reveal())}, nil
		})
		roll.Source.List = listOf(func() []record.Record { return []record.Record{unit("R1"), unit("R2")} })
		cards := registerOf(card("1", "roll=R1"))
		h := newHouse(t, cards, roll)
		h.refresh("roll", "ok")
		if _, err := cards.ImportCards(t.Context(), []record.Card{card("1", "roll=R1"), card("2", "roll=R2")}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		// Without poll Run lists once at its start; the touches come before that.
		ctx, cancel := context.WithCancel(t.Context())
		for _, n := range []string{"1", "2"} {
			if err := h.lookAt(ctx, citizenOf(n)); err != nil {
				t.Fatal(err)
			}
		}
		done := make(chan struct{})
		go func() { defer close(done); h.work(ctx, h.sources["roll"]) }()
		synctest.Wait()
		cancel()
		<-done
		h.expect("1", "roll", "stale: R1")
		h.expect("2", "roll", "fresh: R2")
		if calls.Load() != 1 {
			t.Errorf("%d calls, want 1", calls.Load())
		}
	})
}

func TestTouchNeverBlocks(t *testing.T) {
	t.Parallel()
	h := newHouse(t, registerOf())
	for i := range 2 * touchQueue { // nobody serves them: Run was not called
		h.Touch(record.Citizen(fmt.Sprint("citizen ", i)))
	}
	if n := len(h.touches.queue); n != touchQueue {
		t.Errorf("%d wait, want %d", n, touchQueue)
	}
}

// counting is a register that counts who asks for links.
type counting struct {
	*register
	asked atomic.Int64
}

func (c *counting) Links(ctx context.Context, citizen record.Citizen) ([]dossier.Link, error) {
	c.asked.Add(1)
	return c.register.Links(ctx, citizen)
}

// TestTouchesOfAMoment keeps a page that is reloaded over and over, while its
// source is down, from costing a look at the dossier each time.
func TestTouchesOfAMoment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		people := &counting{register: registerOf(card("1", "library=P1"))}
		h := newHouse(t, people, person("library", func(context.Context, record.Ref) ([]record.Record, error) {
			return nil, connectors.ErrUnavailable
		}))
		defer h.run()()
		h.Touch(citizenOf("1"))
		time.Sleep(touchEvery)
		h.expect("1", "library", "unknown (unavailable)")
		before := people.asked.Load()
		for range 100 {
			h.Touch(citizenOf("1"))
			synctest.Wait()
		}
		if n := people.asked.Load() - before; n != 1 {
			t.Errorf("the dossier was asked %d times by touches of one moment, want once", n)
		}
		time.Sleep(touchEvery)
		h.Touch(citizenOf("1"))
		synctest.Wait()
		if n := people.asked.Load() - before; n != 2 {
			t.Errorf("the dossier was asked %d times, want once more a moment later", n)
		}
	})
}
