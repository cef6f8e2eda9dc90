package aggregator

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// cursored is a source that proves that nothing changed.
type cursored struct {
	records []record.Record
	state   connectors.Cursor
	asked   []connectors.Cursor
}

func (c *cursored) List(_ context.Context, since connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
	c.asked = append(c.asked, since)
	if since == c.state {
		return since, nil
	}
	for _, r := range c.records {
		if err := emit(r); err != nil {
			return "", err
		}
	}
	return c.state, nil
}

func (c *cursored) expectAsked(t *testing.T, want connectors.Cursor) {
	t.Helper()
	if got := c.asked[len(c.asked)-1]; got != want {
		t.Errorf("asked since %q, want %q", got, want)
	}
}

func TestUnchangedListMovesTheDate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		list := &cursored{records: []record.Record{unit("R1"), unit("R2"), service("s")}, state: "v1"}
		cards := registerOf(card("1", "roll=R1"), card("2", "roll=none"))
		roll := Source{Name: "roll", Source: connectors.Source{List: list}, Ages: ages()}
		h := newHouse(t, cards, roll)
		h.refresh("roll", "ok")
		list.expectAsked(t, "")
		time.Sleep(time.Hour)
		h.expect("1", "roll", "stale: R1")

		if r := h.refresh("roll", "ok"); !r.Unchanged || r.Citizens != 2 {
			t.Errorf("%+v, want unchanged for two citizens", r)
		}
		list.expectAsked(t, "v1")
		h.expect("1", "roll", "fresh: R1")
		h.expect("2", "roll", "fresh:")
		h.expectTown("roll", "fresh: s")
		if v := h.section("1", "roll").Version; v != 1 {
			t.Errorf("version %d, want 1", v)
		}

		// What was let go before is asked for again: new links, a lost section.
		if _, err := cards.ImportCards(t.Context(), []record.Card{card("1", "roll=R1"), card("2", "roll=R2")}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		h.refresh("roll", "ok")
		list.expectAsked(t, "")
		h.expect("2", "roll", "fresh: R2")
		if err := h.o.Cache.Forget(t.Context(), citizenOf("1")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		h.refresh("roll", "ok")
		list.expectAsked(t, "")
		h.expect("1", "roll", "fresh: R1")
		h.refresh("roll", "ok")
		list.expectAsked(t, "v1")
	})
}

func TestStopIsNoFailure(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	h := newHouse(t, registerOf(card("1", "roll=R1")), whole("roll",
		func(ctx context.Context, _ connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
			if err := emit(unit("R1")); err != nil {
				return "", err
			}
			cancel()
			return "", ctx.Err()
		}))
	r, err := h.Refresh(ctx, "roll")
	if r.Reason != connectors.ReasonCanceled || !errors.Is(err, context.Canceled) {
		t.Errorf("%q, %v", r.Reason, err)
	}
	h.expect("1", "roll", "unknown")
}

// A read that began before another one ended late does not undo it.
func TestOlderReadDoesNotOverwriteANewerOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Bool
		h := newHouse(t, registerOf(card("1", "library=P1")),
			person("library", func(_ context.Context, who record.Ref) ([]record.Record, error) {
				if !asked.Swap(true) {
					time.Sleep(time.Minute)
					return []record.Record{loan(who.Reveal(), "old")}, nil
				}
				return []record.Record{loan(who.Reveal(), "new")}, nil
			}))
		first := make(chan error, 1)
		go func() { _, err := h.Refresh(t.Context(), "library"); first <- err }()
		time.Sleep(time.Second)
		h.touchOne(t.Context(), h.sources["library"], citizenOf("1"))
		h.expect("1", "library", "fresh: new")
		if err := <-first; err != nil {
			t.Error(err)
		}
		h.expect("1", "library", "fresh: new")
	})
}

// TestMissedByTheList asks about whom the list does not name: another spelling
// is found, and a Ref of nobody is unknown, never "nothing".
func TestMissedByTheList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		list := listOf(func() []record.Record { return []record.Record{unit("0719810976")} })
		find := findFunc(func(_ context.Context, who record.Ref) ([]record.Record, error) {
			asked++
			if who.Reveal() != "0719-81-0976" {
				return nil, connectors.ErrNotFound
			}
			found := unit("0719810976")
			found.Owner = who
			return []record.Record{found}, nil
		})
		roll := Source{Name: "roll", Source: connectors.Source{List: list, Find: find}, Ages: ages()}
		h := newHouse(t, registerOf(card("1", "roll=0719810976"), card("2", "roll=0719-81-0976"), card("3", "roll=gone")), roll)
		if r := h.refresh("roll", "ok"); r.Citizens != 2 || r.Failed != 1 || asked != 2 {
			t.Errorf("%+v after %d questions, want two citizens and one failed by two", r, asked)
		}
		h.expect("1", "roll", "fresh: 0719810976")
		h.expect("2", "roll", "fresh: 0719810976")
		h.expect("3", "roll", "unknown (not_found)")
	})
}

// TestUnchangedListRevivesNothing keeps the reason of a section that the last
// whole list no longer held.
func TestUnchangedListRevivesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		list := &cursored{records: []record.Record{unit("R1"), unit("R2")}, state: "v1"}
		roll := Source{Name: "roll", Ages: ages(), Source: connectors.Source{List: list, Find: findFunc(func(context.Context, record.Ref) ([]record.Record, error) {
			return nil, connectors.ErrNotFound
		})}}
		h := newHouse(t, registerOf(card("1", "roll=R1"), card("2", "roll=R2")), roll)
		h.refresh("roll", "ok")
		list.records, list.state = list.records[:1], "v2"
		time.Sleep(time.Minute)
		h.refresh("roll", "ok")
		h.expect("2", "roll", "fresh (not_found): R2")
		time.Sleep(time.Minute)
		if r := h.refresh("roll", "ok"); !r.Unchanged {
			t.Errorf("%+v, want unchanged", r)
		}
		list.expectAsked(t, "v2")
		h.expect("2", "roll", "fresh (not_found): R2")
	})
}
