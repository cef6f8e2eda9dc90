package collection

import (
	"slices"

	"github.com/semenligne/sem/connectors/record"
)

// margin is how many days around a window are looked at, for what a holiday
// moves into it: two weeks hold the longest run of holidays.
const margin = 14

// occurrences returns the days of a rule, some of them outside the window, with
// exceptions and holidays applied.
func occurrences(r record.CollectionRule, from, to record.Date) []record.Collection {
	var days []record.Collection
	add := func(day, planned record.Date, h record.Holiday, note string) {
		c := record.Collection{Stream: r.Stream, Name: r.Name, Date: day, Holiday: h, Hours: r.Hours, Note: bothNotes(note, r.Note)}
		if planned != day {
			c.MovedFrom = planned
		}
		days = append(days, c)
	}
	settled := map[record.Date]bool{}
	for _, e := range r.Exceptions {
		switch {
		case e.Date.IsZero():
			add(e.To, e.To, "", e.Reason)
		case r.Planned(e.Date):
			settled[e.Date] = true
			if !e.To.IsZero() {
				add(e.To, e.Date, "", e.Reason)
			}
		}
	}
	for d := from.AddDays(-margin); !to.AddDays(margin).Before(d); d = d.AddDays(1) {
		if settled[d] || !r.Planned(d) {
			continue
		}
		if slices.Contains(r.Dates, d) {
			add(d, d, "", "")
			continue
		}
		day, h := moved(r, d)
		add(day, d, h, "")
	}
	return days
}

// bothNotes puts the reason of an exception before the rule's own note.
func bothNotes(reason, note string) string {
	if reason != "" && note != "" {
		return reason + "\n" + note
	}
	return reason + note
}

// moved returns the day on which the collection planned for d takes place, and
// the holiday that moved it.
func moved(r record.CollectionRule, d record.Date) (record.Date, record.Holiday) {
	switch r.Holidays {
	case record.HolidaysNextDay:
		return nextDay(r, d)
	case record.HolidaysRestOfWeek:
		return restOfWeek(r, d)
	case record.HolidaysUnchanged:
	}
	return d, ""
}

// nextDay moves a collection off a holiday, and off those that follow it.
func nextDay(r record.CollectionRule, d record.Date) (record.Date, record.Holiday) {
	h := observed(d, r.Observed)
	for h != "" && observed(d, r.Observed) != "" {
		d = d.AddDays(1)
	}
	return d, h
}

// restOfWeek moves every day of the week from its first holiday on, each to the
// first day after the one before it that is no holiday: the truck makes its
// rounds in the same order.
func restOfWeek(r record.CollectionRule, d record.Date) (record.Date, record.Holiday) {
	var cause record.Holiday
	round := monday(d).AddDays(-1) // the day of the round before
	for day := monday(d); ; day = day.AddDays(1) {
		if cause == "" {
			cause = observed(day, r.Observed)
		}
		round = round.AddDays(1)
		for observed(round, r.Observed) != "" {
			round = round.AddDays(1)
		}
		if day == d {
			if round == d {
				cause = ""
			}
			return round, cause
		}
	}
}
