// Package geo reads geometry as files of maps hold it: well-known binary,
// GeoPackage, and the coordinates that towns of Québec use. Several connectors
// share it; it is no connector itself.
package geo

import (
	"errors"

	"github.com/semenligne/sem/connectors/record"
)

// Geometry is where one thing of a map is.
type Geometry struct {
	Points []record.Point
	Lines  [][]record.Point
	Area   record.Area
}

// Empty tells whether there is nothing.
func (g Geometry) Empty() bool { return len(g.Points)+len(g.Lines)+len(g.Area) == 0 }

// All calls use for every position, until it returns an error.
func (g Geometry) All(use func(record.Point) error) error {
	for points := range g.runs {
		for _, p := range points {
			if err := use(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// runs yields the points, each line, and each ring.
func (g Geometry) runs(yield func([]record.Point) bool) {
	if !yield(g.Points) {
		return
	}
	for _, line := range g.Lines {
		if !yield(line) {
			return
		}
	}
	for _, polygon := range g.Area {
		for _, ring := range polygon {
			if !yield(ring) {
				return
			}
		}
	}
}

// Line takes two or more positions.
func Line(points []record.Point) ([]record.Point, error) {
	if len(points) < 2 {
		return nil, errors.New("a line of fewer than two positions")
	}
	return points, nil
}

// Ring takes three or more different positions. Files close rings by repeating
// the first position, or forget to: it is left out.
func Ring(points []record.Point) (record.Ring, error) {
	for len(points) > 1 && points[0] == points[len(points)-1] {
		points = points[:len(points)-1]
	}
	different := map[record.Point]bool{}
	for _, p := range points {
		if different[p] = true; len(different) == 3 {
			return points, nil
		}
	}
	return nil, errors.New("a ring of fewer than three different positions")
}
