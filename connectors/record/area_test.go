package record_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/semenligne/sem/connectors/record"
)

// ring makes a ring of latitudes and longitudes.
func ring(latLong ...float64) record.Ring {
	var r record.Ring
	for i := 0; i < len(latLong); i += 2 {
		r = append(r, record.Point{Lat: latLong[i], Long: latLong[i+1]})
	}
	return r
}

// court is a square with a square hole, and an island in the hole.
func court() record.Area {
	return record.Area{
		{ring(45, -74, 45, -73, 46, -73, 46, -74), ring(45.25, -73.75, 45.75, -73.75, 45.75, -73.25, 45.25, -73.25)},
		{ring(45.5, -73.5, 45.5, -73.375, 45.625, -73.5)},
	}
}

func TestAreaContains(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		lat, long float64
		want      bool
	}{
		{"inside", 45.1, -73.9, true},
		{"outside", 44.9, -73.9, false},
		{"west of it, at a vertex's height", 45, -75, false},
		{"east of it, at a vertex's height", 46, -72, false},
		{"level with the hole's vertices", 45.25, -73.9, true},
		{"between the hole's vertices, outside on the west", 45.75, -74.5, false},
		{"on a vertex", 45, -74, true},
		{"on the last vertex", 46, -74, true},
		{"on the southern side", 45, -73.5, true},
		{"on the closing side", 45.3, -74, true},
		{"on the eastern side", 45.7, -73, true},
		{"in the hole", 45.3, -73.7, false},
		{"on the hole's side", 45.25, -73.5, true},
		{"on the hole's vertex", 45.75, -73.25, true},
		{"on the island", 45.55, -73.45, true},
		{"on the island's slanting side", 45.5625, -73.4375, true},
		{"a metre past the island's slanting side", 45.5625, -73.43749, false},
		{"a millimetre outside", 44.99999999, -73.5, false},
		{"not a number", math.NaN(), -73.5, false},
		{"endless", 45.5, math.Inf(-1), false},
	} {
		if got := court().Contains(record.Point{Lat: c.lat, Long: c.long}); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	if (record.Area{}).Contains(record.Point{}) || (record.Area{{}}).Contains(record.Point{}) {
		t.Error("nothing contains something")
	}
}

// TestEveryPointOfASide: points computed on a side are off it by rounding, and
// belong to both areas that share the side.
// TestCrossedRing: a ring that crosses itself holds what it goes around an odd
// number of times, and every border.
func TestCrossedRing(t *testing.T) {
	t.Parallel()
	bow := record.Area{{{{Lat: 45, Long: -74}, {Lat: 46, Long: -73}, {Lat: 45, Long: -73}, {Lat: 46, Long: -74}}}}
	twice := record.Area{{{
		{Lat: 45, Long: -74},
		{Lat: 45, Long: -73},
		{Lat: 46, Long: -73},
		{Lat: 46, Long: -74},
		{Lat: 45, Long: -74},
		{Lat: 45, Long: -73.5},
		{Lat: 45.5, Long: -73.5},
		{Lat: 45.5, Long: -74},
	}}}
	for _, c := range []struct {
		name      string
		area      record.Area
		lat, long float64
		want      bool
	}{
		{"its western half", bow, 45.5, -73.9, true},
		{"its eastern half", bow, 45.5, -73.1, true},
		{"above the crossing", bow, 45.9, -73.5, false},
		{"below the crossing", bow, 45.1, -73.5, false},
		{"on the crossing", bow, 45.5, -73.5, true},
		{"gone around once", twice, 45.75, -73.25, true},
		{"gone around twice", twice, 45.25, -73.75, false},
		{"on the inner border", twice, 45.5, -73.75, true},
	} {
		if got := c.area.Contains(record.Point{Lat: c.lat, Long: c.long}); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestEveryPointOfASide(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	at := func() record.Point {
		return record.Point{Lat: 45.5 + 0.1*random.Float64(), Long: -73.9 - 0.1*random.Float64()}
	}
	for range 20_000 {
		a, b := at(), at()
		left := record.Area{{{a, b, {Lat: a.Lat, Long: -75}}}}
		right := record.Area{{{a, b, {Lat: b.Lat, Long: -73}}}}
		f := random.Float64()
		p := record.Point{Lat: a.Lat + f*(b.Lat-a.Lat), Long: a.Long + f*(b.Long-a.Long)}
		if !left.Contains(p) || !right.Contains(p) || !left.Contains(a) || !right.Contains(b) {
			t.Fatalf("%v, on the side from %v to %v, is not in both", p, a, b)
		}
	}
}

func TestAreaBounds(t *testing.T) {
	t.Parallel()
	southWest, northEast := court().Bounds()
	if southWest != (record.Point{Lat: 45, Long: -74}) || northEast != (record.Point{Lat: 46, Long: -73}) {
		t.Errorf("from %v to %v", southWest, northEast)
	}
}
