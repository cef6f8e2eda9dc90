package watering_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/semenligne/sem/aggregator/watering"
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

func toronto() *time.Location {
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		panic(err)
	}
	return zone
}

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, toronto())
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func house(number string) watering.Property {
	return watering.Property{Matricule: "1", Address: record.Address{Text: number + ", rue des Essais", Number: number}, Sector: "A"}
}

func summer() record.Season { return record.Season{From: "05-01", To: "09-30"} }

func windows(pairs ...record.Clock) []record.Window {
	var w []record.Window
	for i := 0; i+1 < len(pairs); i += 2 {
		w = append(w, record.Window{From: pairs[i], To: pairs[i+1]})
	}
	return w
}

// towns are invented, with by-laws shaped as real ones are.
func towns() map[string]watering.Town {
	hoses := []record.Device{record.DeviceHand, record.DeviceMobile}
	automatic := []record.Device{record.DeviceAutomatic}
	mixed := []time.Weekday{time.Monday, time.Thursday}
	return map[string]watering.Town{
		// Date parity; the 31st is an odd day like others.
		"val-des-essais": {
			Rules: []record.WateringRule{
				{Name: "manuel", Season: summer(), Devices: hoses, Days: record.DaysByDate, On31: record.On31Allowed, Windows: windows("20:00", "23:00")},
				{Name: "automatique", Season: summer(), Devices: automatic, Days: record.DaysByDate, On31: record.On31Allowed, Windows: windows("03:00", "06:00")},
				{Name: "hiver", Season: record.Season{From: "10-01", To: "04-30"}, Days: record.DaysAll, Windows: windows("00:00", "24:00")},
			},
		},
		// Date parity without the 31st, a ban, permits at their own hours.
		"pont-sec": {
			Rules: []record.WateringRule{
				{Name: "pelouse neuve", Devices: hoses, Days: record.DaysAll, Permit: true, Windows: windows("19:00", "24:00")},
				{Name: "tous", Season: summer(), Days: record.DaysByDate, On31: record.On31Forbidden, Windows: windows("20:00", "23:00")},
			},
			Bans:    []record.WateringBan{{Period: record.Period{From: date("2026-07-15"), To: date("2026-07-20")}, Reason: "Sécheresse"}},
			Permits: []record.WateringPermit{{Matricule: "1", Period: record.Period{From: date("2026-07-01"), To: date("2026-07-16")}}},
		},
		// Weekdays by parity; nothing on Sundays, whatever else is said.
		"sainte-cadence": {Rules: []record.WateringRule{
			{Name: "dimanche", Season: summer(), Days: record.DaysByWeekday, Weekdays: []time.Weekday{time.Sunday}},
			{Name: "pairs", Season: summer(), Numbers: record.Even, Days: record.DaysByWeekday, Weekdays: mixed, Windows: windows("21:00", "23:00")},
			{Name: "impairs", Season: summer(), Numbers: record.Odd, Days: record.DaysByWeekday, Weekdays: []time.Weekday{time.Tuesday, time.Friday, time.Sunday}, Windows: windows("21:00", "23:00")},
		}},
		// Nights that cross midnight, by sector, all year.
		"nuits-longues": {Rules: []record.WateringRule{
			{Name: "A", Sectors: []string{"A"}, Days: record.DaysByDate, On31: record.On31Allowed, Windows: windows("22:00", "03:00")},
			{Name: "B", Sectors: []string{"B"}, Days: record.DaysAll, Windows: windows("05:00", "07:00", "19:00", "21:00")},
		}},
	}
}

