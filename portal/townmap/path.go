package townmap

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/semenligne/sem/connectors/record"
)

// margin is how far outside the drawing lines still go, so that their ends and
// edges are not seen.
const margin = 16

// paths draws the shapes, all those of a class as one path.
func (v view) paths(shapes []record.Shape) (areas, lines []Path) {
	byArea, byLine := map[Class]*pen{}, map[Class]*pen{}
	of := func(m map[Class]*pen, c Class) *pen {
		if m[c] == nil {
			m[c] = &pen{}
		}
		return m[c]
	}
	for _, s := range shapes {
		class, ok := classOf(s)
		if !ok {
			continue
		}
		for _, polygon := range s.Area {
			for i, ring := range polygon {
				of(byArea, class).ring(clipRing(v.line(ring)), i > 0)
			}
		}
		for _, line := range s.Lines {
			for _, part := range clipLine(v.line(line)) {
				of(byLine, class).line(part)
			}
		}
	}
	for _, class := range []Class{Green, Water, Built} {
		if p := byArea[class]; p != nil && p.Len() > 0 {
			areas = append(areas, Path{class, p.String()})
		}
	}
	for _, class := range []Class{Water, Rail, Trail, Green, Street, Major} {
		if p := byLine[class]; p != nil && p.Len() > 0 {
			lines = append(lines, Path{class, p.String()})
		}
	}
	return areas, lines
}

func (v view) line(points []record.Point) []xy {
	list := make([]xy, len(points))
	for i, p := range points {
		list[i] = v.at(p)
	}
	return list
}

// pen writes an SVG path.
type pen struct{ strings.Builder }

func (p *pen) line(points []xy) {
	last := xy{math.Inf(1), 0}
	for i, at := range points {
		// What is nearer than a third of a unit cannot be told apart.
		if i > 0 && i < len(points)-1 && last.to(at) < 1./3 {
			continue
		}
		if i == 0 {
			p.WriteByte('M')
		} else {
			p.WriteByte('L')
		}
		p.WriteString(number(at.x))
		p.WriteByte(' ')
		p.WriteString(number(at.y))
		last = at
	}
}

// ring draws an outer ring one way round and a hole the other, whatever the
// source did, so that grounds that overlap stay filled (SVG's nonzero rule).
func (p *pen) ring(points []xy, hole bool) {
	if len(points) < 3 {
		return
	}
	area := 0.
	for i, b := range points {
		a := points[(i+len(points)-1)%len(points)]
		area += a.x*b.y - b.x*a.y
	}
	if (area < 0) != hole {
		slices.Reverse(points)
	}
	p.line(points)
	p.WriteByte('Z')
}

// number writes a coordinate with one decimal.
func number(f float64) string {
	return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64)
}

// clipLine keeps what of a line is on the drawing: none, one or more pieces.
func clipLine(line []xy) [][]xy {
	var pieces [][]xy
	open := false // whether the last piece reached up to here
	for i := 1; i < len(line); i++ {
		a, b, ok := clipSide(line[i-1], line[i])
		if !ok {
			open = false
			continue
		}
		if !open {
			pieces = append(pieces, []xy{a})
		}
		last := &pieces[len(pieces)-1]
		*last = append(*last, b)
		open = b == line[i]
	}
	return pieces
}

// clipSide keeps what of a side is on the drawing (Liang and Barsky).
func clipSide(a, b xy) (from, to xy, ok bool) {
	dx, dy := b.x-a.x, b.y-a.y
	first, last := 0., 1.
	for _, edge := range [][2]float64{
		{-dx, a.x + margin}, {dx, Size + margin - a.x}, {-dy, a.y + margin}, {dy, Size + margin - a.y},
	} {
		p, q := edge[0], edge[1]
		switch {
		case math.IsNaN(p) || math.IsNaN(q), p == 0 && q < 0:
			return a, b, false
		case p < 0:
			first = max(first, q/p)
		case p > 0:
			last = min(last, q/p)
		}
	}
	if first > last {
		return a, b, false
	}
	from, to = a, b
	if first > 0 {
		from = xy{a.x + first*dx, a.y + first*dy}
	}
	if last < 1 {
		to = xy{a.x + last*dx, a.y + last*dy}
	}
	return from, to, true
}

// clipRing keeps what of a ring is on the drawing (Sutherland and Hodgman).
func clipRing(ring []xy) []xy {
	for _, inside := range []func(p xy) float64{
		func(p xy) float64 { return p.x + margin }, func(p xy) float64 { return Size + margin - p.x },
		func(p xy) float64 { return p.y + margin }, func(p xy) float64 { return Size + margin - p.y },
	} {
		var kept []xy
		for i, b := range ring {
			a := ring[(i+len(ring)-1)%len(ring)]
			in, out := inside(a), inside(b)
			if math.IsNaN(in) || math.IsNaN(out) {
				return nil
			}
			if (in >= 0) != (out >= 0) {
				f := in / (in - out)
				kept = append(kept, xy{a.x + f*(b.x-a.x), a.y + f*(b.y-a.y)})
			}
			if out >= 0 {
				kept = append(kept, b)
			}
		}
		ring = kept
	}
	return ring
}
