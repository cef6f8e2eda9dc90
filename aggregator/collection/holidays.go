package collection

import (
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// HolidayDate returns the day on which a holiday falls in a year, by Québec's
// Act respecting labour standards (s. 60) and National Holiday Act. The zero
// Date is for a holiday that we do not know.
func HolidayDate(h record.Holiday, year int) record.Date {
	day := func(m time.Month, d int) record.Date { return record.Date{Year: year, Month: m, Day: d} }
	switch h {
	case record.NewYear:
		return day(time.January, 1)
	case record.NewYearSecond:
		return day(time.January, 2)
	case record.GoodFriday:
		return easter(year).AddDays(-2)
	case record.EasterMonday:
		return easter(year).AddDays(1)
	case record.Patriots:
		return onOrBefore(day(time.May, 24), time.Monday)
	case record.National:
		return day(time.June, 24)
	case record.CanadaDay:
		if first := day(time.July, 1); weekday(first) != time.Sunday {
			return first
		}
		return day(time.July, 2)
	case record.Labour:
		return onOrBefore(day(time.September, 7), time.Monday)
	case record.Thanksgiving:
		return onOrBefore(day(time.October, 14), time.Monday)
	case record.ChristmasEve:
		return day(time.December, 24)
	case record.Christmas:
		return day(time.December, 25)
	case record.BoxingDay:
		return day(time.December, 26)
	case record.NewYearEve:
		return day(time.December, 31)
	}
	return record.Date{}
}

// easter returns Easter Sunday of the Gregorian calendar (the anonymous
// algorithm, also called Meeus, Jones and Butcher's).
func easter(year int) record.Date {
	a, b, c := year%19, year/100, year%100
	g := (8*b + 13) / 25
	h := (19*a + b - b/4 - g + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 19*l) / 433
	month := (h + l - 7*m + 90) / 25
	return record.Date{Year: year, Month: time.Month(month), Day: (h + l - 7*m + 33*month + 19) % 32}
}

func weekday(d record.Date) time.Weekday { return d.In(time.UTC).Weekday() }

// onOrBefore returns the last such weekday up to d.
func onOrBefore(d record.Date, w time.Weekday) record.Date {
	return d.AddDays(-(int(weekday(d)-w) + 7) % 7)
}

// monday returns the first day of the ISO week of d.
func monday(d record.Date) record.Date { return onOrBefore(d, time.Monday) }

// observed returns which holiday a day is, of those observed, "" for none.
func observed(d record.Date, holidays []record.Holiday) record.Holiday {
	for _, h := range holidays {
		if HolidayDate(h, d.Year) == d {
			return h
		}
	}
	return ""
}
