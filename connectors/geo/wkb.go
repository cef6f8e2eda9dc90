package geo

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/semenligne/sem/connectors/record"
)

// errWKB is bytes that are no geometry.
var errWKB = errors.New("not well-known binary")

// maxNesting is how deep collections may stand in collections.
const maxNesting = 4

// FromPackage reads a GeoPackage's geometry (OGC 12-128r18, section 2.1.3):
// magic GP, version, flags, reference system, envelope, then well-known binary.
// Nothing, or an empty geometry, is an empty one.
func FromPackage(b []byte, s System) (Geometry, error) {
	if len(b) == 0 {
		return Geometry{}, nil
	}
	if len(b) < 8 || b[0] != 'G' || b[1] != 'P' || b[2] != 0 {
		return Geometry{}, errors.New("not a GeoPackage geometry")
	}
	flags := b[3]
	envelope := [...]int{0, 32, 48, 48, 64}
	kind := int(flags >> 1 & 7)
	if kind >= len(envelope) || flags&0x20 != 0 { // 0x20: an extended type
		return Geometry{}, errors.New("a GeoPackage geometry of a sort that is not known")
	}
	if flags&0x10 != 0 {
		return Geometry{}, nil
	}
	return FromWKB(b[min(len(b), 8+envelope[kind]):], s) //nolint:gosec // kind is below len(envelope)
}

// FromWKB reads well-known binary, ISO or extended: points, lines, polygons and
// collections of them. Heights and measures are passed over.
func FromWKB(b []byte, s System) (Geometry, error) {
	r := wkb{rest: b, system: s}
	var g Geometry
	err := r.geometry(&g, 0)
	if err == nil && r.bad {
		err = errWKB
	}
	if err != nil {
		return Geometry{}, err
	}
	return g, nil
}

// wkb reads from bytes; bad is set when they end too early.
type wkb struct {
	rest   []byte
	order  binary.ByteOrder
	system System
	bad    bool
}

func (r *wkb) take(n int) []byte {
	if n > len(r.rest) {
		r.bad = true
		return make([]byte, n) // n is a constant below
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *wkb) number() float64 { return math.Float64frombits(r.order.Uint64(r.take(8))) }

// count reads how many things of at least size bytes follow.
func (r *wkb) count(size int) int {
	n := int64(r.order.Uint32(r.take(4)))
	if n > int64(len(r.rest)/size) {
		r.bad = true
		return 0
	}
	return int(n)
}

// Types of geometry.
const (
	wkbPoint = iota + 1
	wkbLine
	wkbPolygon
	wkbPoints
	wkbLines
	wkbPolygons
	wkbCollection
)

// geometry reads one and adds it.
func (r *wkb) geometry(g *Geometry, depth int) error {
	switch order := r.take(1)[0]; {
	case r.bad || order > 1 || depth > maxNesting:
		return errWKB
	case order == 1:
		r.order = binary.LittleEndian
	default:
		r.order = binary.BigEndian
	}
	code := r.order.Uint32(r.take(4))
	// ISO adds 1000 for Z, 2000 for M and 3000 for both; the extended form has
	// high bits, and may name a reference system.
	extra := [...]int{0, 1, 1, 2}[min(code&0xFFFF/1000, 3)]
	if code&0x80000000 != 0 {
		extra++
	}
	if code&0x40000000 != 0 {
		extra++
	}
	if code&0x20000000 != 0 {
		r.take(4)
	}
	if r.bad || code&0xFFFF/1000 > 3 || extra > 2 {
		return errWKB
	}
	switch code & 0xFFFF % 1000 {
	case wkbPoint:
		return r.point(g, extra)
	case wkbLine:
		points, err := r.positions(extra)
		if err == nil && len(points) > 0 {
			points, err = Line(points)
			g.Lines = append(g.Lines, points)
		}
		return err
	case wkbPolygon:
		return r.polygon(g, extra)
	case wkbPoints, wkbLines, wkbPolygons, wkbCollection:
		for range r.count(5) {
			if err := r.geometry(g, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	return errors.New("a sort of geometry that is not known")
}

// point adds a point; one of NaN is empty.
func (r *wkb) point(g *Geometry, extra int) error {
	x, y := r.number(), r.number()
	r.take(8 * extra)
	if r.bad || math.IsNaN(x) && math.IsNaN(y) {
		return nil
	}
	p, err := r.system.Point(x, y)
	if err == nil {
		g.Points = append(g.Points, p)
	}
	return err
}

func (r *wkb) positions(extra int) ([]record.Point, error) {
	n := r.count(8 * (2 + extra))
	points := make([]record.Point, 0, n)
	for range n {
		x, y := r.number(), r.number()
		r.take(8 * extra)
		p, err := r.system.Point(x, y)
		if err != nil {
			return nil, err
		}
		points = append(points, p)
	}
	return points, nil
}

func (r *wkb) polygon(g *Geometry, extra int) error {
	var polygon record.Polygon
	for range r.count(4) {
		points, err := r.positions(extra)
		if err != nil {
			return err
		}
		if r.bad {
			return errWKB
		}
		ring, err := Ring(points)
		if err != nil {
			return err
		}
		polygon = append(polygon, ring)
	}
	if len(polygon) > 0 {
		g.Area = append(g.Area, polygon)
	}
	return nil
}
