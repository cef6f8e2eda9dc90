package collection_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/aggregator/collection"
	"github.com/semenligne/sem/connectors/record"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func date(s string) record.Date {
	d, err := record.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func dates(s string) []record.Date {
	var list []record.Date
	for f := range strings.FieldsSeq(s) {
		list = append(list, date(f))
	}
	return list
}

func rule(stream string, every int, days ...time.Weekday) record.CollectionRule {
	return record.CollectionRule{Stream: stream, Every: every, Days: days, Hours: record.Hours{OutAfter: "19:00", OutBefore: "07:00", Until: "18:00"}}
}

func with(r record.CollectionRule, change ...func(*record.CollectionRule)) record.CollectionRule {
	for _, c := range change {
		c(&r)
	}
	return r
}

func season(from, to record.MonthDay) func(*record.CollectionRule) {
	return func(r *record.CollectionRule) { r.Season = record.Season{From: from, To: to} }
}

func anchor(day string) func(*record.CollectionRule) {
	return func(r *record.CollectionRule) { r.Anchor = date(day) }
}

func holidays(p record.HolidayPolicy, h ...record.Holiday) func(*record.CollectionRule) {
	return func(r *record.CollectionRule) { r.Holidays, r.Observed = p, h }
}

func exceptions(e ...record.Exception) func(*record.CollectionRule) {
	return func(r *record.CollectionRule) { r.Exceptions = e }
}

func sectors(codes ...string) func(*record.CollectionRule) {
	return func(r *record.CollectionRule) { r.Sectors = codes }
}

// towns are invented, with schedules shaped as real ones are.
func towns() map[string]collection.Calendar {
	return map[string]collection.Calendar{
		// Brown bin weekly in summer and every two weeks in winter, each season with
		// its anchor; leaves on single dates; Christmas and New Year the next day.
		"val-des-essais": {Rules: []record.CollectionRule{
			with(rule("bac-brun", 1, time.Monday), season("05-01", "11-06"), holidays(record.HolidaysNextDay, record.Patriots, record.Christmas, record.NewYear)),
			with(rule("bac-brun", 2, time.Monday), season("11-07", "04-30"), anchor("2026-11-16"), exceptions(
				record.Exception{Date: date("2026-12-28"), To: date("2026-12-29"), Reason: "Temps des fêtes"})),
			with(rule("recyclage", 2, time.Thursday), anchor("2025-12-18"), holidays(record.HolidaysNextDay, record.NewYear, record.NewYearSecond, record.Christmas, record.BoxingDay)),
			{Stream: "feuilles", Dates: dates("2026-10-31 2026-11-14 2027-11-13"), Note: "Sacs de papier"},
		}},
		// Even and odd ISO weeks: 2026 has 53, so two odd ones follow each other.
		"pont-pair": {Rules: []record.CollectionRule{
			with(rule("ordures", 1, time.Wednesday), func(r *record.CollectionRule) { r.ISOWeeks = record.Odd }),
			with(rule("recyclage", 1, time.Wednesday), func(r *record.CollectionRule) { r.ISOWeeks = record.Even }),
		}},
		// A holiday moves the rest of the week; two sectors; a second weekday.
		"sainte-cadence": {Rules: []record.CollectionRule{
			with(rule("ordures", 1, time.Tuesday, time.Friday), sectors("A"), holidays(record.HolidaysRestOfWeek, record.Christmas, record.NewYear, record.National, record.CanadaDay, record.Labour)),
			with(rule("ordures", 1, time.Wednesday), sectors("B"), holidays(record.HolidaysRestOfWeek, record.Christmas, record.NewYear, record.National, record.CanadaDay, record.Labour)),
			with(rule("encombrants", 4, time.Saturday), sectors("A"), anchor("2027-01-09"), exceptions(
				record.Exception{Date: date("2027-07-24"), Reason: "Vacances"}, record.Exception{To: date("2027-07-02"), Reason: "Déménagements"})),
		}},
		// A leap year, a winter that crosses it, every three weeks without restart.
		"lac-bissextil": {Rules: []record.CollectionRule{
			with(rule("ordures", 3, time.Tuesday), anchor("2027-11-30")),
			with(rule("bac-brun", 1, time.Tuesday), season("02-29", "11-30")),
			with(rule("bac-brun", 4, time.Tuesday), season("12-01", "02-28"), anchor("2027-12-07")),
		}},
		// A calendar file beside rules: listed days, one called off, one unknown title.
		"rang-double": {
			Rules: []record.CollectionRule{with(rule("recyclage", 2, time.Monday), anchor("2026-11-02"))},
			Listed: []record.Collection{
				{Stream: "ordures", Sector: "A", Date: date("2026-11-03")},
				{Stream: "ordures", Sector: "B", Date: date("2026-11-04")},
				{Stream: "ordures", Sector: "A", Date: date("2026-11-10"), Cancelled: true},
				{Stream: "ordures", Sector: "A", Date: date("2026-11-10")},
				{Stream: "other", Name: "Sapins", Date: date("2026-12-31")},
				{Stream: "other", Name: "Styromousse", Date: date("2026-12-31")},
				{Stream: "recyclage", Date: date("2026-11-02")},
				{Stream: "ordures", Sector: "A", Date: date("2026-11-17"), Cancelled: true},
			},
		},
	}
}

// TestGoldenYears compares whole years with files that somebody read.
func TestGoldenYears(t *testing.T) {
	t.Parallel()
	for name, years := range map[string][]int{
		"val-des-essais": {2026, 2027}, "pont-pair": {2026, 2027}, "sainte-cadence": {2026, 2027}, "lac-bissextil": {2028}, "rang-double": {2026},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			town := towns()[name]
			var text strings.Builder
			for _, sector := range []string{"A", "B", ""} {
				for _, year := range years {
					fmt.Fprintf(&text, "# secteur %q, %d\n", sector, year)
					for _, c := range town.Year(func(string) string { return sector }, year) {
						text.WriteString(line(c))
					}
				}
			}
			golden(t, "testdata/"+name+".golden", text.String())
		})
	}
}

func line(c record.Collection) string {
	text := fmt.Sprintf("%s %s %s %s", c.Date, c.Date.In(time.UTC).Weekday().String()[:3], c.Stream, c.Name)
	if !c.MovedFrom.IsZero() {
		text += fmt.Sprintf(" ← %s %s", c.MovedFrom, c.Holiday)
	}
	if c.Cancelled {
		text += " cancelled"
	}
	if c.Note != "" {
		text += " : " + c.Note
	}
	return strings.Join(strings.Fields(text), " ") + "\n"
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
