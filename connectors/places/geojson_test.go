package places

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// one is a collection of one feature of a geometry.
func one(geometry string) string {
	return `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":` + geometry + `}]}`
}

func point(lat, long float64) *record.Point { return &record.Point{Lat: lat, Long: long} }

// square is the ring of the square from 45, -74 to 46, -73.
func square() record.Ring {
	return record.Ring{{Lat: 45, Long: -74}, {Lat: 45, Long: -73}, {Lat: 46, Long: -73}, {Lat: 46, Long: -74}}
}

const squareText = "[[-74,45],[-73,45],[-73,46],[-74,46],[-74,45]]"

func TestGeometries(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		geometry string
		want     record.Place
	}{
		"point":               {`{"type":"Point","coordinates":[-73.9,45.5]}`, record.Place{Point: point(45.5, -73.9)}},
		"point with height":   {`{"type":"Point","coordinates":[ -73.9 , 4.55e1, 31.2 ]}`, record.Place{Point: point(45.5, -73.9)}},
		"entrances":           {`{"type":"MultiPoint","coordinates":[[-73.9,45.5],[-73.8,45.5]]}`, record.Place{Point: point(45.5, -73.9)}},
		"line":                {`{"type":"LineString","coordinates":[[-74,45],[-73,45],[-71,45]]}`, record.Place{Point: point(45, -72.5)}},
		"longest line":        {`{"type":"MultiLineString","coordinates":[[[-74,45],[-73.9,45]],[[-74,46],[-73,46]]]}`, record.Place{Point: point(46, -73.5)}},
		"polygon":             {`{"type":"Polygon","coordinates":[` + squareText + `]}`, record.Place{Point: point(45.5, -73.5), Outline: record.Area{{square()}}}},
		"unclosed":            {`{"type":"Polygon","coordinates":[[[-74,45],[-73,45],[-73,46],[-74,46]]]}`, record.Place{Point: point(45.5, -73.5), Outline: record.Area{{square()}}}},
		"polygon and its own": {`{"type":"GeometryCollection","geometries":[{"type":"Polygon","coordinates":[` + squareText + `]},{"type":"Point","coordinates":[-73.9,45.1]}]}`, record.Place{Point: point(45.1, -73.9), Outline: record.Area{{square()}}}},
		"largest polygon":     {`{"type":"MultiPolygon","coordinates":[[[[-80,45],[-79.9,45],[-79.9,45.1]]],[` + squareText + `]]}`, record.Place{Point: point(45.5, -73.5), Outline: record.Area{{{{Lat: 45, Long: -80}, {Lat: 45, Long: -79.9}, {Lat: 45.1, Long: -79.9}}}, {square()}}}},
		"no geometry":         {`null`, record.Place{}},
		"empty point":         {`{"type":"Point","coordinates":[]}`, record.Place{}},
		"empty polygons":      {`{"type":"MultiPolygon","coordinates":[]}`, record.Place{}},
		"empty collection":    {`{"type":"GeometryCollection","geometries":[]}`, record.Place{}},
	} {
		got, err := read(t, FormatGeoJSON, one(tc.geometry), nil)
		if diff := cmp.Diff([]record.Body{tc.want}, got); diff != "" || err != nil {
			t.Errorf("%s: error %v (-want +got):\n%s", name, err, diff)
		}
	}
}

