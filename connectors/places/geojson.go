package places

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/geo"
	"github.com/semenligne/sem/connectors/record"
)

// document is a GeoJSON text: a collection of features, or one feature.
type document struct {
	Type     string            `json:"type"`
	Features []json.RawMessage `json:"features"`
	CRS      *struct {
		Properties struct {
			Name string `json:"name"`
		} `json:"properties"`
	} `json:"crs"`
}

// readGeoJSON reads RFC 7946, and the crs member of the format before it.
func (f *file) readGeoJSON(text []byte, use func(feature) error) error {
	var d document
	if err := json.Unmarshal(text, &d); err != nil { // its text quotes the file
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return at("line", line(text, syntax.Offset), errors.New("not GeoJSON"))
		}
		return fmt.Errorf("not GeoJSON: %w", connectors.ErrMalformed)
	}
	system := f.system
	if d.CRS != nil {
		var known bool
		if system, known = geo.ParseSystem(d.CRS.Properties.Name); !known {
			return fmt.Errorf("a crs that is not known: %w", connectors.ErrMalformed)
		}
	}
	switch d.Type {
	case "FeatureCollection":
	case "Feature":
		d.Features = []json.RawMessage{text}
	default:
		return fmt.Errorf("neither a collection of features nor a feature: %w", connectors.ErrMalformed)
	}
	for i, raw := range d.Features {
		g, err := parseFeature(raw, system)
		if err != nil {
			err = at("feature", i+1, err)
		} else {
			g.number = i + 1
			err = use(g)
		}
		if errors.Is(err, connectors.ErrMalformed) {
			return fmt.Errorf("line %d: %w", lineOf(text, i), err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// line returns the number, from 1, of the line that holds a byte.
func line(text []byte, offset int64) int {
	return 1 + bytes.Count(text[:min(max(offset, 0), int64(len(text)))], []byte("\n"))
}

// lineOf returns the line on which a feature begins, by its index in a text that
// was read before. Of a lone feature that is the first.
func lineOf(text []byte, index int) int {
	d := json.NewDecoder(bytes.NewReader(text))
	depth, name := 0, json.Token(nil)
	for {
		token, err := d.Token()
		if err != nil {
			return 1
		}
		switch delimiter, _ := token.(json.Delim); {
		case delimiter == '[' && depth == 1 && name == "features":
			var passed json.RawMessage
			for range index {
				if d.Decode(&passed) != nil {
					return 1
				}
			}
			d.More() // goes on to what follows the comma
			rest := text[d.InputOffset():]
			return line(text, d.InputOffset()+int64(len(rest)-len(bytes.TrimLeft(rest, ", \t\r\n"))))
		case delimiter == '{' || delimiter == '[':
			depth++
		case delimiter == '}' || delimiter == ']':
			depth--
		}
		name = token
	}
}

func parseFeature(raw []byte, system geo.System) (feature, error) {
	var wire struct {
		Type       string                     `json:"type"`
		ID         json.RawMessage            `json:"id"`
		Properties map[string]json.RawMessage `json:"properties"`
		Geometry   *geometry                  `json:"geometry"`
	}
	if err := json.Unmarshal(raw, &wire); err != nil {
		if _, bad := errors.AsType[positionError](err); bad {
			return feature{}, errors.New("a position that is not two numbers")
		}
		return feature{}, errors.New("a feature of another form")
	}
	if wire.Type != "Feature" {
		return feature{}, errors.New("not a feature")
	}
	g := feature{id: plain(wire.ID), values: make(map[string]string, len(wire.Properties))}
	for name, value := range wire.Properties {
		g.values[name] = plain(value)
	}
	if wire.Geometry == nil {
		return g, nil
	}
	err := wire.Geometry.addTo(&g.geometry, system, 0)
	return g, err
}

// plain writes a JSON value as text: numbers as they stand, booleans as words,
// nothing for null and for objects.
func plain(raw json.RawMessage) string {
	switch {
	case len(raw) == 0 || raw[0] == 'n' || raw[0] == '{':
		return ""
	case raw[0] == 't':
		return "oui"
	case raw[0] == 'f':
		return "non"
	case raw[0] == '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return ""
		}
		return s
	case raw[0] == '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil {
			return ""
		}
		words := make([]string, 0, len(list))
		for _, item := range list {
			if word := plain(item); word != "" && item[0] != '[' {
				words = append(words, word)
			}
		}
		return strings.Join(words, ", ")
	}
	return string(raw)
}

// geometry is a GeoJSON geometry (RFC 7946, section 3.1).
type geometry struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
	Geometries  []*geometry     `json:"geometries"`
}

