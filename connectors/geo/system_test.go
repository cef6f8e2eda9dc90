package geo

import (
	"errors"
	"math"
	"testing"

	"github.com/semenligne/sem/connectors/record"
)

// dms is an angle in degrees, minutes and seconds.
func dms(degrees, minutes, seconds float64) float64 { return degrees + minutes/60 + seconds/3600 }

// TestTransverseMercator holds the projection to the example that EPSG guidance
// note 7-2 publishes for method 9807, of the British National Grid.
func TestTransverseMercator(t *testing.T) {
	t.Parallel()
	grid := transverseMercator{ellipsoid{6_377_563.396, 1 / 299.32496}, -2, 49, 0.9996012717, 400_000, -100_000}
	got := grid.inverse(577_274.99, 69_740.50)
	if want := (record.Point{Lat: dms(50, 30, 0), Long: dms(0, 30, 0)}); far(got, want) > 0.02 {
		t.Errorf("%.9f, %.9f: %.3f m off", got.Lat, got.Long, far(got, want))
	}
}

// far is roughly how many metres two points are apart.
func far(a, b record.Point) float64 {
	return 111_200 * math.Hypot(a.Lat-b.Lat, (a.Long-b.Long)*math.Cos(a.Lat*math.Pi/180))
}

// TestSystems compares with positions that Montréal publishes both in degrees
// and in MTM zone 8 (open data on its taxi ranks), to their 0.1 m.
func TestSystems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		system string
		x, y   float64
		want   record.Point
		off    float64
	}{
		{"EPSG:32188", 292_927.3, 5_044_811.0, record.Point{Lat: 45.543111805661752, Long: -73.65203717246095}, 0.1},
		{"EPSG:2950", 292_448.6, 5_046_671.3, record.Point{Lat: 45.559843865060678, Long: -73.658214571187273}, 0.1},
		// On a central meridian nothing but the meridian's arc is left: at 45° it
		// is 4,984,944.378 m of GRS 80.
		{"EPSG:2950", 304_800, 0.9999 * 4_984_944.378, record.Point{Lat: 45, Long: -73.5}, 0.001},
		{"urn:ogc:def:crs:EPSG::2949", 304_800, 0.9999 * 4_984_944.378, record.Point{Lat: 45, Long: -70.5}, 0.001},
		{"EPSG:26918", 500_000, 0.9996 * 4_984_944.378, record.Point{Lat: 45, Long: -75}, 0.001},
		{"EPSG:2959", 500_000, 0.9996 * 4_984_944.378, record.Point{Lat: 45, Long: -75}, 0.001},
		{"http://www.opengis.net/def/crs/EPSG/0/32619", 500_000, 0.9996 * 4_984_944.378, record.Point{Lat: 45, Long: -69}, 0.001},
		{"EPSG:4269", -73.9, 45.565, record.Point{Lat: 45.565, Long: -73.9}, 0},
		{"urn:ogc:def:crs:OGC:1.3:CRS84", -73.9, 45.565, record.Point{Lat: 45.565, Long: -73.9}, 0},
	} {
		s, ok := ParseSystem(c.system)
		if !ok {
			t.Errorf("%s is not known", c.system)
			continue
		}
		got, err := s.Point(c.x, c.y)
		if err != nil || far(got, c.want) > c.off {
			t.Errorf("%s: %.9f, %.9f, %.3f m off, error %v", c.system, got.Lat, got.Long, far(got, c.want), err)
		}
	}
	for _, name := range []string{"", "EPSG:", "EPSG:3857", "EPSG:32198", "EPSG:102100", "4326", "urn:ogc:def:crs:OGC:1.3:CRS27", "EPSG:32188x"} {
		if _, ok := ParseSystem(name); ok {
			t.Errorf("%q is known", name)
		}
	}
}

func TestNoPlaceOnEarth(t *testing.T) {
	t.Parallel()
	mtm8, _ := SystemOf(2950)
	for _, s := range []System{Degrees(), mtm8} {
		for _, c := range [][2]float64{{math.NaN(), 45}, {45, math.NaN()}, {math.Inf(1), 45}, {1e300, 1e300}} {
			if p, err := s.Point(c[0], c[1]); !errors.Is(err, ErrPosition) {
				t.Errorf("%v is %v, error %v", c, p, err)
			}
		}
	}
}
