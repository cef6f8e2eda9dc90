package portal_test

import (
	"net/http"
	"testing"

	"github.com/semenligne/sem/portal/portaltest"
)

// TestPagesOfTwoProperties looks at the senior's pages, whose second property is
// in another sector, and tries its number as somebody with one.
func TestPagesOfTwoProperties(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Stale)
	const first, second = "14, rue des Érables", "208, chemin du Rang-Vert"
	weeks := b.get("/collectes")
	for selector, want := range map[string]string{
		"#adresse-1 h2": "Prochaine collecte – " + first, "#adresse-2 h2": "Prochaine collecte – " + second, "#adresse-2 .bins": "RMatières recyclables", "#adresse-1 .bins": "MMatières organiques",
		"#adresse-2 .more a": "L’année à imprimer, pour la porte du frigo – " + second, "#adresse-2-semaines h2": "Les huit prochaines semaines – " + second, "#adresse-2 .soft": "Secteur 4",
	} {
		if got := weeks.at(selector); got != want {
			t.Errorf("%s is %q, want %q", selector, got, want)
		}
	}
	for range 2 { // the second time from the cache
		for path, want := range map[string]string{"/collectes/annee": first, "/collectes/annee?adresse=2": second, "/collectes/annee/2027?adresse=2": second} {
			if got := b.get(path); got.at(".whose [aria-current='true']") != want || got.html.Find(".whose a").Length() != 2 {
				t.Errorf("%s: chosen %q", path, got.at(".whose [aria-current='true']"))
			}
		}
	}
	alone := visit(t, p)
	alone.signIn(portaltest.Family)
	if n := alone.get("/collectes/annee").html.Find(".whose").Length() + alone.get("/collectes").html.Find("#adresse-2").Length(); n != 0 {
		t.Errorf("with one property there are %d choices", n)
	}
	for path, status := range map[string]int{"?adresse=1": 200, "?adresse=2": 404, "?adresse=0": 404, "?adresse=01": 404, "?adresse=x": 404, "?adresse=": 200} {
		if got := alone.get("/collectes/annee" + path); got.StatusCode != status {
			t.Errorf("%s: status %d", path, got.StatusCode)
		}
	}
	newcomer := visit(t, p)
	newcomer.signIn(portaltest.Newcomer)
	if got := newcomer.get("/collectes/annee?adresse=2"); got.StatusCode != http.StatusNotFound {
		t.Errorf("without a property: status %d", got.StatusCode)
	}
}
