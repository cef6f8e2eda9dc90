package aggregator

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// register is a dossier in memory, for tests in virtual time: the connections
// of a real one would not end with the bubble. TestRealStores holds the
// aggregator to the real one.
type register struct {
	mu       sync.Mutex
	cards    map[string]record.Card
	inactive map[record.Citizen]bool
	sent     []dossier.Transaction // of everybody, newest first
}

// citizenOf is the register's citizen of a card.
func citizenOf(card string) record.Citizen { return record.Citizen("citizen of " + card) }

func (r *register) ImportCards(_ context.Context, cards []record.Card) (n dossier.Imported, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.cards
	r.cards = map[string]record.Card{}
	for _, c := range cards {
		if _, twice := r.cards[c.Number]; twice {
			r.cards = was
			return dossier.Imported{}, dossier.ErrConflict
		}
		if _, ok := was[c.Number]; !ok {
			n.Added++
		}
		r.cards[c.Number] = c
	}
	for number := range was {
		if _, ok := r.cards[number]; !ok {
			n.Closed++
		}
	}
	return n, nil
}

func (r *register) Links(_ context.Context, citizen record.Citizen) (links []dossier.Link, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for number, c := range r.cards {
		if citizenOf(number) != citizen {
			continue
		}
		for source, refs := range c.Links {
			for _, ref := range refs {
				links = append(links, dossier.Link{Source: source, Ref: record.NewRef(ref)})
			}
		}
	}
	return links, nil
}

func (r *register) Transactions(_ context.Context, citizen record.Citizen) (list []dossier.Transaction, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.sent {
		if t.Citizen == citizen {
			list = append(list, t)
		}
	}
	return list, nil
}

func (r *register) Owners(_ context.Context, source string) (map[record.Ref][]record.Citizen, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	owners := map[record.Ref][]record.Citizen{}
	for number, c := range r.cards {
		for _, value := range c.Links[source] {
			ref := record.NewRef(value)
			owners[ref] = append(owners[ref], citizenOf(number))
		}
	}
	for _, citizens := range owners {
		slices.Sort(citizens)
	}
	return owners, nil
}

func (r *register) Active(context.Context, time.Time) (active []record.Citizen, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for number := range r.cards {
		if !r.inactive[citizenOf(number)] {
			active = append(active, citizenOf(number))
		}
	}
	return active, nil
}

// card has links written as "source=ref".
func card(number string, links ...string) record.Card {
	c := record.Card{Number: number, Name: "Person " + number, Links: map[string][]string{}}
	for _, l := range links {
		source, ref, _ := strings.Cut(l, "=")
		c.Links[source] = append(c.Links[source], ref)
	}
	return c
}

func registerOf(cards ...record.Card) *register {
	r := &register{cards: map[string]record.Card{}}
	for _, c := range cards {
		r.cards[c.Number] = c
	}
	return r
}

type findFunc func(ctx context.Context, who record.Ref) ([]record.Record, error)

func (f findFunc) Find(ctx context.Context, who record.Ref) ([]record.Record, error) {
	return f(ctx, who)
}

type listFunc func(ctx context.Context, since connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error)

func (f listFunc) List(ctx context.Context, since connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
	return f(ctx, since, emit)
}

// listOf hands over the records that all returns at the time.
func listOf(all func() []record.Record) listFunc {
	return func(_ context.Context, _ connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
		for _, r := range all() {
			if err := emit(r); err != nil {
				return "", err
			}
		}
		return "", nil
	}
}

func loan(owner, key string) record.Record {
	return record.Record{Key: key, Owner: record.NewRef(owner), Body: record.Loan{Item: key, Title: "Title of " + key}}
}

func unit(owner string) record.Record {
	return record.Record{Key: owner, Owner: record.NewRef(owner), Body: record.Unit{Matricule: owner}}
}

func service(key string) record.Record {
	return record.Record{Key: key, Body: record.Service{Code: key, Name: "Service " + key}}
}

func ages() cache.Ages { return cache.Ages{FreshFor: 10 * time.Minute, HideAfter: 24 * time.Hour} }

func person(name string, find findFunc) Source {
	return Source{Name: name, Source: connectors.Source{Find: find}, Ages: ages()}
}

func whole(name string, list listFunc) Source {
	return Source{Name: name, Source: connectors.Source{List: list}, Ages: ages()}
}

// house is an aggregator over a real cache.
type house struct {
	*Aggregator
	t *testing.T
}

func newHouse(t *testing.T, d Dossier, sources ...Source) house {
	t.Helper()
	file, err := cache.OpenFile(filepath.Join(t.TempDir(), "cache.db"), cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	a, err := New(Options{Sources: sources, Cache: file, Dossier: d})
	if err != nil {
		t.Fatal(err)
	}
	return house{a, t}
}

// run starts Run and returns how to stop it and wait.
func (h house) run() (stop func()) {
	ctx, cancel := context.WithCancel(h.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	return func() {
		h.t.Helper()
		cancel()
		if err := <-ended; err != nil {
			h.t.Error(err)
		}
	}
}

func (h house) section(card, source string) cache.Section {
	h.t.Helper()
	d, err := h.o.Cache.Dashboard(h.t.Context(), citizenOf(card))
	if err != nil {
		h.t.Fatal(err)
	}
	return d.Section(source)
}

// expect compares a section with its state, trouble and keys, as in
// "fresh: k1 k2" or "unknown (denied)".
func (h house) expect(card, source, want string) {
	h.t.Helper()
	if got := describe(h.section(card, source)); got != want {
		h.t.Errorf("section %s of %s: %q, want %q", source, card, got, want)
	}
}

func (h house) expectTown(source, want string) {
	h.t.Helper()
	section, err := h.o.Cache.Town(h.t.Context(), source)
	if err != nil {
		h.t.Fatal(err)
	}
	if got := describe(section); got != want {
		h.t.Errorf("town section %s: %q, want %q", source, got, want)
	}
}

func describe(section cache.Section) string {
	view := section.At(time.Now())
	words := string(view.State)
	if view.Trouble != "" {
		words += " (" + view.Trouble + ")"
	}
	records, known := view.Records()
	if known {
		words += ":"
	}
	for _, r := range records {
		words += " " + r.Key
	}
	return words
}

// refresh makes a pass and compares its reason.
func (h house) refresh(source, reason string) Result {
	h.t.Helper()
	r, err := h.Refresh(h.t.Context(), source)
	if r.Reason != reason || (err == nil) != (reason == connectors.ReasonOK) {
		h.t.Errorf("refresh %s: %q, %v; want %q", source, r.Reason, err, reason)
	}
	return r
}
