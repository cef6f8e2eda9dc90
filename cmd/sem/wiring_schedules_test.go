package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal"
)

// TestTownSchedules asks for the collections and the watering of properties in
// a town of two sectors, west and east of a meridian.
func TestTownSchedules(t *testing.T) {
	t.Parallel()
	store, err := cache.OpenFile(filepath.Join(t.TempDir(), "cache.db"), cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, time.July, 8, 21, 0, 0, 0, zone) // a Wednesday
	schedules := &townSchedules{
		cache: store, zone: zone, now: func() time.Time { return now },
		calendars: []string{"rules"}, sectors: []string{"sectors"}, properties: []string{"roll"},
	}
	from, to := record.Date{Year: 2026, Month: time.July, Day: 5}, record.Date{Year: 2026, Month: time.July, Day: 11}
	ages := cache.Ages{FreshFor: time.Hour, HideAfter: 2 * time.Hour}
	unit := func(matricule, number string, long float64) record.Record {
		u := record.Unit{Matricule: matricule, Addresses: []record.Address{{Text: number + ", rue des Essais", Number: number}}}
		if long != 0 {
			u.Point = &record.Point{Lat: 45.5, Long: long}
		}
		return record.Record{Key: matricule, Body: u}
	}
	for citizen, units := range map[record.Citizen][]record.Record{
		"west": {unit("1", "14", -74.5)}, "east": {unit("2", "15", -73.5)}, "away": {unit("3", "16", -60)}, "nowhere": {unit("4", "18", 0)}, "tenant": nil,
		"two alike": {unit("5", "20", -74.5), unit("6", "22", -74.6)}, "two that differ": {unit("7", "24", -74.5), unit("8", "25", -73.5)}, "no number": {unit("9", "", -74.5)},
	} {
		if err := store.Put(t.Context(), citizen, cache.Section{Source: "roll"}.Succeeded(units, now, ages)); err != nil {
			t.Fatal(err)
		}
	}
	put := func(source string, bodies ...record.Body) {
		var list []record.Record
		for i, b := range bodies {
			list = append(list, record.Record{Key: source + string(rune('a'+i)), Body: b})
		}
		old, err := store.Town(t.Context(), source)
		if err == nil {
			err = store.PutTown(t.Context(), old.Succeeded(list, now, ages))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	days := func(citizen record.Citizen) (list []string, why portal.Ignorance) {
		c, err := schedules.Collections(t.Context(), citizen, from, to)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range c.Days {
			list = append(list, d.Stream+" "+d.Date.String())
		}
		return list, c.Why
	}
	if _, why := days("west"); why != portal.IgnoranceUnread {
		t.Errorf("before anything is read: %q", why)
	}
	put("rules", record.CollectionRule{Stream: "brun", Days: []time.Weekday{time.Monday}})
	put("sectors")
	if got, why := days("tenant"); why != "" || len(got) != 1 {
		t.Errorf("a rule of the whole town needs no address: %v, %q", got, why)
	}
	before, err := schedules.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	box := func(west float64) record.Area {
		return record.Area{{{{Lat: 45, Long: west}, {Lat: 45, Long: west + 1}, {Lat: 46, Long: west + 1}, {Lat: 46, Long: west}}}}
	}
	put("sectors", record.Sector{Code: "O", Name: "Ouest", Area: box(-75)}, record.Sector{Code: "E", Area: box(-74)})
	put("rules",
		record.CollectionRule{Stream: "brun", Sectors: []string{"O"}, Days: []time.Weekday{time.Monday}}, record.CollectionRule{Stream: "brun", Sectors: []string{"E"}, Days: []time.Weekday{time.Friday}},
		record.Stream{Code: "brun", Name: "Bac brun"},
		record.WateringRule{Order: 1, Name: "soir", Devices: []record.Device{record.DeviceHand}, Days: record.DaysByDate, On31: record.On31Forbidden, Windows: []record.Window{{From: "20:00", To: "23:00"}}},
	)
	if after, err := schedules.Version(t.Context()); err != nil || after == before {
		t.Errorf("version %d stays, %v", after, err)
	}
	for citizen, want := range map[record.Citizen]struct {
		days     []string
		why      portal.Ignorance
		watering string
	}{
		"west":            {[]string{"brun 2026-07-06"}, "", "hand allowed rule"}, // 14 on the 8th
		"east":            {[]string{"brun 2026-07-10"}, "", "hand later rule"},   // 15
		"away":            {nil, portal.IgnoranceNoSector, "hand allowed rule"},
		"nowhere":         {nil, portal.IgnoranceNoSector, "hand allowed rule"},
		"tenant":          {nil, portal.IgnoranceNoProperty, "no_property"},
		"nobody":          {nil, portal.IgnoranceNoProperty, "no_property"},
		"two alike":       {[]string{"brun 2026-07-06"}, "", "hand allowed rule"},
		"two that differ": {nil, portal.IgnoranceSeveral, "several"},
		"no number":       {[]string{"brun 2026-07-06"}, "", "hand unknown no_number"},
	} {
		got, why := days(citizen)
		if diff := cmp.Diff(want.days, got); diff != "" || why != want.why {
			t.Errorf("%s: %q (-want +got)\n%s", citizen, why, diff)
		}
		w, err := schedules.Watering(t.Context(), citizen, now)
		if err != nil {
			t.Fatal(err)
		}
		told := string(w.Why)
		for _, d := range w.Devices {
			told += string(d.Device) + " " + string(d.State) + " " + string(d.Why)
		}
		if told != want.watering {
			t.Errorf("%s: watering %q, want %q", citizen, told, want.watering)
		}
	}
	c, err := schedules.Collections(t.Context(), "west", from, to)
	if err != nil || c.Address != "14, rue des Essais" || c.Sector != "Ouest" || c.Streams["brun"].Name != "Bac brun" || c.Read.State != cache.Fresh {
		t.Errorf("west: %+v, %v", c, err)
	}
	now = now.Add(3 * time.Hour)
	if _, why := days("west"); why != portal.IgnoranceUnread {
		t.Errorf("too old: %q", why)
	}
}

func TestLastYearsCalendarIsNotPublished(t *testing.T) {
	t.Parallel()
	store, err := cache.OpenFile(filepath.Join(t.TempDir(), "cache.db"), cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	now := time.Now()
	list := []record.Record{{Key: "a", Body: record.Collection{Stream: "brun", Date: record.Date{Year: 2025, Month: time.December, Day: 29}}}}
	if err := store.PutTown(t.Context(), cache.Section{Source: "ics"}.Succeeded(list, now, cache.Ages{FreshFor: time.Hour, HideAfter: time.Hour})); err != nil {
		t.Fatal(err)
	}
	schedules := &townSchedules{cache: store, zone: time.UTC, now: time.Now, calendars: []string{"ics"}}
	c, err := schedules.Collections(t.Context(), "x", record.Date{Year: 2026, Month: time.January, Day: 4}, record.Date{Year: 2026, Month: time.January, Day: 10})
	if err != nil || c.Why != portal.IgnoranceUnpublished {
		t.Errorf("%q, %v", c.Why, err)
	}
}

// TestDemoRulesAreRead: what the demo writes is a file that the connector takes.
func TestDemoRulesAreRead(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for day := range 7 {
		if err := writeSchedules(time.Date(2026, time.November, 22+day, 12, 0, 0, 0, time.UTC), folder); err != nil {
			t.Fatal(err)
		}
		a := sem(t, "", "fetch", "-c", config(t, "schedules", "file: "+filepath.Join(folder, "rules.yaml")), "thing")
		if a.code != exitOK {
			t.Errorf("written on day %d: %+v", day, a)
		}
	}
}
