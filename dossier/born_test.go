package dossier_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

func toronto(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func born(t *testing.T, day string) dossier.Born {
	t.Helper()
	date, err := record.ParseDate(day)
	if err != nil {
		t.Fatal(err)
	}
	return dossier.BornOn(date)
}

// TestAgeBoundaries: the minute before and the instant of a birthday.
func TestAgeBoundaries(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		born, at      string // at is an instant in UTC
		before, after dossier.Age
	}{
		"14 in winter":                        {"2012-01-15", "2026-01-15T05:00:00Z", dossier.AgeChild, dossier.AgeTeen},
		"14 in summer":                        {"2012-07-15", "2026-07-15T04:00:00Z", dossier.AgeChild, dossier.AgeTeen},
		"14 on the day the clocks go on":      {"2012-03-08", "2026-03-08T05:00:00Z", dossier.AgeChild, dossier.AgeTeen},
		"14 on the day after":                 {"2012-03-09", "2026-03-09T04:00:00Z", dossier.AgeChild, dossier.AgeTeen},
		"14 on the day the clocks go back":    {"2012-11-01", "2026-11-01T04:00:00Z", dossier.AgeChild, dossier.AgeTeen},
		"14 on the day after that":            {"2012-11-02", "2026-11-02T05:00:00Z", dossier.AgeChild, dossier.AgeTeen},
		"14 at new year":                      {"2013-01-01", "2027-01-01T05:00:00Z", dossier.AgeChild, dossier.AgeTeen},
		"18":                                  {"2008-06-30", "2026-06-30T04:00:00Z", dossier.AgeTeen, dossier.AgeAdult},
		"14, born on 29 February":             {"2012-02-29", "2026-03-01T05:00:00Z", dossier.AgeChild, dossier.AgeTeen},
		"18, born on 29 February":             {"2012-02-29", "2030-03-01T05:00:00Z", dossier.AgeTeen, dossier.AgeAdult},
		"14, born on the 28th of such a year": {"2012-02-28", "2026-02-28T05:00:00Z", dossier.AgeChild, dossier.AgeTeen},
		"14, born on 1 March":                 {"2010-03-01", "2024-03-01T05:00:00Z", dossier.AgeChild, dossier.AgeTeen},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone, b := toronto(t), born(t, tc.born)
			at, err := time.Parse(time.RFC3339, tc.at)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range []time.Duration{-time.Minute, -time.Nanosecond, 0, time.Minute} {
				want := tc.after
				if d < 0 {
					want = tc.before
				}
				if got := b.Age(at.Add(d), zone); got != want {
					t.Errorf("%s from then: %q, want %q", d, got, want)
				}
			}
		})
	}
}

// TestAgeEveryDay compares every birth day of nine years, at noon of each day
// around both birthdays, with counting by the calendar.
func TestAgeEveryDay(t *testing.T) {
	t.Parallel()
	zone := toronto(t)
	for day := (record.Date{Year: 2004, Month: time.January, Day: 1}); day.Year < 2013; day = day.AddDays(1) {
		b := dossier.BornOn(day)
		for _, age := range []int{14, 18} {
			around := record.Date{Year: day.Year + age, Month: day.Month, Day: day.Day}
			for i := -3; i <= 3; i++ {
				today := around.AddDays(i)
				if got, want := b.Age(today.In(zone).Add(12*time.Hour), zone), counted(day, today); got != want {
					t.Fatalf("born on %s, on %s: %q, want %q", day, today, got, want)
				}
			}
		}
	}
}

// counted is the age by months and days as text: on 02-28 whoever was born on
// 02-29 still waits, on 03-01 no more.
func counted(born, today record.Date) dossier.Age {
	years := today.Year - born.Year
	if !born.IsZero() && today.String()[5:] < born.String()[5:] {
		years--
	}
	switch {
	case born.IsZero():
		return dossier.AgeUnknown
	case years < 14:
		return dossier.AgeChild
	case years < 18:
		return dossier.AgeTeen
	}
	return dossier.AgeAdult
}

func TestUnknownBirthDate(t *testing.T) {
	t.Parallel()
	var b dossier.Born
	if age := b.Age(time.Now(), time.UTC); age != dossier.AgeUnknown || !b.DecidesAlone(time.Now(), time.UTC) {
		t.Errorf("age %q; nobody else may decide for somebody of unknown age", age)
	}
}

// TestBornHides: no way of printing shows the day.
func TestBornHides(t *testing.T) {
	t.Parallel()
	member := dossier.Member{Citizen: "c", Born: born(t, "2012-02-29")}
	profile := dossier.Profile{Name: "Mia", Born: member.Born}
	var out strings.Builder
	slog.New(slog.NewJSONHandler(&out, nil)).Info("seen", "born", member.Born, "member", member, "profile", profile)
	for _, v := range []any{member.Born, member, &member, profile, []dossier.Born{member.Born}} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s %v %+v %#v %s %q %x", text, v, v, v, v, v, v)
	}
	for _, canary := range []string{"2012", "7dc", "Feb"} {
		if strings.Contains(out.String(), canary) {
			t.Errorf("%q is printed: %s", canary, out.String())
		}
	}
}

func TestFits(t *testing.T) {
	t.Parallel()
	day := func(y int, m time.Month, d int) record.Date { return record.Date{Year: y, Month: m, Day: d} }
	six, eight := new(6), new(8)
	for name, tc := range map[string]struct {
		born        record.Date
		least, most *int
		want        dossier.Fit
	}{
		"the birthday itself":              {day(2021, 1, 16), six, eight, dossier.Fits},
		"the day before it":                {day(2021, 1, 17), six, eight, dossier.TooYoung},
		"the last day of being eight":      {day(2018, 1, 17), six, eight, dossier.Fits},
		"nine on the first day":            {day(2018, 1, 16), six, eight, dossier.TooOld},
		"no limit":                         {record.Date{}, nil, nil, dossier.Fits},
		"unknown birth date":               {record.Date{}, six, nil, dossier.FitUnknown},
		"only a least age":                 {day(1950, 1, 1), six, nil, dossier.Fits},
		"only a most age":                  {day(2026, 1, 1), nil, eight, dossier.Fits},
		"born on 29 February, not yet six": {day(2020, 2, 29), six, nil, dossier.TooYoung},
	} {
		on := day(2027, 1, 16)
		if name == "born on 29 February, not yet six" {
			on = day(2026, 2, 28)
		}
		if got := dossier.BornOn(tc.born).Fits(on, tc.least, tc.most); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}