// TestGoldenYears asks at 20 h 30 on each day of a leap year, and of the year of
// a ban and a permit, and tells what changes from one day to the next.
func TestGoldenYears(t *testing.T) {
	t.Parallel()
	for name, town := range towns() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var text strings.Builder
			years := []int{2028}
			if len(town.Bans) > 0 {
				years = []int{2026, 2028}
			}
			for _, year := range years {
				for _, number := range []string{"16-18", "15"} {
					fmt.Fprintf(&text, "# %s, %d\n", number, year)
					before := ""
					for d := (record.Date{Year: year, Month: time.January, Day: 1}); d.Year == year; d = d.AddDays(1) {
						a := town.Ask(house(number), record.DeviceHand, record.Clock("20:30").On(d, toronto()), toronto())
						if line := show(a); line != before {
							fmt.Fprintf(&text, "%s %s\n", d, line)
							before = line
						}
					}
				}
			}
			file := "testdata/" + name + ".golden"
			if *update {
				if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), text.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func show(a watering.Answer) string {
	const layout = "2006-01-02 15:04"
	text := fmt.Sprintf("%s %s", a.Verdict, a.Why)
	if !a.Until.IsZero() {
		text += fmt.Sprintf(" %s → %s", a.From.In(toronto()).Format(layout), a.Until.In(toronto()).Format(layout))
	}
	return text
}

func TestAsk(t *testing.T) {
	t.Parallel()
	nowhere, vacant, neighbour := house("16"), house(""), house("16")
	nowhere.Sector, neighbour.Matricule = "", "2"
	for name, c := range map[string]struct {
		town   string
		who    watering.Property
		device record.Device
		now    string
		want   string
	}{
		"even on an even day":           {"val-des-essais", house("16"), record.DeviceHand, "2026-07-16 20:30", "allowed rule 2026-07-16 20:00 → 2026-07-16 23:00"},
		"first second":                  {"val-des-essais", house("16"), record.DeviceHand, "2026-07-16 20:00", "allowed rule 2026-07-16 20:00 → 2026-07-16 23:00"},
		"last is over":                  {"val-des-essais", house("16"), record.DeviceHand, "2026-07-16 23:00", "later rule 2026-07-18 20:00 → 2026-07-18 23:00"},
		"odd waits":                     {"val-des-essais", house("15A"), record.DeviceHand, "2026-07-16 20:30", "later rule 2026-07-17 20:00 → 2026-07-17 23:00"},
		"odd on the 31st":               {"val-des-essais", house("15"), record.DeviceHand, "2026-07-31 20:30", "allowed rule 2026-07-31 20:00 → 2026-07-31 23:00"},
		"and again on the 1st":          {"val-des-essais", house("15"), record.DeviceHand, "2026-08-01 20:30", "allowed rule 2026-08-01 20:00 → 2026-08-01 23:00"},
		"even waits three days":         {"val-des-essais", house("16"), record.DeviceHand, "2026-07-30 23:00", "later rule 2026-08-02 20:00 → 2026-08-02 23:00"},
		"31st forbidden":                {"pont-sec", house("15"), record.DeviceCar, "2026-08-31 20:30", "later rule 2026-09-01 20:00 → 2026-09-01 23:00"},
		"automatic at dawn":             {"val-des-essais", house("12½"), record.DeviceAutomatic, "2026-07-16 07:00", "later rule 2026-07-18 03:00 → 2026-07-18 06:00"},
		"no number":                     {"val-des-essais", vacant, record.DeviceHand, "2026-07-16 20:30", "unknown no_number"},
		"no restriction in winter":      {"val-des-essais", house("16"), record.DeviceHand, "2026-12-16 12:00", "allowed rule 2026-12-16 00:00 → 2027-05-01 00:00"},
		"no rule in winter":             {"sainte-cadence", house("16"), record.DeviceHand, "2026-12-16 12:00", "unknown no_rule"},
		"sunday never":                  {"sainte-cadence", house("15"), record.DeviceHand, "2026-07-19 21:30", "later rule 2026-07-21 21:00 → 2026-07-21 23:00"},
		"permit":                        {"pont-sec", house("15"), record.DeviceHand, "2026-07-10 19:30", "allowed permit 2026-07-10 19:00 → 2026-07-11 00:00"},
		"permit of another":             {"pont-sec", neighbour, record.DeviceHand, "2026-07-09 19:30", "later rule 2026-07-10 20:00 → 2026-07-10 23:00"},
		"ban beats a permit":            {"pont-sec", house("16"), record.DeviceHand, "2026-07-16 20:30", "forbidden ban 2026-07-22 20:00 → 2026-07-22 23:00"},
		"last night's still runs":       {"nuits-longues", house("16"), record.DeviceHand, "2026-07-17 01:00", "allowed rule 2026-07-16 22:00 → 2026-07-17 03:00"},
		"and belongs to that date":      {"nuits-longues", house("15"), record.DeviceHand, "2026-07-17 01:00", "later rule 2026-07-17 22:00 → 2026-07-18 03:00"},
		"no sector":                     {"nuits-longues", nowhere, record.DeviceHand, "2026-07-17 01:00", "unknown no_sector"},
		"night an hour shorter":         {"nuits-longues", house("15"), record.DeviceHand, "2026-03-08 01:00", "allowed rule 2026-03-07 22:00 → 2026-03-08 03:00"},
		"night an hour longer":          {"nuits-longues", house("15"), record.DeviceHand, "2026-11-01 01:00", "allowed rule 2026-10-31 22:00 → 2026-11-01 03:00"},
		"29 February then 1 March":      {"nuits-longues", house("15"), record.DeviceHand, "2028-02-29 23:00", "allowed rule 2028-02-29 22:00 → 2028-03-01 03:00"},
		"device nobody speaks of":       {"val-des-essais", house("16"), record.DevicePool, "2026-07-16 20:30", "unknown no_rule"},
		"unknown town":                  {"nowhere", house("16"), record.DeviceHand, "2026-07-16 20:30", "unknown no_rule"},
		"ban holds without a number":    {"pont-sec", vacant, record.DeviceCar, "2026-07-16 20:30", "forbidden ban"},
		"second window of the same day": {"nuits-longues", watering.Property{Address: record.Address{Number: "1"}, Sector: "B"}, record.DeviceHand, "2026-07-17 07:00", "later rule 2026-07-17 19:00 → 2026-07-17 21:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := show(towns()[c.town].Ask(c.who, c.device, at(c.now), toronto())); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	night := func(now string) time.Duration {
		a := towns()["nuits-longues"].Ask(house("15"), record.DeviceHand, at(now), toronto())
		return a.Until.Sub(a.From)
	}
	if s, l := night("2026-03-08 01:00"), night("2026-11-01 01:00"); s != 4*time.Hour || l != 6*time.Hour {
		t.Errorf("the nights of the change last %s and %s", s, l)
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{
		"12": 12, "16-18": 16, "18-16": 16, "12½": 12, "12 1/2": 12, "12 ½": 12, "12A": 12, "12 bis": 12, "12-A": 12, "15-18": 15, "16 à 18": 16, "16 et 18": 16, "18/16": 16, "17–18": 17, "12½-14½": 12,
		"1234 app. 5": 1234, "1234, app. 5": 1234, "1234 #5": 1234, "1235 Apt 4B": 1235, "16-18, bureau 200": 16, "12A app. 3": 12, "1001": 1001, " 7 ": 7,
		"": 0, "0": 0, "A": 0, "sans": 0, "12 rue": 0, "½": 0, "-5": 0, "12 app.": 0, "app. 5": 0, "1234567": 0, "12.5": 0, "12 étage 3": 0,
	} {
		got, ok := watering.Number(record.Address{Number: in})
		if got != want || ok != (want > 0) {
			t.Errorf("Number of %q = %d, %v", in, got, ok)
		}
	}
	if n, _ := watering.Number(record.Address{Number: "17", NumberTo: "19"}); n != 17 {
		t.Errorf("range = %d", n)
	}
}

// TestLaws: for any moment, an allowed time holds now, runs on within its rule,
// and no ban is ever allowed.
func TestLaws(t *testing.T) {
	t.Parallel()
	zone := toronto()
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"val-des-essais", "pont-sec", "sainte-cadence", "nuits-longues"}
		town := towns()[rapid.SampledFrom(names).Draw(t, "town")]
		who := house(fmt.Sprint(rapid.IntRange(1, 40).Draw(t, "number")))
		now := at("2026-01-01 00:00").Add(time.Duration(rapid.IntRange(0, 1200*24*60).Draw(t, "minute")) * time.Minute)
		a := town.Ask(who, record.DeviceHand, now, zone)
		if banned := !now.Before(at("2026-07-15 00:00")) && now.Before(at("2026-07-21 00:00")) && len(town.Bans) > 0; banned != (a.Why == watering.WhyBan) {
			t.Fatalf("banned %v, answer %s", banned, show(a))
		}
		switch a.Verdict {
		case watering.Allowed:
			if a.From.After(now) || !a.Until.After(now) {
				t.Fatalf("at %s: %s", now, show(a))
			}
			if again := town.Ask(who, record.DeviceHand, a.Until.Add(-time.Second), zone); again.Verdict != watering.Allowed {
				t.Fatalf("at %s: %s, and a second before its end: %s", now, show(a), show(again))
			}
			if after := town.Ask(who, record.DeviceHand, a.Until, zone); after.Verdict == watering.Allowed {
				t.Fatalf("at %s: %s, and at its end: %s", now, show(a), show(after))
			}
		case watering.Later:
			if !a.From.After(now) {
				t.Fatalf("at %s: %s", now, show(a))
			}
			if then := town.Ask(who, record.DeviceHand, a.From, zone); then.Verdict != watering.Allowed {
				t.Fatalf("at %s: %s, and then: %s", now, show(a), show(then))
			}
			if before := town.Ask(who, record.DeviceHand, a.From.Add(-time.Second), zone); before.Verdict == watering.Allowed {
				t.Fatalf("at %s: %s, and a second before: %s", now, show(a), show(before))
			}
		case watering.Forbidden, watering.Unknown:
		}
	})
}
