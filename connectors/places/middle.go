package places

import (
	"math"
	"slices"

	"github.com/semenligne/sem/connectors/geo"
	"github.com/semenligne/sem/connectors/record"
)

// middle returns the one point that stands for a place: its own, the first
// where it has several; else one inside its largest polygon; else the middle of
// its longest line. It is nil for a place without geometry.
func middle(g geo.Geometry) *record.Point {
	switch {
	case len(g.Points) > 0:
		return &g.Points[0]
	case len(g.Area) > 0:
		p := inside(slices.MaxFunc(g.Area, func(a, b record.Polygon) int {
			return compare(surface(a[0]), surface(b[0]))
		}))
		return &p
	case len(g.Lines) > 0:
		p := halfWay(slices.MaxFunc(g.Lines, func(a, b []record.Point) int {
			return compare(length(a), length(b))
		}))
		return &p
	}
	return nil
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// centroid returns a ring's centre of mass and its surface in square degrees.
// It is computed from the first vertex, so that small rings keep their digits.
func centroid(r record.Ring) (centre record.Point, area float64) {
	o := r[0]
	var x, y float64
	for i, b := range r {
		a := r[(i+len(r)-1)%len(r)]
		cross := (a.Long-o.Long)*(b.Lat-o.Lat) - (b.Long-o.Long)*(a.Lat-o.Lat)
		area += cross / 2
		x += (a.Long + b.Long - 2*o.Long) * cross
		y += (a.Lat + b.Lat - 2*o.Lat) * cross
	}
	if area == 0 {
		return o, 0
	}
	return record.Point{Lat: o.Lat + y/(6*area), Long: o.Long + x/(6*area)}, math.Abs(area)
}

func surface(r record.Ring) float64 {
	_, area := centroid(r)
	return area
}

// inside returns the centre of mass where it is in the polygon. Of a horseshoe
// it is not: then the middle of the longest stretch level with it.
func inside(g record.Polygon) record.Point {
	centre, _ := centroid(g[0])
	if g.Contains(centre) {
		return centre
	}
	var crossings []float64
	for _, ring := range g {
		for i, b := range ring {
			a := ring[(i+len(ring)-1)%len(ring)]
			if (a.Lat > centre.Lat) != (b.Lat > centre.Lat) {
				crossings = append(crossings, a.Long+(centre.Lat-a.Lat)*(b.Long-a.Long)/(b.Lat-a.Lat))
			}
		}
	}
	slices.Sort(crossings)
	best, width := g[0][0], 0.0
	for i := 0; i+1 < len(crossings); i += 2 {
		p := record.Point{Lat: centre.Lat, Long: (crossings[i] + crossings[i+1]) / 2}
		if w := crossings[i+1] - crossings[i]; w > width && g.Contains(p) {
			best, width = p, w
		}
	}
	return best
}

// step is the length of a line's part, in degrees of latitude.
func step(a, b record.Point) float64 {
	return math.Hypot(b.Lat-a.Lat, (b.Long-a.Long)*math.Cos(a.Lat*math.Pi/180))
}

func length(line []record.Point) float64 {
	total := 0.0
	for i := 1; i < len(line); i++ {
		total += step(line[i-1], line[i])
	}
	return total
}

// halfWay returns the point in the middle of a line's length.
func halfWay(line []record.Point) record.Point {
	left := length(line) / 2
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		d := step(a, b)
		if d >= left && d > 0 {
			return record.Point{Lat: a.Lat + (b.Lat-a.Lat)*left/d, Long: a.Long + (b.Long-a.Long)*left/d}
		}
		left -= d
	}
	return line[len(line)-1]
}
