package places

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/places/placessim"
	"github.com/semenligne/sem/connectors/record"
)

func TestBox(t *testing.T) {
	t.Parallel()
	box := func(outside Outside) func(*Settings) {
		return func(s *Settings) { s.Box, s.Outside = Box{South: 45.5, West: -74, North: 45.6, East: -73.8}, outside }
	}
	here := placessim.Point(nil, -73.9, 45.55)
	edge := placessim.Point(nil, -74, 45.5)
	there := placessim.Point(nil, -71.2, 46.8)
	swapped := placessim.Point(nil, 45.55, -73.9)
	leaving := placessim.Line(nil, placessim.Position{-73.9, 45.55}, placessim.Position{-71.2, 46.8})
	for name, tc := range map[string]struct {
		outside  Outside
		features []placessim.Feature
		places   int
		want     string
	}{
		"inside, and on the edge": {OutsideRefuse, []placessim.Feature{here, edge}, 2, ""},
		"outside":                 {OutsideRefuse, []placessim.Feature{here, there}, 0, "feature 2: outside the box"},
		"outside, left out":       {OutsideSkip, []placessim.Feature{here, there, leaving}, 1, ""},
		"all of it left out":      {OutsideSkip, []placessim.Feature{there}, 0, "nothing of what settings ask for"},
		"swapped":                 {OutsideRefuse, []placessim.Feature{here, swapped}, 0, "feature 2: longitude and latitude are swapped"},
		"swapped, not left out":   {OutsideSkip, []placessim.Feature{here, swapped}, 0, "feature 2: longitude and latitude are swapped"},
		"one end outside":         {OutsideRefuse, []placessim.Feature{leaving}, 0, "feature 1: outside the box"},
	} {
		bodies, err := read(t, FormatGeoJSON, placessim.Collection(tc.features...), box(tc.outside))
		if tc.want == "" && (err != nil || len(bodies) != tc.places) || tc.want != "" && (!errors.Is(err, connectors.ErrMalformed) || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %d places, error %v", name, len(bodies), err)
		}
	}
}

func TestTwice(t *testing.T) {
	t.Parallel()
	pool := func(id, name string) placessim.Feature {
		return placessim.Point(map[string]any{"ID": id, "NOM": name}, -73.9, 45.55)
	}
	withID := func(s *Settings) { s.Fields = Fields{ID: "ID", Name: []string{"NOM"}} }
	withoutID := func(s *Settings) { s.Fields = Fields{Name: []string{"NOM"}} }
	for name, tc := range map[string]struct {
		features []placessim.Feature
		change   func(*Settings)
		places   int
		want     string
	}{
		"the same":                  {[]placessim.Feature{pool("1", "Piscine"), pool("2", "Aréna"), pool("1", "Piscine")}, withID, 2, ""},
		"the same, without id":      {[]placessim.Feature{pool("1", "Piscine"), pool("2", "Piscine")}, withoutID, 1, ""},
		"two of one id":             {[]placessim.Feature{pool("1", "Piscine"), pool("1", "Canari")}, withID, 0, "feature 2: the id of number 1, with other content"},
		"without the id":            {[]placessim.Feature{pool("1", "Piscine"), pool("", "Canari")}, withID, 0, "feature 2: without an id"},
		"a property named wrong":    {[]placessim.Feature{pool("1", "Piscine")}, func(s *Settings) { s.Fields.Phone = "TELEPHONE" }, 0, "nowhere in the file"},
		"identical but for the key": {[]placessim.Feature{pool("1", "Piscine"), pool("2", "Piscine")}, withID, 2, ""},
	} {
		bodies, err := read(t, FormatGeoJSON, placessim.Collection(tc.features...), tc.change)
		if tc.want == "" && (err != nil || len(bodies) != tc.places) || tc.want != "" && (!errors.Is(err, connectors.ErrMalformed) || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "Canari")) {
			t.Errorf("%s: %d places, error %v", name, len(bodies), err)
		}
	}
}