// TestInside: the point of a place is on its ground, even where its centre of
// mass is not.
func TestInside(t *testing.T) {
	t.Parallel()
	for name, rings := range map[string]string{
		"horseshoe": `[[-74,45],[-73,45],[-73,46],[-73.1,46],[-73.1,45.1],[-73.9,45.1],[-73.9,46],[-74,46]]`,
		"court":     squareText + `,[[-73.9,45.1],[-73.1,45.1],[-73.1,45.9],[-73.9,45.9]]`,
		"no ground": `[[-74,45],[-73,45],[-73.5,45]]`,
	} {
		bodies, err := read(t, FormatGeoJSON, one(`{"type":"Polygon","coordinates":[`+rings+`]}`), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if p, ok := bodies[0].(record.Place); !ok || p.Point == nil || !p.Outline.Contains(*p.Point) {
			t.Errorf("%s: %v is not in it", name, p.Point)
		}
	}
}

func TestGeoJSONRefused(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"nothing":              ``,
		"not JSON":             `Le site est en maintenance.`,
		"another JSON":         `{"type":"Topology","objects":{}}`,
		"a list":               `[]`,
		"no features":          `{"type":"FeatureCollection","features":[]}`,
		"features null":        `{"type":"FeatureCollection","features":null}`,
		"two documents":        one(`null`) + one(`null`),
		"a feature null":       `{"type":"FeatureCollection","features":[null]}`,
		"a bare geometry":      `{"type":"FeatureCollection","features":[{"type":"Point","coordinates":[-73,45]}]}`,
		"not a number":         one(`{"type":"Point","coordinates":[NaN,45.5]}`),
		"null in a position":   one(`{"type":"Point","coordinates":[null,45.5]}`),
		"words in a position":  one(`{"type":"Point","coordinates":["-73.9","45.5"]}`),
		"half a position":      one(`{"type":"Point","coordinates":[-73.9]}`),
		"a null position":      one(`{"type":"LineString","coordinates":[null,[-73,45]]}`),
		"too large a number":   one(`{"type":"Point","coordinates":[1e999,45.5]}`),
		"off the Earth":        one(`{"type":"Point","coordinates":[45.5,-173.9]}`),
		"metres for degrees":   one(`{"type":"Point","coordinates":[292927.3,5044811.0]}`),
		"null island":          one(`{"type":"Point","coordinates":[0,0]}`),
		"no coordinates":       one(`{"type":"Point"}`),
		"deeper than it is":    one(`{"type":"Point","coordinates":[[-73.9,45.5]]}`),
		"flatter than it is":   one(`{"type":"Polygon","coordinates":[[-73.9,45.5]]}`),
		"ring of two":          one(`{"type":"Polygon","coordinates":[[[-74,45],[-73,45],[-74,45]]]}`),
		"empty ring":           one(`{"type":"Polygon","coordinates":[[]]}`),
		"line of one":          one(`{"type":"LineString","coordinates":[[-74,45]]}`),
		"a curve":              one(`{"type":"CircularString","coordinates":[[-74,45],[-73,45],[-73,46]]}`),
		"null in a collection": one(`{"type":"GeometryCollection","geometries":[null]}`),
		"too deep":             one(strings.Repeat(`{"type":"GeometryCollection","geometries":[`, 6) + strings.Repeat(`]}`, 6)),
		"endless":              one(strings.Repeat(`{"type":"GeometryCollection","geometries":[`, 20_000)),
		"unknown crs":          strings.Replace(one(`null`), `"features"`, `"crs":{"type":"name","properties":{"name":"EPSG:3857"}},"features"`, 1),
		"windows-1252":         strings.Replace(one(`null`), `{}`, "{\"NOM\":\"\xC9cole\"}", 1),
	} {
		if bodies, err := read(t, FormatGeoJSON, content, nil); !errors.Is(err, connectors.ErrMalformed) {
			t.Errorf("%s: %v, error %v", name, bodies, err)
		}
	}
}

