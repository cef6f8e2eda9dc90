package geo

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/record"
)

// bytesOf writes values one after the other.
func bytesOf(order binary.ByteOrder, values ...any) []byte {
	var b bytes.Buffer
	for _, v := range values {
		if err := binary.Write(&b, order, v); err != nil {
			panic(err) // a bytes.Buffer takes everything
		}
	}
	return b.Bytes()
}

// wkbOf writes well-known binary: byte order, type, and what follows.
func wkbOf(order binary.ByteOrder, code uint32, values ...any) []byte {
	little := byte(0)
	if order == binary.LittleEndian {
		little = 1
	}
	return bytesOf(order, append([]any{little, code}, values...)...)
}

// packaged puts a GeoPackage header before well-known binary. envelope is how
// many numbers the header's envelope holds.
func packaged(order binary.ByteOrder, envelope int, wkb []byte) []byte {
	flags := map[int]byte{0: 0, 4: 1, 6: 2, 8: 4}[envelope] << 1
	if order == binary.LittleEndian {
		flags |= 1
	}
	return append(bytesOf(order, []byte{'G', 'P', 0, flags}, uint32(4269), make([]float64, envelope)), wkb...)
}

func TestFromPackage(t *testing.T) {
	t.Parallel()
	little, big := binary.LittleEndian, binary.BigEndian
	point := wkbOf(little, 1, -73.9, 45.56)
	there := Geometry{Points: []record.Point{{Lat: 45.56, Long: -73.9}}}
	empty := packaged(little, 0, wkbOf(little, 1, math.NaN(), math.NaN()))
	empty[3] |= 0x10
	for name, tc := range map[string]struct {
		blob []byte
		want Geometry
		bad  bool
	}{
		"little-endian":         {packaged(little, 0, point), there, false},
		"big-endian":            {packaged(big, 0, wkbOf(big, 1, -73.9, 45.56)), there, false},
		"both orders":           {packaged(little, 4, wkbOf(big, 1, -73.9, 45.56)), there, false},
		"envelope":              {packaged(little, 4, point), there, false},
		"envelope with Z":       {packaged(little, 6, point), there, false},
		"envelope with Z and M": {packaged(little, 8, point), there, false},
		"no geometry":           {nil, Geometry{}, false},
		"empty":                 {empty, Geometry{}, false},
		"empty, by NaN":         {packaged(little, 0, wkbOf(little, 1, math.NaN(), math.NaN())), Geometry{}, false},
		"bare WKB":              {point, Geometry{}, true},
		"cut":                   {packaged(little, 4, point)[:50], Geometry{}, true},
		"cut in the envelope":   {packaged(little, 4, point)[:30], Geometry{}, true},
		"cut in the header":     {[]byte("GP\x00"), Geometry{}, true},
		"another version":       {[]byte("GP\x01\x01" + strings.Repeat("a", 40)), Geometry{}, true},
		"envelope of no kind":   {[]byte("GP\x00\x0b" + strings.Repeat("a", 40)), Geometry{}, true},
		"an extended type":      {[]byte("GP\x00\x21" + strings.Repeat("a", 40)), Geometry{}, true},
	} {
		got, err := FromPackage(tc.blob, Degrees())
		if diff := cmp.Diff(tc.want, got); diff != "" || (err != nil) != tc.bad {
			t.Errorf("%s: error %v, geometry (-want +got):\n%s", name, err, diff)
		}
	}
}

// counted is the body of a line or ring: a count, and numbers.
func counted(numbers []float64, dimensions int) []any {
	return []any{uint32(len(numbers) / dimensions), numbers}
}