func TestSectorsRefused(t *testing.T) {
	t.Parallel()
	ground := placessim.Square(-74, 45, -73, 46)
	for name, tc := range map[string]struct {
		feature placessim.Feature
		want    string
	}{
		"without code":   {placessim.Polygon(map[string]any{"CODE": " ", "FLUX": "a"}, ground), "a sector without code"},
		"without stream": {placessim.Polygon(map[string]any{"CODE": "1", "FLUX": nil}, ground), "a sector without stream"},
		"without area":   {placessim.Point(map[string]any{"CODE": "1", "FLUX": "a"}, -73, 45), "a sector without area"},
	} {
		_, err := read(t, FormatGeoJSON, placessim.Collection(tc.feature), func(s *Settings) {
			s.As, s.Fields = AsSectors, Fields{Code: "CODE", Stream: "FLUX"}
		})
		if !errors.Is(err, connectors.ErrMalformed) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestStreams(t *testing.T) {
	t.Parallel()
	ground := placessim.Square(-74, 45, -73, 46)
	bodies, err := read(t, FormatGeoJSON, placessim.Collection(
		placessim.Polygon(map[string]any{"CODE": 7, "FLUX": "ordures"}, ground),
		placessim.Polygon(map[string]any{"CODE": "07", "FLUX": "ordures , bac-brun,"}, ground),
		placessim.Polygon(map[string]any{"CODE": "7", "FLUX": []string{"feuilles", "sapins"}}, ground),
	), func(s *Settings) { s.As, s.Fields = AsSectors, Fields{Code: "CODE", Stream: "FLUX"} })
	var got []string
	for _, b := range bodies {
		s, _ := b.(record.Sector)
		got = append(got, s.Code+": "+strings.Join(s.Streams, " "))
	}
	if diff := cmp.Diff([]string{"7: ordures", "07: ordures bac-brun", "7: feuilles sapins"}, got); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
}

func TestShapesAreNoPoints(t *testing.T) {
	t.Parallel()
	content := placessim.Collection(placessim.Point(nil, -73, 45), placessim.Polygon(nil, placessim.Square(-74, 45, -73, 46)))
	bodies, err := read(t, FormatGeoJSON, content, func(s *Settings) { s.As, s.Category = AsShapes, "bois" })
	if diff := cmp.Diff([]record.Body{record.Shape{Category: "bois", Area: record.Area{{square()}}}}, bodies); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
}

func TestCSV(t *testing.T) {
	t.Parallel()
	fields := func(s *Settings) { s.Fields = Fields{Name: []string{"nom"}, X: "lon", Y: "lat"} }
	pool := record.Place{Name: "Piscine", Point: point(45.5, -73.9)}
	for name, content := range map[string]string{
		"commas":         "nom,lat,lon\nPiscine,45.5,-73.9\n",
		"semicolons":     "\uFEFFlon;lat;nom\r\n-73,9;45,5;Piscine\r\n",
		"tabs":           "lon\tlat\tnom\n\"-73.9\"\t45.5\t Piscine \n",
		"many of commas": "nom;lat;lon;\"a,b,c,d\"\nPiscine;45.5;-73.9;\n",
	} {
		bodies, err := read(t, FormatCSV, content, fields)
		if diff := cmp.Diff([]record.Body{pool}, bodies); diff != "" || err != nil {
			t.Errorf("%s: error %v (-want +got):\n%s", name, err, diff)
		}
	}
	for _, unknown := range []string{",", "0,0", "0.000,0.0"} {
		bodies, err := read(t, FormatCSV, "nom,lat,lon\nPiscine,"+unknown+"\n", fields)
		if diff := cmp.Diff([]record.Body{record.Place{Name: "Piscine"}}, bodies); diff != "" || err != nil {
			t.Errorf("at %s: error %v (-want +got):\n%s", unknown, err, diff)
		}
	}
	for name, content := range map[string]string{
		"nothing":       "",
		"header only":   "nom,lat,lon\n",
		"no column":     "nom,lat,long\nPiscine,45.5,-73.9\n",
		"shifted":       "nom,lat,lon\nPiscine,45.5,-73.9,x\n",
		"cut":           "nom,lat,lon\nPiscine,45.5\n",
		"cut in a cell": "nom,lat,lon\nPiscine,45.5,-73.9",
		"endless quote": "nom,lat,lon\n\"Piscine,45.5,-73.9\n",
		"half":          "nom,lat,lon\nPiscine,45.5,\n",
		"words":         "nom,lat,lon\nPiscine,45.5 N,73.9 O\n",
		"not a number":  "nom,lat,lon\nPiscine,NaN,-73.9\n",
		"endless":       "nom,lat,lon\nPiscine,45.5,-Inf\n",
		"off the Earth": "nom,lat,lon\nPiscine,-173.9,45.5\n",
		"not UTF-8":     "nom,lat,lon\n\xC9cole,45.5,-73.9\n",
		"two numbers":   "nom,lat,lon\nPiscine,\"45,5\",\"-73,9\"\n",
	} {
		if bodies, err := read(t, FormatCSV, content, fields); !errors.Is(err, connectors.ErrMalformed) {
			t.Errorf("%s: %v, error %v", name, bodies, err)
		}
	}
	if bodies, err := read(t, FormatCSV, "nom,lat,lon\nPiscine,45.5,-73.9", func(s *Settings) { fields(s); s.LastLine = LastLineAny }); err != nil || len(bodies) != 1 {
		t.Errorf("%v, error %v", bodies, err)
	}
	bodies, err := read(t, FormatCSV, "nom,lat,lon\n\xC9cole,45.5,-73.9\n", func(s *Settings) { fields(s); s.Charset = "iso-8859-1" })
	if err != nil || fmt.Sprint(bodies[0].(record.Place).Name) != "École" {
		t.Errorf("%v, error %v", bodies, err)
	}
}

// TestCSVLine: an error says which file, which line and what, and no content.
func TestCSVLine(t *testing.T) {
	t.Parallel()
	box := Box{South: 45, West: -74, North: 46, East: -73}
	for want, row := range map[string]string{
		"line 4: longitude and latitude are swapped":     "Piscine,-73.9,45.5",
		"line 4: outside the box":                        "Piscine,47.5,-73.9",
		"line 4: a position that is not two numbers":     "Piscine,45.5,",
		"line 4: not in order":                           "Piscine,45.5",
		"line 4: the id of number 2, with other content": "Parc,45.6,-73.8",
	} {
		_, err := read(t, FormatCSV, "nom,lat,lon\nParc,45.5,-73.9\nÉcole,45.5,-73.9\n"+row+"\n", func(s *Settings) {
			s.Fields, s.Box = Fields{ID: "nom", Name: []string{"nom"}, X: "lon", Y: "lat"}, box
		})
		if !errors.Is(err, connectors.ErrMalformed) || !strings.Contains(err.Error(), "places: carte: "+want+": ") {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// FuzzCSV reads any bytes as a table: it ends in records or in a failure.
func FuzzCSV(f *testing.F) {
	f.Add([]byte(files()["/lieux.csv"]))
	f.Add([]byte("X,Y,NOM\n-73.9,45.5,\"Pis\"\"cine\"\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		fuzz(t, content, FormatCSV, Fields{Name: []string{"NOM"}, X: "X", Y: "Y"})
	})
}
