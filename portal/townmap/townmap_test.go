package townmap

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/record"
)

func center() record.Point { return record.Point{Lat: 45.5, Long: -73.9} }

// from is so many metres east and north of the centre.
func from(east, north float64) record.Point {
	c := center()
	perDegree := earthRadius * math.Pi / 180
	return record.Point{Lat: c.Lat + north/perDegree, Long: c.Long + east/perDegree/math.Cos(c.Lat*math.Pi/180)}
}

func street(name, category string, metres ...float64) record.Shape {
	s := record.Shape{Name: name, Category: category, Lines: [][]record.Point{nil}}
	for i := 0; i < len(metres); i += 2 {
		s.Lines[0] = append(s.Lines[0], from(metres[i], metres[i+1]))
	}
	return s
}

func TestDraw(t *testing.T) {
	t.Parallel()
	square := func(half float64) record.Ring {
		return record.Ring{from(-half, -half), from(half, -half), from(half, half), from(-half, half)}
	}
	got := Draw(Scene{
		Center: center(), Reach: 200, Radius: 120, // a metre is a unit
		Spots: []Spot{{1, from(100, 100)}, {2, from(5000, 0)}, {0, from(-60, 30)}},
		Shapes: []record.Shape{
			street("Rue Longue", "rue", -1000, -50, 1000, -50),
			street("", "Piste cyclable", -20, 0, 20, 0),
			street("Loin", "rue", 2000, 2000, 3000, 2000),
			{Category: "Parc", Area: record.Area{{square(80), square(20)}}},
			{Category: "Boisé", Area: record.Area{{square(4000)}}},
			{Category: "zonage", Area: record.Area{{square(10)}}},
		},
	})
	want := Drawing{
		Areas:  []Path{{Green, "M120 120L280 120L280 280L120 280ZM180 220L220 220L220 180L180 180ZM416 -16L416 416L-16 416L-16 -16Z"}},
		Lines:  []Path{{Trail, "M180 200L220 200"}, {Street, "M-16 250L416 250"}},
		Labels: []Label{{"Rue Longue", 200, 250, 0}},
		Marks:  []Mark{{0, 140, 170, 140, 170}, {1, 300, 100, 300, 100}},
		Radius: 120, Street: 7, Scale: Scale{100, 100},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < .01 })); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got.Empty() || !Draw(Scene{Center: center(), Reach: 100, Shapes: []record.Shape{street("", "", 900, 0, 900, 9)}}).Empty() {
		t.Error("empty is what has no ground on it")
	}
}

func TestClasses(t *testing.T) {
	t.Parallel()
	line := [][]record.Point{{from(0, 0), from(1, 1)}}
	for category, want := range map[string]Class{
		"rue": Street, "": Street, "Boulevard": Major, "AUTOROUTE": Major, "rivière": Water, "Cours d'eau": Water, "Parc": Green,
		"Espace vert": Green, "Boisé": Green, "Piste cyclable": Trail, "sentier pédestre": Trail, "Chemin de fer, voie ferrée": Rail, "Bâtiment": Built,
	} {
		if got, ok := classOf(record.Shape{Category: category, Lines: line}); !ok || got != want {
			t.Errorf("%s: %s, %v", category, got, ok)
		}
	}
	if _, ok := classOf(record.Shape{Category: "zonage"}); ok {
		t.Error("an area of no known sort is drawn")
	}
}

// TestNothingLeavesTheDrawing clips lines and rings that go anywhere, and holds
// every coordinate to the drawing and its margin.
func TestNothingLeavesTheDrawing(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 2009))
	for range 2000 {
		var points []record.Point
		for range 2 + random.IntN(9) {
			points = append(points, from((random.Float64()-.5)*4000, (random.Float64()-.5)*4000))
		}
		d := Draw(Scene{Center: center(), Reach: 300, Radius: 300, Shapes: []record.Shape{
			{Category: "rue", Name: "Rue", Lines: [][]record.Point{points}}, {Category: "parc", Area: record.Area{{points}}},
		}})
		for _, p := range append(d.Lines, d.Areas...) {
			fields := strings.FieldsFunc(p.D, func(r rune) bool { return strings.ContainsRune("MLZ ", r) })
			for _, f := range fields {
				var at float64
				if _, err := fmt.Sscan(f, &at); err != nil || at < -margin-.1 || at > Size+margin+.1 {
					t.Fatalf("%s in %s", f, p.D)
				}
			}
		}
	}
}

