// Package place is the one address engine: which places are within so many
// metres of a point, and in which sector a point is.
//
// A distance is that of the great circle on a sphere of radius [EarthRadius]:
// as the crow flies. How far it is on foot is not known and not guessed. An
// index never changes once it is made; any number of goroutines may ask it.
package place

import (
	"math"

	"github.com/semenligne/sem/connectors/record"
)

// EarthRadius is the mean radius of the Earth in metres (IUGG R1).
const EarthRadius = 6_371_008.8

// Metres returns the great-circle distance between two points, to a few
// nanometres across a town, to some decimetres near the antipodes.
func Metres(a, b record.Point) float64 {
	return arc(math.Sqrt(frameAt(a).up.to(frameAt(b).up)))
}

// Bearing returns the direction in which the great circle leaves a for b, in
// degrees from north by east, from 0 up to but not including 360. It is 0 when
// the two are the same.
func Bearing(a, b record.Point) float64 {
	return bearing(frameAt(a).towards(frameAt(b).up))
}

// vector is a point of the unit sphere.
type vector struct{ x, y, z float64 }

// to returns the square of the straight distance to another point, through the
// Earth. It keeps a nanometre where a difference of angles' cosines would not.
func (v vector) to(w vector) float64 {
	x, y, z := w.x-v.x, w.y-v.y, w.z-v.z
	return x*x + y*y + z*z
}

// arc returns the metres along the sphere between points whose straight
// distance is so many radii.
func arc(chord float64) float64 {
	if chord < 1e-3 { // the series' next term is below a double's precision
		return EarthRadius * chord * (1 + chord*chord/24)
	}
	return 2 * EarthRadius * math.Asin(min(chord/2, 1))
}

// chord is the inverse of arc, up to half way around the Earth.
func chord(metres float64) float64 {
	return 2 * math.Sin(min(metres/EarthRadius, math.Pi)/2)
}

// frame is what is up, east and north at a point.
type frame struct {
	up          vector
	east, north vector
	cosLat      float64
}

func frameAt(p record.Point) frame {
	sinLat, cosLat := math.Sincos(p.Lat * math.Pi / 180)
	sinLong, cosLong := math.Sincos(p.Long * math.Pi / 180)
	return frame{
		up:     vector{cosLat * cosLong, cosLat * sinLong, sinLat},
		east:   vector{-sinLong, cosLong, 0},
		north:  vector{-sinLat * cosLong, -sinLat * sinLong, cosLat},
		cosLat: cosLat,
	}
}

// towards returns how far east and north another point is, in radii of the
// plane that touches the sphere here.
func (f frame) towards(v vector) (east, north float64) {
	x, y, z := v.x-f.up.x, v.y-f.up.y, v.z-f.up.z
	return x*f.east.x + y*f.east.y, x*f.north.x + y*f.north.y + z*f.north.z
}

func bearing(east, north float64) float64 {
	degrees := math.Atan2(east, north) * 180 / math.Pi
	if degrees < 0 {
		degrees += 360
	}
	return math.Mod(degrees, 360) // -1e-20 + 360 is 360
}
