package portal_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/portaltest"
)

func TestDisplayBeforeSigningIn(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	b := visit(t, p)
	shows := func(lang, size string, contrast bool) {
		t.Helper()
		html := b.get("/connexion").html.Find("html")
		_, more := html.Attr("data-contrast")
		if html.AttrOr("lang", "") != lang || html.AttrOr("data-text", "") != size || more != contrast {
			t.Errorf("lang %q, text %q, contrast %v", html.AttrOr("lang", ""), html.AttrOr("data-text", ""), more)
		}
	}
	shows("fr-CA", "100", false)
	if got := b.post("/affichage", "taille", "150", "retour", "/connexion"); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/connexion" {
		t.Errorf("status %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	shows("fr-CA", "150", false)
	b.post("/affichage", "contraste", "plus")
	shows("fr-CA", "150", true)
	b.post("/affichage", "langue", "en")
	shows("en-CA", "150", true)
	b.post("/affichage", "contraste", "normal")
	shows("en-CA", "150", false)
	b.post("/affichage", "taille", "9000", "langue", "tlh")
	shows("en-CA", "150", false)
	if got := b.post("/affichage", "retour", "//evil.example/"); got.Header.Get("Location") != "/" {
		t.Errorf("led to %q", got.Header.Get("Location"))
	}
}

func TestDisplayFollowsTheCitizen(t *testing.T) {
	t.Parallel()
	h, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Family)
	b.post("/affichage", "langue", "en")
	b.post("/affichage", "taille", "200")
	if got := b.get("/"); got.at("#section-bibliotheque .headline") != "5\u00a0loans" {
		t.Errorf("headline %q", got.at("#section-bibliotheque .headline"))
	}
	citizen, err := h.Dossier.ByCard(t.Context(), portaltest.Family.Card)
	if err != nil {
		t.Fatal(err)
	}
	profile, err := h.Dossier.Profile(t.Context(), citizen)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(dossier.Choices{Language: "en", TextSize: 200}, profile.Choices); diff != "" {
		t.Errorf("kept (-want +got)\n%s", diff)
	}
	elsewhere := visit(t, p)
	elsewhere.signIn(portaltest.Family)
	if lang := elsewhere.get("/").html.Find("html").AttrOr("lang", ""); lang != "en-CA" {
		t.Errorf("on another device: lang %q", lang)
	}
}

// A town that does not offer English shows none, whatever is asked for.
func TestFrenchOnly(t *testing.T) {
	t.Parallel()
	_, p := open(t, func(h *portaltest.House) { h.Options.Town.English = false })
	b := visit(t, p)
	b.signIn(portaltest.Family)
	b.post("/affichage", "langue", "en")
	got := b.get("/")
	if got.html.Find("html").AttrOr("lang", "") != "fr-CA" || got.html.Find("[name=langue]").Length() != 0 {
		t.Error("English is shown or offered")
	}
}
