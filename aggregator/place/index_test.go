package place_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/aggregator/place"
	"github.com/semenligne/sem/connectors/record"
)

// placeAt makes a record of a place.
func placeAt(key string, lat, long float64) record.Record {
	return record.Record{Key: key, Source: "lieux", Body: record.Place{Name: key, Point: &record.Point{Lat: lat, Long: long}}}
}

// haversine is the textbook's distance, which the engine does not use.
func haversine(a, b record.Point) float64 {
	rad := func(degrees float64) float64 { return degrees * math.Pi / 180 }
	lat, long := math.Sin(rad(b.Lat-a.Lat)/2), math.Sin(rad(b.Long-a.Long)/2)
	return 2 * 6_371_008.8 * math.Asin(math.Sqrt(min(1, lat*lat+math.Cos(rad(a.Lat))*math.Cos(rad(b.Lat))*long*long)))
}

func TestMetres(t *testing.T) {
	t.Parallel()
	quarter := math.Pi / 2 * 6_371_008.8
	for _, c := range []struct {
		name      string
		a, b      record.Point
		want, off float64
	}{
		{"the same point", record.Point{Lat: 45.565, Long: -73.9}, record.Point{Lat: 45.565, Long: -73.9}, 0, 0},
		{"0.0027 degrees of latitude", record.Point{Lat: 45.565, Long: -73.9}, record.Point{Lat: 45.5677, Long: -73.9}, 0.0027 * quarter / 90, 1e-6},
		{"equator to pole", record.Point{Lat: 0, Long: 20}, record.Point{Lat: 90, Long: -70}, quarter, 1e-6},
		{"across the 180th meridian", record.Point{Lat: 0, Long: 179.5}, record.Point{Lat: 0, Long: -179.5}, quarter / 90, 1e-6},
		{"antipodes", record.Point{Lat: 45, Long: -74}, record.Point{Lat: -45, Long: 106}, 2 * quarter, 0.5},
	} {
		for _, got := range []float64{place.Metres(c.a, c.b), place.Metres(c.b, c.a)} {
			if math.Abs(got-c.want) > c.off {
				t.Errorf("%s: %.9f m, want %.9f", c.name, got, c.want)
			}
		}
	}
}

func TestBearing(t *testing.T) {
	t.Parallel()
	from := record.Point{Lat: 45, Long: -74}
	for _, c := range []struct {
		lat, long, want float64
	}{
		{45.001, -74, 0},
		{45, -73.9999, 90},
		{44.999, -74, 180},
		{45, -74.0001, 270},
		{45, -74, 0},
		{45.0001, -74 + 0.0001/math.Cos(45*math.Pi/180), 45},
		{45.0001, -74 - 0.0001/math.Cos(45*math.Pi/180), 315},
	} {
		if got := place.Bearing(from, record.Point{Lat: c.lat, Long: c.long}); math.Abs(got-c.want) > 0.001 && math.Abs(got-c.want) < 359.999 || got >= 360 {
			t.Errorf("to %v, %v: %v degrees, want %v", c.lat, c.long, got, c.want)
		}
	}
}

// TestWithinIsBruteForce compares towns of every shape with asking all places.
func TestWithinIsBruteForce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                     string
		south, north, west, east float64
		radius                   float64
	}{
		{"a town", 45.53, 45.605, -73.98, -73.87, 300},
		{"a wide radius", 45.53, 45.605, -73.98, -73.87, 1000},
		{"a village", 45.5, 45.502, -73.9, -73.898, 300},
		{"one street", 45.5, 45.5, -73.98, -73.87, 300},
		{"a province", 45, 62, -79, -57, 80_000},
		{"the world", -90, 90, -180, 180, 500_000},
		{"half of the world", -90, 90, -180, 180, 10_007_500},
		{"all of the world", -90, 90, -180, 180, 30_000_000},
		{"across the 180th meridian", -17, -16, 179.9, 180, 5000},
		{"a pole", 89.99, 90, -180, 180, 300},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(1, 2))
			at := func() record.Point {
				return record.Point{Lat: c.south + random.Float64()*(c.north-c.south), Long: c.west + random.Float64()*(c.east-c.west)}
			}
			var records []record.Record
			for i := range 800 {
				p := at()
				if c.name == "across the 180th meridian" && i%2 == 0 {
					p.Long = -p.Long
				}
				records = append(records, placeAt(fmt.Sprintf("%03d", i), p.Lat, p.Long))
			}
			index := place.NewIndex(records)
			found := 0
			for range 200 {
				from := at()
				near := index.Within(from, c.radius)
				found += len(near)
				compare(t, near, records, from, c.radius)
			}
			if found == 0 {
				t.Error("nothing was near anything")
			}
		})
	}
}

