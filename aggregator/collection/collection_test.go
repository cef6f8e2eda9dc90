package collection_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/semenligne/sem/aggregator/collection"
	"github.com/semenligne/sem/connectors/record"
)

func toronto(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// TestHolidays compares with published calendars of the years 2024 to 2030.
func TestHolidays(t *testing.T) {
	t.Parallel()
	for h, want := range map[record.Holiday]string{
		record.GoodFriday:   "2024-03-29 2025-04-18 2026-04-03 2027-03-26 2028-04-14 2029-03-30 2030-04-19",
		record.EasterMonday: "2024-04-01 2025-04-21 2026-04-06 2027-03-29 2028-04-17 2029-04-02 2030-04-22",
		record.Patriots:     "2024-05-20 2025-05-19 2026-05-18 2027-05-24 2028-05-22 2029-05-21 2030-05-20",
		record.National:     "2024-06-24 2025-06-24 2026-06-24 2027-06-24 2028-06-24 2029-06-24 2030-06-24",
		record.CanadaDay:    "2024-07-01 2025-07-01 2026-07-01 2027-07-01 2028-07-01 2029-07-02 2030-07-01",
		record.Labour:       "2024-09-02 2025-09-01 2026-09-07 2027-09-06 2028-09-04 2029-09-03 2030-09-02",
		record.Thanksgiving: "2024-10-14 2025-10-13 2026-10-12 2027-10-11 2028-10-09 2029-10-08 2030-10-14",
	} {
		for _, d := range dates(want) {
			if got := collection.HolidayDate(h, d.Year); got != d {
				t.Errorf("%s of %d = %s, want %s", h, d.Year, got, d)
			}
		}
	}
	for _, h := range record.Holidays() {
		if collection.HolidayDate(h, 2026).Year != 2026 {
			t.Errorf("%s has no date", h)
		}
	}
	if !collection.HolidayDate("ghost", 2026).IsZero() {
		t.Error("an unknown holiday has a date")
	}
}

// TestHolidayPolicies: one week of rounds every day, around one holiday and
// around two in a row.
func TestHolidayPolicies(t *testing.T) {
	t.Parallel()
	everyDay := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	two := []record.Holiday{record.Christmas, record.BoxingDay}
	for name, c := range map[string]struct {
		policy   record.HolidayPolicy
		observed []record.Holiday
		monday   string
		want     string // where each weekday's round goes, by day of the month
	}{
		"unchanged":                     {record.HolidaysUnchanged, two, "2025-12-22", "22 23 24 25 26"},
		"next day, Thursday and Friday": {record.HolidaysNextDay, two, "2025-12-22", "22 23 24 27 27"},
		"next day, a Wednesday":         {record.HolidaysNextDay, []record.Holiday{record.National}, "2026-06-22", "22 23 25 25 26"},
		"rest, Thursday and Friday":     {record.HolidaysRestOfWeek, two, "2025-12-22", "22 23 24 27 28"},
		"rest, a Monday":                {record.HolidaysRestOfWeek, []record.Holiday{record.Labour}, "2026-09-07", "8 9 10 11 12"},
		"rest, a Wednesday":             {record.HolidaysRestOfWeek, []record.Holiday{record.National}, "2026-06-22", "22 23 25 26 27"},
		"rest, a Saturday":              {record.HolidaysRestOfWeek, []record.Holiday{record.Christmas}, "2027-12-20", "20 21 22 23 24"},
		"not observed":                  {record.HolidaysRestOfWeek, []record.Holiday{record.NewYear}, "2025-12-22", "22 23 24 25 26"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, day := range everyDay {
				r := with(rule("s", 1, day), holidays(c.policy, c.observed...))
				for _, d := range (collection.Calendar{Rules: []record.CollectionRule{r}}).Days(func(string) string { return "" }, date(c.monday), date(c.monday).AddDays(6)) {
					got = append(got, strconv.Itoa(d.Date.Day))
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("rounds on %v, want %s", got, c.want)
			}
		})
	}
}

// TestToday: today's counts until its hour, on the wall, and then the next does.
func TestToday(t *testing.T) {
	t.Parallel()
	zone := toronto(t)
	days := []record.Collection{
		{Stream: "a", Date: date("2026-11-02")},
		{Stream: "b", Date: date("2026-11-02"), Hours: record.Hours{OutAfter: "19:00", OutBefore: "07:00", Until: "20:00"}},
		{Stream: "c", Date: date("2026-11-03"), Cancelled: true},
		{Stream: "d", Date: date("2026-11-04")},
	}
	for at, want := range map[string]string{"2026-11-02 17:59": "ab", "2026-11-02 18:00": "b", "2026-11-02 20:00": "d", "2026-11-04 18:00": ""} {
		now, err := time.ParseInLocation("2006-01-02 15:04", at, zone)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, c := range collection.Next(days, now.UTC(), zone) {
			got += c.Stream
		}
		if got != want {
			t.Errorf("next at %s = %q, want %q", at, got, want)
		}
	}
	from, until, ok := collection.PutOut(days[1], zone) // clocks went back the day before
	if !ok || from.UTC().Format(time.RFC3339) != "2026-11-02T00:00:00Z" || until.UTC().Format(time.RFC3339) != "2026-11-02T12:00:00Z" {
		t.Errorf("put out from %s until %s, %v", from, until, ok)
	}
	if _, _, ok := collection.PutOut(days[0], zone); ok {
		t.Error("hours were made up")
	}
}

func TestWeeks(t *testing.T) {
	t.Parallel()
	town := towns()["pont-pair"]
	now := time.Date(2026, 12, 28, 3, 0, 0, 0, time.UTC) // still Sunday the 27th in town
	weeks := town.Weeks(func(string) string { return "" }, now, toronto(t), 8)
	if len(weeks) != 8 || weeks[0].Monday != date("2026-12-21") || weeks[7].Monday != date("2027-02-08") {
		t.Fatalf("weeks from %s to %s", weeks[0].Monday, weeks[len(weeks)-1].Monday)
	}
	var streams []string
	for _, w := range weeks {
		for _, d := range w.Days {
			streams = append(streams, d.Stream[:1])
		}
	}
	if want := []string{"r", "o", "o", "r", "o", "r", "o", "r"}; !slices.Equal(streams, want) { // weeks 52, 53, 1, 2 …
		t.Errorf("streams %v, want %v", streams, want)
	}
}

// TestUnknownSector tells only what holds in the whole town.
func TestUnknownSector(t *testing.T) {
	t.Parallel()
	if got := towns()["sainte-cadence"].Year(func(string) string { return "" }, 2027); len(got) > 0 {
		t.Errorf("%d collections for nobody's sector", len(got))
	}
}

func anyRule() *rapid.Generator[record.CollectionRule] {
	return rapid.Custom(func(t *rapid.T) record.CollectionRule {
		day := rapid.Custom(func(t *rapid.T) record.Date {
			return date("2025-01-01").AddDays(rapid.IntRange(0, 1500).Draw(t, "day"))
		})
		r := record.CollectionRule{
			Stream: "s", Every: rapid.IntRange(1, 6).Draw(t, "every"), Anchor: day.Draw(t, "anchor"),
			Days:     rapid.SliceOfNDistinct(rapid.SampledFrom([]time.Weekday{0, 1, 2, 3, 4, 5, 6}), 1, 3, rapid.ID[time.Weekday]).Draw(t, "days"),
			Holidays: rapid.SampledFrom([]record.HolidayPolicy{"", record.HolidaysUnchanged, record.HolidaysNextDay, record.HolidaysRestOfWeek}).Draw(t, "policy"),
			Observed: rapid.SliceOfDistinct(rapid.SampledFrom(record.Holidays()), rapid.ID[record.Holiday]).Draw(t, "observed"),
			Dates:    rapid.SliceOfN(day, 0, 3).Draw(t, "dates"),
		}
		for range rapid.IntRange(0, 2).Draw(t, "exceptions") {
			r.Exceptions = append(r.Exceptions, record.Exception{Date: day.Draw(t, "from"), To: day.Draw(t, "to")})
		}
		return r
	})
}

// TestWindowsAgree: a window cut in two gives what it gives whole, in order and
// without repeats, and a moved day says from where.
func TestWindowsAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		town := collection.Calendar{Rules: []record.CollectionRule{anyRule().Draw(t, "rule")}}
		in := func(string) string { return "" }
		from := date("2026-01-01").AddDays(rapid.IntRange(0, 400).Draw(t, "from"))
		middle := from.AddDays(rapid.IntRange(0, 60).Draw(t, "middle"))
		to := middle.AddDays(1 + rapid.IntRange(0, 60).Draw(t, "to"))
		whole := town.Days(in, from, to)
		parts := append(town.Days(in, from, middle), town.Days(in, middle.AddDays(1), to)...)
		if !slices.Equal(whole, parts) {
			t.Fatalf("whole %v\nparts %v", whole, parts)
		}
		for i, c := range whole {
			if c.Date.Before(from) || to.Before(c.Date) || i > 0 && !whole[i-1].Date.Before(c.Date) {
				t.Fatalf("%s stands wrong in %s to %s", c.Date, from, to)
			}
			if c.Holiday != "" && c.MovedFrom.IsZero() {
				t.Fatalf("%s was moved by %s from nowhere", c.Date, c.Holiday)
			}
		}
	})
}

// TestBiweekly: with one weekday and nothing else, passages are 7×every days
// apart, over any New Year.
func TestBiweekly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		every := rapid.IntRange(1, 8).Draw(t, "every")
		r := record.CollectionRule{
			Stream: "s", Every: every, Days: []time.Weekday{time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday"))},
			Anchor: date("2020-01-01").AddDays(rapid.IntRange(0, 4000).Draw(t, "anchor")),
		}
		days := collection.Calendar{Rules: []record.CollectionRule{r}}.Days(func(string) string { return "" }, date("2024-01-01"), date("2030-12-31"))
		if len(days) < 300/every {
			t.Fatalf("%d passages", len(days))
		}
		for i := 1; i < len(days); i++ {
			if gap := days[i-1].Date.DaysUntil(days[i].Date); gap != 7*every {
				t.Fatalf("%d days from %s", gap, days[i-1].Date)
			}
		}
	})
}
