package places

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// How long texts may be.
const (
	maxShort = 200
	maxLong  = 2000
)

// mapping turns features into records, and counts what was odd.
type mapping struct {
	settings Settings
	emit     func(record.Record) error
	seen     map[string]told
	// fields are those that some feature had.
	fields map[string]bool
	// twice is what was told twice, skipped what is not in the box or is no
	// shape, nowhere what has no position.
	twice, skipped, nowhere int
}

// told is a record that was emitted: the feature's number, and its content.
type told struct {
	number  int
	content [sha256.Size]byte
}

// take emits the record of a feature.
func (m *mapping) take(g feature) error {
	for _, name := range m.settings.Fields.all() {
		if _, ok := g.values[name]; ok {
			m.fields[name] = true
		}
	}
	switch err := m.settings.Box.inBox(g.geometry); {
	case errors.Is(err, errOutside) && m.settings.Outside == OutsideSkip:
		m.skipped++
		return nil
	case err != nil:
		return at(m.settings.Format.unit(), g.number, err)
	}
	body, err := m.body(g)
	if err != nil {
		return at(m.settings.Format.unit(), g.number, err)
	}
	if body == nil {
		m.skipped++
		return nil
	}
	content, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("record: %w", connectors.ErrDefect)
	}
	sum := sha256.Sum256(content)
	key := record.Text(g.values[m.settings.Fields.ID], maxShort)
	if m.settings.Fields.ID == "" {
		key = record.Text(g.id, maxShort)
	} else if key == "" {
		return at(m.settings.Format.unit(), g.number, errors.New("without an id"))
	}
	if key == "" {
		key = fmt.Sprintf("%x", sum[:8])
	}
	if before, ok := m.seen[key]; ok {
		if before.content != sum {
			return at(m.settings.Format.unit(), g.number, fmt.Errorf("the id of number %d, with other content", before.number))
		}
		m.twice++
		return nil
	}
	m.seen[key] = told{g.number, sum}
	return m.emit(record.Record{Key: key, Body: body})
}

// unit is what a format's features are called in errors.
func (f Format) unit() string {
	switch f {
	case FormatCSV:
		return "line"
	case FormatGeoPackage:
		return "row"
	case FormatGeoJSON:
	}
	return "feature"
}

// finish tells whether there was anything at all, and every field that settings
// name: a name that is wrong would leave it empty everywhere, without a word.
func (m *mapping) finish() error {
	if len(m.seen) == 0 {
		return fmt.Errorf("a file with nothing of what settings ask for: %w", connectors.ErrMalformed)
	}
	for _, name := range m.settings.Fields.all() {
		if !m.fields[name] {
			return fmt.Errorf("a property that settings name is nowhere in the file: %w", connectors.ErrMalformed)
		}
	}
	return nil
}

// body returns what a feature says; nil when it says nothing of the sort.
func (m *mapping) body(g feature) (record.Body, error) {
	switch m.settings.As {
	case AsSectors:
		return m.sector(g)
	case AsShapes:
		if len(g.geometry.Lines)+len(g.geometry.Area) == 0 {
			return nil, nil
		}
		return record.Shape{Name: m.name(g), Category: m.category(g), Lines: g.geometry.Lines, Area: g.geometry.Area}, nil
	case AsPlaces:
	}
	fields := m.settings.Fields
	p := record.Place{
		Name: m.name(g), Category: m.category(g), Address: words(g, fields.Address),
		Point: middle(g.geometry), Outline: g.geometry.Area,
		Phone: record.Text(g.values[fields.Phone], maxShort), Link: link(g.values[fields.Link]),
		Hours: record.Text(g.values[fields.Hours], maxLong), Details: m.details(g),
	}
	if p.Point == nil {
		m.nowhere++
	}
	return p, nil
}

func (m *mapping) sector(g feature) (record.Body, error) {
	s := record.Sector{
		Code: record.Text(g.values[m.settings.Fields.Code], maxShort), Name: m.name(g),
		Streams: slices.Clone(m.settings.Streams), Area: g.geometry.Area, Details: m.details(g),
	}
	for stream := range strings.SplitSeq(g.values[m.settings.Fields.Stream], ",") {
		if stream = record.Text(stream, maxShort); stream != "" {
			s.Streams = append(s.Streams, stream)
		}
	}
	switch {
	case s.Code == "":
		return nil, errors.New("a sector without code")
	case len(s.Area) == 0:
		return nil, errors.New("a sector without area")
	case m.settings.Fields.Stream != "" && len(s.Streams) == 0:
		return nil, errors.New("a sector without stream")
	}
	return s, nil
}

func (m *mapping) name(g feature) string { return words(g, m.settings.Fields.Name) }

func (m *mapping) category(g feature) string {
	if c := record.Text(g.values[m.settings.Fields.Category], maxShort); c != "" {
		return c
	}
	return m.settings.Category
}

func (m *mapping) details(g feature) []record.Detail {
	var details []record.Detail
	for _, label := range slices.Sorted(maps.Keys(m.settings.Fields.Details)) {
		if value := record.Text(g.values[m.settings.Fields.Details[label]], maxLong); value != "" {
			details = append(details, record.Detail{Label: label, Value: value})
		}
	}
	return details
}

// words joins what some fields hold.
func words(g feature, names []string) string {
	var found []string
	for _, name := range names {
		if word := record.Text(g.values[name], maxShort); word != "" {
			found = append(found, word)
		}
	}
	return strings.Join(found, " ")
}

// link returns a web address, "" for anything else.
func link(text string) string {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || len(text) > maxLong {
		return ""
	}
	return u.String()
}
