package assessmentroll

import (
	"cmp"
	"context"
	"io"
	"math"
	"os"
	"slices"
	"strconv"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// points are where units are: sixteen bytes each, sorted by matricule. A nil
// *points knows none.
type points struct{ list []located }

// located is a matricule's place, in ten millionths of a degree: a centimetre.
type located struct {
	key       uint64
	lat, long int32
}

const perDegree = 1e7

// maxPoints bounds the table.
const maxPoints = 4_000_000

// add notes a place. One that is none is an error.
func (p *points) add(key uint64, lat, long float64) error {
	if !(record.Point{Lat: lat, Long: long}).Valid() {
		return inputError("no place on Earth")
	}
	if len(p.list) >= maxPoints {
		return inputError("too many points")
	}
	p.list = append(p.list, located{key, int32(math.Round(lat * perDegree)), int32(math.Round(long * perDegree))})
	return nil
}

// sort makes the table ready. A matricule in two places is in none: which of
// them would be a guess.
func (p *points) sort() {
	slices.SortFunc(p.list, func(a, b located) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.lat, b.lat), cmp.Compare(a.long, b.long))
	})
	kept := p.list[:0]
	for i := 0; i < len(p.list); {
		j := i + 1
		for j < len(p.list) && p.list[j].key == p.list[i].key {
			j++
		}
		if p.list[i] == p.list[j-1] {
			kept = append(kept, p.list[i])
		}
		i = j
	}
	p.list = slices.Clip(kept)
}

// of returns where a unit is: its own point, or that of its parcel where the
// source gives short matricules.
func (p *points) of(key uint64) *record.Point {
	if p == nil {
		return nil
	}
	for _, k := range [...]uint64{key, parcel(key)} {
		i, ok := slices.BinarySearchFunc(p.list, k, func(l located, key uint64) int { return cmp.Compare(l.key, key) })
		if ok {
			return &record.Point{Lat: float64(p.list[i].lat) / perDegree, Long: float64(p.list[i].long) / perDegree}
		}
	}
	return nil
}

// readPoints reads the points of one municipality; nil when settings name no
// source of them.
func readPoints(ctx context.Context, s Points, municipality string) (*points, error) {
	p := &points{}
	var err error
	switch {
	case s.GeoPackage != "":
		err = p.readGeoPackage(ctx, string(s.GeoPackage), municipality)
	case s.CSV != "":
		err = p.readCSV(ctx, s.CSV, municipality)
	default:
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p.sort()
	return p, nil
}

// readCSV reads the columns matricule, lat and lon, in decimal degrees with a
// point.
func (p *points) readCSV(ctx context.Context, path connectors.Path, municipality string) error {
	f, err := os.Open(string(path))
	if err != nil {
		return connectors.FileError(err)
	}
	defer f.Close() //nolint:errcheck // only read
	return p.readRows(ctx, f, municipality)
}

func (p *points) readRows(ctx context.Context, r io.Reader, municipality string) error {
	return eachRow(ctx, r, []string{"matricule", "lat", "lon|long"}, func(cells []string) error {
		q, err := parseQuery(cells[0])
		if err != nil {
			return inputError("a matricule that is not 10, 18 or 23 digits")
		}
		if q.municipality != "" && q.municipality != municipality {
			return nil
		}
		lat, latErr := strconv.ParseFloat(cells[1], 64)
		long, longErr := strconv.ParseFloat(cells[2], 64)
		if latErr != nil || longErr != nil {
			return inputError("degrees that are no numbers")
		}
		return p.add(q.key, lat, long)
	})
}
