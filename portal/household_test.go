package portal_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/portaltest"
)

// settled moves the household of Busy in.
func settled(t *testing.T) func(*portaltest.House) {
	t.Helper()
	return func(h *portaltest.House) {
		if err := h.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func citizen(t *testing.T, h *portaltest.House, who portaltest.Person) record.Citizen {
	t.Helper()
	c, err := h.Dossier.ByCard(t.Context(), who.Card)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// handleOf is how a page names somebody in its forms.
func handleOf(t *testing.T, got page, name string) string {
	t.Helper()
	for _, m := range got.html.Find(".member").EachIter() {
		if m.Find("h3").Text() == name {
			return m.Find("input[name=personne]").First().AttrOr("value", "")
		}
	}
	t.Fatalf("%s is not on the page", name)
	return ""
}

// says is what the page tells of somebody, one line a dataset.
func says(got page, name string) []string {
	var list []string
	for _, m := range got.html.Find(".member").EachIter() {
		if m.Find("h3").Text() != name {
			continue
		}
		for _, c := range m.Find(".consents .row").EachIter() {
			button := c.Find("button").AttrOr("value", "-")
			list = append(list, strings.TrimSpace(c.Find(".row-title").Text())+" | "+c.Find(".row-details p").Text()+" | "+button)
		}
	}
	return list
}

func TestHouseholdSaysWhoSeesWhat(t *testing.T) {
	t.Parallel()
	_, p := open(t, settled(t))
	b := visit(t, p)
	b.signIn(portaltest.Busy)
	got := b.get("/famille")
	for name, want := range map[string][]string{
		"Léa": {
			"Bibliothèque | Vous voyez cette section comme titulaire de l’autorité parentale, jusqu’aux 14 ans de l’enfant. | non",
			"Loisirs et horaire | Vous voyez cette section comme titulaire de l’autorité parentale, jusqu’aux 14 ans de l’enfant. | non",
			"Requêtes à la Ville | Vous ne voyez pas cette section. | oui",
		},
		"Émile": {
			"Bibliothèque | Vous ne voyez pas cette section. C’est Émile qui décide, avec sa propre carte. | -",
			"Loisirs et horaire | Vous ne voyez pas cette section. C’est Émile qui décide, avec sa propre carte. | -",
			"Requêtes à la Ville | Vous ne voyez pas cette section. C’est Émile qui décide, avec sa propre carte. | -",
		},
	} {
		if diff := cmp.Diff(want, says(got, name)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	for _, hidden := range []string{"2017", "2011", "1984", "Le hibou de minuit", "Éveil à la danse"} {
		if strings.Contains(got.text, hidden) {
			t.Errorf("the page says %q", hidden)
		}
	}
	if !strings.Contains(got.at("#titulaires"), "Thomas") {
		t.Errorf("who has Busy in their dossier: %q", got.at("#titulaires"))
	}
}

func TestAddingAMember(t *testing.T) {
	t.Parallel()
	h, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Family)
	for _, tc := range []struct {
		name, card, pin string
		status          int
		where           string
	}{
		{"five digits", "31806", "749162", http.StatusUnprocessableEntity, "#carte-probleme"},
		{"no PIN", portaltest.Stale.Card, "", http.StatusUnprocessableEntity, "#nip-probleme"},
		{"wrong PIN", portaltest.Stale.Card, "000001", http.StatusUnprocessableEntity, ".problem"},
		{"unknown card", "999999", "749162", http.StatusUnprocessableEntity, ".problem"},
		{"own card", portaltest.Family.Card, portaltest.Family.PIN, http.StatusUnprocessableEntity, ".problem"},
	} {
		got := b.post("/famille/ajouter", "carte", tc.card, "nip", tc.pin)
		if got.StatusCode != tc.status || got.at(tc.where) == "" || got.html.Find(".member").Length() != 0 {
			t.Errorf("%s: status %d, %q", tc.name, got.StatusCode, got.at(tc.where))
		}
		if tc.pin != "" && strings.Contains(got.text, tc.pin) {
			t.Errorf("%s: the PIN is written back", tc.name)
		}
	}
	got := b.post("/famille/ajouter", "carte", "318 064", "nip", portaltest.Stale.PIN)
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/famille?fait=added" || len(got.Cookies()) != 0 {
		t.Errorf("status %d to %q, cookies %v", got.StatusCode, got.Header.Get("Location"), got.Cookies())
	}
	page := b.get("/famille?fait=added")
	if page.at(".notice") == "" || page.at(".member h3") != "Réjean" {
		t.Errorf("notice %q, members %q", page.at(".notice"), page.at(".member h3"))
	}
	profile, err := h.Dossier.Profile(t.Context(), citizen(t, h, portaltest.Stale))
	if err != nil {
		t.Fatal(err)
	}
	if !profile.LastVisit.IsZero() {
		t.Error("adding somebody counts as their visit")
	}
	if at := b.get("/").at("h1"); !strings.Contains(at, "Maude") {
		t.Errorf("the session is now of %q", at)
	}
}

// Trying PINs through the household is limited as at the door: both count
// together.
func TestAddingIsThrottledLikeSigningIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, p := open(t)
		cookies := enter(t, p, portaltest.Family)
		try := func(path, pin string) int {
			return call(t, p, http.MethodPost, path, url.Values{"carte": {portaltest.Stale.Card}, "nip": {pin}}, cookies).StatusCode
		}
		for i := range 3 {
			if got := try("/famille/ajouter", "00000"+strconv.Itoa(i)); got != http.StatusUnprocessableEntity {
				t.Fatalf("attempt %d: status %d", i, got)
			}
		}
		for i := range 2 {
			call(t, p, http.MethodPost, "/connexion", url.Values{"carte": {portaltest.Stale.Card}, "nip": {"11111" + strconv.Itoa(i)}}, nil)
		}
		if got := try("/famille/ajouter", portaltest.Stale.PIN); got != http.StatusTooManyRequests {
			t.Errorf("the sixth, with the right PIN: status %d", got)
		}
	})
}