func TestFromWKB(t *testing.T) {
	t.Parallel()
	o := binary.LittleEndian
	a, b, c := record.Point{Lat: 45, Long: -74}, record.Point{Lat: 45, Long: -73}, record.Point{Lat: 46, Long: -73}
	flat := counted([]float64{-74, 45, -73, 45, -73, 46}, 2)
	closed := counted([]float64{-74, 45, -73, 45, -73, 46, -74, 45}, 2)
	polygon := wkbOf(o, 3, append([]any{uint32(1)}, closed...)...)
	triangle := record.Polygon{{a, b, c}}
	deep := wkbOf(o, 1, -74.0, 45.0)
	for range 5 {
		deep = wkbOf(o, 7, uint32(1), deep)
	}
	for name, tc := range map[string]struct {
		wkb  []byte
		want Geometry
		bad  bool
	}{
		"point Z":              {wkbOf(o, 1001, -74.0, 45.0, 9.0), Geometry{Points: []record.Point{a}}, false},
		"point M":              {wkbOf(o, 2001, -74.0, 45.0, 9.0), Geometry{Points: []record.Point{a}}, false},
		"point ZM":             {wkbOf(o, 3001, -74.0, 45.0, 9.0, 9.0), Geometry{Points: []record.Point{a}}, false},
		"extended point Z":     {wkbOf(o, 0x80000001, -74.0, 45.0, 9.0), Geometry{Points: []record.Point{a}}, false},
		"extended, with SRID":  {wkbOf(o, 0x20000001, uint32(4326), -74.0, 45.0), Geometry{Points: []record.Point{a}}, false},
		"line":                 {wkbOf(o, 2, flat...), Geometry{Lines: [][]record.Point{{a, b, c}}}, false},
		"line Z":               {wkbOf(o, 1002, counted([]float64{-74, 45, 1, -73, 45, 2}, 3)...), Geometry{Lines: [][]record.Point{{a, b}}}, false},
		"polygon":              {polygon, Geometry{Area: record.Area{triangle}}, false},
		"unclosed polygon":     {wkbOf(o, 3, append([]any{uint32(1)}, flat...)...), Geometry{Area: record.Area{triangle}}, false},
		"polygon with a hole":  {wkbOf(o, 3, append(append([]any{uint32(2)}, closed...), closed...)...), Geometry{Area: record.Area{{triangle[0], triangle[0]}}}, false},
		"multipoint":           {wkbOf(o, 4, uint32(2), wkbOf(o, 1, -74.0, 45.0), wkbOf(o, 1, -73.0, 45.0)), Geometry{Points: []record.Point{a, b}}, false},
		"multipolygon":         {wkbOf(o, 6, uint32(2), polygon, polygon), Geometry{Area: record.Area{triangle, triangle}}, false},
		"collection":           {wkbOf(o, 7, uint32(2), polygon, wkbOf(o, 2, flat...)), Geometry{Area: record.Area{triangle}, Lines: [][]record.Point{{a, b, c}}}, false},
		"empty line":           {wkbOf(o, 2, uint32(0)), Geometry{}, false},
		"empty collection":     {wkbOf(o, 7, uint32(0)), Geometry{}, false},
		"too deep":             {deep, Geometry{}, true},
		"line of one":          {wkbOf(o, 2, counted([]float64{-74, 45}, 2)...), Geometry{}, true},
		"ring of two":          {wkbOf(o, 3, append([]any{uint32(1)}, counted([]float64{-74, 45, -73, 45, -74, 45}, 2)...)...), Geometry{}, true},
		"a curve":              {wkbOf(o, 8, flat...), Geometry{}, true},
		"more than there is":   {wkbOf(o, 2, uint32(4_000_000_000), -74.0, 45.0), Geometry{}, true},
		"collections for ever": {wkbOf(o, 7, uint32(4_000_000_000)), Geometry{}, true},
		"off the Earth":        {wkbOf(o, 1, 45.0, -91.0), Geometry{}, true},
		"half a point":         {wkbOf(o, 1, -74.0), Geometry{}, true},
		"half not a number":    {wkbOf(o, 1, math.NaN(), 45.0), Geometry{}, true},
		"another byte order":   {[]byte{2, 1, 0, 0, 0}, Geometry{}, true},
		"nothing":              {nil, Geometry{}, true},
	} {
		got, err := FromWKB(tc.wkb, Degrees())
		if diff := cmp.Diff(tc.want, got); diff != "" || (err != nil) != tc.bad {
			t.Errorf("%s: error %v, geometry (-want +got):\n%s", name, err, diff)
		}
	}
}

// FuzzFromPackage reads any bytes: what comes out is on Earth.
func FuzzFromPackage(f *testing.F) {
	o := binary.LittleEndian
	polygon := wkbOf(o, 3, append([]any{uint32(1)}, counted([]float64{-74, 45, -73, 45, -73, 46, -74, 45}, 2)...)...)
	f.Add(packaged(o, 4, wkbOf(o, 1, -73.9, 45.56)))
	f.Add(packaged(binary.BigEndian, 0, wkbOf(o, 1001, -73.9, 45.56, 3.0)))
	f.Add(packaged(o, 0, wkbOf(o, 6, uint32(2), polygon, polygon)))
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := FromPackage(b, Degrees())
		if err != nil && !g.Empty() {
			t.Fatalf("an error %v and a geometry", err)
		}
		positions := 0
		if g.All(func(p record.Point) error { positions++; return nil }) != nil || positions*16 > len(b) {
			t.Fatalf("%d positions of %d bytes", positions, len(b))
		}
	})
}

func TestRing(t *testing.T) {
	t.Parallel()
	a, b, c := record.Point{Lat: 1, Long: 1}, record.Point{Lat: 1, Long: 2}, record.Point{Lat: 2, Long: 2}
	for name, tc := range map[string]struct {
		points []record.Point
		want   record.Ring
	}{
		"closed":         {[]record.Point{a, b, c, a}, record.Ring{a, b, c}},
		"closed twice":   {[]record.Point{a, b, c, a, a}, record.Ring{a, b, c}},
		"unclosed":       {[]record.Point{a, b, c}, record.Ring{a, b, c}},
		"there and back": {[]record.Point{a, b, a, b, a}, nil},
		"one position":   {[]record.Point{a, a, a, a}, nil},
		"nothing":        {nil, nil},
	} {
		got, err := Ring(tc.points)
		if diff := cmp.Diff(tc.want, got); diff != "" || (err != nil) != (tc.want == nil) {
			t.Errorf("%s: error %v, ring (-want +got):\n%s", name, err, diff)
		}
	}
}
