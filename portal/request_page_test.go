package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/semenligne/sem/portal/portaltest"
)

func TestRequestPage(t *testing.T) {
	t.Parallel()
	const nb = "\u00a0"
	_, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Family)
	links := b.get("/requetes").html.Find(".row-title a")
	if links.Length() != 2 || links.First().AttrOr("href", "") != "/requetes/"+requestKey {
		t.Fatalf("%d links, the first to %q", links.Length(), links.First().AttrOr("href", ""))
	}
	got := b.get("/requetes/" + requestKey)
	for selector, want := range map[string]string{
		"h1":                                "Nid-de-poule",
		".badge":                            "En cours",
		".row-note":                         "Une équipe passera cette semaine.",
		".facts div:contains('prévue') dd":  "vendredi 27" + nb + "novembre",
		".facts div:contains('Service') dd": "Travaux publics",
		".steps li:first-child .row-title":  "En cours",
		".steps li:last-child":              "Requête envoyée18" + nb + "novembre, 8" + nb + "h" + nb + "05",
		"svg[role=img] title":               "Plan de l’endroit signalé",
	} {
		if text := strings.TrimSpace(got.at(selector)); text != want {
			t.Errorf("%s: %q, want %q", selector, text, want)
		}
	}
	if n := got.html.Find(".steps li").Length(); n != 3 {
		t.Errorf("%d steps", n)
	}
	// The other one has no point and no history: no map, and only what is known.
	closed := b.get(links.Last().AttrOr("href", ""))
	if closed.at("h1") != "Lampadaire éteint" || closed.html.Find(".map").Length() != 0 || closed.html.Find(".steps li").Length() != 1 {
		t.Errorf("%q, %d maps, %d steps", closed.at("h1"), closed.html.Find(".map").Length(), closed.html.Find(".steps li").Length())
	}
}

// TestRequestIsOnlyItsOwners: the same address is nothing to anybody else.
func TestRequestIsOnlyItsOwners(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	for _, who := range []portaltest.Person{portaltest.Newcomer, portaltest.Empty, portaltest.Unlinked, portaltest.Stale} {
		b := visit(t, p)
		b.signIn(who)
		if got := b.get("/requetes/" + requestKey); got.StatusCode != http.StatusNotFound || strings.Contains(got.text, "Nid-de-poule") {
			t.Errorf("%s: status %d", who.Name, got.StatusCode)
		}
	}
	nobody := visit(t, p)
	if got := nobody.get("/requetes/" + requestKey); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/connexion?suite=/requetes/"+requestKey {
		t.Errorf("nobody: status %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	b := visit(t, p)
	b.signIn(portaltest.Family)
	for _, key := range []string{"req:1", "26-10482", "0000000000000000", requestKey + "0", strings.ToUpper(requestKey), "%00", ".."} {
		if got := b.get("/requetes/" + key); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", key, got.StatusCode)
		}
	}
}

// TestRequestsOfTheHousehold: a member's requests stand under their name while
// they let the citizen see them, and are nothing before and after.
func TestRequestsOfTheHousehold(t *testing.T) {
	t.Parallel()
	h, p := open(t, settled(t))
	lent := portaltest.Sections(portaltest.Family)[3]
	if err := h.Cache.Put(t.Context(), citizen(t, h, portaltest.Partner), lent); err != nil {
		t.Fatal(err)
	}
	busy, partner := visit(t, p), visit(t, p)
	busy.signIn(portaltest.Busy)
	partner.signIn(portaltest.Partner)
	maude := handleOf(t, partner.get("/famille"), "Maude")
	switchTo := func(yes string) {
		t.Helper()
		if got := partner.post("/famille/consentement", "personne", maude, "de", "mine", "donnees", "requests", "sens", yes); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("consent: status %d", got.StatusCode)
		}
	}
	hidden := func(when string) {
		t.Helper()
		if got := busy.get("/requetes"); got.html.Find("main .card").Length() != 1 || strings.Contains(got.text, "Nid-de-poule") {
			t.Errorf("%s: %d sections", when, got.html.Find("main .card").Length())
		}
		if got := busy.get("/requetes/" + requestKey); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", when, got.StatusCode)
		}
	}
	hidden("before")
	switchTo("oui")
	got := busy.get("/requetes")
	if title := got.at("main .card:nth-of-type(2) h2"); title != "Requêtes – Thomas" || got.html.Find("main .card:nth-of-type(2) a[href='/requetes/"+requestKey+"']").Length() != 1 {
		t.Errorf("second section %q", title)
	}
	if !strings.Contains(got.html.Find("body").AttrOr("data-version", ""), "-") {
		t.Error("the page does not follow what others change")
	}
	if got := busy.get("/requetes/" + requestKey); got.StatusCode != http.StatusOK || got.at("h1") != "Nid-de-poule" || got.at(".whose") != "Requêtes – Thomas" {
		t.Errorf("status %d, %q of %q", got.StatusCode, got.at("h1"), got.at(".whose"))
	}
	switchTo("non")
	hidden("after")
}
