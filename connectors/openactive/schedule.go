package openactive

import (
	"slices"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// schedules maps eventSchedule. Rules that are neither weekly nor daily are
// left out: a rule every second week shown as a weekly one would be wrong.
func schedules(n node) []record.Schedule {
	var list []record.Schedule
	for _, c := range n.children("eventSchedule") {
		s := record.Schedule{Start: parseClock(c.raw("startTime")), End: parseClock(c.raw("endTime"))}
		_, s.From = parseMoment(c.raw("startDate"), time.UTC)
		_, s.Until = parseMoment(c.raw("endDate"), time.UTC)
		if s.End == "" {
			s.End = endClock(s.Start, parsePeriod(c.raw("duration")))
		}
		switch c.raw("repeatFrequency") {
		case "P1W", "P7D", "":
			s.Days = weekdays(c)
			if len(s.Days) == 0 && !s.From.IsZero() {
				s.Days = []time.Weekday{s.From.In(time.UTC).Weekday()}
			}
		case "P1D":
			s.Days = weekdays(c)
			if len(s.Days) == 0 {
				s.Days = []time.Weekday{0, 1, 2, 3, 4, 5, 6}
			}
		default:
			continue
		}
		if len(s.Days) > 0 {
			list = append(list, s)
		}
	}
	return list
}

// weekdays reads byDay: schema.org URLs, bare names, or iCalendar's two letters.
func weekdays(n node) []time.Weekday {
	var days []time.Weekday
	for _, v := range n.refs("byDay") {
		name := localName(v)
		for d := time.Sunday; d <= time.Saturday; d++ {
			if strings.EqualFold(name, d.String()) || name == strings.ToUpper(d.String()[:2]) {
				days = append(days, d)
			}
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// endClock adds a length to a time of day, "" when either is unknown or the
// end is on another day.
func endClock(start string, length *period) string {
	t, err := time.Parse("15:04", start)
	if err != nil || length == nil || *length != (period{clock: length.clock}) || length.clock >= 24*time.Hour {
		return ""
	}
	end := t.Add(length.clock)
	if end.Day() != t.Day() {
		return ""
	}
	return end.Format("15:04")
}
