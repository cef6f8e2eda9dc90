package tabular

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/semenligne/sem/connectors/record"
)

// mapping turns rows into cards.
type mapping struct {
	settings Settings
	columns  map[string]int
	sources  []string // in a fixed order, so that the first error is always the same
}

func newMapping(s Settings, columns map[string]int) mapping {
	return mapping{s, columns, slices.Sorted(maps.Keys(s.Columns.Links))}
}

// cell returns a cell of a configured column; newTable made sure that it is
// there. Spaces around mean nothing.
func (m mapping) cell(row []string, column string) string {
	return strings.TrimSpace(row[m.columns[fold(column)]])
}

// card makes a card of a row. Its errors name the column and never the value.
func (m mapping) card(row []string) (record.Card, error) {
	s := m.settings
	card := record.Card{Number: m.cell(row, s.Columns.Card)}
	if !digits(card.Number, s.CardDigits) {
		return record.Card{}, fmt.Errorf("column %q is not %d digits", s.Columns.Card, s.CardDigits)
	}
	card.Number = strings.Clone(card.Number) // keeping it does not keep the row
	var names []string
	for _, column := range s.Columns.Name {
		names = append(names, m.cell(row, column))
	}
	card.Name = record.Text(strings.Join(names, " "), maxName)
	var err error
	if card.Expires, err = m.date(row, s.Columns.Expires); err != nil {
		return record.Card{}, err
	}
	if card.Born, err = m.born(row); err != nil {
		return record.Card{}, err
	}
	for _, source := range m.sources {
		ids, err := m.identifiers(m.cell(row, s.Columns.Links[source]), source)
		if err != nil {
			return record.Card{}, fmt.Errorf("column %q: %w", s.Columns.Links[source], err)
		}
		if len(ids) == 0 {
			continue
		}
		if card.Links == nil {
			card.Links = map[string][]string{}
		}
		card.Links[source] = ids
	}
	return card, nil
}

// maxName and maxIdentifier are in characters.
const (
	maxName       = 200
	maxIdentifier = 200
)

func digits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789") == ""
}

// date reads the date in a column; no column and no text are no date.
func (m mapping) date(row []string, column string) (record.Date, error) {
	if column == "" {
		return record.Date{}, nil
	}
	cell := m.cell(row, column)
	if cell == "" {
		return record.Date{}, nil
	}
	t, err := time.Parse(m.settings.DateFormat.layout(), cell)
	if err != nil {
		return record.Date{}, fmt.Errorf("column %q: not a date written %s", column, m.settings.DateFormat)
	}
	return record.DateOf(t), nil
}

// born reads the birth date. One in the future would make a child of anybody,
// for whom others may consent.
func (m mapping) born(row []string) (record.Date, error) {
	born, err := m.date(row, m.settings.Columns.Born)
	if err == nil && record.DateOf(time.Now()).AddDays(1).Before(born) {
		err = fmt.Errorf("column %q: a date in the future", m.settings.Columns.Born)
	}
	return born, err
}

// identifiers splits the cell of a source; empty parts and repeats are left out.
func (m mapping) identifiers(cell, source string) ([]string, error) {
	var ids []string
	for part := range strings.SplitSeq(cell, m.settings.separator()) {
		part = strings.TrimSpace(without(part, m.settings.Strip[source]))
		if part == "" {
			continue
		}
		if len(part) > maxIdentifier || strings.ContainsFunc(part, unicode.IsControl) {
			return nil, errors.New("an identifier is too long or holds a control character")
		}
		if id := m.settings.Prefixes[source] + part; !slices.Contains(ids, id) {
			ids = append(ids, strings.Clone(id))
		}
	}
	return ids, nil
}

// without leaves out characters.
func without(s, characters string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(characters, r) {
			return -1
		}
		return r
	}, s)
}
