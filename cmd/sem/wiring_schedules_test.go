package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/aggregator/address"
	"github.com/semenligne/sem/aggregator/watering"
	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal"
)

// TestTownSchedules follows the sections: never read, read, changed, too old.
// What they come to at a property is the address package's to test.
func TestTownSchedules(t *testing.T) {
	t.Parallel()
	store, err := cache.OpenFile(filepath.Join(t.TempDir(), "cache.db"), cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	now := time.Date(2026, time.July, 8, 21, 0, 0, 0, time.UTC) // a Wednesday
	schedules := &townSchedules{
		cache: store, zone: time.UTC, now: func() time.Time { return now },
		calendars: []string{"rules"}, sectors: []string{"sectors"}, properties: []string{"roll"},
	}
	ages := cache.Ages{FreshFor: time.Hour, HideAfter: 2 * time.Hour}
	home := record.Unit{Addresses: []record.Address{{Text: "14, rue des Essais", Number: "14"}}, Point: &record.Point{Lat: 45.5, Long: -74.5}}
	if err := store.Put(t.Context(), "west", cache.Section{Source: "roll"}.Succeeded([]record.Record{{Key: "1", Body: home}}, now, ages)); err != nil {
		t.Fatal(err)
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
	ask := func() (portal.Collections, portal.Watering) {
		t.Helper()
		c, err := schedules.Collections(t.Context(), "west", record.Date{Year: 2026, Month: time.July, Day: 5}, record.Date{Year: 2026, Month: time.July, Day: 11})
		if err != nil {
			t.Fatal(err)
		}
		w, err := schedules.Watering(t.Context(), "west", now)
		if err != nil {
			t.Fatal(err)
		}
		if len(c) != 1 || len(w) != 1 {
			t.Fatalf("%d and %d answers", len(c), len(w))
		}
		return c[0], w[0]
	}
	if c, w := ask(); c.Why != portal.IgnoranceUnread || w.Why != portal.IgnoranceUnread {
		t.Errorf("before anything is read: %q, %q", c.Why, w.Why)
	}
	brown := record.CollectionRule{Stream: "brun", Sectors: []string{"O"}, Days: []time.Weekday{time.Monday}}
	put("rules", brown, record.Stream{Code: "brun", Name: "Bac brun"})
	if c, w := ask(); c.Why != portal.IgnoranceUnread || w.Why != portal.IgnoranceUnread {
		t.Errorf("before the sectors are read: %q, %q", c.Why, w.Why)
	}
	put("sectors")
	if c, _ := ask(); c.Why != portal.IgnoranceNoSector {
		t.Errorf("without a sector: %q", c.Why)
	}
	before, err := schedules.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	put("sectors", record.Sector{Code: "O", Name: "Ouest", Area: record.Area{{{{Lat: 45, Long: -75}, {Lat: 45, Long: -74}, {Lat: 46, Long: -74}, {Lat: 46, Long: -75}}}}})
	put("rules", brown, record.Stream{Code: "brun", Name: "Bac brun"}, record.WateringRule{
		Name: "soir", Devices: []record.Device{record.DeviceHand}, Days: record.DaysByDate, On31: record.On31Forbidden, Windows: []record.Window{{From: "20:00", To: "23:00"}},
	})
	if after, err := schedules.Version(t.Context()); err != nil || after == before {
		t.Errorf("version %d stays, %v", after, err)
	}
	c, w := ask()
	if c.Why != "" || len(c.Days) != 1 || c.Address != "14, rue des Essais" || c.Sector != "Ouest" || c.Streams["brun"].Name != "Bac brun" || c.Read.State != cache.Fresh {
		t.Errorf("collections %+v", c)
	}
	want := portal.DeviceWatering{
		Device: record.DeviceHand, State: portal.WateringAllowed, Why: portal.WateringRule, Words: "soir",
		From: time.Date(2026, time.July, 8, 20, 0, 0, 0, time.UTC), Until: time.Date(2026, time.July, 8, 23, 0, 0, 0, time.UTC),
	}
	if diff := cmp.Diff([]portal.DeviceWatering{want}, w.Devices); diff != "" || w.Address != "14, rue des Essais" {
		t.Errorf("watering at %q (-want +got)\n%s", w.Address, diff)
	}
	cottage := record.Unit{Addresses: []record.Address{{Text: "9, rue des Essais", Number: "9"}}} // nobody knows where
	if err := store.Put(t.Context(), "both", cache.Section{Source: "roll"}.Succeeded([]record.Record{{Key: "1", Body: cottage}, {Key: "2", Body: home}}, now, ages)); err != nil {
		t.Fatal(err)
	}
	both, err := schedules.Collections(t.Context(), "both", record.Date{Year: 2026, Month: time.July, Day: 5}, record.Date{Year: 2026, Month: time.July, Day: 11})
	if err != nil || len(both) != 2 || both[0].Why != portal.IgnoranceNoSector || both[0].Address != "9, rue des Essais" || both[1].Why != "" || len(both[1].Days) != 1 {
		t.Errorf("two properties: %+v, %v", both, err)
	}
	now = now.Add(3 * time.Hour)
	if c, w := ask(); c.Why != portal.IgnoranceUnread || w.Why != portal.IgnoranceUnread || c.Days != nil {
		t.Errorf("too old: %q, %q", c.Why, w.Why)
	}
}

// TestWordsAgree: the portal has a word for all that the aggregator may answer.
func TestWordsAgree(t *testing.T) {
	t.Parallel()
	same := map[string]string{
		string(address.GapUnpublished): string(portal.IgnoranceUnpublished), string(address.GapNoProperty): string(portal.IgnoranceNoProperty),
		string(address.GapNoSector): string(portal.IgnoranceNoSector),
		string(watering.Allowed):    string(portal.WateringAllowed), string(watering.Later): string(portal.WateringLater),
		string(watering.Forbidden): string(portal.WateringForbidden), string(watering.Unknown): string(portal.WateringUnknown),
		string(watering.WhyRule): string(portal.WateringRule), string(watering.WhyPermit): string(portal.WateringPermit), string(watering.WhyBan): string(portal.WateringBan),
		string(watering.WhyNoNumber): string(portal.WateringNoNumber), string(watering.WhyNoRule): string(portal.WateringNoRule),
	}
	for ours, theirs := range same {
		if ours != theirs {
			t.Errorf("%q is %q in the portal", ours, theirs)
		}
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
