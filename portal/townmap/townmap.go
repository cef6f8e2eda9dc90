// Package townmap draws a square piece of a town, from the town's own shapes,
// around a point: ground, parks and water, streets and their names, the circle
// that is asked about and numbered marks. It decides where everything goes;
// colours and words belong to the page. Everything is a pure function.
package townmap

import (
	"math"

	"github.com/semenligne/sem/connectors/record"
)

// Size is the side of a drawing in its own units; x grows to the east and y to
// the south. The point that it is drawn around is in the middle.
const Size = 400

// earthRadius is the mean radius of the Earth in metres (IUGG R1).
const earthRadius = 6_371_008.8

// Scene is what to draw.
type Scene struct {
	Center record.Point
	// Reach is how many metres it is from the middle to a side.
	Reach float64
	// Radius is that of the circle in metres; 0 draws none.
	Radius float64
	Spots  []Spot
	Shapes []record.Shape
	// Tiles is a map in pictures to lay over the shapes; nil lays none.
	Tiles *TileSource
}

// Spot is a point to mark with a number; 0 is a dot without one.
type Spot struct {
	Number int
	At     record.Point
}

// Drawing is where everything goes.
type Drawing struct {
	// Areas and Lines are at most one of each class, the lowest first.
	Areas, Lines []Path
	Labels       []Label
	// Tiles hide areas, lines and labels where they are shown.
	Tiles []Tile
	Marks []Mark
	// Radius is that of the circle, 0 when there is none.
	Radius float64
	// Street is how wide a street is drawn.
	Street float64
	Scale  Scale
}

// Empty tells that there is no ground to draw: only marks on nothing.
func (d Drawing) Empty() bool { return len(d.Areas)+len(d.Lines) == 0 }

// Path is all that is drawn of one class, as an SVG path (SVG 2, section 9.3).
type Path struct {
	Class Class
	D     string
}

// Label is a name along a street, around its middle.
type Label struct {
	Text  string
	X, Y  float64
	Angle float64 // degrees, clockwise, between -90 and 90
}

// Mark is a number on the map, or a dot where Number is 0. Numbers that would
// hide each other stand beside their anchor, which is the very place.
type Mark struct {
	Number           int
	X, Y             float64
	AnchorX, AnchorY float64
}

// Moved tells whether the mark stands beside its anchor.
func (m Mark) Moved() bool { return math.Hypot(m.X-m.AnchorX, m.Y-m.AnchorY) > markRadius/2 }

// Scale is the bar that shows how long so many metres are.
type Scale struct {
	Metres int
	Width  float64
}

// Draw lays a scene out. Spots that are not on the drawing have no mark.
func Draw(s Scene) Drawing {
	v := newView(s.Center, s.Reach)
	d := Drawing{Radius: s.Radius / v.metres, Street: min(max(9/v.metres, 2), 7), Scale: v.scale()}
	d.Areas, d.Lines = v.paths(s.Shapes)
	d.Marks = v.marks(s.Spots)
	d.Labels = v.labels(s.Shapes, d.Marks)
	if s.Tiles != nil {
		d.Tiles = v.tiles(*s.Tiles)
	}
	return d
}

// xy is a point of a drawing.
type xy struct{ x, y float64 }

func (a xy) to(b xy) float64 { return math.Hypot(b.x-a.x, b.y-a.y) }

// view is a plane that touches the Earth at the centre: true to a metre for
// some kilometres.
type view struct {
	center  record.Point
	cosLat  float64
	metres  float64 // a unit of the drawing
	bySouth float64 // units a degree
}

func newView(center record.Point, reach float64) view {
	metres := reach / (Size / 2)
	return view{center, math.Cos(center.Lat * math.Pi / 180), metres, earthRadius * math.Pi / 180 / metres}
}

func (v view) at(p record.Point) xy {
	return xy{
		Size/2 + (p.Long-v.center.Long)*v.cosLat*v.bySouth,
		Size/2 - (p.Lat-v.center.Lat)*v.bySouth,
	}
}

// At is the inverse of a drawing around a point: which point of the Earth is at
// x and y of it.
func At(center record.Point, reach, x, y float64) record.Point {
	v := newView(center, reach)
	return record.Point{Lat: center.Lat - (y-Size/2)/v.bySouth, Long: center.Long + (x-Size/2)/v.bySouth/v.cosLat}
}

// Between is how far it is from one point to another near it, in metres, and in
// which direction, in degrees from north by east.
func Between(a, b record.Point) (metres, bearing float64) {
	at := newView(a, Size/2).at(b) // a unit is a metre
	east, north := at.x-Size/2, Size/2-at.y
	return math.Hypot(east, north), math.Mod(math.Atan2(east, north)*180/math.Pi+360, 360)
}

// scale is the longest round length that takes at most a quarter of the side.
func (v view) scale() Scale {
	best := Scale{10, 10 / v.metres}
	for _, metres := range []int{20, 50, 100, 200, 500, 1000, 2000, 5000} {
		if width := float64(metres) / v.metres; width <= Size/4 {
			best = Scale{metres, width}
		}
	}
	return best
}
