package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/semenligne/sem/cmd/sem/town"
	"github.com/semenligne/sem/connectors/record"
)

// writeSchedules writes the invented town's two sectors and its rules of
// collection and watering.
func writeSchedules(now time.Time, folder string) error {
	center := town.Center()
	west, middle, east, south, north := center.Long-1, center.Long, center.Long+1, center.Lat-1, center.Lat+1
	box := func(from, to float64) geometry {
		return polygon([]record.Point{{Lat: south, Long: from}, {Lat: south, Long: to}, {Lat: north, Long: to}, {Lat: north, Long: from}})
	}
	sectors := []feature{
		{"Feature", map[string]string{"CODE": "O", "NOM": "Ouest"}, box(west, middle)},
		{"Feature", map[string]string{"CODE": "E", "NOM": "Est"}, box(middle, east)},
	}
	// Every two weeks counts from a week of last year, so that the year to print
	// is whole.
	last := record.DateOf(now).AddDays(-380)
	rules := demoRules
	for range 7 {
		weekday := last.In(time.UTC).Weekday()
		rules = strings.ReplaceAll(rules, "anchor: "+weekday.String(), "anchor: "+last.String())
		last = last.AddDays(1)
	}
	err := os.WriteFile(filepath.Join(folder, "rules.yaml"), []byte(rules), 0o600)
	if err != nil {
		err = fmt.Errorf("rules: %w", err)
	}
	return errors.Join(err, writeFeatures(sectors, filepath.Join(folder, "sectors.geojson")))
}

// demoRules are invented: no town's by-law. An anchor names the weekday whose
// date it becomes.
const demoRules = `streams:
  - {code: organiques, name: {fr: Matières organiques, en: Organic waste}, color: "#7a4a21", icon: leaf, letter: M, accepts: "Restes de table, papier souillé, résidus de jardin.", prepare: "Sans sac de plastique."}
  - {code: recyclage, name: {fr: Matières recyclables, en: Recycling}, color: "#1d6fb8", icon: recycle, letter: R, accepts: "Papier, carton, verre, plastique et métal.", prepare: "En vrac dans le bac."}
  - {code: ordures, name: {fr: Ordures ménagères, en: Household waste}, color: "#3c4447", icon: bin, letter: O, accepts: "Ce qui ne va dans aucun autre bac."}
holidays: {policy: next_day, days: [christmas, new_year]}
collections:
  - {stream: organiques, sectors: [O], days: [mardi], season: {from: 05-01, to: 11-06}}
  - {stream: organiques, sectors: [O], days: [mardi], season: {from: 11-07, to: 04-30}, every: 2, anchor: Tuesday}
  - {stream: organiques, sectors: [E], days: [jeudi], season: {from: 05-01, to: 11-06}}
  - {stream: organiques, sectors: [E], days: [jeudi], season: {from: 11-07, to: 04-30}, every: 2, anchor: Thursday}
  - {stream: recyclage, sectors: [O], days: [mercredi], every: 2, anchor: Wednesday}
  - {stream: recyclage, sectors: [E], days: [vendredi], every: 2, anchor: Friday}
  - {stream: ordures, sectors: [O], days: [vendredi], iso_weeks: even}
  - {stream: ordures, sectors: [E], days: [mercredi], iso_weeks: even}
watering:
  rules:
    - {name: "Numéros pairs aux dates paires, impairs aux dates impaires, de 20 h à 23 h", season: {from: 05-01, to: 09-30}, devices: [hand, mobile], days: date_parity, on_31: forbidden, windows: [{from: "20:00", to: "23:00"}]}
    - {name: "Automatique, de 3 h à 6 h", season: {from: 05-01, to: 09-30}, devices: [automatic], days: date_parity, on_31: forbidden, windows: [{from: "03:00", to: "06:00"}]}
    - {name: "Aucune restriction d’octobre à avril", season: {from: 10-01, to: 04-30}, devices: [hand, mobile, automatic], days: all, windows: [{from: "00:00", to: "24:00"}]}
`
