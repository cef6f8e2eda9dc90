package portal_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/portaltest"
)

// events are what a calendar says, one line an event, in its own order.
func events(text string) []string {
	var list []string
	for _, part := range strings.Split(strings.ReplaceAll(text, "\r\n ", ""), "BEGIN:VEVENT\r\n")[1:] {
		line := map[string]string{}
		for l := range strings.SplitSeq(part, "\r\n") {
			name, value, _ := strings.Cut(l, ":")
			name, _, _ = strings.Cut(name, ";")
			line[name] = value
		}
		list = append(list, line["DTSTART"]+" "+line["SUMMARY"]+" "+line["STATUS"])
	}
	return list
}

func uids(text string) []string {
	var list []string
	for l := range strings.SplitSeq(text, "\r\n") {
		if uid, ok := strings.CutPrefix(l, "UID:"); ok {
			list = append(list, uid)
		}
	}
	return list
}

func TestNoCalendarUntilOneIsAskedFor(t *testing.T) {
	t.Parallel()
	h, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Family)
	b.get("/")
	if got := b.get("/calendriers"); got.html.Find("input[name=agenda]").Length() != 0 {
		t.Error("there is a calendar already")
	}
	if all, err := h.Dossier.Calendars(t.Context(), citizen(t, h, portaltest.Family)); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}

// A subscription says when and what, never who or which book, to whoever has
// its address, until it is ended.
func TestSubscription(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	registry := prometheus.NewRegistry()
	_, p := open(t, settled(t), func(h *portaltest.House) {
		h.Options.Log, h.Options.Registerer = slog.New(slog.NewTextHandler(&logged, nil)), registry
	})
	b, program := visit(t, p), visit(t, p)
	b.signIn(portaltest.Busy)
	path := b.newCalendar("famille")
	token := strings.TrimSuffix(strings.TrimPrefix(path, "/agenda/"), ".ics")
	if len(token) != 43 {
		t.Errorf("token of %d characters, want 43 for 256 bits", len(token))
	}
	if got := b.get("/calendriers"); strings.Contains(got.text, token) || !strings.Contains(got.text, "Jamais consulté.") {
		t.Error("the address is shown again, or the calendar counts as used")
	}
	got := program.get(path)
	for name, want := range map[string]string{
		"Content-Type": "text/calendar; charset=utf-8", "Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Set-Cookie": "", "Content-Disposition": "",
	} {
		if v := got.Header.Get(name); v != want {
			t.Errorf("%s: %q", name, v)
		}
	}
	for _, hidden := range []string{"Léa", "Émile", "Thomas", "Maude", "hibou", "oiseaux", "journal"} {
		if strings.Contains(got.text, hidden) {
			t.Errorf("the calendar says %q", hidden)
		}
	}
	all := strings.Join(events(got.text), "\n")
	for _, want := range []string{
		"20261127 1\u00a0prêt à rendre à la bibliothèque CONFIRMED", "20261128T090000 Éveil à la danse CONFIRMED", "20261125T200000 Ligue de ballon-balai CONFIRMED",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
	if strings.Contains(all, "Impro") {
		t.Error("the schedule of somebody who never agreed is in it")
	}
	if used := b.get("/calendriers"); !strings.Contains(used.text, "Dernière consultation") {
		t.Error("the use is not shown")
	}
	if diff := cmp.Diff(uids(got.text), uids(program.get(path).text)); diff != "" {
		t.Errorf("UIDs of two readings\n%s", diff)
	}

	b.post("/calendriers/fin", "agenda", b.onlyCalendar())
	ended, unknown := program.get(path), program.get("/agenda/"+strings.Repeat("x", 43)+".ics")
	if ended.StatusCode != http.StatusNotFound || ended.text != strings.ReplaceAll(unknown.text, strings.Repeat("x", 43), token) {
		t.Errorf("ended: status %d, and unlike an unknown one", ended.StatusCode)
	}
	metrics, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range metrics {
		if strings.Contains(m.String(), token) {
			t.Errorf("metric %s has the token", m.GetName())
		}
	}
	if strings.Contains(logged.String(), token) {
		t.Error("the log has the token")
	}
}

// Whoever leaves takes their events out of the household's calendar at once,
// and ends the calendars about them.
func TestCalendarAfterAMemberLeft(t *testing.T) {
	t.Parallel()
	_, p := open(t, settled(t))
	b, program := visit(t, p), visit(t, p)
	b.signIn(portaltest.Busy)
	lea := handleOf(t, b.get("/famille"), "Léa")
	whole, hers := b.newCalendar("famille"), b.newCalendar(lea)
	if !strings.Contains(program.get(whole).text, "Éveil") || !strings.Contains(program.get(hers).text, "Éveil") || strings.Contains(program.get(hers).text, "Ligue") {
		t.Fatal("the calendars do not have what they are for")
	}
	b.post("/famille/retirer", "personne", lea)
	if strings.Contains(program.get(whole).text, "Éveil") {
		t.Error("the household's calendar still has her")
	}
	if got := program.get(hers); got.StatusCode != http.StatusNotFound {
		t.Errorf("her calendar: status %d", got.StatusCode)
	}
}

func TestCalendarCopy(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Family)
	got := b.get("/calendriers/agenda.ics?qui=moi&details=oui")
	if v := got.Header.Get("Content-Disposition"); v != `attachment; filename="agenda.ics"` {
		t.Errorf("Content-Disposition %q", v)
	}
	if plain := b.get("/calendriers/agenda.ics"); strings.Contains(plain.text, "rivière") || strings.Contains(plain.text, "Léa") {
		t.Error("a copy without details has a title or a name")
	}
	if !strings.Contains(strings.ReplaceAll(got.text, "\r\n ", ""), "La rivière aux mille îles") || !strings.Contains(got.text, "Léa") {
		t.Error("a copy with details lacks a title or a name")
	}
	if got := b.get("/calendriers/agenda.ics?qui=somebody"); got.StatusCode != http.StatusNotFound {
		t.Errorf("somebody else: status %d", got.StatusCode)
	}
}

