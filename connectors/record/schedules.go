package record

import (
	"slices"
	"time"
)

// Collection is one passage of one stream in one sector on one day: what a
// calendar says, or what rules come to. It is worked out, never stored as truth.
type Collection struct {
	// Stream is the stream's code; "other" for a title that the settings do not
	// know.
	Stream string `json:"stream"`
	// Name is the stream's name, or the title that the calendar gives.
	Name string `json:"name,omitempty"`
	// Sector is the sector's code; empty is the whole town.
	Sector string `json:"sector,omitempty"`
	Date   Date   `json:"date"`
	// EndDate is the last day of a passage that takes several days.
	EndDate Date `json:"end_date,omitzero"`
	// MovedFrom is the day it would have been without a holiday or an exception.
	MovedFrom Date `json:"moved_from,omitzero"`
	// Holiday is the holiday that moved it.
	Holiday Holiday `json:"holiday,omitempty"`
	Hours   Hours   `json:"hours,omitzero"`
	Note    string  `json:"note,omitempty"`
	// Cancelled tells that the town announced it and then called it off.
	Cancelled bool `json:"cancelled,omitempty"`
}

// Kind returns KindCollection.
func (Collection) Kind() Kind { return KindCollection }

// StreamOther is the stream of what no setting names.
const StreamOther = "other"

// Hours are when to put out and until when the truck may come.
type Hours struct {
	// OutAfter is on the evening before, OutBefore on the day itself.
	OutAfter  Clock `json:"out_after,omitempty"`
	OutBefore Clock `json:"out_before,omitempty"`
	// Until is when the day's passage is over.
	Until Clock `json:"until,omitempty"`
}

// Stream is one sort of collection: what goes in and how it looks.
type Stream struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	NameEN string `json:"name_en,omitempty"`
	// Color is #rrggbb. It is never shown without Icon or Letter.
	Color  string `json:"color,omitempty"`
	Icon   string `json:"icon,omitempty"`
	Letter string `json:"letter,omitempty"`
	// Accepts is what goes in, Prepare how to get it ready.
	Accepts string `json:"accepts,omitempty"`
	Prepare string `json:"prepare,omitempty"`
}

// Kind returns KindStream.
func (Stream) Kind() Kind { return KindStream }

// CollectionRule says on which days a stream is collected in some sectors:
// weekdays of a season, or explicit dates.
type CollectionRule struct {
	Stream string `json:"stream"`
	Name   string `json:"name,omitempty"`
	// Sectors are codes; none is the whole town.
	Sectors []string `json:"sectors,omitempty"`
	// Season and Valid bound the days; the zero of either does not.
	Season Season `json:"season,omitzero"`
	Valid  Period `json:"valid,omitzero"`
	// Days are the weekdays of collection.
	Days []time.Weekday `json:"days,omitempty"`
	// Every is the interval in weeks, from 1. Above 1 it counts from the week of
	// Anchor, and never restarts at New Year.
	Every  int  `json:"every,omitempty"`
	Anchor Date `json:"anchor,omitzero"`
	// ISOWeeks is for a town that says even or odd weeks: two odd ones follow
	// each other after a year of 53 weeks.
	ISOWeeks Parity `json:"iso_weeks,omitempty"`
	// Dates are explicit days, which no holiday moves.
	Dates      []Date      `json:"dates,omitempty"`
	Exceptions []Exception `json:"exceptions,omitempty"`
	// Holidays is what happens on the days Observed.
	Holidays HolidayPolicy `json:"holidays,omitempty"`
	Observed []Holiday     `json:"observed,omitempty"`
	Hours    Hours         `json:"hours,omitzero"`
	Note     string        `json:"note,omitempty"`
}

// Kind returns KindCollectionRule.
func (CollectionRule) Kind() Kind { return KindCollectionRule }

// Planned tells whether the rule names a day, before exceptions and holidays.
func (r CollectionRule) Planned(d Date) bool {
	if slices.Contains(r.Dates, d) {
		return true
	}
	at := d.In(time.UTC)
	if !slices.Contains(r.Days, at.Weekday()) || !r.Season.Contains(d) || !r.Valid.Contains(d) {
		return false
	}
	if _, week := at.ISOWeek(); !r.ISOWeeks.Is(week) {
		return false
	}
	return r.Every <= 1 || r.Anchor.monday().DaysUntil(d.monday())/7%r.Every == 0
}

// monday returns the first day of the date's week.
func (d Date) monday() Date { return d.AddDays(-(int(d.In(time.UTC).Weekday()) + 6) % 7) }

// Exception changes one day of a rule: with Date only the day is removed, with
// both it is moved, with To only a day is added.
type Exception struct {
	Date   Date   `json:"date,omitzero"`
	To     Date   `json:"to,omitzero"`
	Reason string `json:"reason,omitempty"`
}

// HolidayPolicy is what a town does with collections on a holiday.
type HolidayPolicy string

// The holiday policies, closed. The empty one is HolidaysUnchanged.
const (
	HolidaysUnchanged  HolidayPolicy = "unchanged"
	HolidaysNextDay    HolidayPolicy = "next_day"     // that day's, to the next working day
	HolidaysRestOfWeek HolidayPolicy = "rest_of_week" // that day's and all that follow in the week
)

// Holiday names a holiday that Québec towns observe.
type Holiday string

// The holidays, closed.
const (
	NewYear       Holiday = "new_year"
	NewYearSecond Holiday = "new_year_second" // 2 January
	GoodFriday    Holiday = "good_friday"
	EasterMonday  Holiday = "easter_monday"
	Patriots      Holiday = "patriots" // the Monday before 25 May
	National      Holiday = "national" // 24 June
	CanadaDay     Holiday = "canada"   // 1 July, the 2nd when that is a Sunday
	Labour        Holiday = "labour"
	Thanksgiving  Holiday = "thanksgiving"
	ChristmasEve  Holiday = "christmas_eve"
	Christmas     Holiday = "christmas"
	BoxingDay     Holiday = "boxing_day"
	NewYearEve    Holiday = "new_year_eve"
)

// Holidays lists every holiday, in the order of the year.
func Holidays() []Holiday {
	return []Holiday{
		NewYear, NewYearSecond, GoodFriday, EasterMonday, Patriots, National, CanadaDay, Labour, Thanksgiving,
		ChristmasEve, Christmas, BoxingDay, NewYearEve,
	}
}

// Parity is even, odd, or neither said.
type Parity string

// The parities.
const (
	Even Parity = "even"
	Odd  Parity = "odd"
)

// Is tells whether n has the parity; an unsaid one takes every number.
func (p Parity) Is(n int) bool {
	return p == "" || (p == Even) == (n%2 == 0)
}
