package record_test

import (
	"testing"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

func TestSeason(t *testing.T) {
	t.Parallel()
	winter := record.Season{From: "11-01", To: "04-30"}
	for day, want := range map[string]bool{"2026-11-01": true, "2026-12-31": true, "2027-01-01": true, "2027-04-30": true, "2027-05-01": false, "2026-10-31": false, "2028-02-29": true} {
		d, err := record.ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		if got := winter.Contains(d); got != want {
			t.Errorf("%s in winter = %v", day, got)
		}
		if !(record.Season{}).Contains(d) {
			t.Errorf("%s is not in the whole year", day)
		}
	}
	for m, want := range map[record.MonthDay]bool{"02-29": true, "02-30": false, "5-1": false, "": false} {
		if m.Valid() != want {
			t.Errorf("%q valid = %v", m, !want)
		}
	}
}

func TestParseClock(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]record.Clock{
		"7 h": "07:00", "7h": "07:00", "07:00": "07:00", "19 h 30": "19:30", "19h30": "19:30", "24:00": "24:00", "06:30:00": "06:30",
		"25:00": "", "24:01": "", "12:60": "", "": "", "7": "", "midi": "",
	} {
		got, err := record.ParseClock(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q = %q, %v", in, got, err)
		}
	}
}

// TestClockOn: on the two nights of the change too, what the wall shows.
func TestClockOn(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		day   record.Date
		clock record.Clock
		want  string
	}{
		{record.Date{Year: 2026, Month: 7, Day: 1}, "20:00", "2026-07-02T00:00:00Z"},
		{record.Date{Year: 2026, Month: 7, Day: 1}, "24:00", "2026-07-02T04:00:00Z"},
		{record.Date{Year: 2026, Month: 3, Day: 8}, "02:30", "2026-03-08T07:00:00Z"}, // skipped
		{record.Date{Year: 2026, Month: 3, Day: 8}, "03:00", "2026-03-08T07:00:00Z"},
		{record.Date{Year: 2026, Month: 11, Day: 1}, "01:30", "2026-11-01T05:30:00Z"}, // twice
		{record.Date{Year: 2026, Month: 11, Day: 1}, "02:00", "2026-11-01T07:00:00Z"},
	} {
		if got := c.clock.On(c.day, zone).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%s %s = %s, want %s", c.day, c.clock, got, c.want)
		}
	}
}
