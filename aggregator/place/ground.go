package place

import (
	"math"

	"github.com/semenligne/sem/connectors/record"
)

// Ground is what lies under a map: streets, water, parks, and the grounds of
// places that have one. It never changes once it is made.
type Ground struct {
	shapes []boundedShape
}

// boundedShape is a shape and the box around it.
type boundedShape struct {
	record.Shape
	southWest, northEast record.Point
}

// NewGround takes the shapes, and the outlines of the places, among the
// records.
func NewGround(records []record.Record) *Ground {
	g := &Ground{}
	for _, r := range records {
		switch body := r.Body.(type) {
		case record.Shape:
			g.add(body)
		case record.Place:
			if len(body.Outline) > 0 {
				g.add(record.Shape{Category: body.Category, Area: body.Outline})
			}
		}
	}
	return g
}

func (g *Ground) add(s record.Shape) {
	southWest, northEast := s.Area.Bounds()
	for _, line := range s.Lines {
		for _, p := range line {
			southWest = record.Point{Lat: min(southWest.Lat, p.Lat), Long: min(southWest.Long, p.Long)}
			northEast = record.Point{Lat: max(northEast.Lat, p.Lat), Long: max(northEast.Long, p.Long)}
		}
	}
	g.shapes = append(g.shapes, boundedShape{s, southWest, northEast})
}

// Around returns the shapes, in their order, whose boxes reach into a square
// around a point, of which each side is so many metres away.
func (g *Ground) Around(at record.Point, metres float64) []record.Shape {
	high := metres / EarthRadius * 180 / math.Pi
	wide := high / max(math.Cos(at.Lat*math.Pi/180), 0.01)
	var near []record.Shape
	for _, s := range g.shapes {
		if s.southWest.Lat <= at.Lat+high && s.northEast.Lat >= at.Lat-high && s.southWest.Long <= at.Long+wide && s.northEast.Long >= at.Long-wide {
			near = append(near, s.Shape)
		}
	}
	return near
}
