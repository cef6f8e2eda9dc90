package portal

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

// calendar is the given days of bins, each "2026-11-25 stream", read just now.
func calendar(t *testing.T, b builder, days ...string) Collections {
	t.Helper()
	c := Collections{
		Read:    cache.Section{Source: "c"}.Succeeded(nil, b.now, cache.Ages{FreshFor: time.Hour, HideAfter: time.Hour}).At(b.now),
		Streams: map[string]record.Stream{"brun": {Code: "brun", Name: "Bac brun", NameEN: "Brown bin", Color: "#7a4a21"}, "bleu": {Code: "bleu", Name: "Bac bleu"}},
	}
	for _, d := range days {
		day, stream, _ := strings.Cut(d, " ")
		bin := record.Collection{Date: date(t, day), Stream: strings.TrimPrefix(stream, "!"), Cancelled: strings.HasPrefix(stream, "!"), Hours: record.Hours{OutAfter: "19:00", OutBefore: "07:00"}}
		c.Days = append(c.Days, bin)
	}
	return c
}

func TestTheBinOfTonight(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name         string
		hour, minute int // of Tuesday 24 November
		days         []string
		want         string
	}{
		{"tomorrow's", 9, 0, []string{"2026-11-25 brun", "2026-11-26 bleu"}, "Ce soir, après 19_h, sortez le bac_: Bac brun."},
		{"two at once", 9, 0, []string{"2026-11-25 bleu", "2026-11-25 brun"}, "Ce soir, après 19_h, sortez le bac_: Bac bleu, Bac brun."},
		{"today's before the truck", 6, 40, []string{"2026-11-24 brun", "2026-11-25 bleu"}, "Aujourd’hui, collecte_: Bac brun."},
		{"today's counts until 18 h", 17, 59, []string{"2026-11-24 brun", "2026-11-25 bleu"}, "Aujourd’hui, collecte_: Bac brun."},
		{"then it is tomorrow's", 18, 0, []string{"2026-11-24 brun", "2026-11-25 bleu"}, "Ce soir, après 19_h, sortez le bac_: Bac bleu."},
		{"then nothing for a while", 18, 0, []string{"2026-11-24 brun", "2026-11-26 bleu"}, ""},
		{"called off", 9, 0, []string{"2026-11-25 !brun"}, ""},
		{"nothing announced", 9, 0, nil, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := at(t, tc.hour, tc.minute)
			got := ""
			for _, u := range b.todoBins([]Collections{calendar(t, b, tc.days...)}) {
				got += u.Text
			}
			if got != unbreak(tc.want) {
				t.Errorf("%q, want %q", got, unbreak(tc.want))
			}
		})
	}
	b := at(t, 9, 0)
	unknown := calendar(t, b, "2026-11-25 brun")
	unknown.Why = IgnoranceNoSector
	if got := b.todoBins([]Collections{unknown}); got != nil {
		t.Errorf("an unknown sector says %v", got)
	}
}

func TestCollectionsCard(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	water := Watering{Devices: []DeviceWatering{{Device: record.DeviceHand, State: WateringAllowed, Why: WateringRule, Until: b.now.Add(2 * time.Hour)}}}
	card := b.collectionsCard([]Collections{calendar(t, b, "2026-11-27 brun", "2026-11-30 bleu")}, []Watering{water})
	got := []string{card.Headline, card.Sub}
	for _, r := range card.Rows {
		got = append(got, r.Title+" · "+strings.Join(r.Detail, " · "))
	}
	want := []string{unbreak("Vendredi 27_novembre"), "Bac brun", unbreak("Bac bleu · Lundi 30_novembre"), unbreak("Arrosage à la main · Permis jusqu’à 11_h")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("card (-want +got)\n%s", diff)
	}
	for _, why := range []Ignorance{IgnoranceUnread, IgnoranceUnpublished, IgnoranceNoProperty, IgnoranceNoSector} {
		card := b.collectionsCard([]Collections{{Why: why}}, []Watering{{Why: why}})
		if len(card.Unknown) != 2 || card.Headline != "" || strings.Contains(strings.Join(card.Unknown, ""), "⟦") {
			t.Errorf("%s: %q, headline %q", why, card.Unknown, card.Headline)
		}
		if s := b.watering([]Watering{{Why: why}}); len(s.Unknown) != 2 || len(s.Groups) != 0 {
			t.Errorf("%s: watering says %v", why, s)
		}
	}
}

