package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/portal/portaltest"
)

// TestUnknownIsNotGone: a form about something in a section that cannot be read
// says so; that it is gone is said only of what was read.
func TestUnknownIsNotGone(t *testing.T) {
	t.Parallel()
	h, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Newcomer) // whose sections were never read
	for _, source := range []string{"loisirs", "requetes"} {
		if err := h.Cache.PutTown(t.Context(), cache.Section{Source: source}.Failed("unavailable", portaltest.Now())); err != nil {
			t.Fatal(err)
		}
	}
	check := func(what string, got page, status int) {
		t.Helper()
		if got.StatusCode != status || status == http.StatusServiceUnavailable && !strings.Contains(got.at("main"), "cela ne veut pas dire") {
			t.Errorf("%s: status %d, want %d\n%s", what, got.StatusCode, status, got.at("main"))
		}
	}
	const key = "unknownisnotgone1"
	check("a renewal", b.post("/bibliotheque/prolonger", "cle", key, "pret", "31234000012_2026-11-26"), http.StatusServiceUnavailable)
	check("a hold", b.post("/bibliotheque/annuler", "cle", key, "document", "31234000021", "titre", "x"), http.StatusServiceUnavailable)
	check("a registration", b.post("/loisirs/annuler", "cle", key, "inscription", "R-1"), http.StatusServiceUnavailable)
	check("a service", b.get(potholePath), http.StatusServiceUnavailable)
	check("an activity", b.get(yogaPath), http.StatusServiceUnavailable)

	b.post("/deconnexion")
	b.signIn(portaltest.Empty) // who was read, and has nothing
	check("a renewal of nothing", b.post("/bibliotheque/prolonger", "cle", key, "pret", "31234000012_2026-11-26"), http.StatusConflict)
	if n := len(h.Desk.Effects()); n != 1 { // the fixture's own
		t.Errorf("%d things were sent", n)
	}
}
