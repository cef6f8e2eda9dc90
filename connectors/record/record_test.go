package record_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/record"
)

const canary = "21000-canary"

// every is one record of each kind, so that a kind that is added and not
// decoded fails here.
func every() []record.Record {
	at := time.Date(2026, 11, 24, 14, 5, 0, 0, time.UTC)
	day := record.Date{Year: 2026, Month: 12, Day: 15}
	bodies := []record.Body{
		record.Loan{Item: "33001", Title: "L'hiver", Due: day},
		record.Hold{Title: "Zoé", Status: record.HoldReady, Position: new(2)},
		record.Fee{Amount: new(record.Cents(1275)), Total: true},
		record.Block{Reason: record.BlockFines},
		record.Activity{Name: "Yoga", Start: at, Remaining: new(0), Status: record.ActivityScheduled, Schedule: []record.Schedule{{Days: []time.Weekday{time.Monday}}}},
		record.Registration{ID: "1", Status: record.RegistrationWaiting, Rank: new(3)},
		record.Unit{Matricule: "071981097640000001", Values: record.Values{Land: new(record.Cents(13600000))}},
		record.Request{ID: "26-1", Status: record.RequestOpen, Point: &record.Point{Lat: 45, Long: -73}},
		record.Service{Code: "001", Attributes: []record.Attribute{{Code: "A", Datatype: "string"}}},
		record.Place{Name: "Parc des Essais", Point: &record.Point{Lat: 45, Long: -73}, Outline: court()},
		record.Sector{Code: "3", Streams: []string{"bac-brun"}, Area: court()},
		record.Shape{Name: "rue des Essais", Category: "rue", Lines: [][]record.Point{{{Lat: 45, Long: -73}, {Lat: 45, Long: -74}}}},
		record.Collection{Stream: "bac-brun", Sector: "3", Date: day, Hours: record.Hours{OutAfter: "19:00"}},
		record.CollectionRule{Stream: "bac-brun", Days: []time.Weekday{time.Monday}, Every: 2, Anchor: day, Season: record.Season{From: "11-01", To: "04-30"}},
		record.Stream{Code: "bac-brun", Name: "Bac brun"},
		record.WateringRule{Order: 1, Days: record.DaysByDate, On31: record.On31Allowed, Windows: []record.Window{{From: "20:00", To: "23:00"}}},
		record.WateringBan{Period: record.Period{From: day}, Reason: "Bris d'aqueduc"},
		record.WateringPermit{Address: "14, rue des Essais", Period: record.Period{From: day, To: day}},
		record.Card{Number: "000123", Links: map[string][]string{"library": {"1"}}},
		record.Other{Title: "Permis", Details: []record.Detail{{Label: "a", Value: "b"}}},
	}
	records := make([]record.Record, len(bodies))
	for i, b := range bodies {
		records[i] = record.Record{Key: fmt.Sprint(i), Owner: record.NewRef(canary), Source: "s", ReadAt: at, Body: b}
	}
	return records
}

func TestRecordJSONRoundTrip(t *testing.T) {
	t.Parallel()
	for _, want := range every() {
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got record.Record
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(record.Ref{})); diff != "" {
			t.Errorf("%s changed (-want +got):\n%s", want.Body.Kind(), diff)
		}
	}
	var r record.Record
	for _, bad := range []string{`{}`, `{"kind":"ghost"}`, `{"kind":"loan","due":"soon"}`, `[]`} {
		if err := json.Unmarshal([]byte(bad), &r); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
	if _, err := json.Marshal(record.Record{Key: "1"}); err == nil {
		t.Error("a record without body was written")
	}
}

func TestRecordJSONIsFlat(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(every()[0])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"kind":"loan","key":"0","owner":"` + canary + `","source":"s","read_at":"2026-11-24T14:05:00Z","item":"33001","title":"L'hiver","due":"2026-12-15"}`
	if string(data) != want {
		t.Errorf("got  %s\nwant %s", data, want)
	}
}

func TestRefHidesItself(t *testing.T) {
	t.Parallel()
	ref := record.NewRef(canary)
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		l := slog.New(h)
		l.Info("x", "ref", ref, "records", every()[0], "nested", struct{ R record.Ref }{ref}, "pointer", &ref)
		l.Info(fmt.Sprintf("%v %+v %#v %s %q %x %d", ref, ref, ref, ref, ref, ref, ref))
	}
	marshalled, err := json.Marshal(map[string]any{"a": ref, "b": &ref})
	if err != nil {
		t.Fatal(err)
	}
	if all := log.String() + string(marshalled) + fmt.Sprint(fmt.Errorf("about %v", ref)); strings.Contains(all, "canary") || strings.Contains(all, fmt.Sprintf("%x", canary)) {
		t.Errorf("the reference shows in %s", all)
	}
	if ref.Reveal() != canary || ref.IsZero() || !(record.Ref{}).IsZero() {
		t.Error("Reveal or IsZero is wrong")
	}
}
