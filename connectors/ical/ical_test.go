package ical

import (
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/connectortest"
	"github.com/semenligne/sem/connectors/ical/icalsim"
	"github.com/semenligne/sem/connectors/record"
)

// The kit rewrites the golden file when this is set.
var _ = flag.Bool("update", false, "rewrite the golden files")

// noon is now in every test: 24 November 2026 in town.
func noon() time.Time { return time.Date(2026, 11, 24, 17, 0, 0, 0, time.UTC) }

func seed() icalsim.Seed {
	return icalsim.Seed{
		"/a.ics": {
			{Title: "Ordures, recyclage et bac brun", Start: ";VALUE=DATE:20261102", Lines: []string{"DTEND;VALUE=DATE:20261103", "RRULE:FREQ=WEEKLY;INTERVAL=4;UNTIL=20270201"}},
			{Title: "Bac brun", Description: "Sortir le bac, couvercle fermé;\nles roues vers la maison. Ce texte est assez long pour être plié sur plusieurs lignes.", Start: ";TZID=America/Toronto:20261116T070000", Lines: []string{
				"UID:brun", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;UNTIL=20270430T035959Z", "EXDATE;TZID=America/Toronto:20261228T070000", "RDATE;TZID=America/Toronto:20261229T070000",
			}},
			{Title: "Bac brun (remis)", Start: ";TZID=America/Toronto:20270112T070000", Lines: []string{"UID:brun", "RECURRENCE-ID;TZID=America/Toronto:20270111T070000"}},
			{Title: "Bac brun", Start: ";TZID=America/Toronto:20270125T070000", Lines: []string{"UID:brun", "RECURRENCE-ID;TZID=America/Toronto:20270125T070000", "STATUS:CANCELLED"}},
		},
		"/feuilles.ics": {{Title: "Feuilles d'automne", Start: ";VALUE=DATE:20261130", Lines: []string{"DTEND;VALUE=DATE:20261204"}}},
	}
}

func townSettings(addr string) *Settings {
	s := defaults()
	s.Calendars = []Calendar{{URL: "http://" + addr + "/a.ics?cle=cle-inventee", Sector: "A"}, {URL: "http://" + addr + "/feuilles.ics", Stream: "feuilles"}}
	s.Titles = []Title{{"ordures", "ordures"}, {"recycl", "recyclage"}, {"bac brun", "bac-brun"}}
	s.Split = true
	return &s
}

// TestKit holds the connector to the contract, on a day that stands still.
func TestKit(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, connectortest.Suite{
		Kind: kindAt(noon),
		Start: func() (connectortest.Fake, error) {
			server, err := icalsim.Start("127.0.0.1:0", seed())
			if err != nil {
				return connectortest.Fake{}, err
			}
			return connectortest.Fake{Addr: server.Addr(), Close: server.Close}, nil
		},
		Settings:   func(addr string) connectors.Settings { return townSettings(addr) },
		ListGolden: "testdata/list.golden.json",
		Secrets:    []string{"cle-inventee"},
		Persons:    []string{"Bac brun", "couvercle fermé", "Feuilles d'automne"},
	})
}

func list(t *testing.T, s *Settings, log *slog.Logger) ([]record.Record, error) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	source, err := kindAt(noon).Open(s, connectors.Deps{Log: log, HTTP: client})
	if err != nil {
		t.Fatal(err)
	}
	var got []record.Record
	_, err = source.List.List(t.Context(), "", func(r record.Record) error {
		got = append(got, r)
		return nil
	})
	return got, err
}

// TestContentFaults: each is a failure of the source, and none is "no
// collection".
func TestContentFaults(t *testing.T) {
	t.Parallel()
	for fault, want := range map[icalsim.Fault]error{
		icalsim.FaultError: connectors.ErrUnavailable, icalsim.FaultGone: connectors.ErrUnavailable, icalsim.FaultEmpty: connectors.ErrMalformed,
		icalsim.FaultHTML: connectors.ErrMalformed, icalsim.FaultCharset: connectors.ErrMalformed, icalsim.FaultNoEvents: connectors.ErrMalformed,
		icalsim.FaultCut: connectors.ErrMalformed, icalsim.FaultRedirect: connectors.ErrMalformed,
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			server, err := icalsim.Start("127.0.0.1:0", seed())
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			server.SetFault(fault)
			got, err := list(t, townSettings(server.Addr()), slog.New(slog.DiscardHandler))
			if len(got) > 0 || !errors.Is(err, want) || server.Calls() == 0 {
				t.Errorf("%d records, error %v, %d calls", len(got), err, server.Calls())
			}
		})
	}
}

// fromFile lists a calendar written to a file, as sector A.
func fromFile(t *testing.T, text string, change ...func(*Settings)) ([]record.Record, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "a.ics")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := defaults()
	s.Calendars = []Calendar{{File: connectors.Path(file), Stream: "s"}}
	for _, c := range change {
		c(&s)
	}
	return list(t, &s, slog.New(slog.DiscardHandler))
}

// TestUnmatchedTitles are kept and counted, without a word of them.
func TestUnmatchedTitles(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	file := filepath.Join(t.TempDir(), "a.ics")
	text := calendar("DTSTART:20261201\nSUMMARY:Ordures", "DTSTART:20261201\nSUMMARY:Sapins", "DTSTART:20261201\nSUMMARY:Encombrants")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := defaults()
	s.Calendars = []Calendar{{File: connectors.Path(file), Sector: "A"}}
	s.Titles = []Title{{"ORDURES", "ordures"}}
	got, err := list(t, &s, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, r := range got {
		keys = append(keys, r.Key)
	}
	if want := "A/ordures/2026-12-01 A/other/2026-12-01/encombrants A/other/2026-12-01/sapins"; strings.Join(keys, " ") != want {
		t.Errorf("keys %v", keys)
	}
	if !strings.Contains(log.String(), "titles=2") || strings.Contains(log.String(), "Sapins") {
		t.Errorf("log %s", log.String())
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]Settings{
		"calendars timezone charset": {},
		"calendars calendars":        {Calendars: []Calendar{{}}, Timezone: "UTC", Charset: "utf-8"},
		"calendars":                  {Calendars: []Calendar{{URL: "ftp://a.example", Stream: "s"}}, Timezone: "UTC", Charset: "utf-8"},
		"titles titles":              {Calendars: []Calendar{{URL: "webcal://a.example"}}, Titles: []Title{{Pattern: "("}}, Timezone: "UTC", Charset: "utf-8"},
		"timezone":                   {Calendars: []Calendar{{File: "a", Stream: "s"}}, Timezone: "Local", Charset: "utf-8"},
	} {
		var keys []string
		for _, p := range s.Validate() {
			keys = append(keys, p.Key)
		}
		if got := strings.Join(keys, " "); got != want {
			t.Errorf("problems with %q, want %q", got, want)
		}
	}
	s := Settings{Calendars: []Calendar{{URL: "webcal://a.example/x.ics?k=1"}, {URL: "http://b.example"}, {URL: "HTTPS://c.example:8443"}, {File: "d"}}}
	if got := strings.Join(s.Dials(), " "); got != "a.example:443 b.example:80 c.example:8443" {
		t.Errorf("Dials = %s", got)
	}
}
