package portal_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal"
	"github.com/semenligne/sem/portal/portaltest"
)

// bins answers with a calendar of a test's own.
type bins struct {
	portaltest.Calendar
	answers []portal.Collections
}

func (b bins) Collections(context.Context, record.Citizen, record.Date, record.Date) ([]portal.Collections, error) {
	return b.answers, nil
}

func readAt(at time.Time) cache.View {
	return cache.Section{Source: "collectes"}.Succeeded(nil, at, cache.Ages{FreshFor: time.Hour, HideAfter: 48 * time.Hour}).At(at)
}

// lines are the values of one property in a calendar, one an event.
func lines(text, name string) []string {
	var list []string
	for l := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n ", ""), "\r\n") {
		if value, ok := strings.CutPrefix(l, name+":"); ok {
			list = append(list, value)
		}
	}
	return list
}

func TestCollectionsAsACalendar(t *testing.T) {
	t.Parallel()
	on := func(stream string, d int) record.Collection {
		return record.Collection{Stream: stream, Date: record.Date{Year: 2026, Month: time.December, Day: d}}
	}
	moved, off, long := on("ordures", 28), on("recyclage", 30), on("feuilles", 1)
	moved.MovedFrom, off.Cancelled, long.EndDate = on("", 25).Date, true, on("", 4).Date
	long.Name = "Feuilles"
	back := on("recyclage", 31)
	back.MovedFrom = off.Date // that day has an event of its own already
	answer := portal.Collections{
		Read: readAt(portaltest.Now().Add(-time.Minute)), Address: "14, rue des Érables", Sector: "3",
		Days: []record.Collection{long, moved, off, back}, Streams: portaltest.Streams(),
	}
	_, p := open(t, func(h *portaltest.House) { h.Options.Schedules = bins{answers: []portal.Collections{answer}} })
	b := visit(t, p)
	b.signIn(portaltest.Family)
	got := b.get("/collectes/agenda.ics")
	if got.Header.Get("Content-Type") != "text/calendar; charset=utf-8" || got.Header.Get("Content-Disposition") != `attachment; filename="collectes.ics"` {
		t.Errorf("headers %v", got.Header)
	}
	if diff := cmp.Diff([]string{
		"20261201 Collecte\u00a0: Feuilles CONFIRMED", "20261228 Collecte\u00a0: Ordures ménagères CONFIRMED", "20261230 Collecte\u00a0: Matières recyclables CANCELLED",
		"20261231 Collecte\u00a0: Matières recyclables CONFIRMED", "20261225 Collecte\u00a0: Ordures ménagères CANCELLED",
	}, events(got.text)); diff != "" {
		t.Errorf("events (-want +got)\n%s", diff)
	}
	if uids := lines(got.text, "UID"); len(slices.Compact(slices.Sorted(slices.Values(uids)))) != len(uids) {
		t.Errorf("one UID twice: %v", uids)
	}
	for _, private := range []string{"rue des", "14,", "Maude"} {
		if strings.Contains(got.text, private) {
			t.Errorf("the file says %q", private)
		}
	}
}

// A calendar has collections when its owner ticked the box, and keeps the words.
func TestCollectionsInASubscription(t *testing.T) {
	t.Parallel()
	h, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Family)
	made := func(form ...string) string {
		t.Helper()
		address := b.post("/calendriers", append([]string{"qui", "moi", "langue", "fr"}, form...)...).html.Find("#adresse").AttrOr("value", "")
		return b.get(strings.TrimPrefix(address, portaltest.BaseURL)).text
	}
	if without := made(); strings.Contains(without, "Collecte") {
		t.Error("collections that nobody asked for")
	}
	with := made("collectes", "oui")
	if !strings.Contains(with, "Collecte") || !strings.Contains(with, "rendre") {
		t.Errorf("events %q", events(with))
	}
	all, err := h.Dossier.Calendars(t.Context(), citizen(t, h, portaltest.Family))
	if err != nil || len(all) != 2 {
		t.Fatalf("%d calendars, %v", len(all), err)
	}
	for _, c := range all {
		if said := strings.Contains(c.Wording, "jours de collecte à mon adresse"); said != c.Collections {
			t.Errorf("collections %v, wording %q", c.Collections, c.Wording)
		}
	}
}

// TestSequenceOutlivesTheCache: a cache that is lost counts its versions from
// one again; the events do not.
func TestSequenceOutlivesTheCache(t *testing.T) {
	t.Parallel()
	at := portaltest.Now()
	highest := func(read time.Time, version uint64) string {
		t.Helper()
		_, p := open(t, func(h *portaltest.House) {
			s := cache.Section{Source: "bibliotheque"}
			for range version {
				s = s.Succeeded(portaltest.Loans(), read, cache.Ages{FreshFor: time.Hour, HideAfter: 48 * time.Hour})
			}
			if err := h.Cache.Put(t.Context(), citizen(t, h, portaltest.Empty), s); err != nil {
				t.Fatal(err)
			}
		})
		b := visit(t, p)
		b.signIn(portaltest.Empty)
		got := lines(b.get("/calendriers/agenda.ics").text, "SEQUENCE")
		if len(got) == 0 {
			t.Fatal("no event")
		}
		return slices.MaxFunc(got, func(x, y string) int { return len(x) - len(y) + strings.Compare(x, y) })
	}
	before, after := highest(at.Add(-3*time.Minute), 5), highest(at, 1)
	if before != "3628507" || after != "3628510" {
		t.Errorf("before %s, after %s", before, after)
	}
}

// TestTwoPropertiesInCalendars: the file that one downloads has the addresses; an
// address that anybody may know of does not, and neither hides what is unknown.
func TestTwoPropertiesInCalendars(t *testing.T) {
	t.Parallel()
	first, second := portal.Collections{Read: readAt(portaltest.Now()), Address: "14, rue des Érables", Sector: "3", Streams: portaltest.Streams()}, portal.Collections{}
	first.Days = []record.Collection{{Stream: "brun", Date: record.Date{Year: 2026, Month: time.December, Day: 1}}}
	second.Read, second.Address, second.Why = first.Read, "208, chemin du Rang-Vert", portal.IgnoranceNoSector
	_, p := open(t, func(h *portaltest.House) { h.Options.Schedules = bins{answers: []portal.Collections{first, second}} })
	b := visit(t, p)
	b.signIn(portaltest.Empty)
	const bin, unknown = "20261201 Collecte\u00a0: Matières organiques", "20261124 Collectes et arrosage\u00a0: non consulté\\, cet agenda peut être incomplet"
	named := events(b.get("/collectes/agenda.ics").text)
	if diff := cmp.Diff([]string{bin + " (14\\, rue des Érables) CONFIRMED", unknown + " (208\\, chemin du Rang-Vert) CONFIRMED"}, named); diff != "" {
		t.Errorf("downloaded (-want +got)\n%s", diff)
	}
	address := b.post("/calendriers", "qui", "moi", "langue", "fr", "collectes", "oui").html.Find("#adresse").AttrOr("value", "")
	subscribed := b.get(strings.TrimPrefix(address, portaltest.BaseURL)).text
	if diff := cmp.Diff([]string{bin + " (secteur 3) CONFIRMED", unknown + " (adresse 2) CONFIRMED"}, events(subscribed)); diff != "" || strings.Contains(subscribed, "Rang-Vert") {
		t.Errorf("subscribed (-want +got)\n%s", diff)
	}
}
