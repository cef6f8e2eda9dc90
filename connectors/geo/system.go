package geo

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/semenligne/sem/connectors/record"
)

// System is a coordinate reference system: what x and y mean.
type System struct {
	projection *transverseMercator // nil for degrees, x being the longitude
}

// Degrees is longitude and latitude. NAD83 and WGS 84 are within a metre or two
// of each other, and taken for the same.
func Degrees() System { return System{} }

// SystemOf returns the system of an EPSG code. Those of WGS 84 and NAD83
// (original and CSRS) are known in degrees, in UTM zones 17 to 21 and in the
// MTM zones of Québec, 3 to 10.
func SystemOf(epsg int) (System, bool) {
	switch {
	case epsg == 4326 || epsg == 4269 || epsg == 4617:
		return Degrees(), true
	case epsg >= 26917 && epsg <= 26921:
		return utm(epsg - 26900), true
	case epsg >= 32617 && epsg <= 32621:
		return utm(epsg - 32600), true
	case epsg == 2958 || epsg == 2959 || epsg == 2960 || epsg == 2961: // CSRS, 17 to 20
		return utm(epsg - 2941), true
	case epsg >= 32183 && epsg <= 32190: // MTM 3 to 10
		return mtm(epsg - 32180), true
	case epsg >= 2945 && epsg <= 2952: // CSRS, MTM 3 to 10
		return mtm(epsg - 2942), true
	}
	return System{}, false
}

func utm(zone int) System {
	return System{&transverseMercator{grs80(), -183 + 6*float64(zone), 0, 0.9996, 500_000, 0}}
}

// mtm has zones three degrees wide; 8 is around -73.5, of Montréal.
func mtm(zone int) System {
	return System{&transverseMercator{grs80(), -49.5 - 3*float64(zone), 0, 0.9999, 304_800, 0}}
}

// ParseSystem reads a system's name as settings and GeoJSON write it:
// "EPSG:32188", "urn:ogc:def:crs:EPSG::2950", "urn:ogc:def:crs:OGC:1.3:CRS84".
func ParseSystem(name string) (System, bool) {
	upper := strings.ToUpper(strings.TrimSpace(name))
	last := upper[strings.LastIndexAny(upper, ":/")+1:]
	switch {
	case !strings.Contains(upper, "EPSG"):
		return Degrees(), last == "CRS84" || last == "CRS83"
	default:
		code, err := strconv.Atoi(last)
		if err != nil {
			return System{}, false
		}
		return SystemOf(code)
	}
}

// ErrPosition is a position that is no place on Earth.
var ErrPosition = errors.New("a position that is no place on Earth")

// Point returns where x and y are.
func (s System) Point(x, y float64) (record.Point, error) {
	p := record.Point{Lat: y, Long: x}
	if s.projection != nil {
		p = s.projection.inverse(x, y)
	}
	if !p.Valid() {
		return record.Point{}, ErrPosition
	}
	return p, nil
}

// transverseMercator projects an ellipsoid on a cylinder around a meridian
// (EPSG method 9807).
type transverseMercator struct {
	ellipsoid
	// longitude and latitude of the origin, degrees.
	longitude, latitude float64
	scale               float64
	// falseEasting and falseNorthing are the origin's coordinates, metres.
	falseEasting, falseNorthing float64
}

// ellipsoid is a semi-major axis in metres and a flattening.
type ellipsoid struct{ axis, flattening float64 }

// grs80 is the ellipsoid of NAD83, and to a tenth of a millimetre that of WGS 84.
func grs80() ellipsoid { return ellipsoid{6_378_137, 1 / 298.257222101} }

// inverse returns the point of an easting and a northing, by Krüger's series
// in the third flattening n up to its fourth power (EPSG guidance note 7-2,
// section 3.5.3.1): well below a millimetre within a zone.
func (m *transverseMercator) inverse(easting, northing float64) record.Point {
	n := m.flattening / (2 - m.flattening)
	n2, n3, n4 := n*n, n*n*n, n*n*n*n
	radius := m.axis / (1 + n) * (1 + n2/4 + n4/64) * m.scale
	forward := [...]float64{
		n/2 - 2*n2/3 + 5*n3/16 + 41*n4/180,
		13*n2/48 - 3*n3/5 + 557*n4/1440,
		61*n3/240 - 103*n4/140,
		49561 * n4 / 161280,
	}
	backward := [...]float64{
		n/2 - 2*n2/3 + 37*n3/96 - n4/360,
		n2/48 + n3/15 - 437*n4/1440,
		17*n3/480 - 37*n4/840,
		4397 * n4 / 161280,
	}
	eccentricity := math.Sqrt(m.flattening * (2 - m.flattening))
	// isometric latitude as the hyperbolic angle of the conformal latitude
	conformal := func(lat float64) float64 {
		return math.Asinh(math.Tan(lat)) - eccentricity*math.Atanh(eccentricity*math.Sin(lat))
	}
	// The meridian's arc to the latitude of origin.
	xiOrigin := math.Atan(math.Sinh(conformal(m.latitude * math.Pi / 180)))
	arc := xiOrigin
	for i, h := range forward {
		arc += h * math.Sin(2*float64(i+1)*xiOrigin)
	}
	xi, eta := (northing-m.falseNorthing)/radius+arc, (easting-m.falseEasting)/radius
	x, e := xi, eta
	for i, h := range backward {
		k := 2 * float64(i+1)
		x -= h * math.Sin(k*xi) * math.Cosh(k*eta)
		e -= h * math.Cos(k*xi) * math.Sinh(k*eta)
	}
	wanted := math.Asinh(math.Sin(x) / math.Hypot(math.Sinh(e), math.Cos(x)))
	lat := math.Atan(math.Sinh(wanted))
	for range 6 { // each turn gains two digits or more
		lat = math.Atan(math.Sinh(wanted + eccentricity*math.Atanh(eccentricity*math.Sin(lat))))
	}
	return record.Point{Lat: lat * 180 / math.Pi, Long: m.longitude + math.Atan2(math.Sinh(e), math.Cos(x))*180/math.Pi}
}
