package address_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/aggregator/address"
	"github.com/semenligne/sem/connectors/record"
)

// A Sunday to a Saturday, and an evening of that week: the 8th of July.
var (
	from    = record.Date{Year: 2026, Month: time.July, Day: 5}
	to      = record.Date{Year: 2026, Month: time.July, Day: 11}
	evening = time.Date(2026, time.July, 8, 21, 0, 0, 0, time.UTC)
)

func town(bodies ...record.Body) *address.Town {
	var list []record.Record
	for i, b := range bodies {
		list = append(list, record.Record{Key: fmt.Sprint(i), Body: b})
	}
	return address.NewTown(list)
}

// sector is a square degree from a meridian eastwards.
func sector(code, name string, west float64, streams ...string) record.Sector {
	return record.Sector{Code: code, Name: name, Streams: streams, Area: record.Area{{{
		{Lat: 45, Long: west}, {Lat: 45, Long: west + 1}, {Lat: 46, Long: west + 1}, {Lat: 46, Long: west},
	}}}}
}

func unit(number string, long float64) record.Unit {
	u := record.Unit{Matricule: "1", Addresses: []record.Address{{Text: number + ", rue des Essais", Number: number}}}
	if long != 0 {
		u.Point = &record.Point{Lat: 45.5, Long: long}
	}
	return u
}

func on(day time.Weekday, stream string, sectors ...string) record.CollectionRule {
	return record.CollectionRule{Stream: stream, Sectors: sectors, Days: []time.Weekday{day}}
}

// one is the only answer of a list.
func one[A any](t *testing.T, list []A) A {
	t.Helper()
	if len(list) != 1 {
		t.Fatalf("%d answers: %+v", len(list), list)
	}
	return list[0]
}

// TestProperties asks for properties of a town of two sectors, west and east of
// a meridian, which water by the date.
func TestProperties(t *testing.T) {
	t.Parallel()
	twoSectors := town(
		sector("O", "Ouest", -75), sector("E", "", -74), on(time.Monday, "brun", "O"), on(time.Friday, "brun", "E"),
		record.WateringRule{
			Devices: []record.Device{record.DeviceHand}, Days: record.DaysByDate, On31: record.On31Forbidden, Note: "Le soir",
			Windows: []record.Window{{From: "20:00", To: "23:00"}},
		},
	)
	bare := unit("18", -74.5)
	bare.Addresses = nil
	monday, friday := []record.Collection{{Stream: "brun", Sector: "O", Date: from.AddDays(1)}}, []record.Collection{{Stream: "brun", Sector: "E", Date: from.AddDays(5)}}
	at := func(number string) string { return number + ", rue des Essais" }
	for name, c := range map[string]struct {
		units       []record.Unit
		collections []address.Collections
		watering    []string
	}{
		"west": {
			[]record.Unit{unit("14", -74.5)},
			[]address.Collections{{Address: at("14"), Sector: "Ouest", Days: monday}},
			[]string{"14, rue des Essais: hand allowed rule Le soir"},
		},
		"east, whose sector has no name": {
			[]record.Unit{unit("15", -73.5)},
			[]address.Collections{{Address: at("15"), Sector: "E", Days: friday}},
			[]string{"15, rue des Essais: hand later rule Le soir"},
		},
		"in no sector": {
			[]record.Unit{unit("16", -60)},
			[]address.Collections{{Address: at("16"), Gap: address.GapNoSector}},
			[]string{"16, rue des Essais: hand allowed rule Le soir"},
		},
		"without point": {
			[]record.Unit{unit("16", 0)},
			[]address.Collections{{Address: at("16"), Gap: address.GapNoSector}},
			[]string{"16, rue des Essais: hand allowed rule Le soir"},
		},
		"nothing": {nil, []address.Collections{{Gap: address.GapNoProperty}}, []string{": no_property"}},
		"two alike": {
			[]record.Unit{unit("20", -74.5), unit("22", -74.6)},
			[]address.Collections{{Address: at("20"), Sector: "Ouest", Days: monday}, {Address: at("22"), Sector: "Ouest", Days: monday}},
			[]string{"20, rue des Essais: hand allowed rule Le soir", "22, rue des Essais: hand allowed rule Le soir"},
		},
		"two that differ": {
			[]record.Unit{unit("24", -74.5), unit("25", -73.5)},
			[]address.Collections{{Address: at("24"), Sector: "Ouest", Days: monday}, {Address: at("25"), Sector: "E", Days: friday}},
			[]string{"24, rue des Essais: hand allowed rule Le soir", "25, rue des Essais: hand later rule Le soir"},
		},
		"the first is nowhere, and the second is told": {
			[]record.Unit{unit("26", 0), unit("24", -74.5)},
			[]address.Collections{{Address: at("26"), Gap: address.GapNoSector}, {Address: at("24"), Sector: "Ouest", Days: monday}},
			[]string{"26, rue des Essais: hand allowed rule Le soir", "24, rue des Essais: hand allowed rule Le soir"},
		},
		"no address, no number": {
			[]record.Unit{bare}, []address.Collections{{Sector: "Ouest", Days: monday}}, []string{": hand unknown no_number "},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.collections, twoSectors.Collections(c.units, from, to)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			var told []string
			for _, w := range twoSectors.Watering(c.units, evening, time.UTC) {
				line := w.Address + ": " + string(w.Gap)
				for _, d := range w.Devices {
					line += fmt.Sprintf("%s %s %s %s", d.Device, d.Verdict, d.Why, d.Words())
				}
				told = append(told, line)
			}
			if diff := cmp.Diff(c.watering, told); diff != "" {
				t.Errorf("watering (-want +got)\n%s", diff)
			}
		})
	}
}

