package aggregator

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// registry is a card registry whose content a test changes.
type registry struct {
	mu    sync.Mutex
	cards []record.Card
}

func registryOf(cards ...record.Card) *registry { return &registry{cards: cards} }

func (r *registry) hold(cards ...record.Card) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cards = cards
}

func (r *registry) source() Source {
	s := whole("cards", listOf(func() []record.Record {
		r.mu.Lock()
		defer r.mu.Unlock()
		var all []record.Record
		for i, c := range r.cards {
			all = append(all, record.Record{Key: fmt.Sprint(c.Number, "/", i), Body: c})
		}
		return all
	}))
	s.Cards = true
	return s
}

func echo(name string) Source {
	return person(name, func(_ context.Context, who record.Ref) ([]record.Record, error) {
		return []record.Record{loan(who.Reveal(), "of-"+who.Reveal())}, nil
	})
}

func TestCardsGoToTheDossierOnly(t *testing.T) {
	t.Parallel()
	r := registryOf(card("1", "library=P1"), card("2"))
	h := newHouse(t, registerOf(), r.source(), echo("library"))
	if got := h.refresh("cards", "ok"); got.Cards != (dossier.Imported{Added: 2}) || got.Records != 2 {
		t.Errorf("%+v", got)
	}
	h.expectTown("cards", "unknown")
	h.refresh("library", "ok")
	h.expect("1", "library", "fresh: of-P1")
	h.expect("1", "cards", "unknown")
}

func TestChangedLinkDropsWhatWasSaid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := registryOf(card("1", "library=P1"), card("2", "library=P2"), card("3", "library=P3"))
		down := false
		library := person("library", func(_ context.Context, who record.Ref) ([]record.Record, error) {
			switch {
			case down:
				return nil, connectors.ErrUnavailable
			case who == record.NewRef("P3"):
				return nil, nil
			}
			return []record.Record{loan(who.Reveal(), "of-"+who.Reveal())}, nil
		})
		h := newHouse(t, registerOf(), r.source(), library)
		h.refresh("cards", "ok")
		h.refresh("library", "ok")
		h.expect("3", "library", "fresh:")

		down = true
		r.hold(card("1", "library=P9"), card("2"), card("3", "library=P8"))
		time.Sleep(time.Second)
		h.refresh("cards", "ok")
		h.expect("1", "library", "unknown")
		h.expect("2", "library", "unknown (not_linked)")
		h.expect("3", "library", "unknown") // even "nothing" was about another account
		h.refresh("library", "unavailable")
		h.expect("1", "library", "unknown (unavailable)")

		down = false
		time.Sleep(2 * time.Minute)
		stop := h.run() // the import touched them
		synctest.Wait()
		stop()
		h.expect("1", "library", "fresh: of-P9")
	})
}

// An answer to a question asked under an old link comes too late.
func TestLinkChangedWhileAsking(t *testing.T) {
	t.Parallel()
	cards := registerOf(card("1", "library=P1"))
	h := newHouse(t, cards, person("library", func(ctx context.Context, who record.Ref) ([]record.Record, error) {
		_, err := cards.ImportCards(ctx, []record.Card{card("1", "library=P2")})
		return []record.Record{loan(who.Reveal(), "of-"+who.Reveal())}, err
	}))
	h.refresh("library", "ok")
	h.expect("1", "library", "unknown")
	h.refresh("library", "ok")
	h.expect("1", "library", "fresh: of-P2")
}

func TestLinkChangedWhileListing(t *testing.T) {
	t.Parallel()
	cards := registerOf(card("1", "roll=R1"), card("2", "roll=R2"))
	h := newHouse(t, cards, whole("roll", func(ctx context.Context, _ connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
		if err := emit(unit("R1")); err != nil {
			return "", err
		}
		_, err := cards.ImportCards(ctx, []record.Card{card("1", "roll=R9"), card("2", "roll=R2")})
		if err != nil {
			return "", err
		}
		return "", emit(unit("R2"))
	}))
	h.refresh("roll", "ok")
	h.expect("1", "roll", "unknown")
	h.expect("2", "roll", "fresh: R2")
}

// New links make a list due at once: its records were let go before.
func TestImportAsksForTheListAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := registryOf(card("1", "roll=R1"))
		source := r.source()
		source.Poll = Poll{Every: time.Hour, Jitter: 30 * time.Minute}
		h := newHouse(t, registerOf(), source,
			every(whole("roll", listOf(func() []record.Record { return []record.Record{unit("R1"), unit("R2")} })), 1000*time.Hour))
		defer h.run()()
		time.Sleep(31 * time.Minute)
		if h.section("1", "roll").AsOf.IsZero() {
			t.Error("the roll was not read again after the first import")
		}
		r.hold(card("1", "roll=R1"), card("2", "roll=R2"))
		time.Sleep(time.Hour)
		if view := h.section("2", "roll").At(time.Now()); view.AsOf.IsZero() {
			t.Error("the newcomer still waits for the roll")
		}
	})
}

func TestBadRegistriesChangeNothing(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		cards []record.Card
		want  string
	}{
		"contradictory": {[]record.Card{card("1", "library=P1"), card("1", "library=P2")}, "malformed"},
		"emptied":       {nil, "held_back"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := registryOf(card("1", "library=P1"), card("2"))
			dossier := registerOf()
			h := newHouse(t, dossier, r.source(), echo("library"))
			h.refresh("cards", "ok")
			h.refresh("library", "ok")
			r.hold(tc.cards...)
			h.refresh("cards", tc.want)
			if len(dossier.cards) != 2 {
				t.Errorf("%d cards left, want 2", len(dossier.cards))
			}
			h.expect("1", "library", "fresh: of-P1")
		})
	}
}

func TestRegistryMustHoldCards(t *testing.T) {
	t.Parallel()
	s := whole("cards", listOf(func() []record.Record { return []record.Record{service("s1")} }))
	s.Cards = true
	h := newHouse(t, registerOf(), s)
	h.refresh("cards", "malformed")
}

// The dossier may change behind our back: another process, a crash between two
// writes. What was said of the old account still goes.
func TestLinkChangedUnseen(t *testing.T) {
	t.Parallel()
	down := false
	cards := registerOf(card("1", "library=P1"))
	h := newHouse(t, cards, person("library", func(_ context.Context, who record.Ref) ([]record.Record, error) {
		if down {
			return nil, connectors.ErrUnavailable
		}
		return []record.Record{loan(who.Reveal(), "of-"+who.Reveal())}, nil
	}))
	h.refresh("library", "ok")
	h.expect("1", "library", "fresh: of-P1")
	if _, err := cards.ImportCards(t.Context(), []record.Card{card("1", "library=P2")}); err != nil {
		t.Fatal(err)
	}
	down = true
	h.refresh("library", "unavailable")
	h.expect("1", "library", "unknown (unavailable)")
}