// compare holds an answer to the haversine of every place. A place within a
// millimetre of the limit may be in or out.
func compare(t *testing.T, near []place.Near, records []record.Record, from record.Point, radius float64) {
	t.Helper()
	in := map[string]place.Near{}
	for i, n := range near {
		in[n.Place.Key] = n
		if i > 0 && n.Metres < near[i-1].Metres {
			t.Fatalf("%v m after %v m", n.Metres, near[i-1].Metres)
		}
	}
	if len(in) != len(near) {
		t.Fatalf("%d answers, %d of them different", len(near), len(in))
	}
	for _, r := range records {
		d := haversine(from, *r.Body.(record.Place).Point)
		n, ok := in[r.Key]
		if margin := 1e-3 + d*1e-9; math.Abs(d-radius) > margin && ok != (d < radius) {
			t.Fatalf("%s at %v m is near: %t", r.Key, d, ok)
		}
		// Near the antipodes the haversine itself keeps few digits.
		if ok && math.Abs(n.Metres-d) > 1e-6+d*1e-6 {
			t.Fatalf("%s at %v m, by haversine %v m", r.Key, n.Metres, d)
		}
	}
}

func TestWithinLimit(t *testing.T) {
	t.Parallel()
	from := record.Point{Lat: 45.565, Long: -73.9}
	at := record.Point{Lat: 45.5677, Long: -73.9}
	index := place.NewIndex([]record.Record{placeAt("parc", at.Lat, at.Long)})
	d := place.Metres(from, at)
	if near := index.Within(from, d); len(near) != 1 || near[0].Metres != d {
		t.Errorf("a place at the very radius is out: %v", near)
	}
	if near := index.Within(from, math.Nextafter(d, 0)); len(near) != 0 {
		t.Errorf("a place past the radius is in: %v", near)
	}
	if near := index.Within(at, 0); len(near) != 1 || near[0].Metres != 0 || near[0].Bearing() != 0 {
		t.Errorf("a place at the very point is not at 0 m: %v", near)
	}
}

func TestWithinOrder(t *testing.T) {
	t.Parallel()
	other := placeAt("b", 45.566, -73.9)
	other.Source = "autres"
	records := []record.Record{
		placeAt("c", 45.566, -73.9), placeAt("b", 45.566, -73.9), placeAt("z", 45.5651, -73.9), placeAt("a", 45.566, -73.9), other,
		{Key: "service", Body: record.Service{}},
		{Key: "nowhere", Body: record.Place{}},
		placeAt("null", 0, 0),
	}
	index := place.NewIndex(records)
	if index.Len() != 5 || index.Unplaced() != 2 {
		t.Errorf("%d places, %d without a point", index.Len(), index.Unplaced())
	}
	var got []string
	for _, n := range index.Within(record.Point{Lat: 45.565, Long: -73.9}, 300) {
		got = append(got, n.Place.Key+"@"+n.Place.Source)
		if b := n.Bearing(); math.Min(b, 360-b) > 1e-6 {
			t.Errorf("%s is north, at %v degrees", n.Place.Key, b)
		}
	}
	if diff := cmp.Diff([]string{"z@lieux", "a@lieux", "b@autres", "b@lieux", "c@lieux"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	slices.Reverse(records)
	if again := place.NewIndex(records).Within(record.Point{Lat: 45.565, Long: -73.9}, 300); again[1].Place.Key != "a" {
		t.Error("the order depends on that of the records")
	}
}

func TestWithinNothing(t *testing.T) {
	t.Parallel()
	index := place.NewIndex([]record.Record{placeAt("parc", 45.5, -73.9)})
	here := record.Point{Lat: 45.5, Long: -73.9}
	for name, near := range map[string][]place.Near{
		"no places":    place.NewIndex(nil).Within(here, 300),
		"no point":     index.Within(record.Point{}, 1e9),
		"not a number": index.Within(record.Point{Lat: math.NaN(), Long: -73}, 300),
		"radius NaN":   index.Within(here, math.NaN()),
		"radius < 0":   index.Within(here, -1),
	} {
		if len(near) > 0 {
			t.Errorf("%s: %v", name, near)
		}
	}
	if near := index.Within(here, math.Inf(1)); len(near) != 1 {
		t.Errorf("an endless radius holds %d places", len(near))
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	at := func() record.Point {
		return record.Point{Lat: 45.53 + 0.02*random.Float64(), Long: -73.9 + 0.02*random.Float64()}
	}
	var records []record.Record
	for i := range 300 {
		p := at()
		records = append(records, placeAt(fmt.Sprint(i), p.Lat, p.Long))
	}
	index := place.NewIndex(records)
	properties := map[string]record.Point{}
	for i := range 500 {
		properties[fmt.Sprintf("0719%014d", i)] = at()
	}
	all := func(yield func(string, record.Point) bool) {
		for key, p := range properties {
			if !yield(key, p) {
				return
			}
		}
	}
	whole, some := place.NewTable(index, 300, all, math.MaxInt), place.NewTable(index, 300, all, 1000)
	if whole.Kept() != 500 || some.Kept() == 0 || some.Kept() == 500 {
		t.Errorf("%d answers kept without a limit, %d with one", whole.Kept(), some.Kept())
	}
	var wg sync.WaitGroup
	for _, table := range []*place.Table{whole, some} {
		wg.Go(func() {
			for key, p := range properties {
				near, ok := table.Near(key)
				if want := index.Within(p, 300); !ok || !slices.Equal(near, want) {
					t.Errorf("%d places from the table, %d from the index", len(near), len(want))
				}
			}
		})
	}
	wg.Wait()
	if _, ok := whole.Near("0"); ok {
		t.Error("a property that is not in the table has an answer")
	}
}
