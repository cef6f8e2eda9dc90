package townmap

import (
	"math"
	"strconv"
	"strings"

	"github.com/semenligne/sem/connectors/record"
)

// TileSource is a map in square pictures: 2^z by 2^z of them at zoom z, counted
// from the north-west, in Web Mercator (EPSG:3857).
type TileSource struct {
	// URL has {z}, {x} and {y} where the numbers go.
	URL string
	// MaxZoom is the closest zoom that there is.
	MaxZoom int
}

// Tile is one picture and where it goes on the drawing.
type Tile struct {
	URL                 string
	X, Y, Width, Height float64
}

const (
	tilePixels = 256
	shownWidth = 640 // pixels of the drawing, at its widest
	seam       = .2  // tiles overlap by so much, for no ground to show between
)

// tiles covers the drawing, at the zoom whose pixels are about those of the
// screen. Across so small a piece of the Earth the two projections differ by far
// less than a pixel, so that each tile goes where its corners do.
func (v view) tiles(s TileSource) []Tile {
	z := v.zoom(s.MaxZoom)
	side := math.Exp2(float64(z))
	west, north := mercator(v.point(xy{0, 0}))
	east, south := mercator(v.point(xy{Size, Size}))
	var tiles []Tile
	for y := math.Floor(north * side); y <= math.Floor(south*side); y++ {
		for x := math.Floor(west * side); x <= math.Floor(east*side); x++ {
			a, b := v.at(unMercator(x/side, y/side)), v.at(unMercator((x+1)/side, (y+1)/side))
			url := strings.NewReplacer("{z}", strconv.Itoa(z), "{x}", strconv.Itoa(int(x)), "{y}", strconv.Itoa(int(y))).Replace(s.URL)
			tiles = append(tiles, Tile{url, a.x, a.y, b.x - a.x + seam, b.y - a.y + seam})
		}
	}
	return tiles
}

// zoom is the first whose pixels are no larger than the screen's.
func (v view) zoom(most int) int {
	round := 2 * math.Pi * earthRadius * v.cosLat // metres around the Earth, along the parallel
	z := math.Ceil(math.Log2(round / tilePixels / (v.metres * Size / shownWidth)))
	return int(min(max(z, 0), float64(most)))
}

// point is the inverse of at.
func (v view) point(p xy) record.Point {
	return record.Point{Lat: v.center.Lat - (p.y-Size/2)/v.bySouth, Long: v.center.Long + (p.x-Size/2)/v.bySouth/v.cosLat}
}

// mercator projects a point onto a square of side 1, from the north-west.
func mercator(p record.Point) (x, y float64) {
	return (p.Long + 180) / 360, .5 - math.Asinh(math.Tan(p.Lat*math.Pi/180))/(2*math.Pi)
}

// unMercator is the inverse of mercator.
func unMercator(x, y float64) record.Point {
	return record.Point{Lat: math.Atan(math.Sinh(math.Pi*(1-2*y))) * 180 / math.Pi, Long: x*360 - 180}
}
