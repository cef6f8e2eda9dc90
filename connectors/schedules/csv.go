package schedules

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/semenligne/sem/connectors/record"
)

// fromCSV reads collections as a table: sector, stream and date, or sector,
// stream, weekday, frequency, first and last day.
func fromCSV(body []byte, charset string) (town, error) {
	body = bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF"))
	if charset == "windows-1252" {
		decoded, err := charmap.Windows1252.NewDecoder().Bytes(body)
		if err != nil {
			return town{}, malformed("not windows-1252")
		}
		body = decoded
	}
	if !utf8.Valid(body) || bytes.IndexByte(body, 0) >= 0 {
		return town{}, malformed("not UTF-8: set charset: windows-1252 if it is that")
	}
	reader := csv.NewReader(bytes.NewReader(body))
	reader.Comma = delimiter(body)
	reader.TrimLeadingSpace = true
	header, err := reader.Read()
	if err != nil {
		return town{}, malformed("line 1: no header")
	}
	for i := range header {
		header[i] = strings.ToLower(strings.TrimSpace(header[i]))
	}
	t := town{seasonal: map[string]bool{}}
	add := t.regular
	switch strings.Join(header, ",") {
	case "secteur,flux,date":
		add = t.single
	case "secteur,flux,jour,frequence,debut,fin", "secteur,flux,jour,fréquence,début,fin":
	default:
		return town{}, malformed("line 1: write secteur,flux,date or secteur,flux,jour,frequence,debut,fin")
	}
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if parse, ok := errors.AsType[*csv.ParseError](err); ok {
			return town{}, malformed("line %d: not as many cells as the header, or a quote that stands alone", parse.StartLine)
		}
		if err != nil {
			return town{}, malformed("not CSV")
		}
		line, _ := reader.FieldPos(0)
		for i := range row {
			row[i] = record.Text(row[i], 200)
		}
		if what := add(row); what != "" {
			t.noted = append(t.noted, place(line)+": "+what)
		}
	}
}

// delimiter returns what stands most often in the first line.
func delimiter(body []byte) rune {
	first, _, _ := bytes.Cut(body, []byte("\n"))
	best := ','
	for _, d := range ";\t" {
		if strings.Count(string(first), string(d)) > strings.Count(string(first), string(best)) {
			best = d
		}
	}
	return best
}

// sectors reads a cell: one code, or none for the whole town.
func sectors(cell string) []string {
	if cell == "" {
		return nil
	}
	return []string{cell}
}

// single takes a row of one date, into one rule a sector and stream.
func (t *town) single(row []string) (wrong string) {
	d, err := record.ParseDate(row[2])
	if err != nil {
		return "no date: write 2026-11-24"
	}
	for i := range t.rules {
		r := &t.rules[i]
		if r.Stream == row[1] && slices.Equal(r.Sectors, sectors(row[0])) {
			if slices.Contains(r.Dates, d) {
				return "the same sector, stream and date stand above"
			}
			r.Dates = append(r.Dates, d)
			return ""
		}
	}
	t.rules = append(t.rules, record.CollectionRule{Stream: row[1], Name: row[1], Sectors: sectors(row[0]), Dates: []record.Date{d}, Every: 1})
	return ""
}

// regular takes a row of a rule. Of an interval above one week the first day is
// the anchor.
func (t *town) regular(row []string) (wrong string) {
	r := record.CollectionRule{Stream: row[1], Name: row[1], Sectors: sectors(row[0]), Every: 1}
	day, ok := weekday(row[2])
	if !ok {
		return "no such weekday: write lundi"
	}
	r.Days = []time.Weekday{day}
	var err, err2 error
	if row[4] != "" {
		r.Valid.From, err = record.ParseDate(row[4])
	}
	if row[5] != "" {
		r.Valid.To, err2 = record.ParseDate(row[5])
	}
	if err != nil || err2 != nil {
		return "no date: write 2026-11-24"
	}
	switch strings.ToLower(row[3]) {
	case "1", "hebdomadaire", "chaque semaine":
	case "2", "aux deux semaines", "aux 2 semaines":
		r.Every = 2
	case "3", "aux trois semaines", "aux 3 semaines":
		r.Every = 3
	case "4", "aux quatre semaines", "aux 4 semaines":
		r.Every = 4
	case "paire", "semaines paires":
		r.ISOWeeks = record.Even
	case "impaire", "semaines impaires":
		r.ISOWeeks = record.Odd
	default:
		return "no such frequency: write 1, 2, 3 or 4 for the weeks between, paire or impaire"
	}
	if r.Every > 1 {
		if r.Valid.From.IsZero() {
			return "every second week or less often without a first day: write debut, a day of collection"
		}
		r.Anchor = r.Valid.From
		for r.Anchor.In(time.UTC).Weekday() != day {
			r.Anchor = r.Anchor.AddDays(1)
		}
	}
	t.rules = append(t.rules, r)
	return ""
}
