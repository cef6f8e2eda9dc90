package aggregator

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// world is a town that anything may happen to, with a model of what may be
// shown. Every record carries its person as a canary.
type world struct {
	h     house
	cards *register
	reg   *registry
	// held is what each account holds at the source now, by Ref.
	held map[string][]string
	// said is what the source ever said about an account, by Ref: a section may
	// hold one of these answers, whole, and nothing else.
	said map[string][][]string
	mode string // how the library behaves
	keys int
}

func refsIn(w *world, n string) []string { return w.cards.cards[n].Links["library"] }

func people() []string { return []string{"1", "2", "3", "4"} }

func accounts() []string { return []string{"A", "B", "C", "D", "E"} }

func (w *world) find(_ context.Context, who record.Ref) ([]record.Record, error) {
	ref := who.Reveal()
	var records []record.Record
	for _, key := range w.held[ref] {
		records = append(records, loan(ref, key))
	}
	switch w.mode {
	case "down":
		return nil, connectors.ErrUnavailable
	case "foreign":
		return append(records, loan("Z"+ref, "canary of Z"+ref)), nil
	case "nobody's":
		return append(records, loan("", "canary of nobody")), nil
	}
	w.said[ref] = append(w.said[ref], slices.Clone(w.held[ref]))
	return records, nil
}

func (w *world) list(_ context.Context, _ connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
	for _, ref := range accounts() {
		for _, key := range w.held[ref] {
			r := loan(ref, key)
			r.Body = record.Other{Title: key}
			if err := emit(r); err != nil {
				return "", err
			}
		}
		if w.mode == "down" {
			return "", connectors.ErrUnavailable
		}
		w.said[ref] = append(w.said[ref], slices.Clone(w.held[ref]))
	}
	return "", nil
}

// actions are what may happen to the town.
func (w *world) actions(ctx context.Context) map[string]func(*rapid.T) {
	refresh := func(name string) func(*rapid.T) {
		return func(*rapid.T) {
			if _, err := w.h.Refresh(ctx, name); err != nil && reason(err) == connectors.ReasonDefect {
				w.h.t.Errorf("refresh %s: %v", name, err)
			}
		}
	}
	return map[string]func(*rapid.T){
		"read the library": refresh("library"),
		"read the roll":    refresh("roll"),
		"read the cards":   refresh("cards"),
		"somebody looks": func(t *rapid.T) {
			citizen := citizenOf(rapid.SampledFrom(people()).Draw(t, "who"))
			if err := w.h.lookAt(ctx, citizen); err != nil {
				t.Fatal(err)
			}
			for len(w.h.sources["library"].jobs) > 0 {
				w.h.touchOne(ctx, w.h.sources["library"], <-w.h.sources["library"].jobs)
			}
		},
		"the source changes": func(t *rapid.T) {
			ref := rapid.SampledFrom(accounts()).Draw(t, "account")
			w.held[ref] = nil
			for range rapid.IntRange(0, 3).Draw(t, "records") {
				w.keys++
				w.held[ref] = append(w.held[ref], fmt.Sprintf("canary of %s %04d", ref, w.keys))
			}
		},
		"the links change": func(t *rapid.T) {
			var cards []record.Card
			for _, n := range rapid.SliceOfDistinct(rapid.SampledFrom(people()), rapid.ID[string]).Draw(t, "cards") {
				refs := rapid.SliceOfNDistinct(rapid.SampledFrom(accounts()), 0, 2, rapid.ID[string]).Draw(t, "refs")
				c := card(n)
				c.Links = map[string][]string{"library": refs, "roll": refs}
				cards = append(cards, c)
			}
			w.reg.hold(cards...)
		},
		"the source behaves": func(t *rapid.T) {
			w.mode = rapid.SampledFrom([]string{"well", "well", "down", "foreign", "nobody's"}).Draw(t, "mode")
		},
		"": func(t *rapid.T) { w.check(ctx, t) },
	}
}

// check holds every section to the model: whole answers about the citizen's
// own accounts, or nothing.
func (w *world) check(ctx context.Context, t *rapid.T) {
	for _, n := range people() {
		d, err := w.h.o.Cache.Dashboard(ctx, citizenOf(n))
		if err != nil {
			t.Fatal(err)
		}
		for _, source := range []string{"library", "roll"} {
			section := d.Section(source)
			shown := map[string][]string{}
			for _, r := range lastGood(section) {
				shown[r.Owner.Reveal()] = append(shown[r.Owner.Reveal()], r.Key)
			}
			refs := refsIn(w, n)
			for ref := range shown {
				if !slices.Contains(refs, ref) {
					t.Fatalf("%s of citizen %s shows account %s, linked are %v", source, n, ref, refs)
				}
			}
			if section.AsOf.IsZero() {
				continue
			}
			for _, ref := range refs {
				if !slices.ContainsFunc(w.said[ref], func(answer []string) bool { return slices.Equal(answer, shown[ref]) }) {
					t.Fatalf("%s of citizen %s shows %v of account %s, which the source never said", source, n, shown[ref], ref)
				}
			}
			if len(refs) == 0 {
				t.Fatalf("%s of citizen %s is known without a link", source, n)
			}
		}
	}
}

func TestNoSectionHoldsAnotherPerson(t *testing.T) {
	t.Parallel()
	file, err := cache.OpenFile(filepath.Join(t.TempDir(), "cache.db"), cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	rapid.Check(t, func(r *rapid.T) {
		for _, n := range people() {
			if err := file.Forget(t.Context(), citizenOf(n)); err != nil {
				r.Fatal(err)
			}
		}
		w := &world{cards: registerOf(), reg: registryOf(), held: map[string][]string{}, said: map[string][][]string{}}
		library := person("library", w.find)
		library.Ages.FreshFor = 1 // every look asks
		cards := w.reg.source()
		cards.Drift.MaxLoss = 1
		a, err := New(Options{
			Cache: file, Dossier: w.cards, Workers: 1,
			Sources: []Source{library, whole("roll", w.list), cards},
		})
		if err != nil {
			r.Fatal(err)
		}
		w.h = house{a, t}
		r.Repeat(w.actions(t.Context()))
	})
}
