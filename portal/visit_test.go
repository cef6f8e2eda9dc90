package portal_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/portal/portaltest"
)

// A page of one visit is never served to another one, though nothing in the
// cache changed between them.
func TestMarksAreThoseOfTheVisit(t *testing.T) {
	t.Parallel()
	now := portaltest.Now()
	_, p := open(t, func(h *portaltest.House) { h.Options.Now = func() time.Time { return now } })
	b := visit(t, p)
	const nb = "\u00a0"
	for i, want := range []struct{ news, link, card, loans string }{
		{
			"Depuis votre dernière visite, le 22" + nb + "novembre à 18" + nb + "h" + nb + "10" + nb + ": 2" + nb + "nouveautés. Bibliothèque (2)", "#section-bibliotheque", "2" + nb + "nouveautés",
			"Nouveau depuis votre dernière visite Modifié depuis votre dernière visite",
		},
		{"Depuis votre dernière visite, aujourd’hui à 14" + nb + "h" + nb + "10" + nb + ": rien de nouveau.", "", "", ""},
	} {
		b.signIn(portaltest.Family)
		page := b.get("/")
		got := want
		got.news, got.card = page.at(".news"), page.at(".card-news")
		got.link = page.html.Find(".news a").AttrOr("href", "")
		got.loans = b.get("/bibliotheque").at(".since")
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(want)); diff != "" {
			t.Errorf("visit %d (-want +got)\n%s", i+1, diff)
		}
		b.post("/deconnexion")
	}
}

func TestAFirstVisitMarksNothing(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Busy)
	if page := b.get("/"); page.html.Find(".news p, .card-news, .since").Length() != 0 {
		t.Errorf("it is told what is new since never: %s", page.at(".news"))
	}
}
