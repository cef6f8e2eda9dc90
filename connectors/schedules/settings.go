package schedules

import (
	"path/filepath"
	"strings"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// Settings is where the town's rules are written.
type Settings struct {
	File      connectors.Path `json:"file" jsonschema:"the rule file, .yaml or .csv"`
	Charset   string          `json:"charset,omitempty" jsonschema:"of a CSV file: utf-8 or windows-1252"`
	OutAfter  record.Clock    `json:"out_after,omitempty" jsonschema:"bins may be put out from this hour, on the evening before, where a rule says nothing"`
	OutBefore record.Clock    `json:"out_before,omitempty" jsonschema:"bins must be out at this hour, on the day, where a rule says nothing"`
	Until     record.Clock    `json:"until,omitempty" jsonschema:"the day's collection is over at this hour, where a rule says nothing"`
}

func defaults() Settings {
	return Settings{Charset: "utf-8", OutAfter: "19:00", OutBefore: "07:00", Until: "18:00"}
}

// Validate returns every mistake.
func (s *Settings) Validate() []connectors.Problem {
	var problems []connectors.Problem
	switch {
	case s.File == "":
		problems = append(problems, connectors.Problemf("file", "missing: the path of the rule file"))
	case s.format() == "":
		problems = append(problems, connectors.Problemf("file", "name a file that ends in .yaml, .yml or .csv"))
	}
	if s.Charset != "utf-8" && s.Charset != "windows-1252" {
		problems = append(problems, connectors.Problemf("charset", "write utf-8 or windows-1252"))
	}
	return problems
}

// Dials returns nothing: a file needs no network.
func (s *Settings) Dials() []string { return nil }

// format returns yaml, csv, or "" for another.
func (s *Settings) format() string {
	switch strings.ToLower(filepath.Ext(string(s.File))) {
	case ".yaml", ".yml":
		return "yaml"
	case ".csv":
		return "csv"
	}
	return ""
}
