package assessmentroll

import (
	"maps"
	"slices"
	"strings"

	"github.com/semenligne/sem/connectors"
)

// Settings is where a roll comes from and how its codes are read.
type Settings struct {
	File         connectors.Path `json:"file,omitempty" jsonschema:"the roll's XML file; this or url"`
	URL          string          `json:"url,omitempty" jsonschema:"the roll's address; this or file"`
	Municipality string          `json:"municipality,omitempty" jsonschema:"geographic code that the roll must be of, such as 72005"`
	Year         int             `json:"year,omitempty" jsonschema:"roll year that the roll must be of; 0 takes any"`
	Points       Points          `json:"points,omitzero" jsonschema:"where the units are"`
	Streets      connectors.Path `json:"streets,omitempty" jsonschema:"CSV with the column street or odonyme: the streets as the town writes them, with accents"`
	StreetTypes  Codes           `json:"street_types,omitempty" jsonschema:"words for street type codes (RL0101Ex) that differ from the built-in ones"`
	StreetLinks  Codes           `json:"street_links,omitempty" jsonschema:"words for link codes (RL0101Fx) that differ from the built-in ones"`
	Uses         Codes           `json:"uses,omitempty" jsonschema:"names of predominant uses (RL0105A, CUBF), beside the built-in common ones"`
	MaxBytes     int64           `json:"max_bytes,omitempty" jsonschema:"a longer roll is refused"`
	MaxUnits     int             `json:"max_units,omitempty" jsonschema:"a roll of more units is refused"`
}

// Points is where the units' positions come from: one of the two, or neither.
type Points struct {
	GeoPackage connectors.Path `json:"geopackage,omitempty" jsonschema:"the ministry's GeoPackage with a layer rol_unite_p_YEAR"`
	CSV        connectors.Path `json:"csv,omitempty" jsonschema:"CSV with the columns matricule, lat, lon in decimal degrees"`
}

// Codes is words by code.
type Codes map[string]string

// An entry of the index can point at 1 TiB; a million units are twice the
// largest roll.
const (
	defaultMaxBytes = 4 << 30
	defaultMaxUnits = 1_000_000
)

func defaults() Settings { return Settings{MaxBytes: defaultMaxBytes, MaxUnits: defaultMaxUnits} }

// Dials returns the host and port of the URL.
func (s *Settings) Dials() []string {
	hostPort, ok := connectors.HostPort(s.URL)
	if !ok {
		return nil
	}
	return []string{hostPort}
}

// Validate returns every mistake.
func (s *Settings) Validate() []connectors.Problem {
	var problems []connectors.Problem
	add := func(key, text string) { problems = append(problems, connectors.Problem{Key: key, Text: text}) }
	_, reachable := connectors.HostPort(s.URL)
	switch {
	case s.File == "" && s.URL == "":
		add("file", "missing: the roll's file, or its url")
	case s.File != "" && s.URL != "":
		add("url", "there is a file too: keep one of them")
	case s.URL != "" && !reachable:
		add("url", "write an absolute http or https address without user or fragment")
	}
	if s.Municipality != "" && !validMunicipality(s.Municipality) {
		add("municipality", "write the five-character geographic code, in quotes")
	}
	if s.Year != 0 && (s.Year < 1900 || s.Year > 2200) {
		add("year", "write a year, or 0 for any")
	}
	if s.Points.CSV != "" && s.Points.GeoPackage != "" {
		add("points", "keep one of geopackage and csv")
	}
	if s.MaxBytes < 1 || s.MaxBytes > maxOffset {
		add("max_bytes", "write a number of bytes above 0 and below 1 TiB")
	}
	if s.MaxUnits < 1 || s.MaxUnits > 10_000_000 {
		add("max_units", "write a number from 1 to 10000000")
	}
	for _, t := range []struct {
		key   string
		codes Codes
	}{{"street_types", s.StreetTypes}, {"street_links", s.StreetLinks}, {"uses", s.Uses}} {
		for _, code := range slices.Sorted(maps.Keys(t.codes)) {
			if code == "" || strings.TrimSpace(t.codes[code]) == "" {
				add(t.key, "an empty code or word")
			}
		}
	}
	return problems
}

// validMunicipality takes five digits, and NR with three for an unorganised
// territory.
func validMunicipality(code string) bool {
	return len(code) == municipalityDigits && digitsOnly(strings.TrimPrefix(code, "NR"))
}