func TestConsents(t *testing.T) {
	t.Parallel()
	h, p := open(t, settled(t))
	parent, teen, child := visit(t, p), visit(t, p), visit(t, p)
	parent.signIn(portaltest.Busy)
	teen.signIn(portaltest.Teen)
	child.signIn(portaltest.Child)
	give := func(b browser, who, of, data, yes string) int {
		t.Helper()
		return b.post("/famille/consentement", "personne", who, "de", of, "donnees", data, "sens", yes, "langue", "fr").StatusCode
	}
	emile, lea := handleOf(t, parent.get("/famille"), "Émile"), handleOf(t, parent.get("/famille"), "Léa")
	maude := handleOf(t, teen.get("/famille"), "Maude")

	for _, tc := range []struct {
		name   string
		status int
		want   int
	}{
		{"a parent for a teenager", give(parent, emile, "theirs", "loans", "oui"), http.StatusNotFound},
		{"a parent for a child", give(parent, lea, "theirs", "requests", "oui"), http.StatusSeeOther},
		{"the handle of another dossier", give(parent, maude, "theirs", "loans", "oui"), http.StatusNotFound},
		{"no such dataset", give(parent, lea, "theirs", "property", "oui"), http.StatusNotFound},
		{"no such side", give(parent, lea, "", "loans", "oui"), http.StatusNotFound},
		{"the teenager", give(teen, maude, "mine", "schedule", "oui"), http.StatusSeeOther},
		{"the teenager for the parent", give(teen, maude, "theirs", "loans", "oui"), http.StatusNotFound},
		{"taking back what was never given", give(teen, maude, "mine", "loans", "non"), http.StatusNotFound},
		{"a child for itself", give(child, maude, "mine", "loans", "oui"), http.StatusNotFound},
		{"leaving as a child", child.post("/famille/quitter", "personne", maude).StatusCode, http.StatusNotFound},
		{"removing by a foreign handle", parent.post("/famille/retirer", "personne", maude).StatusCode, http.StatusNotFound},
	} {
		if tc.status != tc.want {
			t.Errorf("%s: status %d, want %d", tc.name, tc.status, tc.want)
		}
	}
	if got := child.get("/famille").at("#titulaires"); strings.Contains(got, "Maude") {
		t.Errorf("a child's card tells who has it: %q", got)
	}
	ledger, err := h.Dossier.ConsentsAbout(t.Context(), citizen(t, h, portaltest.Teen))
	if err != nil || len(ledger) != 1 {
		t.Fatalf("ledger %v, %v", ledger, err)
	}
	want := dossier.Grant{
		Person: citizen(t, h, portaltest.Teen), Viewer: citizen(t, h, portaltest.Busy), Dataset: dossier.Schedule, Basis: dossier.Own, Language: "fr",
		Wording: "J’accepte que Maude voie ces renseignements à mon sujet\u00a0: inscriptions aux loisirs et horaire. Cette permission vaut un an et je peux la retirer en tout temps.",
		At:      portaltest.Now(), Until: portaltest.Now().AddDate(1, 0, 0),
	}
	if diff := cmp.Diff(want, ledger[0]); diff != "" {
		t.Errorf("ledger (-want +got)\n%s", diff)
	}
	if !strings.Contains(teen.get("/famille").text, want.Wording[:40]) {
		t.Error("the wording that is kept was not shown")
	}
	if got := says(parent.get("/famille"), "Émile")[1]; !strings.Contains(got, "Émile vous permet de voir cette section jusqu’au 24\u00a0novembre 2027.") {
		t.Errorf("after the consent: %q", got)
	}
	if got := teen.post("/famille/quitter", "personne", maude); got.Header.Get("Location") != "/famille?fait=left" {
		t.Errorf("leaving: status %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	if got := parent.get("/famille"); strings.Contains(got.at("#membres"), "Émile") {
		t.Error("whoever left is still there")
	}
}

// A child's loans disappear from the parent's calendar and page at midnight of
// the 14th birthday, and an open stream says so then.
func TestFourteenthBirthday(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		zone := time.FixedZone("", -5*3600)
		midnight := time.Date(2026, time.November, 25, 0, 0, 0, 0, zone)
		now := func() time.Time { return midnight.Add(-10 * time.Minute).Add(time.Since(started)) }
		_, p := open(t, func(h *portaltest.House) {
			residents := portaltest.Residents()[:1]
			residents[0].Born = record.Date{Year: 2012, Month: time.November, Day: 25}
			before := portaltest.Now().Add(-time.Hour)
			if err := h.MoveIn(t.Context(), residents...); err != nil {
				t.Fatal(err)
			}
			if err := h.Add(t.Context(), portaltest.Busy, portaltest.Child, before); err != nil {
				t.Fatal(err)
			}
			if err := h.Grant(t.Context(), portaltest.Child, portaltest.Busy, dossier.Loans, dossier.Parental, before); err != nil {
				t.Fatal(err)
			}
			h.Options.Now = now
		})
		cookies := enter(t, p, portaltest.Busy)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.AddCookie(cookies[0])
		told := make(chan time.Duration, 1000)
		rec := recording{http.Header{}, make(chan string, 1000)}
		go func() {
			p.Handler().ServeHTTP(rec, r)
			close(rec.wrote)
		}()
		go func() {
			for s := range rec.wrote {
				if strings.Contains(s, "event: changed") {
					told <- now().Sub(midnight)
				}
			}
			close(told)
		}()
		sees := func() bool {
			got := call(t, p, http.MethodGet, "/calendriers/agenda.ics?details", nil, cookies)
			return strings.Contains(bodyOf(t, got), "Le hibou de minuit")
		}
		time.Sleep(9*time.Minute + 59*time.Second)
		if !sees() {
			t.Error("a second before midnight the loan is gone already")
		}
		time.Sleep(2 * time.Second)
		if sees() {
			t.Error("a second after midnight the loan is still there")
		}
		var list []time.Duration
		for at := range told { // until the session ends for want of activity
			list = append(list, at)
		}
		if !slices.Contains(list, 0) {
			t.Errorf("the stream told of a change at %v around midnight", list)
		}
	})
}

