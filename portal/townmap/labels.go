package townmap

import (
	"cmp"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/semenligne/sem/connectors/record"
)

const (
	letterWidth = 5.6 // of a name, on average
	bend        = 10  // degrees that a line under a name may turn
)

// labels names streets, the longest straight pieces first, wherever a name is
// in nobody's way. A name stands once.
func (v view) labels(shapes []record.Shape, marks []Mark) []Label {
	var runs []run
	for _, s := range shapes {
		if class, _ := classOf(s); s.Name == "" || class != Street && class != Major && class != Water {
			continue
		}
		for _, line := range s.Lines {
			for _, piece := range clipLine(v.line(line)) {
				runs = append(runs, straight(s.Name, piece)...)
			}
		}
	}
	slices.SortStableFunc(runs, func(a, b run) int {
		return cmp.Or(cmp.Compare(b.length(), a.length()), cmp.Compare(a.name, b.name))
	})
	taken := obstacles(marks)
	named := map[string]bool{}
	var labels []Label
	for _, r := range runs {
		if named[r.name] {
			continue
		}
		if label, held, ok := r.place(taken); ok {
			named[r.name] = true
			labels, taken = append(labels, label), append(taken, held...)
		}
	}
	return labels
}

// obstacle is a circle that names keep out of.
type obstacle struct {
	xy
	radius float64
}

func obstacles(marks []Mark) []obstacle {
	list := []obstacle{{xy{Size / 2, Size/2 - homeHeight}, homeRadius}, {xy{Size / 2, Size/2 - 4}, 8}}
	for _, m := range marks {
		if m.Number == 0 {
			list = append(list, obstacle{xy{m.X, m.Y}, 4})
			continue
		}
		list = append(list, obstacle{xy{m.X, m.Y}, markRadius}, obstacle{xy{m.AnchorX, m.AnchorY}, 3})
	}
	// The scale is in the lower left corner, the north in the upper right one.
	for x := 10.; x < Size/4+50; x += 14 {
		list = append(list, obstacle{xy{x, Size - 16}, 16})
	}
	return append(list, obstacle{xy{Size - 24, 24}, 22})
}

// run is a nearly straight piece of a named line.
type run struct {
	name string
	a, b xy
}

func (r run) length() float64 { return r.a.to(r.b) }

// straight cuts a line where it bends.
func straight(name string, line []xy) []run {
	var runs []run
	start := 0
	for i := 1; i < len(line); i++ {
		if i+1 < len(line) && turn(line[start], line[i], line[i+1]) <= bend {
			continue
		}
		runs = append(runs, run{name, line[start], line[i]})
		start = i
	}
	return runs
}

// turn is how many degrees the way from a by b to c bends.
func turn(a, b, c xy) float64 {
	d := math.Atan2(c.y-b.y, c.x-b.x) - math.Atan2(b.y-a.y, b.x-a.x)
	return math.Abs(math.Remainder(d, 2*math.Pi)) * 180 / math.Pi
}

// place finds room for the name along the run, the middle first.
func (r run) place(taken []obstacle) (Label, []obstacle, bool) {
	half := float64(utf8.RuneCountInString(r.name)) * letterWidth / 2
	length := r.length()
	if length < 2*half+6 {
		return Label{}, nil, false
	}
	angle := math.Atan2(r.b.y-r.a.y, r.b.x-r.a.x)
	sin, cos := math.Sincos(angle)
	for _, f := range []float64{.5, .35, .65, .2, .8} {
		along := min(max(f*length, half+3), length-half-3)
		middle := xy{r.a.x + along*cos, r.a.y + along*sin}
		held := []obstacle{}
		for d := -half; d <= half; d += 6 {
			held = append(held, obstacle{xy{middle.x + d*cos, middle.y + d*sin}, 6})
		}
		if free(held, taken) {
			return Label{r.name, middle.x, middle.y, upright(angle * 180 / math.Pi)}, held, true
		}
	}
	return Label{}, nil, false
}

func free(held, taken []obstacle) bool {
	for _, h := range held {
		if h.x < 8 || h.y < 8 || h.x > Size-8 || h.y > Size-8 {
			return false
		}
		for _, t := range taken {
			if h.to(t.xy) < h.radius+t.radius {
				return false
			}
		}
	}
	return true
}

// upright turns an angle so that nobody has to read upside down.
func upright(degrees float64) float64 {
	switch {
	case degrees > 90:
		return degrees - 180
	case degrees <= -90:
		return degrees + 180
	}
	return degrees
}
