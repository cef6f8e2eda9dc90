package placessim

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Position is longitude, then latitude.
type Position [2]float64

// Feature is one thing of a map.
type Feature struct {
	ID         string
	Properties map[string]any
	// Geometry is a type of RFC 7946, and Coordinates what it wants: a Position
	// for a Point, slices of them for the others. Empty for none.
	Geometry    string
	Coordinates any
}

// Point is a feature with one position.
func Point(properties map[string]any, long, lat float64) Feature {
	return Feature{Properties: properties, Geometry: "Point", Coordinates: Position{long, lat}}
}

// Line is a feature along positions.
func Line(properties map[string]any, positions ...Position) Feature {
	return Feature{Properties: properties, Geometry: "LineString", Coordinates: positions}
}

// Polygon is a feature within an outer ring, without the holes of the others.
// Rings are closed here.
func Polygon(properties map[string]any, rings ...[]Position) Feature {
	closed := make([][]Position, len(rings))
	for i, ring := range rings {
		closed[i] = append(append([]Position{}, ring...), ring[0])
	}
	return Feature{Properties: properties, Geometry: "Polygon", Coordinates: closed}
}

// Square is the ring of a square.
func Square(west, south, east, north float64) []Position {
	return []Position{{west, south}, {east, south}, {east, north}, {west, north}}
}

// Collection writes features as a GeoJSON text, one a line. Values that JSON
// cannot hold are a mistake of the caller, and stand in the text as such.
func Collection(features ...Feature) string {
	var b strings.Builder
	b.WriteString(`{"type":"FeatureCollection","features":[`)
	for i, f := range features {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		b.WriteString(f.text())
	}
	b.WriteString("\n]}\n")
	return b.String()
}

func (f Feature) text() string {
	wire := map[string]any{"type": "Feature", "properties": f.Properties, "geometry": nil}
	if f.ID != "" {
		wire["id"] = f.ID
	}
	if f.Geometry != "" {
		wire["geometry"] = map[string]any{"type": f.Geometry, "coordinates": f.Coordinates}
	}
	text, err := json.Marshal(wire)
	if err != nil {
		return fmt.Sprintf("%q", err)
	}
	return string(text)
}