func TestEightWeeks(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	if s := b.eightWeeks(); s.first != november(24) || s.last.String() != "2027-01-16" {
		t.Errorf("%s to %s", s.first, s.last)
	}
	page := b.collectionsWeeks([]Collections{calendar(t, b, "2026-11-25 brun", "2026-11-26 bleu", "2026-12-02 brun")})
	part := page.Parts[0]
	var got []string
	for _, w := range part.Weeks {
		for _, d := range w.Days {
			got = append(got, fmt.Sprintf("%s / %s / %s %s", w.Title, d.Title, d.Bins[0].Name, d.Near))
		}
	}
	want := []string{
		unbreak("Semaine du 22_novembre / Mercredi 25_novembre / Bac brun Demain"), unbreak("Semaine du 22_novembre / Jeudi 26_novembre / Bac bleu "),
		unbreak("Semaine du 29_novembre / Mercredi 2_décembre / Bac brun "),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("weeks (-want +got)\n%s", diff)
	}
	if part.Next == nil || part.Next.Title != unbreak("Mercredi 25_novembre") || len(page.Streams) != 2 {
		t.Errorf("next %+v, %d streams", part.Next, len(page.Streams))
	}
}

// TestYearHasEveryDayOnce counts the days and the bins of a year of 365 and one
// of 366.
func TestYearHasEveryDayOnce(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	for year, days := range map[int]int{2026: 365, 2028: 366} {
		first, last := fmt.Sprint(year, "-01-01"), fmt.Sprint(year, "-12-31")
		page := b.year(year, calendar(t, b, strings.ReplaceAll(first, " ", "")+" brun", strings.ReplaceAll(last, " ", "")+" bleu"))
		count, bins := 0, 0
		for _, m := range page.Months {
			for _, w := range m.Weeks {
				if len(w) != 7 {
					t.Errorf("%d %s: a week of %d", year, m.Title, len(w))
				}
				for _, d := range w {
					bins += len(d.Bins)
					if d.Number != "" {
						count++
					}
				}
			}
		}
		if len(page.Months) != 12 || count != days || bins != 2 {
			t.Errorf("%d: %d months, %d days, %d bins", year, len(page.Months), count, bins)
		}
	}
}

func TestMovedDaysAreSaid(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	c := calendar(t, b, "2026-12-28 brun")
	c.Days[0].MovedFrom = date(t, "2026-12-24")
	page := b.year(2026, c)
	if diff := cmp.Diff([]string{unbreak("Bac brun_: le 24_décembre passe au lundi 28_décembre.")}, page.Moved); diff != "" {
		t.Errorf("moved (-want +got)\n%s", diff)
	}
	if note := b.collectionsWeeks([]Collections{c}).Parts[0].Next.Bins[0].Note; note != unbreak("Déplacée_: prévue d’abord le jeudi 24_décembre") {
		t.Errorf("note %q", note)
	}
}