// position is longitude and latitude, or easting and northing; what follows
// them, such as a height, is passed over.
type position struct{ x, y float64 }

type positionError struct{}

func (positionError) Error() string { return "not a position" }

// UnmarshalJSON reads an array of two numbers or more. A null is no number.
func (p *position) UnmarshalJSON(data []byte) error {
	inner, ok := bytes.CutPrefix(bytes.TrimSpace(data), []byte("["))
	x, rest, two := bytes.Cut(inner, []byte(","))
	y, _, _ := bytes.Cut(bytes.TrimSuffix(rest, []byte("]")), []byte(","))
	var xErr, yErr error
	p.x, xErr = strconv.ParseFloat(string(bytes.TrimSpace(x)), 64)
	p.y, yErr = strconv.ParseFloat(string(bytes.TrimSpace(y)), 64)
	if !ok || !two || xErr != nil || yErr != nil {
		return positionError{}
	}
	return nil
}

// maxNesting is how deep collections may stand in collections.
const maxNesting = 4

// addTo adds what the geometry holds. An empty array of coordinates is an
// empty geometry.
func (g *geometry) addTo(to *geo.Geometry, system geo.System, depth int) error {
	if g.Type == "GeometryCollection" {
		if depth == maxNesting {
			return errors.New("collections too deep in collections")
		}
		for _, part := range g.Geometries {
			if part == nil {
				return errors.New("a collection with a null in it")
			}
			if err := part.addTo(to, system, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	polygons, err := g.parse()
	if err != nil {
		return err
	}
	for _, rings := range polygons {
		if err := g.add(to, rings, system); err != nil {
			return err
		}
	}
	return nil
}

// parse returns the coordinates as if they were those of a MultiPolygon.
func (g *geometry) parse() ([][][]position, error) {
	if strings.TrimSpace(string(g.Coordinates)) == "[]" {
		return nil, nil
	}
	polygons := [][][]position{{{{}}}}
	var err error
	switch g.Type {
	case "Point":
		err = json.Unmarshal(g.Coordinates, &polygons[0][0][0])
	case "MultiPoint", "LineString":
		err = json.Unmarshal(g.Coordinates, &polygons[0][0])
	case "MultiLineString", "Polygon":
		err = json.Unmarshal(g.Coordinates, &polygons[0])
	case "MultiPolygon":
		err = json.Unmarshal(g.Coordinates, &polygons)
	default:
		return nil, errors.New("a sort of geometry that is not known")
	}
	if err != nil {
		return nil, errors.New("coordinates of another form than their geometry's")
	}
	return polygons, nil
}

// add adds one polygon, or what was put into the form of one.
func (g *geometry) add(to *geo.Geometry, rings [][]position, system geo.System) error {
	var polygon record.Polygon
	for _, positions := range rings {
		points := make([]record.Point, len(positions))
		for i, p := range positions {
			var err error
			if points[i], err = system.Point(p.x, p.y); err != nil {
				return err
			}
		}
		switch g.Type {
		case "Point", "MultiPoint":
			to.Points = append(to.Points, points...)
		case "LineString", "MultiLineString":
			line, err := geo.Line(points)
			if err != nil {
				return err
			}
			to.Lines = append(to.Lines, line)
		default:
			ring, err := geo.Ring(points)
			if err != nil {
				return err
			}
			polygon = append(polygon, ring)
		}
	}
	if len(polygon) > 0 {
		to.Area = append(to.Area, polygon)
	}
	return nil
}
