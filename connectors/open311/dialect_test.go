package open311_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/open311"
	"github.com/semenligne/sem/connectors/open311/open311sim"
	"github.com/semenligne/sem/connectors/record"
)

// book loads a golden file: what a dialect must come down to.
func book(t *testing.T, name string) []record.Record {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name + ".golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var records []record.Record
	if err := json.Unmarshal(data, &records); err != nil {
		t.Fatal(err)
	}
	return records
}

// each edits the requests of the golden file where a dialect says less or more.
func each(edit func(*record.Request)) func([]record.Record) {
	return func(records []record.Record) {
		for i := range records {
			r := records[i].Body.(record.Request)
			edit(&r)
			records[i].Body = r
		}
	}
}

// TestDialects: each row of the list of quirks, in both formats.
func TestDialects(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		dialect  open311sim.Dialect
		change   func(*open311.Settings)
		requests func([]record.Record)
		services func([]record.Record)
	}{
		"1 booleans as strings":     {dialect: open311sim.Dialect{StringBooleans: true}},
		"2 ids as numbers":          {dialect: open311sim.Dialect{NumericIDs: true}},
		"4 wrapper kept":            {dialect: open311sim.Dialect{KeepWrapper: true}},
		"5 bare object":             {dialect: open311sim.Dialect{BareSingle: true}},
		"5 converted from XML":      {dialect: open311sim.Dialect{FromXML: true}},
		"5 converted, wrapper kept": {dialect: open311sim.Dialect{FromXML: true, StringBooleans: true, TextPositions: true}},
		"6 empty strings":           {dialect: open311sim.Dialect{Absent: "empty"}},
		"6 left out":                {dialect: open311sim.Dialect{Absent: "omit"}},
		"7 positions 0,0":           {dialect: open311sim.Dialect{ZeroPositions: true}},
		"7 single precision":        {dialect: open311sim.Dialect{Float32: true}},
		"7 positions as strings":    {dialect: open311sim.Dialect{TextPositions: true}},
		"8 other order":             {dialect: open311sim.Dialect{LongFirst: true}},
		"9 several photos": {dialect: open311sim.Dialect{MediaList: true}, requests: each(func(r *record.Request) {
			if len(r.Photos) > 0 {
				r.Photos = append(r.Photos, "https://photos.example/2.jpg")
			}
		})},
		"10 agency object, more fields": {dialect: open311sim.Dialect{AgencyObject: true}},
		"11 unreadable dates": {dialect: open311sim.Dialect{BadDates: true}, requests: each(func(r *record.Request) {
			r.Sent, r.Updated, r.Expected = time.Time{}, time.Time{}, time.Time{}
		})},
		"12 XML attributes": {dialect: open311sim.Dialect{XMLAttributes: true}},
		"13 dates in UTC":   {dialect: open311sim.Dialect{Dates: "z"}},
		"13 no zone":        {dialect: open311sim.Dialect{Dates: "nozone"}},
		"13 no zone nor T":  {dialect: open311sim.Dialect{Dates: "spaced"}},
		"15 no questions": {dialect: open311sim.Dialect{NoQuestions: true}, services: func(records []record.Record) {
			s := records[0].Body.(record.Service)
			s.Attributes = nil
			records[0].Body = s
		}},
		"19 trailing spaces": {dialect: open311sim.Dialect{TrailingSpaces: true}},
		"20 markup":          {dialect: open311sim.Dialect{HTMLText: true}},
		"notes": {dialect: open311sim.Dialect{Notes: true}, change: func(s *open311.Settings) { s.Extensions = true }, requests: each(func(r *record.Request) {
			if r.ID == "26-004417" {
				r.History = []record.RequestEvent{
					{At: r.Sent, Status: "opened", Note: "Requête reçue"},
					{At: r.Updated, Status: "in_progress", Note: "Équipe avisée"},
				}
			}
		})},
		"link": {change: func(s *open311.Settings) { s.RequestLink = "https://ville.example/suivi/{id}" }, requests: each(func(r *record.Request) {
			r.Link = "https://ville.example/suivi/" + r.ID
		})},
	} {
		for _, format := range []string{"json", "xml"} {
			t.Run(name+" "+format, func(t *testing.T) {
				t.Parallel()
				seed := town()
				seed.Dialect = c.dialect
				_, source := start(t, seed, func(s *open311.Settings) {
					s.Format = format
					if c.change != nil {
						c.change(s)
					}
				})
				compare(t, "find", c.requests, func() ([]record.Record, error) { return find(t.Context(), source, allIDs) })
				compare(t, "services", c.services, func() ([]record.Record, error) { return list(t.Context(), source) })
				if one, err := find(t.Context(), source, "ids:1002"); err != nil || len(one) != 1 {
					t.Errorf("one request: %d records, error %v", len(one), err)
				}
			})
		}
	}
}

func compare(t *testing.T, name string, edit func([]record.Record), read func() ([]record.Record, error)) {
	t.Helper()
	got, err := read()
	if err != nil {
		t.Fatal(name, err)
	}
	want := book(t, name)
	if edit != nil {
		edit(want)
	}
	options := cmp.Options{cmpopts.EquateApprox(0, 1e-5), cmp.Comparer(func(a, b record.Ref) bool { return a == b })}
	if d := cmp.Diff(want, got, options); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

// TestLeadingZeros: row 3 is no JSON, and the error says what to do.
func TestLeadingZeros(t *testing.T) {
	t.Parallel()
	seed := town()
	seed.Dialect.LeadingZeros = true
	_, source := start(t, seed, nil)
	got, err := list(t.Context(), source)
	if !errors.Is(err, connectors.ErrMalformed) || len(got) > 0 || !strings.Contains(err.Error(), "set format to xml") {
		t.Errorf("%d records, error %v", len(got), err)
	}
	_, source = start(t, seed, func(s *open311.Settings) { s.Format = "xml" })
	compare(t, "services", nil, func() ([]record.Record, error) { return list(t.Context(), source) })
}

// TestUpdates: FixMyStreet's list, of which only the person's own is kept.
func TestUpdates(t *testing.T) {
	t.Parallel()
	seed := recent(3, open311sim.Dialect{Updates: true})
	at := time.Now().Add(-48 * time.Hour).Truncate(time.Second).UTC()
	for i := range seed.Requests {
		seed.Requests[i].Notes = []open311sim.Note{{At: at, Type: "investigating", Description: "Note " + seed.Requests[i].ID}}
	}
	_, source := start(t, seed, func(s *open311.Settings) { s.Updates = connectors.Duration(30 * 24 * time.Hour) })
	got, err := find(t.Context(), source, "ids:1")
	if err != nil {
		t.Fatal(err)
	}
	want := []record.RequestEvent{{At: at, Status: "INVESTIGATING", Note: "Note 1"}}
	if d := cmp.Diff(want, got[0].Body.(record.Request).History); d != "" {
		t.Error(d)
	}
}