// A consent that is withdrawn reaches the viewer's open pages at once, and what
// changes in another's sections does too, as long as they may be seen.
func TestStreamFollowsWhomOneMaySee(t *testing.T) {
	t.Parallel()
	h, p := open(t, settled(t))
	parent, partner := visit(t, p), visit(t, p)
	parent.signIn(portaltest.Busy)
	partner.signIn(portaltest.Partner)
	version := parent.get("/famille").html.Find("body").AttrOr("data-version", "")
	l := parent.listen("/api/v1/events?version=" + version)
	put := func(who portaltest.Person, section int) {
		t.Helper()
		if err := h.Cache.Put(t.Context(), citizen(t, h, who), portaltest.Sections(portaltest.Empty)[section]); err != nil {
			t.Fatal(err)
		}
	}
	put(portaltest.Child, 0)
	first := l.next()
	if !strings.HasPrefix(first, "changed ") || first == "changed "+version {
		t.Fatalf("a child's loans changed: %q", first)
	}
	maude := handleOf(t, partner.get("/famille"), "Maude")
	partner.post("/famille/consentement", "personne", maude, "de", "mine", "donnees", "schedule", "sens", "non")
	if got := l.next(); !strings.HasPrefix(got, "changed ") || got == first {
		t.Errorf("a consent was withdrawn: %q", got)
	}
	again := parent.get("/famille").html.Find("body").AttrOr("data-version", "")
	put(portaltest.Partner, 1) // nobody's business any more
	put(portaltest.Child, 1)   // somebody's
	if got := l.next(); !strings.HasPrefix(got, "changed ") || got == "changed "+again {
		t.Errorf("after that: %q", got)
	}
}

func bodyOf(t *testing.T, got *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
