package collection

import (
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// passed is when a day's collection is over where no rule says otherwise.
const passed record.Clock = "18:00"

// Over tells whether a collection is done with: today's counts until its last
// hour, 18 h where none is said.
func Over(c record.Collection, now time.Time, zone *time.Location) bool {
	last, until := c.Date, c.Hours.Until
	if last.Before(c.EndDate) {
		last = c.EndDate
	}
	if until == "" {
		until = passed
	}
	return !now.Before(until.On(last, zone))
}

// Next returns the next collections that take place: all of the first day that
// has one, none when there is none.
func Next(days []record.Collection, now time.Time, zone *time.Location) []record.Collection {
	var next []record.Collection
	for _, c := range days {
		if c.Cancelled || Over(c, now, zone) {
			continue
		}
		if len(next) > 0 && next[0].Date != c.Date {
			break
		}
		next = append(next, c)
	}
	return next
}

// PutOut returns between which instants the bin is to be put out: from the
// evening before, until the truck may come. ok is false when no hours are known.
func PutOut(c record.Collection, zone *time.Location) (from, until time.Time, ok bool) {
	if c.Hours.OutAfter == "" || c.Hours.OutBefore == "" {
		return time.Time{}, time.Time{}, false
	}
	return c.Hours.OutAfter.On(c.Date.AddDays(-1), zone), c.Hours.OutBefore.On(c.Date, zone), true
}

// Week is a week of collections, from its Monday.
type Week struct {
	Monday record.Date
	Days   []record.Collection
}

// Weeks returns n weeks, beginning with that of now; a week may have no days.
func (c Calendar) Weeks(in Sectors, now time.Time, zone *time.Location, n int) []Week {
	first := monday(record.DateOf(now.In(zone)))
	weeks := make([]Week, n)
	for i := range weeks {
		weeks[i].Monday = first.AddDays(7 * i)
	}
	for _, day := range c.Days(in, first, first.AddDays(7*n-1)) {
		w := &weeks[first.DaysUntil(day.Date)/7]
		w.Days = append(w.Days, day)
	}
	return weeks
}

// Year returns the collections of a calendar year.
func (c Calendar) Year(in Sectors, year int) []record.Collection {
	return c.Days(in, record.Date{Year: year, Month: time.January, Day: 1}, record.Date{Year: year, Month: time.December, Day: 31})
}
