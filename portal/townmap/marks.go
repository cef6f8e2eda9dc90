package townmap

import "math"

const (
	// markRadius is that of a mark, and homeRadius of the pin's head, which is
	// above the middle.
	markRadius = 10
	homeRadius = 13
	homeHeight = 20
	apart      = 2*markRadius + 2
)

// marks places the numbers: on their points where there is room, else as near
// as they can be without hiding each other or the pin. The same points always
// give the same places.
func (v view) marks(spots []Spot) []Mark {
	var marks, dots []Mark
	for _, s := range spots {
		at := v.at(s.At)
		if at.x < 0 || at.y < 0 || at.x > Size || at.y > Size || math.IsNaN(at.x+at.y) {
			continue
		}
		m := Mark{s.Number, at.x, at.y, at.x, at.y}
		if m.Number == 0 {
			dots = append(dots, m)
			continue
		}
		marks = append(marks, m)
	}
	for range 150 {
		for i := range marks {
			m := &marks[i]
			m.X += (m.AnchorX - m.X) * .04
			m.Y += (m.AnchorY - m.Y) * .04
		}
		for i := range marks {
			for j := range i {
				push(&marks[i], &marks[j], i)
			}
			leaveHome(&marks[i])
		}
		for i := range marks {
			m := &marks[i]
			m.X = min(max(m.X, markRadius+3), Size-markRadius-3)
			m.Y = min(max(m.Y, markRadius+3), Size-markRadius-3)
		}
	}
	return append(dots, marks...)
}

// push moves two marks that overlap from each other.
func push(a, b *Mark, n int) {
	dx, dy := a.X-b.X, a.Y-b.Y
	d := math.Hypot(dx, dy)
	if d >= apart {
		return
	}
	if d < 1e-6 { // at one place: each leaves in a direction of its own
		dy, dx = math.Sincos(float64(n) * 2.4)
		d = 1
	}
	half := (apart - d) / 2 / d
	a.X, a.Y = a.X+dx*half, a.Y+dy*half
	b.X, b.Y = b.X-dx*half, b.Y-dy*half
}

// leaveHome moves a mark off the pin.
func leaveHome(m *Mark) {
	for _, y := range []float64{Size/2 - homeHeight, Size/2 - 4} {
		dx, dy := m.X-Size/2, m.Y-y
		d := math.Hypot(dx, dy)
		if wanted := float64(markRadius + homeRadius + 1); d < wanted {
			if d < 1e-6 {
				dx, dy, d = 1, 0, 1
			}
			m.X, m.Y = Size/2+dx*wanted/d, y+dy*wanted/d
		}
	}
}
