package agenda

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zone of the town, wherever this runs
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/record"
)

func toronto(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// hostile is a calendar over two changes of the clocks, with texts that try to
// break out of their line.
func hostile(t testing.TB) Calendar {
	zone := toronto(t)
	at := func(s string) time.Time {
		instant, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return instant
	}
	return Calendar{
		Name: "Agenda – Ville d’ici, de là; et d’ailleurs", Language: "fr-CA",
		Stamp: at("2026-11-24T19:10:00Z"), Zone: zone, Refresh: 6 * time.Hour,
		Events: []Event{
			{UID: "night", Sequence: 3, Start: at("2026-11-01T02:00:00Z"), End: at("2026-11-01T05:30:00Z"), Summary: "Nuit des contes", Location: "Bibliothèque; salle 2, étage"},
			{UID: "second", Start: at("2026-11-01T06:15:00Z"), End: at("2026-11-01T07:15:00Z"), Summary: "Après le changement d’heure"},
			{UID: "due", Day: record.Date{Year: 2026, Month: 11, Day: 27}, Summary: strings.Repeat("Très long titre où l’on revient à la ligne, ", 8) + "fin"},
			{UID: "summer", Start: at("2026-07-07T22:30:00Z"), End: at("2026-07-07T23:25:00Z"), Summary: "Natation", Location: "Piscine", Cancelled: true},
			{
				UID: "hostile", Start: at("2027-03-14T14:00:00Z"), End: at("2027-03-14T15:00:00Z"), Tentative: true,
				Summary: "A\r\nEND:VEVENT\rEND:VCALENDAR\nBEGIN:VEVENT\u2028SUMMARY:B; C, D\\ \"E\"\x00\x1b\u202e\ufeff",
			},
		},
	}
}

func TestEncode(t *testing.T) {
	t.Parallel()
	c := hostile(t)
	c.Events = c.Events[2:3]
	c.Events[0].Summary, c.Events[0].Description, c.Events[0].Category = "2 prêts à rendre", "En date du 24 novembre, 14 h 05.\nUn titre", "library"
	want := strings.ReplaceAll(`BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//SEM en ligne//Portail citoyen//FR
CALSCALE:GREGORIAN
METHOD:PUBLISH
NAME;LANGUAGE=fr-CA:Agenda – Ville d’ici\, de là\; et d’ailleurs
X-WR-CALNAME:Agenda – Ville d’ici\, de là\; et d’ailleurs
X-WR-TIMEZONE:America/Toronto
REFRESH-INTERVAL;VALUE=DURATION:PT360M
X-PUBLISHED-TTL:PT360M
BEGIN:VEVENT
UID:due
DTSTAMP:20261124T191000Z
SEQUENCE:0
DTSTART;VALUE=DATE:20261127
DTEND;VALUE=DATE:20261128
TRANSP:TRANSPARENT
SUMMARY;LANGUAGE=fr-CA:2 prêts à rendre
DESCRIPTION;LANGUAGE=fr-CA:En date du 24 novembre\, 14 h 05.\nUn titre
CATEGORIES:library
STATUS:CONFIRMED
CLASS:PRIVATE
END:VEVENT
END:VCALENDAR
`, "\n", "\r\n")
	if diff := cmp.Diff(want, string(c.Encode())); diff != "" {
		t.Errorf("calendar (-want +got)\n%s", diff)
	}
}

// TestZone follows the clocks of a town over a winter, and of one that has none
// to change.
func TestZone(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		zone string
		want []string
	}{
		{"America/Toronto", []string{
			"STANDARD 20251102T020000 -0400 -0500", "DAYLIGHT 20260308T020000 -0500 -0400",
			"STANDARD 20261101T020000 -0400 -0500", "DAYLIGHT 20270314T020000 -0500 -0400", "STANDARD 20271107T020000 -0400 -0500",
		}},
		{"America/Blanc-Sablon", []string{"STANDARD 19450930T020000 -0300 -0400"}},
	} {
		zone, err := time.LoadLocation(tc.zone)
		if err != nil {
			t.Fatal(err)
		}
		var w writer
		w.zone(zone, time.Date(2026, 11, 24, 0, 0, 0, 0, zone), time.Date(2026, 12, 24, 0, 0, 0, 0, zone))
		var got []string
		for _, part := range strings.Split(w.String(), "BEGIN:")[2:] {
			f := strings.Split(part, "\r\n")
			value := func(i int) string { _, v, _ := strings.Cut(f[i], ":"); return v }
			got = append(got, f[0]+" "+value(1)+" "+value(2)+" "+value(3))
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tc.zone, diff)
		}
	}
}

// FuzzText holds any text to its one property: lines of 75 octets at most, whole
// characters, and no line that the text made up.
func FuzzText(f *testing.F) {
	for _, e := range hostile(f).Events {
		f.Add(e.Summary)
	}
	f.Add(strings.Repeat("é", 200))
	f.Add("\xff\xfe\\,;\r\r\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		c := Calendar{Zone: time.UTC, Language: "fr-CA", Events: []Event{{UID: "u", Day: record.Date{Year: 2026, Month: 1, Day: 1}, Summary: text}}}
		all := string(c.Encode())
		if strings.ContainsAny(strings.ReplaceAll(all, "\r\n", ""), "\r\n") || !utf8.ValidString(all) {
			t.Fatal("a bare line end, or bytes that are no text")
		}
		for line := range strings.SplitSeq(all, "\r\n") {
			if len(line) > longest || !utf8.ValidString(line) {
				t.Fatalf("line of %d octets, or a character cut in two", len(line))
			}
		}
		unfolded := strings.Split(strings.ReplaceAll(all, "\r\n ", ""), "\r\n")
		if len(unfolded) != len(strings.Split(string(Calendar{Zone: time.UTC, Language: "fr-CA", Events: []Event{{UID: "u", Day: record.Date{Year: 2026, Month: 1, Day: 1}}}}.Encode()), "\r\n")) {
			t.Fatal("the text made a line of its own")
		}
	})
}
