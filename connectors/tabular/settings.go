package tabular

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/semenligne/sem/connectors"
)

// Settings is how a card registry's file is found and read.
type Settings struct {
	File         connectors.Path `json:"file" jsonschema:"the CSV file of the card registry"`
	Marker       connectors.Path `json:"marker,omitempty" jsonschema:"a file that the export writes last; without it, or older than the CSV, the CSV counts as unfinished"`
	Delimiter    string          `json:"delimiter,omitempty" jsonschema:"auto, tab, or one of ; , |"`
	Charset      string          `json:"charset,omitempty" jsonschema:"utf-8 (with or without a byte-order mark), windows-1252 or iso-8859-1"`
	LastLine     LastLine        `json:"last_line,omitempty" jsonschema:"ended: the last line must end in a line break, or the file counts as cut; any: it need not"`
	Columns      Columns         `json:"columns" jsonschema:"which column holds what, by the header's own names"`
	ListSep      string          `json:"list_separator,omitempty" jsonschema:"what stands between several identifiers in one cell: one of | ; , / or space"`
	Prefixes     StringMap       `json:"prefix,omitempty" jsonschema:"text put before the identifiers of a source, by source name"`
	Strip        StringMap       `json:"strip,omitempty" jsonschema:"characters to leave out of the identifiers of a source, by source name, such as the dashes of a matricule"`
	CardDigits   int             `json:"card_digits,omitempty" jsonschema:"how many digits a card number has"`
	DateFormat   DateFormat      `json:"date_format,omitempty" jsonschema:"yyyy-mm-dd, dd/mm/yyyy or yyyymmdd"`
	MaxRows      int             `json:"max_rows,omitempty" jsonschema:"more rows than this and the file is refused"`
	MaxRowLength int             `json:"max_row_length,omitempty" jsonschema:"bytes; a longer row, such as one with a quote that never ends, and the file is refused"`
}

// Columns maps the header's names to what a card holds.
type Columns struct {
	Card    string   `json:"card" jsonschema:"column of the card number"`
	Name    []string `json:"name,omitempty" jsonschema:"columns of the name, joined by a space"`
	Expires string   `json:"expires,omitempty" jsonschema:"column of the last day of validity; an empty cell is a card without end"`
	Born    string   `json:"born,omitempty" jsonschema:"column of the birth date, used only for the age rules of households; an empty cell is unknown"`
	// Links maps a configured source to the column of the person's identifiers
	// there.
	Links StringMap `json:"links,omitempty" jsonschema:"column of the person's identifiers, by source name"`
}

// StringMap is text by name.
type StringMap map[string]string

// LastLine says whether the last line must be ended.
type LastLine string

// The values of LastLine.
const (
	LastLineEnded LastLine = "ended"
	LastLineAny   LastLine = "any"
)

// DateFormat is how dates are written.
type DateFormat string

// The values of DateFormat. There is no automatic one: 03/04 is two days.
const (
	DateISO      DateFormat = "yyyy-mm-dd"
	DateDayFirst DateFormat = "dd/mm/yyyy"
	DateCompact  DateFormat = "yyyymmdd"
)

func defaults() Settings {
	return Settings{
		Delimiter: "auto", Charset: "utf-8", LastLine: LastLineEnded, ListSep: "|", CardDigits: 6,
		DateFormat: DateISO, MaxRows: 500_000, MaxRowLength: 64 << 10,
	}
}

// Dials returns nothing: a file needs no network.
func (s *Settings) Dials() []string { return nil }

// Validate returns every mistake.
func (s *Settings) Validate() []connectors.Problem {
	var problems []connectors.Problem
	add := func(key, text string) { problems = append(problems, connectors.Problem{Key: key, Text: text}) }
	if s.File == "" {
		add("file", "missing: the path of the CSV file")
	}
	if s.Delimiter != "auto" && s.comma() == 0 {
		add("delimiter", "write auto, tab, or one of ; , |")
	}
	if _, err := decoderOf(s.Charset); err != nil {
		add("charset", "write utf-8, windows-1252 or iso-8859-1")
	}
	if s.LastLine != LastLineEnded && s.LastLine != LastLineAny {
		add("last_line", "write ended or any")
	}
	if s.DateFormat.layout() == "" {
		add("date_format", "write yyyy-mm-dd, dd/mm/yyyy or yyyymmdd")
	}
	if s.separator() == "" {
		add("list_separator", "write one of | ; , / or space")
	}
	if s.CardDigits < 1 || s.CardDigits > 20 {
		add("card_digits", "write a number from 1 to 20")
	}
	if s.MaxRows < 1 {
		add("max_rows", "write a number above 0")
	}
	if s.MaxRowLength < 256 || s.MaxRowLength > 16<<20 {
		add("max_row_length", "write a number of bytes from 256 to 16777216")
	}
	return append(problems, s.columnProblems()...)
}

func (s *Settings) columnProblems() []connectors.Problem {
	var problems []connectors.Problem
	if s.Columns.Card == "" {
		problems = append(problems, connectors.Problemf("columns", "card is missing: the name of the card number's column"))
	}
	if slices.Contains(s.Columns.Name, "") {
		problems = append(problems, connectors.Problemf("columns", "name holds an empty column name"))
	}
	for _, source := range slices.Sorted(maps.Keys(s.Columns.Links)) {
		if s.Columns.Links[source] == "" {
			problems = append(problems, connectors.Problemf("columns", "links: no column is named for source %q", source))
		}
	}
	for key, bySource := range map[string]StringMap{"prefix": s.Prefixes, "strip": s.Strip} {
		for source := range bySource {
			if _, ok := s.Columns.Links[source]; !ok {
				problems = append(problems, connectors.Problemf(key, "source %q has no column in columns.links", source))
			}
		}
	}
	slices.SortFunc(problems, func(a, b connectors.Problem) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Text, b.Text))
	})
	return problems
}

// comma returns the delimiter, or 0 when it is automatic or unknown.
func (s *Settings) comma() rune {
	switch s.Delimiter {
	case ";", ",", "|", "\t":
		return rune(s.Delimiter[0])
	case "tab":
		return '\t'
	}
	return 0
}

// separator returns what stands between identifiers, or "" when the setting is
// unknown.
func (s *Settings) separator() string {
	switch {
	case s.ListSep == "space" || s.ListSep == " ":
		return " "
	case len(s.ListSep) == 1 && strings.Contains("|;,/", s.ListSep):
		return s.ListSep
	}
	return ""
}

func (f DateFormat) layout() string {
	switch f {
	case DateISO:
		return "2006-01-02"
	case DateDayFirst:
		return "02/01/2006"
	case DateCompact:
		return "20060102"
	}
	return ""
}
