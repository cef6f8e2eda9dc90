package places

import (
	"flag"
	"testing"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/connectortest"
	"github.com/semenligne/sem/connectors/places/placessim"
)

// The kit rewrites the golden files when this is set.
var _ = flag.Bool("update", false, "rewrite the golden files")

// urlKey stands in the addresses of files, and in no error or log line.
const urlKey = "canari-de-la-mine"

// files are those of an invented town.
func files() placessim.Files {
	park := map[string]any{"NO": 12, "NOM": "Parc de l'Érablière", "TYPE": "Parc", "TEL": nil, "SITE": "javascript:alert(1)", "EAU": true}
	library := map[string]any{
		"NO": 7, "NOM": "Bibliothe\u0300que des Essais", "TYPE": "Bibliothèque", "NUMERO": "12", "RUE": "rue des Essais", "TEL": "450 555-0112",
		"SITE": "https://biblio.example/heures?l=fr", "HORAIRE": "Lundi au vendredi, 10 h à 20 h", "EAU": false,
	}
	school := map[string]any{"NO": "0031", "NOM": "École du Ruisseau", "TYPE": "", "NUMERO": nil, "RUE": "rue du Ruisseau"}
	sector := func(code, day string) map[string]any {
		return map[string]any{"SECTEUR": code, "JOUR": day, "FREQUENCE": "Aux deux semaines"}
	}
	return placessim.Files{
		"/lieux.geojson": placessim.Collection(
			placessim.Point(library, -73.9012345, 45.5612345),
			placessim.Polygon(park, placessim.Square(-73.905, 45.56, -73.904, 45.561), placessim.Square(-73.9046, 45.5604, -73.9044, 45.5606)),
			placessim.Feature{Properties: school},
		),
		"/secteurs.geojson": placessim.Collection(
			placessim.Polygon(sector("A", "LUNDI"), placessim.Square(-73.91, 45.55, -73.90, 45.57)),
			placessim.Feature{
				ID: "b1", Properties: sector("B", "MARDI"), Geometry: "MultiPolygon",
				Coordinates: [][][]placessim.Position{{placessim.Square(-73.90, 45.55, -73.89, 45.57)}, {placessim.Square(-73.92, 45.55, -73.91, 45.56)}},
			},
		),
		"/rues.geojson": placessim.Collection(
			placessim.Line(map[string]any{"ODONYME": "rue des Essais"}, placessim.Position{-73.902, 45.561}, placessim.Position{-73.9, 45.5615}, placessim.Position{-73.899, 45.562}),
			placessim.Feature{
				Properties: map[string]any{"ODONYME": "rue du Ruisseau"}, Geometry: "MultiLineString",
				Coordinates: [][]placessim.Position{{{-73.903, 45.56}, {-73.902, 45.56}}, {{-73.901, 45.56}, {-73.9, 45.56}}},
			},
		),
		"/lieux.csv": "Nom;Type;X;Y;Adresse\r\nCaserne 1;Caserne;292927,3;5044811,0;\"1; rue du Feu\"\r\nÉcocentre;Écocentre;292448.6;5046671.3;\r\nKiosque;;;;\r\n",
	}
}

func at127(addr, path string) Settings {
	s := defaults()
	s.URL, s.Format = "http://"+addr+path+"?cle="+urlKey, FormatGeoJSON
	s.Box = Box{South: 45.5, West: -74, North: 45.6, East: -73.6}
	return s
}

func placesOf(addr string) *Settings {
	s := at127(addr, "/lieux.geojson")
	s.Fields = Fields{
		ID: "NO", Name: []string{"NOM"}, Category: "TYPE", Address: []string{"NUMERO", "RUE"}, Phone: "TEL", Link: "SITE", Hours: "HORAIRE",
		Details: Labels{"Jeux d'eau": "EAU"},
	}
	s.Category = "Autre lieu"
	return &s
}

func sectorsOf(addr string) *Settings {
	s := at127(addr, "/secteurs.geojson")
	s.As, s.Streams = AsSectors, []string{"ordures", "bac-brun"}
	s.Fields = Fields{Code: "SECTEUR", Details: Labels{"Jour": "JOUR", "Fréquence": "FREQUENCE"}}
	return &s
}

func shapesOf(addr string) *Settings {
	s := at127(addr, "/rues.geojson")
	s.As, s.Category, s.Fields = AsShapes, "rue", Fields{Name: []string{"ODONYME"}}
	return &s
}

func tableOf(addr string) *Settings {
	s := at127(addr, "/lieux.csv")
	s.Format, s.System = FormatCSV, "EPSG:2950"
	s.Fields = Fields{Name: []string{"Nom"}, Category: "Type", Address: []string{"Adresse"}, X: "X", Y: "Y"}
	return &s
}

// TestKit holds the connector to the contract, with each sort of file.
func TestKit(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		settings func(addr string) *Settings
		waive    map[string]string
	}{
		"places":  {placesOf, map[string]string{"quiet": "a place without position is logged once a list, counted"}},
		"sectors": {sectorsOf, nil},
		"shapes":  {shapesOf, nil},
		"table":   {tableOf, map[string]string{"quiet": "a place without position is logged once a list, counted"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, connectortest.Suite{
				Kind: Kind(),
				Start: func() (connectortest.Fake, error) {
					server, err := placessim.Start("127.0.0.1:0", files())
					if err != nil {
						return connectortest.Fake{}, err
					}
					return connectortest.Fake{Addr: server.Addr(), Close: server.Close}, nil
				},
				Settings:   func(addr string) connectors.Settings { return tc.settings(addr) },
				ListGolden: "testdata/" + name + ".json",
				Waive:      tc.waive,
				Secrets:    []string{urlKey},
				Persons:    []string{"Érablière", "des Essais", "555-0112", "LUNDI", "Caserne"},
			})
		})
	}
}