func TestClipLineIntoPieces(t *testing.T) {
	t.Parallel()
	// In, out and in again: two pieces.
	got := clipLine([]xy{{100, 100}, {100, -400}, {200, -400}, {200, 100}, {300, 100}})
	want := [][]xy{{{100, 100}, {100, -margin}}, {{200, -margin}, {200, 100}, {300, 100}}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(xy{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestMarksDoNotHideEachOther: numbers that fall together, or on the pin, end
// apart, near their places, and always in the same way.
func TestMarksDoNotHideEachOther(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 3))
	var spots []Spot
	for i := range 24 {
		spots = append(spots, Spot{i + 1, from((random.Float64()-.5)*400, (random.Float64()-.5)*400)})
	}
	spots = append(spots, Spot{25, center()}, Spot{26, spots[0].At}, Spot{27, spots[0].At})
	d := Draw(Scene{Center: center(), Reach: 200, Spots: spots})
	for i, a := range d.Marks {
		if gap := math.Hypot(a.X-Size/2, a.Y-Size/2+homeHeight); gap < markRadius+homeRadius-3 {
			t.Errorf("mark %d hides the pin: %.1f", a.Number, gap)
		}
		if far := math.Hypot(a.X-a.AnchorX, a.Y-a.AnchorY); far > 60 {
			t.Errorf("mark %d is %.0f from its place", a.Number, far)
		}
		for _, b := range d.Marks[:i] {
			if gap := math.Hypot(a.X-b.X, a.Y-b.Y); gap < 2*markRadius-4 {
				t.Errorf("marks %d and %d are %.1f apart", a.Number, b.Number, gap)
			}
		}
	}
	if diff := cmp.Diff(d, Draw(Scene{Center: center(), Reach: 200, Spots: spots})); diff != "" {
		t.Errorf("another drawing of the same\n%s", diff)
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	draw := func(spots []Spot, shapes ...record.Shape) []string {
		var got []string
		for _, l := range Draw(Scene{Center: center(), Reach: 200, Spots: spots, Shapes: shapes}).Labels {
			if l.Angle > 90 || l.Angle < -90 {
				t.Errorf("%s is upside down: %.0f", l.Text, l.Angle)
			}
			got = append(got, fmt.Sprintf("%s %.0f %.0f %.0f", l.Text, l.X, l.Y, l.Angle))
		}
		return got
	}
	for _, tc := range []struct {
		name   string
		spots  []Spot
		shapes []record.Shape
		want   []string
	}{
		{"along its street, upright", nil, []record.Shape{street("Rue Nord", "rue", 100, 150, -100, 150)}, []string{"Rue Nord 200 50 0"}},
		{"steep", nil, []record.Shape{street("Rue Nord", "rue", 100, -100, 100, 100)}, []string{"Rue Nord 300 200 90"}},
		{"once, where there is most room", nil, []record.Shape{street("A", "rue", -100, 100, 0, 100), street("A", "rue", -200, 150, 200, 150)}, []string{"A 200 50 0"}},
		{"too short", nil, []record.Shape{street("Rue du Très-Long-Nom", "rue", 0, 100, 40, 100)}, nil},
		{"over a gentle bend", nil, []record.Shape{street("Rue Courbe", "rue", -100, 100, 0, 102, 100, 100)}, []string{"Rue Courbe 200 100 0"}},
		{"not over a corner", nil, []record.Shape{street("Rue du Coin-Coupé", "rue", 100, 100, 140, 100, 140, 60)}, nil},
		{"out of a mark's way", []Spot{{1, from(0, 150)}}, []record.Shape{street("Rue Nord", "rue", -200, 150, 200, 150)}, []string{"Rue Nord 140 50 0"}},
		{"not on top of another", nil, []record.Shape{street("Rue Un", "rue", -200, 150, 200, 150), street("Rue Deux", "rue", -60, 149, 60, 149)}, []string{"Rue Un 200 50 0"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, draw(tc.spots, tc.shapes...)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestDistancesOnTheMap: a point so many metres away is as many units away.
func TestDistancesOnTheMap(t *testing.T) {
	t.Parallel()
	v := newView(center(), 1000)
	for _, at := range [][2]float64{{300, 0}, {0, -300}, {700, 700}} {
		p := v.at(from(at[0], at[1]))
		if diff := cmp.Diff(math.Hypot(at[0], at[1]), p.to(xy{Size / 2, Size / 2})*v.metres, cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < .5 })); diff != "" {
			t.Errorf("%v: %s", at, diff)
		}
	}
}

// TestAtIsTheInverse: what is drawn somewhere is read from there, and both agree
// on how far that is.
func TestAtIsTheInverse(t *testing.T) {
	t.Parallel()
	center := record.Point{Lat: 45.5612, Long: -73.9034}
	for _, at := range [][2]float64{{200, 200}, {1, 1}, {399, 7}, {120.5, 311.25}} {
		p := At(center, 300, at[0], at[1])
		marks := Draw(Scene{Center: center, Reach: 300, Spots: []Spot{{At: p}}}).Marks
		if len(marks) != 1 || math.Hypot(marks[0].AnchorX-at[0], marks[0].AnchorY-at[1]) > 1e-6 {
			t.Errorf("%v is drawn at %v", at, marks)
		}
		metres, bearing := Between(center, p)
		east, north := (at[0]-200)*1.5, (200-at[1])*1.5
		if math.Abs(metres-math.Hypot(east, north)) > 1e-6 {
			t.Errorf("%v is %v metres away", at, metres)
		}
		if want := math.Atan2(east, north); metres > 0 && math.Abs(math.Sin(bearing*math.Pi/180-want)) > 1e-9 {
			t.Errorf("%v is in direction %v", at, bearing)
		}
	}
}
