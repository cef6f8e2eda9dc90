package ical

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// mapping turns the days of one calendar into collections.
type mapping struct {
	calendar  Calendar
	split     bool
	hours     record.Hours
	patterns  []*regexp.Regexp
	streams   []string
	unmatched map[string]bool
}

func newMapping(s Settings, c Calendar) (*mapping, error) {
	m := &mapping{
		calendar: c, split: s.Split, hours: record.Hours{OutAfter: s.OutAfter, OutBefore: s.OutBefore, Until: s.Until},
		unmatched: map[string]bool{},
	}
	titles := c.Titles
	if len(titles) == 0 {
		titles = s.Titles
	}
	for _, t := range titles {
		p, err := pattern(t.Pattern)
		if err != nil {
			return nil, connectors.ErrRefused
		}
		m.patterns = append(m.patterns, p)
		m.streams = append(m.streams, t.Stream)
	}
	return m, nil
}

// separators stand between streams in one title: "Ordures, recyclage et bac
// brun".
var separators = regexp.MustCompile(`\s*(?:,\s*(?:and|et)\s|[,;+&/]|\s(?:and|et)\s)\s*`)

// collections returns what a day of an event collects, one of each stream.
func (m *mapping) collections(p passage) []record.Collection {
	titles := []string{p.title}
	if m.split && m.calendar.Stream == "" {
		titles = separators.Split(p.title, -1)
	}
	var all []record.Collection
	for _, title := range titles {
		title = strings.TrimSpace(title)
		if title == "" && len(titles) > 1 {
			continue
		}
		all = append(all, record.Collection{
			Stream: m.stream(title), Name: title, Sector: m.calendar.Sector, Date: p.date, EndDate: p.last, Hours: m.hours,
			Note: p.note, Cancelled: p.cancelled,
		})
	}
	return all
}

// stream returns the stream of a title; one that no pattern knows is kept as
// "other".
func (m *mapping) stream(title string) string {
	if m.calendar.Stream != "" {
		return m.calendar.Stream
	}
	for i, p := range m.patterns {
		if p.MatchString(title) {
			return m.streams[i]
		}
	}
	m.unmatched[title] = true
	return record.StreamOther
}

// daybook gathers collections by key. UIDs are made anew at each download by
// some calendars, so a key is sector, stream and day.
type daybook struct {
	byKey map[string]record.Collection
}

// add takes collections and returns how many there are by now. A stream twice
// on a day is one, that which takes place before one that was called off.
func (b *daybook) add(all []record.Collection) int {
	if b.byKey == nil {
		b.byKey = map[string]record.Collection{}
	}
	for _, c := range all {
		key := c.Sector + "/" + c.Stream + "/" + c.Date.String()
		if c.Stream == record.StreamOther {
			key += "/" + strings.ToLower(c.Name)
		}
		before, twice := b.byKey[key]
		if !twice || before.Cancelled && !c.Cancelled {
			b.byKey[key] = c
		}
	}
	return len(b.byKey)
}

// records returns what was gathered, by date.
func (b *daybook) records() []record.Record {
	all := make([]record.Record, 0, len(b.byKey))
	for key, c := range b.byKey {
		all = append(all, record.Record{Key: key, Body: c})
	}
	date := func(r record.Record) string {
		c, _ := r.Body.(record.Collection) // all of them are
		return c.Date.String()
	}
	slices.SortFunc(all, func(a, b record.Record) int {
		return cmp.Or(cmp.Compare(date(a), date(b)), cmp.Compare(a.Key, b.Key))
	})
	return all
}
