package record

import "math"

// Area is ground: any number of polygons (GeoJSON's MultiPolygon, RFC 7946
// section 3.1.7). Sides are straight in degrees.
type Area []Polygon

// Polygon is an outer ring, then the rings of its holes.
type Polygon []Ring

// Ring is a closed line of three or more points. The first is not repeated at
// the end, and the direction says nothing.
type Ring []Point

// onBorder is how near a side, in degrees, a point is on it: a tenth of a
// millimetre, far below what surveys know and far above what rounding does.
const onBorder = 1e-9

// Contains tells whether the point is inside, or on the border, of the area or
// of one of its holes.
func (a Area) Contains(p Point) bool {
	for _, polygon := range a {
		if polygon.Contains(p) {
			return true
		}
	}
	return false
}

// Contains tells whether the point is inside, or on the border, of the polygon
// or of one of its holes.
func (g Polygon) Contains(p Point) bool {
	for i, ring := range g {
		switch inside, border := ring.where(p); {
		case border:
			return true
		case i == 0 && !inside, i > 0 && inside:
			return false
		}
	}
	return len(g) > 0
}

// where tells whether the point is on the ring, and whether it is inside: a ray
// towards the east crosses it an odd number of times.
func (r Ring) where(p Point) (inside, border bool) {
	for i, b := range r {
		a := r[(i+len(r)-1)%len(r)]
		if nearSide(a, b, p) {
			return false, true
		}
		// A side counts from its lower end, included, to its upper one, excluded,
		// so that a vertex at the ray's height counts once.
		if (a.Lat > p.Lat) != (b.Lat > p.Lat) && p.Long < a.Long+(p.Lat-a.Lat)*(b.Long-a.Long)/(b.Lat-a.Lat) {
			inside = !inside
		}
	}
	return inside, false
}

// nearSide tells whether the point is on the side from a to b.
func nearSide(a, b, p Point) bool {
	dx, dy := b.Long-a.Long, b.Lat-a.Lat
	x, y := p.Long-a.Long, p.Lat-a.Lat
	if length := dx*dx + dy*dy; length > 0 {
		along := min(max((x*dx+y*dy)/length, 0), 1)
		x, y = x-along*dx, y-along*dy
	}
	return math.Abs(x) <= onBorder && math.Abs(y) <= onBorder
}

// Bounds returns the south-western and north-eastern corners of the smallest
// box around the area.
func (a Area) Bounds() (southWest, northEast Point) {
	southWest = Point{Lat: math.Inf(1), Long: math.Inf(1)}
	northEast = Point{Lat: math.Inf(-1), Long: math.Inf(-1)}
	for _, polygon := range a {
		for _, ring := range polygon {
			for _, p := range ring {
				southWest = Point{Lat: min(southWest.Lat, p.Lat), Long: min(southWest.Long, p.Long)}
				northEast = Point{Lat: max(northEast.Lat, p.Lat), Long: max(northEast.Long, p.Long)}
			}
		}
	}
	return southWest, northEast
}
