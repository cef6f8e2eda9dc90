package place

import (
	"math"

	"github.com/semenligne/sem/connectors/record"
)

// grid divides a box of degrees into cells.
type grid struct {
	south, west   float64 // the box's corner
	rows, columns int
	// perLat and perLong are cells per degree.
	perLat, perLong float64
}

// cellMetres is the side of a cell, where the box is a town's; a larger box has
// fewer and larger cells.
const cellMetres = 120

// newGrid makes a grid over the places, with no more than a few cells a place.
func newGrid(places []Place) grid {
	var southWest, northEast record.Point
	for i := range places {
		p := *places[i].Point
		if i == 0 {
			southWest, northEast = p, p
		}
		southWest = record.Point{Lat: min(southWest.Lat, p.Lat), Long: min(southWest.Long, p.Long)}
		northEast = record.Point{Lat: max(northEast.Lat, p.Lat), Long: max(northEast.Long, p.Long)}
	}
	high, wide := northEast.Lat-southWest.Lat, northEast.Long-southWest.Long
	// Squares where the town is: a degree of longitude is shorter than one of
	// latitude. The bound keeps a place at a pole from making endless columns.
	shrink := max(math.Cos((southWest.Lat+northEast.Lat)/2*math.Pi/180), 0.01)
	side := cellMetres / (EarthRadius * math.Pi / 180)
	for {
		g := grid{south: southWest.Lat, west: southWest.Long, perLat: 1 / side, perLong: shrink / side}
		rows, columns := high*g.perLat+1, wide*g.perLong+1
		if rows*columns <= float64(16*len(places)+10_000) {
			g.rows, g.columns = int(rows), int(columns)
			return g
		}
		side *= 2
	}
}

func (g grid) cells() int { return g.rows * g.columns }

// cell returns the number of a point's cell, row by row from the south-west.
// The point is in the box.
func (g grid) cell(p record.Point) int {
	return g.row(p.Lat)*g.columns + g.column(p.Long)
}

func (g grid) row(lat float64) int {
	return int(min(max((lat-g.south)*g.perLat, 0), float64(g.rows-1)))
}

func (g grid) column(long float64) int {
	return int(min(max((long-g.west)*g.perLong, 0), float64(g.columns-1)))
}

// block is some rows and columns, the last ones included.
type block struct{ south, north, west, east int }

// around returns the cells that a circle can touch. ok is false when it holds a
// pole or crosses the 180th meridian: any cell may have a place in it then.
func (g grid) around(at record.Point, cosLat, metres float64) (b block, ok bool) {
	angle := metres / EarthRadius
	high := angle*180/math.Pi + 1e-9
	if math.Abs(at.Lat)+high >= 90 {
		return block{}, false
	}
	wide := math.Asin(math.Sin(angle)/cosLat)*180/math.Pi + 1e-9
	if math.Abs(at.Long)+wide >= 180 {
		return block{}, false
	}
	return block{
		south: g.row(at.Lat - high), north: g.row(at.Lat + high),
		west: g.column(at.Long - wide), east: g.column(at.Long + wide),
	}, true
}
