package place

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/semenligne/sem/connectors/record"
)

// Sectors answers in which sector a point is. A point on a border is in both
// sectors.
type Sectors struct {
	all []bounded // lowest code first
}

// bounded is a sector and the box around it.
type bounded struct {
	record.Sector
	southWest, northEast record.Point
}

// NewSectors takes the sectors among the records.
func NewSectors(records []record.Record) *Sectors {
	s := &Sectors{}
	for _, r := range records {
		if sector, ok := r.Body.(record.Sector); ok {
			southWest, northEast := sector.Area.Bounds()
			s.all = append(s.all, bounded{sector, southWest, northEast})
		}
	}
	slices.SortStableFunc(s.all, func(a, b bounded) int { return compareCodes(a.Code, b.Code) })
	return s
}

// compareCodes puts 2 before 10, and numbers before words.
func compareCodes(a, b string) int {
	m, mErr := strconv.ParseUint(a, 10, 32)
	n, nErr := strconv.ParseUint(b, 10, 32)
	switch {
	case mErr == nil && nErr == nil:
		return cmp.Or(cmp.Compare(m, n), cmp.Compare(a, b))
	case mErr == nil:
		return -1
	case nErr == nil:
		return 1
	}
	return cmp.Compare(a, b)
}

// Sector returns the sector of a point for a stream: one that names the stream
// before one that is for all. Of several the lowest code is returned, and
// ambiguous is true: count it, for somebody to mend the map. ok is false when
// there is none: the sector is unknown then.
func (s *Sectors) Sector(at record.Point, stream string) (sector record.Sector, ambiguous, ok bool) {
	var named, common []*bounded
	for i := range s.all {
		b := &s.all[i]
		isNamed := slices.Contains(b.Streams, stream)
		if !isNamed && len(b.Streams) > 0 || !b.holds(at) {
			continue
		}
		if isNamed {
			named = append(named, b)
		} else {
			common = append(common, b)
		}
	}
	hits := named
	if len(hits) == 0 {
		hits = common
	}
	if len(hits) == 0 {
		return record.Sector{}, false, false
	}
	// Several areas of one code are one sector.
	return hits[0].Sector, hits[len(hits)-1].Code != hits[0].Code, true
}

// Of returns the sector of a property for a stream, as [Sectors.Sector] does. ok
// is false, too, for a property whose point is not known.
func (s *Sectors) Of(u record.Unit, stream string) (sector record.Sector, ok bool) {
	if u.Point == nil || !u.Point.Valid() {
		return record.Sector{}, false
	}
	sector, _, ok = s.Sector(*u.Point, stream)
	return sector, ok
}

// holds looks at the box first, with room for a point on its border.
func (b *bounded) holds(at record.Point) bool {
	const room = 1e-8
	return at.Lat >= b.southWest.Lat-room && at.Lat <= b.northEast.Lat+room &&
		at.Long >= b.southWest.Long-room && at.Long <= b.northEast.Long+room && b.Area.Contains(at)
}
