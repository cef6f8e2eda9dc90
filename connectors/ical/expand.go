package ical

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/semenligne/sem/connectors/record"
)

// passage is one day of one event.
type passage struct {
	date, last record.Date
	title      string
	note       string
	cancelled  bool
}

// expand works out the days of all events within a window, and the last day on
// which any event takes place within the window or after it.
func expand(ctx context.Context, events []event, window record.Period, zone *time.Location) (passages []passage, last record.Date, err error) {
	events = newest(events)
	replaced := map[string]bool{} // uid and day
	for _, e := range events {
		if !e.replaces.at.IsZero() {
			replaced[e.uid+"\n"+e.replaces.in(zone).String()] = true
		}
	}
	for i, e := range events {
		days, err := e.days(ctx, window, zone)
		switch {
		case ctx.Err() != nil:
			return nil, record.Date{}, fmt.Errorf("ical: %w", ctx.Err())
		case err != nil:
			return nil, record.Date{}, malformed("event %d: %v", i+1, err)
		}
		length := 0
		if !e.last.IsZero() {
			length = e.start.in(zone).DaysUntil(e.last)
		}
		for _, d := range days {
			if e.replaces.at.IsZero() && replaced[e.uid+"\n"+d.String()] {
				continue
			}
			p := passage{date: d, title: e.title, note: e.note, cancelled: e.cancelled}
			end := d.AddDays(length)
			if length > 0 {
				p.last = end
			}
			if last.Before(end) && !e.cancelled {
				last = end
			}
			if window.Contains(d) || window.Contains(end) {
				passages = append(passages, p)
			}
		}
		if len(passages) > maxDays {
			return nil, record.Date{}, malformed("more than %d days", maxDays)
		}
	}
	return passages, last, nil
}

// newest leaves out what a later version of the same event replaces (RFC 5546,
// 2.1.4). Events that share a UID and a version are all kept: some makers of
// calendars give every event the same.
func newest(events []event) []event {
	version := map[string]int{}
	key := func(e event) string { return e.uid + "\n" + e.replaces.at.UTC().String() }
	for _, e := range events {
		version[key(e)] = max(version[key(e)], e.sequence)
	}
	return slices.DeleteFunc(slices.Clone(events), func(e event) bool {
		return e.uid != "" && e.sequence < version[key(e)]
	})
}

// days returns the civil dates of an event in the town: all of a single one's,
// those of a series up to the window's end.
func (e event) days(ctx context.Context, window record.Period, zone *time.Location) ([]record.Date, error) {
	set := map[record.Date]bool{e.start.in(zone): true}
	// A day more at either end: a series may be written in another zone.
	from, to := window.From.AddDays(-62).In(time.UTC), window.To.AddDays(2).In(time.UTC)
	for _, text := range e.rules {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		r, err := e.rule(text, to, zone)
		if err != nil {
			return nil, err
		}
		for _, at := range r.Between(from, to, true) {
			set[moment{at, e.start.day}.in(zone)] = true
		}
	}
	for _, m := range e.dates {
		set[m.in(zone)] = true
	}
	for _, m := range e.except {
		d := m.in(zone)
		if e.start.day && !set[d] { // an instant at midnight UTC, which means the date
			d = m.date()
		}
		delete(set, d)
	}
	days := make([]record.Date, 0, len(set))
	for d := range set {
		days = append(days, d)
	}
	slices.SortFunc(days, func(a, b record.Date) int { return strings.Compare(a.String(), b.String()) })
	return days, nil
}

// rule reads a recurrence rule. UNTIL is read here, for it is written in every
// form there is: a date ends with its day, an instant at its second. A series
// without end ends at to: one that has no day at all is looked for no further.
func (e event) rule(text string, to time.Time, town *time.Location) (*rrule.RRule, error) {
	var parts []string
	var until time.Time
	for part := range strings.SplitSeq(strings.ToUpper(text), ";") {
		part = strings.TrimSpace(part)
		key, value, _ := strings.Cut(part, "=")
		switch key {
		case "":
		case "UNTIL":
			var err error
			if until, err = e.until(value, town); err != nil {
				return nil, err
			}
		case "BYHOUR", "BYMINUTE", "BYSECOND":
			// The hour changes no day, and lists of them multiply.
		default:
			parts = append(parts, part)
		}
	}
	option, err := rrule.StrToROption(strings.Join(parts, ";"))
	if err != nil {
		return nil, oddError("RRULE that is none")
	}
	if option.Freq > rrule.DAILY || option.Interval < 0 || option.Interval > 10_000 || option.Count < 0 || !option.Dtstart.IsZero() {
		return nil, oddError("RRULE that is none of a collection")
	}
	if until.IsZero() || to.Before(until) {
		until = to
	}
	option.Dtstart, option.Until = e.start.at, until
	r, err := rrule.NewRRule(*option)
	if err != nil {
		return nil, oddError("RRULE that is none")
	}
	return r, nil
}

// until returns the last instant that a series may have. For one of civil dates
// an instant means the day that it falls on in the town.
func (e event) until(value string, town *time.Location) (time.Time, error) {
	zone := e.start.at.Location()
	var t time.Time
	var err error
	switch {
	case len(value) == len("20060102"):
		t, err = time.ParseInLocation("20060102", value, zone)
		t = t.AddDate(0, 0, 1).Add(-time.Second)
	case strings.HasSuffix(value, "Z"):
		t, err = time.Parse("20060102T150405Z", value)
		if e.start.day {
			t = record.DateOf(t.In(town)).In(time.UTC)
		}
	default:
		t, err = time.ParseInLocation("20060102T150405", value, zone)
	}
	if err != nil || t.Year() < 1900 || t.Year() > 9000 {
		return time.Time{}, oddError("UNTIL that is no date")
	}
	return t, nil
}
