package dossier_test

import (
	"errors"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// pair is a viewer and a person, by their position in town.ids.
type pair struct{ viewer, person int }

// consent is to one dataset of a pair.
type consent struct {
	pair
	dataset dossier.Dataset
}

// town is a real dossier beside what its history allows, told by plain means.
type town struct {
	store   *dossier.SQLite
	zone    *time.Location
	ids     []record.Citizen
	born    []record.Date
	now     time.Time
	members map[pair]bool
	// given is by which right each live consent was given.
	given map[consent]dossier.GrantBasis
}

// TestNobodySeesAStranger plays any history of a town and compares every
// decision of the store and Authorize with what the history allows.
func TestNobodySeesAStranger(t *testing.T) {
	t.Parallel()
	zone := toronto(t)
	s, err := open(filepath.Join(t.TempDir(), "dossier.db"))
	if err != nil {
		t.Fatal(err)
	}
	towns := 0
	rapid.Check(t, func(rt *rapid.T) {
		towns++ // each among the people of all before
		w := newTown(rt, s, zone, towns)
		rt.Repeat(map[string]func(*rapid.T){
			"add": w.add, "remove": w.remove, "give": w.give, "withdraw": w.withdraw, "wait": w.wait, "": w.compare,
		})
	})
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func newTown(rt *rapid.T, s *dossier.SQLite, zone *time.Location, n int) *town {
	w := &town{
		store: s, zone: zone, now: time.Date(2026, time.January, 1, 12, 0, 0, 0, time.UTC),
		members: map[pair]bool{}, given: map[consent]dossier.GrantBasis{},
	}
	days := []record.Date{
		{},
		{Year: 1985, Month: time.June, Day: 1},
		{Year: 2012, Month: time.February, Day: 29},
		{Year: 2012, Month: time.March, Day: 8},
		{Year: 2008, Month: time.November, Day: 1},
	}
	var cards []record.Card
	for i := range 4 {
		w.born = append(w.born, rapid.SampledFrom(days).Draw(rt, "born"))
		cards = append(cards, record.Card{Number: strconv.Itoa(n*10 + i), Born: w.born[i]})
	}
	if _, err := s.ImportCards(rt.Context(), cards); err != nil {
		rt.Fatal(err)
	}
	for _, c := range cards {
		id, err := s.ByCard(rt.Context(), c.Number)
		if err != nil {
			rt.Fatal(err)
		}
		w.ids = append(w.ids, id)
	}
	return w
}

func (w *town) draw(rt *rapid.T) consent {
	return consent{
		pair{rapid.IntRange(0, 3).Draw(rt, "viewer"), rapid.IntRange(0, 3).Draw(rt, "person")},
		rapid.SampledFrom(dossier.Datasets()).Draw(rt, "dataset"),
	}
}

// expect fails unless the store did what the history allows.
func (w *town) expect(rt *rapid.T, allowed bool, err error) {
	if allowed != (err == nil) || err != nil && !errors.Is(err, dossier.ErrNotFound) && !errors.Is(err, dossier.ErrRefused) {
		rt.Fatalf("allowed %t, error %v", allowed, err)
	}
}

func (w *town) add(rt *rapid.T) {
	p := w.draw(rt).pair
	allowed := p.viewer != p.person
	w.expect(rt, allowed, w.store.AddMember(rt.Context(), w.ids[p.viewer], w.ids[p.person], w.now))
	if allowed {
		w.members[p] = true
	}
}

func (w *town) remove(rt *rapid.T) {
	p := w.draw(rt).pair
	w.expect(rt, w.members[p], w.store.RemoveMember(rt.Context(), w.ids[p.viewer], w.ids[p.person], w.now))
	delete(w.members, p)
	for _, dataset := range dossier.Datasets() {
		delete(w.given, consent{p, dataset})
	}
}

func (w *town) give(rt *rapid.T) {
	c, basis := w.draw(rt), rapid.SampledFrom([]dossier.GrantBasis{dossier.Own, dossier.Parental}).Draw(rt, "basis")
	age := counted(w.born[c.person], record.DateOf(w.now.In(w.zone)))
	allowed := w.members[c.pair] && (age == dossier.AgeChild) == (basis == dossier.Parental)
	w.expect(rt, allowed, w.store.GiveConsent(rt.Context(), dossier.Grant{
		Person: w.ids[c.person], Viewer: w.ids[c.viewer], Dataset: c.dataset, Basis: basis,
		Wording: "Oui.", Language: "fr", At: w.now,
	}))
	if allowed {
		w.given[c] = basis
	}
}

func (w *town) withdraw(rt *rapid.T) {
	c := w.draw(rt)
	_, given := w.given[c]
	w.expect(rt, given, w.store.WithdrawConsent(rt.Context(), w.ids[c.person], w.ids[c.viewer], c.dataset, w.now))
	delete(w.given, c)
}

func (w *town) wait(rt *rapid.T) {
	w.now = w.now.Add(rapid.SampledFrom([]time.Duration{
		time.Hour, 24 * time.Hour, 40 * 24 * time.Hour, 700 * 24 * time.Hour,
	}).Draw(rt, "wait"))
}

// compare asks for all that one of the town may see.
func (w *town) compare(rt *rapid.T) {
	viewer := w.draw(rt).viewer
	h, err := w.store.Household(rt.Context(), w.ids[viewer])
	if err != nil {
		rt.Fatal(err)
	}
	next := h.NextChange(w.now, w.zone)
	for person := range w.ids {
		for _, dataset := range dossier.Datasets() {
			want := w.allowed(consent{pair{viewer, person}, dataset})
			d := dossier.Authorize(w.ids[viewer], w.ids[person], dataset, h, w.now, w.zone)
			if d.Allowed != want {
				rt.Fatalf("%d sees %s of %d at %s: %t, want %t", viewer, dataset, person, w.now, d.Allowed, want)
			}
			if d.Allowed && !d.Until.IsZero() && (next.IsZero() || d.Until.Before(next)) {
				rt.Fatalf("a change at %s, and the next one at %s", d.Until, next)
			}
		}
	}
}

func (w *town) allowed(c consent) bool {
	switch w.given[c] {
	case dossier.Own:
		return true
	case dossier.Parental:
		age := counted(w.born[c.person], record.DateOf(w.now.In(w.zone)))
		return age == dossier.AgeChild || age == dossier.AgeTeen && c.dataset == dossier.Requests
	}
	return c.viewer == c.person
}