func TestMayIWater(t *testing.T) {
	t.Parallel()
	b := at(t, 20, 30)
	hour := func(day, h int) time.Time { return time.Date(2026, time.November, day, h, 0, 0, 0, b.zone) }
	for _, tc := range []struct {
		name string
		d    DeviceWatering
		want string
	}{
		{"now", DeviceWatering{State: WateringAllowed, Why: WateringRule, From: hour(24, 20), Until: hour(24, 23)}, "ready Oui; Permis jusqu’à 23_h; Selon le règlement sur l’arrosage"},
		{"by a permit, until tomorrow", DeviceWatering{State: WateringAllowed, Why: WateringPermit, Until: hour(25, 8)}, "ready Oui; Permis jusqu’au 25_novembre, 8_h; Selon votre permis"},
		{"until a midnight", DeviceWatering{State: WateringAllowed, Why: WateringRule, Until: time.Date(2027, time.May, 1, 0, 0, 0, 0, b.zone)}, "ready Oui; Permis jusqu’au 30_avril 2027 inclus; Selon le règlement sur l’arrosage"},
		{"without an end", DeviceWatering{State: WateringAllowed, Why: WateringRule}, "ready Oui; Selon le règlement sur l’arrosage"},
		{"later", DeviceWatering{State: WateringLater, Why: WateringRule, From: hour(26, 20), Until: hour(26, 23)}, "soon Non; Prochaine fois_: le jeudi 26_novembre, de 20_h à 23_h; Selon le règlement sur l’arrosage"},
		{"over midnight", DeviceWatering{State: WateringLater, Why: WateringRule, From: hour(24, 23), Until: hour(25, 2)}, "soon Non; Prochaine fois_: aujourd’hui, de 23_h à 2_h; Selon le règlement sur l’arrosage"},
		{"banned", DeviceWatering{State: WateringForbidden, Why: WateringBan}, "late Non; Une interdiction est en vigueur"},
		{"banned until a day", DeviceWatering{State: WateringForbidden, Why: WateringBan, From: hour(25, 20)}, "late Non; Prochaine fois_: demain, dès 20_h; Une interdiction est en vigueur"},
		{"no civic number", DeviceWatering{State: WateringUnknown, Why: WateringNoNumber}, "quiet On ne sait pas; Votre adresse n’a pas de numéro civique que nous connaissons"},
		{"no sector", DeviceWatering{State: WateringUnknown, Why: WateringNoSector}, "quiet On ne sait pas; Nous ne savons pas dans quel secteur est votre adresse"},
		{"no rule", DeviceWatering{State: WateringUnknown, Why: WateringNoRule}, "quiet On ne sait pas; Aucune règle connue n’en parle; informez-vous auprès de la Ville"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.d.Device = record.DeviceHand
			row := b.wateringRow(tc.d)
			got := string(row.Badge.Tone) + " " + row.Badge.Word + "; " + strings.Join(row.Detail, "; ")
			if got != unbreak(tc.want) {
				t.Errorf("%q, want %q", got, unbreak(tc.want))
			}
		})
	}
	for _, d := range record.Devices() {
		if title := b.wateringRow(DeviceWatering{Device: d, State: WateringUnknown, Why: WateringNoRule}).Title; strings.Contains(title, "⟦") {
			t.Errorf("%s has no name", d)
		}
	}
}

func TestChipIsReadable(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	for _, tc := range []struct {
		stream record.Stream
		want   *views.Chip
	}{
		{record.Stream{}, nil},
		{record.Stream{Code: "x", Letter: "B", Color: "#ffffff"}, &views.Chip{Letter: "B", Color: "#ffffff", Ink: "#000000"}},
		{record.Stream{Code: "x", Name: "éco", Color: "#000000"}, &views.Chip{Letter: "É", Color: "#000000", Ink: "#ffffff"}},
		{record.Stream{Code: "x", Color: "brown"}, &views.Chip{Letter: "X"}},
		{record.Stream{Code: "x", Color: `#fff"/><`}, &views.Chip{Letter: "X"}},
	} {
		if diff := cmp.Diff(tc.want, b.chip(tc.stream)); diff != "" {
			t.Errorf("%+v (-want +got)\n%s", tc.stream, diff)
		}
	}
}

// TestCalendarThatEnds says, on the weeks and on the year, from when on nothing
// is known.
func TestCalendarThatEnds(t *testing.T) {
	t.Parallel()
	b := at(t, 9, 0)
	c := calendar(t, b, "2026-11-25 brun")
	if weeks, year := b.collectionsWeeks([]Collections{c}).Parts[0], b.year(2026, c); weeks.Ends+year.Ends != "" {
		t.Errorf("without end: %q, %q", weeks.Ends, year.Ends)
	}
	c.Ends = date(t, "2026-11-25")
	want := unbreak("Les dates publiées s’arrêtent au 25_novembre 2026. La suite n’est pas encore connue.")
	if weeks, year := b.collectionsWeeks([]Collections{c}).Parts[0], b.year(2026, c); weeks.Ends != want || year.Ends != want {
		t.Errorf("%q, %q, want %q", weeks.Ends, year.Ends, want)
	}
	c.Why = IgnoranceNoSector
	if weeks, year := b.collectionsWeeks([]Collections{c}).Parts[0], b.year(2026, c); weeks.Ends+year.Ends != "" {
		t.Errorf("of an unknown one: %q, %q", weeks.Ends, year.Ends)
	}
}