// TestGeoJSONLine: an error says on which line the feature begins, and names no
// content.
func TestGeoJSONLine(t *testing.T) {
	t.Parallel()
	good := `{"type":"Feature","properties":{"features":[1,2]},"geometry":{"type":"Point","coordinates":[-73.9,45.5]}}`
	swapped := `{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[45.5,-73.9]}}`
	head := "{\"type\":\"FeatureCollection\",\n\"bbox\":[1,[2]],\n\"features\":["
	for want, content := range map[string]string{
		"line 3: feature 1: longitude and latitude are swapped": head + swapped + "\n]}",
		"line 4: feature 1: longitude and latitude are swapped": head + "\n" + swapped + ",\n" + good + "\n]}",
		"line 6: feature 3: longitude and latitude are swapped": head + "\r\n" + good + ",\r\n" + good + "\r\n , " + swapped + "]}",
		"line 3: feature 2: longitude and latitude are swapped": head + good + "," + swapped + "]}",
		"line 1: feature 1: longitude and latitude are swapped": strings.Replace(swapped, ":{}", ":{\n}", 1),
		"line 4: feature 2: a feature of another form":          head + good + ",\n[]]}",
		"line 5: not GeoJSON": head + "\n" + good + "\n" + good + "]}",
		"not GeoJSON":         "{\"type\":1}",
		"line 2: not GeoJSON": head[:len(head)-20],
	} {
		_, err := read(t, FormatGeoJSON, content, func(s *Settings) { s.Box = Box{South: 45, West: -74, North: 46, East: -73} })
		if !errors.Is(err, connectors.ErrMalformed) || !strings.Contains(err.Error(), "places: carte: "+want+": ") {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestGeoJSONDialects(t *testing.T) {
	t.Parallel()
	feature := `{"type":"Feature","id":17,"properties":{"NOM":"École","N":1e3,"B":false,"L":["a",2,[3],null,{}],"O":{"a":1}},"geometry":{"type":"Point","coordinates":[292927.3,5044811.0]}}`
	named := func(name string) string {
		return fmt.Sprintf(`{"type":"FeatureCollection","name":"x","crs":{"type":"name","properties":{"name":%q}},"bbox":[1,2],"features":[%s]}`, name, feature)
	}
	fields := func(s *Settings) {
		s.Fields = Fields{Name: []string{"NOM", "N"}, Details: Labels{"1": "B", "2": "L", "3": "O"}}
	}
	for name, tc := range map[string]struct {
		content string
		change  func(*Settings)
	}{
		"crs by urn":       {named("urn:ogc:def:crs:EPSG::32188"), fields},
		"crs by code":      {named("EPSG:2950"), fields},
		"system":           {feature, func(s *Settings) { fields(s); s.System = "EPSG:2950" }},
		"byte-order mark":  {"\uFEFF" + named("EPSG:2950"), fields},
		"windows-1252":     {strings.ReplaceAll(named("EPSG:2950"), "É", "\xC9"), func(s *Settings) { fields(s); s.Charset = "windows-1252" }},
		"crs after it all": {`{"features":[` + feature + `],"crs":{"type":"name","properties":{"name":"EPSG:2950"}},"type":"FeatureCollection"}`, fields},
	} {
		s := of(t, FormatGeoJSON, tc.content, tc.change)
		records, _, err := list(t.Context(), t, s, "")
		if err != nil || len(records) != 1 || records[0].Key != "17" {
			t.Errorf("%s: %v, error %v", name, records, err)
			continue
		}
		p, _ := records[0].Body.(record.Place)
		if p.Name != "École 1e3" || p.Point == nil || int(p.Point.Lat*1e5) != 4554311 || int(p.Point.Long*1e5) != -7365203 {
			t.Errorf("%s: %q at %v", name, p.Name, p.Point)
		}
		if diff := cmp.Diff([]record.Detail{{Label: "1", Value: "non"}, {Label: "2", Value: "a, 2"}}, p.Details); diff != "" {
			t.Errorf("%s: details (-want +got):\n%s", name, diff)
		}
	}
}

// FuzzGeoJSON reads any bytes as a file: it ends in records or in a failure.
func FuzzGeoJSON(f *testing.F) {
	for _, content := range files() {
		f.Add([]byte(content))
	}
	f.Add([]byte(one(`{"type":"GeometryCollection","geometries":[{"type":"MultiPoint","coordinates":[[-73.9,45.5,1]]}]}`)))
	f.Fuzz(func(t *testing.T, content []byte) {
		fuzz(t, content, FormatGeoJSON, Fields{Name: []string{"NOM"}})
	})
}

// fuzz reads content in every way that settings know.
func fuzz(t *testing.T, content []byte, format Format, fields Fields) {
	t.Helper()
	for _, as := range []As{AsPlaces, AsSectors, AsShapes} {
		s := defaults()
		s.Format, s.As, s.Fields = format, as, fields
		if as == AsSectors {
			s.Fields.Code = "SECTEUR"
		}
		src := &file{settings: s}
		m := mapping{settings: s, seen: map[string]told{}, fields: map[string]bool{}, emit: func(r record.Record) error {
			if r.Key == "" || r.Body == nil {
				t.Fatalf("record %q without key or body", r.Key)
			}
			if p, ok := r.Body.(record.Place); ok && p.Point != nil && !p.Point.Valid() {
				t.Fatalf("a place at %v", p.Point)
			}
			return nil
		}}
		if err := src.features(t.Context(), origin{content: content}, m.take); err != nil && connectors.Reason(err) != connectors.ReasonMalformed {
			t.Fatalf("error %v", err)
		}
	}
}
