package main

import (
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/cmd/sem/town"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal"
)

// TestTownPlaces asks what is around a point of the invented town, before the
// lists are read, after, and when one changes.
func TestTownPlaces(t *testing.T) {
	t.Parallel()
	store, err := cache.OpenFile(filepath.Join(t.TempDir(), "cache.db"), cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	places := &townPlaces{
		cache: store, shapes: []string{"ground"},
		lists: []string{"places"}, titles: []map[string]string{{"fr": "Les lieux"}},
	}
	home := town.Spots()[0].Point
	near := func() portal.Surroundings {
		got, err := places.Near(t.Context(), home, 300)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	now := time.Now()
	unread := near()
	if l := unread.Lists[0]; len(unread.Places) != 0 || l.Section.At(now).State != cache.Unknown || l.Title["fr"] != "Les lieux" {
		t.Errorf("before it is read: %+v", unread)
	}
	put := func(source string, records ...record.Record) {
		section := cache.Section{Source: source}.Succeeded(records, now, cache.Ages{FreshFor: time.Hour, HideAfter: 2 * time.Hour})
		section.Version = near().Lists[0].Section.Version + 1
		if err := store.PutTown(t.Context(), section); err != nil {
			t.Fatal(err)
		}
	}
	var spots, lines []record.Record
	var want []string
	for _, s := range town.Spots() {
		p := s.Point
		body := record.Place{Name: s.Name, Category: s.Category, Point: &p}
		if s.Ring != nil {
			body.Outline = record.Area{{s.Ring}}
		}
		spots = append(spots, record.Record{Key: s.ID, Source: "places", Body: body})
		// Here a plane is as good as the sphere: no place is within a metre of 300.
		east, north := (p.Long-home.Long)*math.Cos(home.Lat*math.Pi/180)*111_195.08, (p.Lat-home.Lat)*111_195.08
		if math.Hypot(east, north) <= 300 {
			want = append(want, s.Name)
		}
	}
	for _, l := range town.Streets() {
		lines = append(lines, record.Record{Key: l.Name, Body: record.Shape{Name: l.Name, Category: l.Sort, Lines: [][]record.Point{l.Points}}})
	}
	far := record.Record{Key: "far", Body: record.Shape{Name: "far", Lines: [][]record.Point{{{Lat: 46, Long: -74}, {Lat: 46.1, Long: -74}}}}}
	put("places", spots...)
	put("ground", append(lines, far)...)
	got := near()
	var names []string
	for _, p := range got.Places {
		names = append(names, p.Name)
	}
	sorted := cmp.Transformer("sorted", func(list []string) map[string]int {
		count := map[string]int{}
		for _, s := range list {
			count[s]++
		}
		return count
	})
	if diff := cmp.Diff(want, names, sorted); diff != "" || len(want) < 3 {
		t.Errorf("%d places (-want +got)\n%s", len(want), diff)
	}
	streets, grounds := 0, 0
	for _, s := range got.Shapes {
		if s.Name == "far" {
			t.Error("a street forty kilometres away is drawn")
		}
		if len(s.Lines) > 0 {
			streets++
		} else {
			grounds++
		}
	}
	if streets < 4 || grounds < 1 {
		t.Errorf("%d streets, %d grounds", streets, grounds)
	}
	put("places", spots[0])
	if got := near(); len(got.Places) != 1 {
		t.Errorf("after the list changed: %d places", len(got.Places))
	}
}
