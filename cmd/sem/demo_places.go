package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/semenligne/sem/cmd/sem/town"
	"github.com/semenligne/sem/connectors/record"
)

// feature is a GeoJSON feature (RFC 7946, section 3.2).
type feature struct {
	Type       string            `json:"type"`
	Properties map[string]string `json:"properties"`
	Geometry   geometry          `json:"geometry"`
}

type geometry struct {
	Type        string `json:"type"`
	Coordinates any    `json:"coordinates"`
}

type position [2]float64

func positionOf(p record.Point) position { return position{p.Long, p.Lat} }

func positions(points []record.Point) []position {
	list := make([]position, len(points))
	for i, p := range points {
		list[i] = positionOf(p)
	}
	return list
}

// polygon closes a ring (section 3.1.6).
func polygon(ring []record.Point) geometry {
	list := positions(ring)
	return geometry{"Polygon", [][]position{append(list, list[0])}}
}

// writeMap writes the invented town's places, the ground of its map, and where
// each property is.
func writeMap(invented *town.Town, folder string) error {
	var places, ground []feature
	for _, s := range town.Spots() {
		f := feature{"Feature", map[string]string{"NO": s.ID, "NOM": s.Name, "TYPE": s.Category, "ADRESSE": s.Address, "TEL": s.Phone, "HORAIRE": s.Hours}, geometry{"Point", positionOf(s.Point)}}
		if s.Ring != nil {
			f.Geometry = polygon(s.Ring)
		}
		places = append(places, f)
	}
	for _, l := range town.Streets() {
		ground = append(ground, feature{"Feature", map[string]string{"NOM": l.Name, "TYPE": l.Sort}, geometry{"LineString", positions(l.Points)}})
	}
	for _, g := range town.Grounds() {
		ground = append(ground, feature{"Feature", map[string]string{"NOM": g.Name, "TYPE": g.Sort}, polygon(g.Ring)})
	}
	return errors.Join(
		writeFeatures(places, filepath.Join(folder, "places.geojson")),
		writeFeatures(ground, filepath.Join(folder, "ground.geojson")),
		writePoints(invented, filepath.Join(folder, "points.csv")),
	)
}

func writeFeatures(features []feature, path string) error {
	data, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
	if err == nil {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		return fmt.Errorf("map: %w", err)
	}
	return nil
}

func writePoints(invented *town.Town, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // our own temporary folder
	if err != nil {
		return fmt.Errorf("points: %w", err)
	}
	w := csv.NewWriter(f)
	rows := [][]string{{"matricule", "lat", "lon"}}
	for _, family := range invented.Families {
		p := family.Property
		rows = append(rows, []string{p.Matricule, strconv.FormatFloat(p.Point.Lat, 'f', 6, 64), strconv.FormatFloat(p.Point.Long, 'f', 6, 64)})
	}
	if err := errors.Join(w.WriteAll(rows), f.Close()); err != nil {
		return fmt.Errorf("points: %w", err)
	}
	return nil
}
