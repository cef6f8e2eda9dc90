package portal_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal"
	"github.com/semenligne/sem/portal/portaltest"
)

// afternoon is a town's calendar in which things change between 14:10 and 14:30:
// a collection that is over at 14:18, and watering allowed from 14:15 to 14:22.
type afternoon struct{ portaltest.Calendar }

func onClock(hour, minute int) time.Time {
	return time.Date(2026, time.November, 24, hour+5, minute, 0, 0, time.UTC)
}

func (a afternoon) Collections(ctx context.Context, citizen record.Citizen, from, to record.Date) ([]portal.Collections, error) {
	list, err := a.Calendar.Collections(ctx, citizen, from, to)
	today := record.Collection{Date: from, Stream: "recyclage", Hours: record.Hours{Until: "14:18"}}
	list[0].Days = append([]record.Collection{today}, list[0].Days...)
	return list, err
}

func (a afternoon) Watering(ctx context.Context, citizen record.Citizen, now time.Time) ([]portal.Watering, error) {
	list, err := a.Calendar.Watering(ctx, citizen, now)
	hand := portal.DeviceWatering{Device: record.DeviceHand, State: portal.WateringLater, Why: portal.WateringRule, From: onClock(14, 15), Until: onClock(14, 22)}
	switch {
	case !now.Before(hand.Until):
		hand.State, hand.From, hand.Until = portal.WateringForbidden, time.Time{}, time.Time{}
	case !now.Before(hand.From):
		hand.State = portal.WateringAllowed
	}
	list[0].Devices = []portal.DeviceWatering{hand}
	return list, err
}

// openPage is a page that is open: at each event of its stream it asks for itself
// again, as the script does, and keeps what it then shows.
type openPage struct {
	recording
	ask  func() string
	seen *[]string
}

func (o openPage) Write(b []byte) (int, error) {
	if strings.Contains(string(b), "event: changed") {
		*o.seen = append(*o.seen, o.ask())
	}
	return len(b), nil
}

// TestAnOpenPageMovesWithTheClock has a page open while nothing is read and
// nobody does anything: it is told at the instant at which the clock alone
// changes what it shows, and then shows it.
func TestAnOpenPageMovesWithTheClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		now := func() time.Time { return portaltest.Now().Add(time.Since(started)) }
		h, p := open(t, func(h *portaltest.House) {
			h.Options.Now = now
			h.Options.Schedules = afternoon{}
		})
		// A class begins at 14:25, and what was read of the library is fresh until
		// 14:28 only.
		citizen, err := h.Dossier.ByCard(t.Context(), portaltest.Empty.Card)
		if err != nil {
			t.Fatal(err)
		}
		class := record.Record{Key: "c", Body: record.Registration{ID: "c", Name: "Yoga", Status: record.RegistrationConfirmed, Start: onClock(14, 25)}}
		for _, section := range []cache.Section{
			cache.Section{Source: "loisirs"}.Succeeded([]record.Record{class}, onClock(14, 5), cache.Ages{FreshFor: 2 * time.Hour, HideAfter: 24 * time.Hour}),
			cache.Section{Source: "bibliotheque"}.Succeeded(nil, onClock(14, 5), cache.Ages{FreshFor: 23 * time.Minute, HideAfter: 24 * time.Hour}),
		} {
			if err := h.Cache.Put(t.Context(), citizen, section); err != nil {
				t.Fatal(err)
			}
		}
		cookies := enter(t, p, portaltest.Empty)
		request := func(path string) *http.Request {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.AddCookie(cookies[0])
			r.Header.Set("Sem-Background", "1")
			return r
		}
		var got []string
		page := openPage{recording{http.Header{}, nil}, func() string {
			rec := httptest.NewRecorder()
			p.Handler().ServeHTTP(rec, request("/"))
			doc, err := goquery.NewDocumentFromReader(rec.Body)
			if err != nil {
				t.Error(err)
				return ""
			}
			bin := strings.Contains(doc.Find("#a-faire").Text(), "Aujourd’hui, collecte")
			class := strings.Contains(doc.Find("#a-faire").Text(), "Yoga")
			return strings.Join([]string{
				now().In(h.Options.Town.Zone).Format("15:04:05"),
				"arroser " + strings.TrimSpace(doc.Find("#section-collectes .badge").Text()),
				map[bool]string{true: "collecte", false: "-"}[bin], map[bool]string{true: "yoga", false: "-"}[class],
				doc.Find("#section-bibliotheque").AttrOr("data-state", ""),
			}, " ")
		}, &got}
		p.Handler().ServeHTTP(page, request("/api/v1/events")) // until the session ends, at 14:30
		want := []string{
			"14:10:00 arroser Non collecte yoga fresh",
			"14:15:00 arroser Oui collecte yoga fresh",
			"14:18:00 arroser Oui - yoga fresh",
			"14:22:00 arroser Non - yoga fresh",
			"14:25:00 arroser Non - - fresh",
			"14:28:00 arroser Non - - stale",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the page (-want +got)\n%s", diff)
		}
	})
}
