// Package collection works out on which days the truck passes: from the rules
// of a town, its exceptions and its holidays, and from what calendars list. All
// of it is pure: days are civil dates, and now and the zone are arguments.
package collection

import (
	"cmp"
	"slices"

	"github.com/semenligne/sem/connectors/record"
)

// Sectors tells in which sector a property is for a stream, by code; "" is
// unknown, and then only what holds in the whole town is told.
type Sectors func(stream string) string

// Calendar is all that a town says about its collections.
type Calendar struct {
	Rules  []record.CollectionRule
	Listed []record.Collection
}

// FromRecords takes the rules and the occurrences among the records.
func FromRecords(records []record.Record) Calendar {
	var c Calendar
	for _, r := range records {
		switch body := r.Body.(type) {
		case record.CollectionRule:
			c.Rules = append(c.Rules, body)
		case record.Collection:
			c.Listed = append(c.Listed, body)
		}
	}
	return c
}

// BySector tells whether some collection is not for the whole town.
func (c Calendar) BySector() bool {
	return slices.ContainsFunc(c.Rules, func(r record.CollectionRule) bool { return len(r.Sectors) > 0 }) ||
		slices.ContainsFunc(c.Listed, func(l record.Collection) bool { return l.Sector != "" })
}

// Placed tells whether a property has a sector for every stream that goes by
// sectors. Without one it is not known what passes there.
func (c Calendar) Placed(in Sectors) bool {
	for _, r := range c.Rules {
		if len(r.Sectors) > 0 && in(r.Stream) == "" {
			return false
		}
	}
	for _, l := range c.Listed {
		if l.Sector != "" && in(l.Stream) == "" {
			return false
		}
	}
	return true
}

// Published tells whether anything is said about a day and those after it.
// Rules hold until they are changed; a calendar that lists days, such as last
// year's, says nothing of those after its last one.
func (c Calendar) Published(from record.Date) bool {
	return len(c.Rules) > 0 || slices.ContainsFunc(c.Listed, func(l record.Collection) bool { return !l.Date.Before(from) })
}

// Ends returns the last day of which anything is said; zero where rules speak,
// which hold until they are changed. What comes after it is not known.
func (c Calendar) Ends() record.Date {
	var last record.Date
	if len(c.Rules) > 0 {
		return last
	}
	for _, l := range c.Listed {
		if last.Before(l.Date) {
			last = l.Date
		}
	}
	return last
}

// Days returns every collection of a property from one day to another, both
// included, by date and then by stream. A stream appears once a day.
func (c Calendar) Days(in Sectors, from, to record.Date) []record.Collection {
	var days []record.Collection
	window := record.Period{From: from, To: to}
	for _, r := range c.Rules {
		sector, ok := within(r, in)
		if !ok {
			continue
		}
		for _, day := range occurrences(r, from, to) {
			if day.Sector = sector; window.Contains(day.Date) {
				days = append(days, day)
			}
		}
	}
	for _, day := range c.Listed {
		if window.Contains(day.Date) && (day.Sector == "" || day.Sector == in(day.Stream)) {
			days = append(days, day)
		}
	}
	return once(days)
}

// within returns the sector of a rule that a property is in.
func within(r record.CollectionRule, in Sectors) (string, bool) {
	if len(r.Sectors) == 0 {
		return "", true
	}
	sector := in(r.Stream)
	return sector, sector != "" && slices.Contains(r.Sectors, sector)
}

// once sorts the days and leaves each stream one passage a day: one that takes
// place before one that was called off, one of the sector before the town's.
// Streams that no setting names are told apart by their titles.
func once(days []record.Collection) []record.Collection {
	title := func(c record.Collection) string {
		if c.Stream == record.StreamOther {
			return c.Name
		}
		return ""
	}
	cancelled := func(c record.Collection) int {
		if c.Cancelled {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(days, func(a, b record.Collection) int {
		return cmp.Or(cmp.Compare(a.Date.String(), b.Date.String()), cmp.Compare(a.Stream, b.Stream), cmp.Compare(title(a), title(b)),
			cmp.Compare(cancelled(a), cancelled(b)), cmp.Compare(b.Sector, a.Sector))
	})
	return slices.CompactFunc(days, func(a, b record.Collection) bool {
		return a.Date == b.Date && a.Stream == b.Stream && title(a) == title(b)
	})
}