// TestStreamsHaveTheirSectors: one stream goes by sectors of its own, one by
// those of all, one by none.
func TestStreamsHaveTheirSectors(t *testing.T) {
	t.Parallel()
	mixed := town(
		sector("A", "", -75), sector("1", "", -75, "feuilles"), record.Stream{Code: "feuilles", Name: "Feuilles"},
		on(time.Monday, "ordures", "A"), on(time.Tuesday, "feuilles", "1"), on(time.Wednesday, "verre"), on(time.Thursday, "feuilles", "A"),
	)
	var got []string
	for _, d := range one(t, mixed.Collections([]record.Unit{unit("1", -74.5)}, from, to)).Days {
		got = append(got, d.Stream+" "+d.Sector)
	}
	if diff := cmp.Diff([]string{"ordures A", "feuilles 1", "verre "}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if name := mixed.Streams()["feuilles"].Name; name != "Feuilles" {
		t.Errorf("stream %q", name)
	}
}

// TestWholeTown: what is for everybody needs no property, and last year's
// calendar says nothing of this year.
func TestWholeTown(t *testing.T) {
	t.Parallel()
	if c := one(t, town(on(time.Monday, "brun")).Collections(nil, from, to)); c.Gap != "" || len(c.Days) != 1 {
		t.Errorf("a rule of the whole town: %+v", c)
	}
	listed := town(record.Collection{Stream: "brun", Date: from.AddDays(2)})
	if c := one(t, listed.Collections(nil, from, to)); c.Gap != "" || len(c.Days) != 1 || c.Ends != from.AddDays(2) {
		t.Errorf("a day of the whole town, and nothing known after it: %+v", c)
	}
	if c := one(t, listed.Collections(nil, from, from.AddDays(2))); !c.Ends.IsZero() {
		t.Errorf("all that was asked for is known: %+v", c)
	}
	if c := one(t, town(on(time.Monday, "brun"), record.Collection{Stream: "sapins", Date: from}).Collections(nil, from, to)); !c.Ends.IsZero() {
		t.Errorf("rules have no end: %+v", c)
	}
	if c := one(t, listed.Collections(nil, from.AddDays(3), to.AddDays(7))); c.Gap != address.GapUnpublished {
		t.Errorf("after the last day listed: %+v", c)
	}
	if c := one(t, town().Collections([]record.Unit{unit("1", -74.5)}, from, to)); c.Gap != address.GapUnpublished {
		t.Errorf("nothing published: %+v", c)
	}
}

// TestWateringSector: rules of a sector take the sectors that are for watering.
func TestWateringSector(t *testing.T) {
	t.Parallel()
	night := []record.Window{{From: "20:00", To: "23:00"}}
	wet := town(
		sector("O", "", -75), sector("SEC", "", -75, "arrosage"),
		record.WateringRule{Order: 1, Sectors: []string{"SEC"}, Devices: []record.Device{record.DeviceHand}, Days: record.DaysAll},
		record.WateringRule{Order: 2, Devices: []record.Device{record.DeviceHand}, Days: record.DaysAll, Windows: night},
	)
	w := one(t, wet.Watering([]record.Unit{unit("1", -74.5)}, evening, time.UTC))
	if len(w.Devices) != 1 || w.Devices[0].Verdict != "forbidden" {
		t.Errorf("%+v", w)
	}
}
