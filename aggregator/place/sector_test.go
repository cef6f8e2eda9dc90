package place_test

import (
	"testing"

	"github.com/semenligne/sem/aggregator/place"
	"github.com/semenligne/sem/connectors/record"
)

// square makes a sector of a square between latitudes and longitudes, given in
// hundredths of a degree from 45, -74.
func square(code string, south, north, west, east float64, streams ...string) record.Record {
	p := func(lat, long float64) record.Point { return record.Point{Lat: 45 + lat/100, Long: -74 + long/100} }
	area := record.Area{{{p(south, west), p(south, east), p(north, east), p(north, west)}}}
	return record.Record{Key: code, Source: "secteurs", Body: record.Sector{Code: code, Streams: streams, Area: area}}
}

// town has four sectors that meet at 45.01, -73.99, a hole, and more of one
// stream.
func town() *place.Sectors {
	pond := square("4", 1, 2, 1, 2)
	body := pond.Body.(record.Sector)
	body.Area[0] = append(body.Area[0], record.Ring{{Lat: 45.014, Long: -73.986}, {Lat: 45.014, Long: -73.984}, {Lat: 45.016, Long: -73.986}})
	pond.Body = body
	return place.NewSectors([]record.Record{
		square("10", 0, 1, 0, 1), square("2", 0, 1, 1, 2), square("3", 1, 2, 0, 1), pond,
		square("EST", 0, 2, 1, 2, "encombrants", "feuilles"), square("EST", 2, 4, 1, 2, "encombrants"), square("OUEST", 0, 2, 0, 1, "encombrants"),
		{Key: "parc", Body: record.Place{}},
	})
}

func TestSector(t *testing.T) {
	t.Parallel()
	sectors := town()
	for _, c := range []struct {
		name      string
		lat, long float64
		stream    string
		want      string
		ambiguous bool
	}{
		{"inside", 45.005, -73.995, "ordures", "10", false},
		{"outside", 45.05, -73.995, "ordures", "", false},
		{"just outside", 45.005, -74.0000001, "ordures", "", false},
		{"on an edge of the town", 45.005, -74, "ordures", "10", false},
		{"on a corner of the town", 45, -74, "ordures", "10", false},
		{"on an edge between two", 45.005, -73.99, "ordures", "2", true},
		{"on a vertex of four", 45.01, -73.99, "ordures", "2", true},
		{"in a hole", 45.0145, -73.9855, "ordures", "", false},
		{"on a hole's edge", 45.014, -73.985, "ordures", "4", false},
		{"on a hole's vertex", 45.016, -73.986, "ordures", "4", false},
		{"a stream of its own", 45.005, -73.985, "feuilles", "EST", false},
		{"a stream of its own elsewhere", 45.005, -73.995, "feuilles", "10", false},
		{"two areas of one code", 45.02, -73.985, "encombrants", "EST", false},
		{"words, lowest first", 45.015, -73.99, "encombrants", "EST", true},
		{"no stream", 45.005, -73.985, "", "2", false},
		{"no point", 0, 0, "ordures", "", false},
	} {
		got, ambiguous, ok := sectors.Sector(record.Point{Lat: c.lat, Long: c.long}, c.stream)
		if got.Code != c.want || ambiguous != c.ambiguous || ok != (c.want != "") {
			t.Errorf("%s: sector %q, ambiguous %t, ok %t", c.name, got.Code, ambiguous, ok)
		}
	}
}
