package place

import (
	"iter"

	"github.com/semenligne/sem/connectors/record"
)

// Table holds the answers for one radius of many points, such as every
// property of a roll, found ahead. It keeps no more answers than it was told
// to; the others are found when they are asked for.
type Table struct {
	index  *Index
	metres float64
	points map[string]record.Point
	spans  map[string]span
	// near holds one answer after the other.
	near []Near
}

// span is where an answer is.
type span struct{ first, end int }

// NewTable finds the answers for points, by the key that they are asked for
// by, and keeps up to limit of the places found: each takes 24 bytes, and a
// town of 100,000 properties with twenty places near each has 2,000,000.
func NewTable(index *Index, metres float64, points iter.Seq2[string, record.Point], limit int) *Table {
	t := &Table{index: index, metres: metres, points: map[string]record.Point{}, spans: map[string]span{}}
	var answer []Near
	for key, at := range points {
		t.points[key] = at
		answer = index.AppendWithin(answer[:0], at, metres)
		if len(t.near)+len(answer) <= limit {
			first := len(t.near)
			t.near = append(t.near, answer...)
			t.spans[key] = span{first, len(t.near)}
		}
	}
	return t
}

// Near returns the places within the radius of a point, as [Index.Within]
// does. ok is false for a key that the table was not made of. The answer is
// shared: read it only.
func (t *Table) Near(key string) (near []Near, ok bool) {
	if s, kept := t.spans[key]; kept {
		return t.near[s.first:s.end:s.end], true
	}
	at, ok := t.points[key]
	if !ok {
		return nil, false
	}
	return t.index.Within(at, t.metres), true
}

// Kept returns how many of the points have their answer ready.
func (t *Table) Kept() int { return len(t.spans) }