// What could not be read is said in the calendar; it does not look like nothing.
func TestCalendarStates(t *testing.T) {
	t.Parallel()
	h, p := open(t)
	for _, tc := range []struct {
		who  portaltest.Person
		want []string
	}{
		{portaltest.Newcomer, []string{
			"20261124 Bibliothèque\u00a0: non consulté\\, cet agenda peut être incomplet CONFIRMED", "20261124 Loisirs\u00a0: non consulté\\, cet agenda peut être incomplet CONFIRMED",
		}},
		{portaltest.Empty, nil},
		{portaltest.Unlinked, nil},
	} {
		b := visit(t, p)
		b.signIn(tc.who)
		if diff := cmp.Diff(tc.want, events(b.get("/calendriers/agenda.ics").text)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tc.who.Name, diff)
		}
	}

	// A registration that is called off stays, as such, under its own UID.
	b := visit(t, p)
	b.signIn(portaltest.Empty)
	put := func(status record.RegistrationStatus, version uint64) (uid, event string) {
		t.Helper()
		r := record.Record{Key: "reg:9", Source: "loisirs", ReadAt: portaltest.Now(), Body: record.Registration{
			ID: "9", Name: "Patin; niveau 2, samedi", Status: status, Start: portaltest.Now().Add(48 * time.Hour), End: portaltest.Now().Add(49 * time.Hour),
		}}
		section := cache.Section{Source: "loisirs", Version: version}.Succeeded([]record.Record{r}, portaltest.Now(), cache.Ages{FreshFor: time.Hour, HideAfter: 48 * time.Hour})
		if err := h.Cache.Put(t.Context(), citizen(t, h, portaltest.Empty), section); err != nil {
			t.Fatal(err)
		}
		text := b.get("/calendriers/agenda.ics").text
		return uids(text)[0], events(text)[0]
	}
	uid, event := put(record.RegistrationConfirmed, 1)
	off, after := put(record.RegistrationCancelled, 2)
	if uid != off || event != `20261126T141000 Patin\; niveau 2\, samedi CONFIRMED` || after != `20261126T141000 Patin\; niveau 2\, samedi CANCELLED` {
		t.Errorf("%s %q, then %s %q", uid, event, off, after)
	}
}

func TestCalendarsAreBounded(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Family)
	for range dossier.MaxCalendars {
		b.newCalendar("moi")
	}
	if got := b.post("/calendriers", "qui", "moi"); got.StatusCode != http.StatusUnprocessableEntity || got.at(".problem") == "" {
		t.Errorf("one more: status %d", got.StatusCode)
	}
}

// TestAddressOfACalendar: it begins with what the town configured, whatever a
// request claims, and never with a host that is none.
func TestAddressOfACalendar(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, base, host, forwarded, want string
		plain                             bool
	}{
		{"configured", "https://sem.example", "evil.example", "evil.example", "https://sem.example/agenda/", false},
		{"by the host", "", "sem.example:8443", "", "https://sem.example:8443/agenda/", false},
		{"by the host, a demonstration", "", "127.0.0.1:8080", "", "http://127.0.0.1:8080/agenda/", true},
		{"by an address of version 6", "", "[::1]:8080", "", "https://[::1]:8080/agenda/", false},
		{"a forwarded host is not believed", "", "sem.example", "evil.example", "https://sem.example/agenda/", false},
		{"a host with a path", "", "sem.example/evil", "", "/agenda/", false},
		{"a host with a user", "", "sem.example@evil.example", "", "/agenda/", false},
		{"a host with a tag", "", "sem.example\"><b>", "", "/agenda/", false},
		{"no host", "", "", "", "/agenda/", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, p := open(t, func(h *portaltest.House) { h.Options.BaseURL, h.Options.Insecure = tc.base, tc.plain })
			cookies := enter(t, p, portaltest.Family)
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/calendriers", strings.NewReader("qui=moi&langue=fr"))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Host = tc.host
			if tc.forwarded != "" {
				r.Header.Set("X-Forwarded-Host", tc.forwarded)
				r.Header.Set("Forwarded", "host="+tc.forwarded)
			}
			for _, c := range cookies {
				r.AddCookie(c)
			}
			w := httptest.NewRecorder()
			p.Handler().ServeHTTP(w, r)
			doc, err := goquery.NewDocumentFromReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			if got := doc.Find("#adresse").AttrOr("value", ""); !strings.HasPrefix(got, tc.want) {
				t.Errorf("status %d, address %q, want %q…", w.Code, got, tc.want)
			}
		})
	}
}
