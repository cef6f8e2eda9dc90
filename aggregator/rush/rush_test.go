package rush_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/dossier"
)

// TestOrderIsTheDraws: nothing is asked before the opening; then those present
// come in the order that anybody can compute, and who comes late stands behind.
func TestOrderIsTheDraws(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t, 12, map[string]int{"swim": 12})
		h.start()
		defer func() { h.stop() }()
		var present []string
		for n := range 10 {
			h.enter(n, "swim")
			present = append(present, order(n))
		}
		time.Sleep(time.Hour - time.Second)
		before, err := h.store.FindDraw(t.Context(), h.window.ID())
		if calls, _, _ := h.box.asked(); err != nil || before.Seed != nil || calls != 0 {
			t.Errorf("before the opening: seed told %v, %d calls, %v", before.Seed != nil, calls, err)
		}
		time.Sleep(1100 * time.Millisecond)
		h.enter(11, "swim")
		h.enter(10, "swim")
		time.Sleep(time.Minute)
		after, err := h.store.FindDraw(t.Context(), h.window.ID())
		if err != nil || after.Commitment != before.Commitment {
			t.Errorf("another commitment, %v", err)
		}
		want := append(dossier.Lots(after.Seed, present), order(11), order(10))
		_, most, holds := h.box.asked()
		if !slices.Equal(holds, want) {
			t.Errorf("places were kept in the order\n%v, want\n%v", holds, want)
		}
		if most != 1 {
			t.Errorf("%d at once for one session, want 1", most)
		}
	})
}

// TestLastPlaces: whoever finds the last places undecided waits, the place of who
// does not decide goes to the next, and once all are sold the others hear it at
// once.
func TestLastPlaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t, 8, map[string]int{"swim": 2})
		h.start()
		defer func() { h.stop() }()
		time.Sleep(time.Hour + time.Second) // all come after the draw: in order
		for n := range 5 {
			h.enter(n, "swim")
			time.Sleep(time.Second)
		}
		h.expect(0, "held")
		h.expect(1, "held")
		h.expect(2, "waiting")
		standing, err := h.engine.Standing(t.Context(), h.people[3], order(3))
		if err != nil || !standing.Scarce || standing.Progress.AheadHere != 1 {
			t.Errorf("standing of the fourth: %+v, %v", standing, err)
		}
		if err := h.confirm(h.of(0)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(11 * time.Minute) // the second decides nothing
		h.expect(1, "lapsed")
		h.expect(2, "held")
		h.expect(3, "waiting")
		if err := h.engine.Leave(t.Context(), h.people[2], order(2)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		h.expect(3, "held")
		if err := h.confirm(h.of(1)); !errors.Is(err, dossier.ErrMoved) {
			t.Errorf("a lapsed place confirmed: %v, want ErrMoved", err)
		}
		if err := h.confirm(h.of(3)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		h.expect(4, "refused activity_full")
		h.enter(5, "swim") // honest at once
		time.Sleep(time.Second)
		h.expect(5, "refused activity_full")
		if sold, kept := h.box.seats(); sold != 2 || kept != 0 {
			t.Errorf("%d sold, %d kept; want 2, 0", sold, kept)
		}
	})
}

// TestSourceInTrouble: nobody loses a turn while a source is away, late, or loses
// replies.
func TestSourceInTrouble(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		trouble, well func(*box)
		resting       string
		calls         int // at most, in five minutes of trouble
	}{
		"down":     {func(b *box) { b.fails = connectors.ErrUnavailable }, func(b *box) { b.fails = nil }, "unavailable", 12},
		"paused":   {func(b *box) { b.fails = connectors.ErrPaused }, func(b *box) { b.fails = nil }, "paused", 12},
		"opens 5s": {func(b *box) { b.opens = time.Now().Add(time.Hour + 5*time.Second) }, func(*box) {}, "", 16},
		"silent":   {func(b *box) { b.silent = 2 }, func(*box) {}, "", 16},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHall(t, 3, map[string]int{"swim": 2})
				h.start()
				defer func() { h.stop() }()
				h.box.set(tc.trouble)
				for n := range 3 {
					h.enter(n, "swim")
				}
				time.Sleep(time.Hour + 5*time.Minute)
				standing, err := h.engine.Standing(t.Context(), h.people[0], order(0))
				if calls, _, _ := h.box.asked(); err != nil || standing.Resting != tc.resting || calls > tc.calls {
					t.Errorf("resting %q after %d calls, %v; want %q after %d at most", standing.Resting, calls, err, tc.resting, tc.calls)
				}
				h.box.set(tc.well)
				time.Sleep(2 * time.Minute)
				draw, err := h.store.FindDraw(t.Context(), h.window.ID())
				if err != nil {
					t.Fatal(err)
				}
				_, _, holds := h.box.asked()
				if want := dossier.Lots(draw.Seed, []string{order(0), order(1), order(2)})[:2]; !slices.Equal(holds, want) {
					t.Errorf("places kept for %v, want %v", holds, want)
				}
			})
		})
	}
}

// TestOddTicketHoldsNobodyUp: what the source makes no sense of is refused in the
// end, and given back in case.
func TestOddTicketHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t, 2, map[string]int{"swim": 1})
		h.start()
		defer func() { h.stop() }()
		h.box.set(func(b *box) { b.odd = order(0) })
		time.Sleep(time.Hour + time.Second)
		h.enter(0, "swim")
		h.enter(1, "swim")
		time.Sleep(time.Minute)
		h.expect(0, "refused malformed")
		h.expect(1, "held")
	})
}

// TestClosing: at the end nobody is left without an answer or a place without an
// owner.
func TestClosing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t, 3, map[string]int{"swim": 1})
		h.window.Closes = h.window.Opens.Add(5 * time.Minute)
		h.start()
		for n := range 3 {
			h.enter(n, "swim")
		}
		time.Sleep(time.Hour + 5*time.Minute + time.Second)
		counts := map[string]int{}
		for n := range 3 {
			counts[string(h.of(n).State)+h.of(n).Reason]++
		}
		if counts["held"] != 1 || counts["refusedrush_closed"] != 2 {
			t.Errorf("at the closing: %v", counts)
		}
		if _, err := h.engine.Enter(t.Context(), h.ticket(0, "chess")); !errors.Is(err, dossier.ErrNotFound) {
			t.Errorf("entered after the closing: %v", err)
		}
		time.Sleep(10 * time.Minute)
		if _, kept := h.box.seats(); kept != 0 {
			t.Error("a place is kept for nobody")
		}
		h.stop()
	})
}

// TestQuiet: the source is left alone from the lobby to the closing.
func TestQuiet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t, 1, nil)
		h.window.Lobby, h.window.Closes = 30*time.Minute, h.window.Opens.Add(10*time.Minute)
		h.start()
		defer func() { h.stop() }()
		for _, step := range []struct {
			after time.Duration
			want  bool
		}{{0, false}, {30 * time.Minute, true}, {39 * time.Minute, true}, {time.Minute, false}} {
			time.Sleep(step.after)
			if got := h.engine.Quiet("recreation"); got != step.want || h.engine.Quiet("library") {
				t.Errorf("quiet %v at %s after the opening", got, time.Since(h.window.Opens))
			}
		}
		if _, err := h.engine.Enter(t.Context(), h.ticket(0, "swim")); !errors.Is(err, dossier.ErrNotFound) {
			t.Errorf("entered when nothing is on: %v", err)
		}
	})
}
