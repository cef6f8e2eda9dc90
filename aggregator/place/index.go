package place

import (
	"cmp"
	"math"
	"slices"

	"github.com/semenligne/sem/connectors/record"
)

// Place is a place of a source.
type Place struct {
	record.Place
	Source, Key string
}

// Near is a place and where it is from the point asked about.
type Near struct {
	Place *Place
	// Metres is the great-circle distance.
	Metres      float64
	east, north float32
}

// Bearing returns the direction to the place, in degrees from north by east,
// from 0 up to but not including 360. It is 0 for a place at the very point.
func (n Near) Bearing() float64 { return bearing(float64(n.east), float64(n.north)) }

// Index answers which places are near a point: a flat grid of cells of about a
// hundred metres, each with the places in it.
type Index struct {
	grid grid
	// places stand by cell; those of cell c are from starts[c] up to
	// starts[c+1]. at is where each is on the sphere.
	places   []Place
	at       []vector
	starts   []int32
	unplaced int
}

// NewIndex makes the index of the places among the records. Those without a
// valid point are nowhere and only counted.
func NewIndex(records []record.Record) *Index {
	x := &Index{}
	for _, r := range records {
		p, ok := r.Body.(record.Place)
		switch {
		case !ok:
		case p.Point == nil || !p.Point.Valid():
			x.unplaced++
		default:
			x.places = append(x.places, Place{p, r.Source, r.Key})
		}
	}
	x.grid = newGrid(x.places)
	cell := func(i int) int { return x.grid.cell(*x.places[i].Point) }
	slices.SortFunc(x.places, func(a, b Place) int {
		return cmp.Compare(x.grid.cell(*a.Point), x.grid.cell(*b.Point))
	})
	x.at = make([]vector, len(x.places))
	x.starts = make([]int32, x.grid.cells()+1)
	for i := range x.places {
		x.at[i] = frameAt(*x.places[i].Point).up
		x.starts[cell(i)+1]++
	}
	for c := range x.grid.cells() {
		x.starts[c+1] += x.starts[c]
	}
	return x
}

// Len returns the number of places that are somewhere.
func (x *Index) Len() int { return len(x.places) }

// Unplaced returns the number of places without a point.
func (x *Index) Unplaced() int { return x.unplaced }

// Within returns the places no farther than so many metres, nearest first, and
// by key, then source, where the distance is the same. A point that is not
// Valid is near nothing: ask only about one that is.
func (x *Index) Within(at record.Point, metres float64) []Near {
	return x.AppendWithin(nil, at, metres)
}

// AppendWithin is Within that appends to what the caller has room for.
func (x *Index) AppendWithin(near []Near, at record.Point, metres float64) []Near {
	if !at.Valid() || math.IsNaN(metres) || metres < 0 || len(x.places) == 0 {
		return near
	}
	f := frameAt(at)
	// A little more than the radius, so that rounding leaves nobody out; the
	// distance itself decides, below.
	limit := chord(metres)*(1+1e-9) + 1e-12
	limit *= limit
	var r room
	hits := r[:0]
	if b, ok := x.grid.around(at, f.cosLat, metres); ok {
		for row := b.south; row <= b.north; row++ {
			first := row * x.grid.columns
			hits = x.among(hits, f.up, limit, x.starts[first+b.west], x.starts[first+b.east+1])
		}
	} else {
		hits = x.among(hits, f.up, limit, 0, int32(len(x.at))) //nolint:gosec // far fewer than 2³¹ places
	}
	x.sort(hits)
	near = slices.Grow(near, len(hits))
	for _, h := range hits {
		if d := arc(math.Sqrt(math.Float64frombits(h.bits))); d <= metres {
			east, north := f.towards(x.at[h.place])
			near = append(near, Near{&x.places[h.place], d, float32(east), float32(north)})
		}
	}
	return near
}

// hit is a place in a circle, and the square of its chord as the bits of a
// float64: those of positive numbers are in the same order as the numbers, and
// quicker to compare.
type hit struct {
	bits  uint64
	place int
}

// room is for what is near in most towns.
type room [64]hit

// among appends those of the places from first up to end whose chord is no
// longer than the root of limit.
func (x *Index) among(hits []hit, centre vector, limit float64, first, end int32) []hit {
	n := len(hits)
	hits = slices.Grow(hits, int(end-first))[:n+int(end-first)]
	for i, v := range x.at[first:end] {
		// Written in any case, and kept by counting it: the processor cannot guess
		// who is near.
		square := centre.to(v)
		hits[n] = hit{math.Float64bits(square), int(first) + i}
		if square <= limit {
			n++
		}
	}
	return hits[:n]
}

// sort puts the nearest first: by insertion, which is quickest for the few that
// are near in most towns.
func (x *Index) sort(hits []hit) {
	if len(hits) > len(room{}) {
		slices.SortFunc(hits, x.compare)
		return
	}
	for i := 1; i < len(hits); i++ {
		h, j := hits[i], i
		for ; j > 0; j-- {
			before := hits[j-1]
			if before.bits < h.bits || before.bits == h.bits && x.compare(before, h) < 0 {
				break
			}
			hits[j] = before
		}
		hits[j] = h
	}
}

func (x *Index) compare(a, b hit) int {
	p, q := &x.places[a.place], &x.places[b.place]
	return cmp.Or(cmp.Compare(a.bits, b.bits), cmp.Compare(p.Key, q.Key), cmp.Compare(p.Source, q.Source))
}
