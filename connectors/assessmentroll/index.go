package assessmentroll

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/semenligne/sem/connectors"
)

// index tells where each unit of a roll is, in sixteen bytes a unit: half a
// million units are eight megabytes. It holds no text and no value.
type index struct {
	header  header
	buckets [256][]entry // by parcel, so that its units are side by side
	units   int
}

// entry is one unit: its matricule, and in one number where it starts (40
// bits) and how long it is (24 bits).
type entry struct{ key, where uint64 }

const lengthBits = 24

// The largest document and unit that an entry can point at, in bytes.
const (
	maxOffset = 1<<(64-lengthBits) - 1
	maxLength = 1<<lengthBits - 1
)

func (e entry) at() int64     { return int64(e.where >> lengthBits) }
func (e entry) length() int64 { return int64(e.where & maxLength) }

func bucket(key uint64) uint64 { return (key / localSpan * 0x9E3779B97F4A7C15) >> 56 }

// add notes a unit. maxUnit and the cap on a document keep both numbers small
// enough.
func (x *index) add(key uint64, at, length int64) {
	b := bucket(key)
	x.buckets[b] = append(x.buckets[b], entry{key, uint64(at)<<lengthBits | uint64(length)}) //nolint:gosec // both positive
	x.units++
}

// sort makes the index ready. A matricule that stands twice makes the whole
// roll malformed: nobody could say which of the two is right.
func (x *index) sort() error {
	for _, b := range x.buckets {
		slices.SortFunc(b, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
		for i := 1; i < len(b); i++ {
			if b[i].key == b[i-1].key {
				return fmt.Errorf("byte %d: a matricule that stood at byte %d already: %w", b[i].at(), b[i-1].at(), connectors.ErrMalformed)
			}
		}
	}
	return nil
}

// find returns the unit asked for. A short matricule finds the unit that has
// just that, or else the only unit on its parcel; where there are several, the
// full one must be given: picking one could show a neighbour's home.
func (x *index) find(q query) (entry, error) {
	if q.municipality != "" && q.municipality != x.header.municipality {
		return entry{}, fmt.Errorf("unit: %w", connectors.ErrNotFound)
	}
	b := x.buckets[bucket(q.key)]
	i, exact := slices.BinarySearchFunc(b, q.key, func(e entry, key uint64) int { return cmp.Compare(e.key, key) })
	if exact {
		return b[i], nil
	}
	if !q.short || i == len(b) || parcel(b[i].key) != q.key {
		return entry{}, fmt.Errorf("unit: %w", connectors.ErrNotFound)
	}
	if i+1 < len(b) && parcel(b[i+1].key) == q.key {
		return entry{}, fmt.Errorf("several units under a short matricule, wanted its 18 digits: %w", connectors.ErrRefused)
	}
	return b[i], nil
}
