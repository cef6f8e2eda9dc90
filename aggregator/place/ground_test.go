package place_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/aggregator/place"
	"github.com/semenligne/sem/connectors/record"
)

// TestGround: 200 m around 45, -74 are 0.0018 degrees of latitude and 0.0025 of
// longitude.
func TestGround(t *testing.T) {
	t.Parallel()
	line := func(name string, points ...record.Point) record.Record {
		return record.Record{Key: name, Body: record.Shape{Name: name, Lines: [][]record.Point{points}}}
	}
	park := record.Area{{{{Lat: 45.001, Long: -74}, {Lat: 45.001, Long: -73.99}, {Lat: 45.002, Long: -73.99}}}}
	ground := place.NewGround([]record.Record{
		line("through", record.Point{Lat: 44, Long: -74}, record.Point{Lat: 46, Long: -74}),
		line("east, in", record.Point{Lat: 45, Long: -73.9976}, record.Point{Lat: 45, Long: -73.9}),
		line("east, out", record.Point{Lat: 45, Long: -73.9974}, record.Point{Lat: 45, Long: -73.9}),
		line("north, in", record.Point{Lat: 45.00179, Long: -74}, record.Point{Lat: 45.1, Long: -74}),
		line("north, out", record.Point{Lat: 45.00181, Long: -74}, record.Point{Lat: 45.1, Long: -74}),
		line("south, out", record.Point{Lat: 44.99819, Long: -74}, record.Point{Lat: 44.9, Long: -74}),
		line("nowhere"),
		{Key: "park", Body: record.Place{Name: "Parc", Category: "parc", Outline: park}},
		{Key: "library", Body: record.Place{Name: "Bibliothèque", Point: &record.Point{Lat: 45, Long: -74}}},
		{Key: "pond", Body: record.Shape{Name: "pond", Area: park}},
	})
	var got []string
	for _, s := range ground.Around(record.Point{Lat: 45, Long: -74}, 200) {
		got = append(got, s.Name+s.Category)
	}
	if diff := cmp.Diff([]string{"through", "east, in", "north, in", "parc", "pond"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
