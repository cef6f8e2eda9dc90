package portal_test

import (
	"net/http"
	"strings"
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

// Each choice is applied by the server, before signing in from the browser and
// after from the dossier.
func TestEveryChoice(t *testing.T) {
	t.Parallel()
	h, p := open(t)
	for _, signedIn := range []bool{false, true} {
		b := visit(t, p)
		if signedIn {
			b.signIn(portaltest.Family)
		}
		has := func(attribute string) bool {
			t.Helper()
			_, ok := b.get("/affichage").html.Find("html").Attr(attribute)
			return ok
		}
		for _, tc := range []struct{ field, on, off, attribute string }{
			{"contraste", "plus", "normal", "data-contrast"}, {"police", "dyslexie", "usuelle", "data-font"}, {"donnees", "reduites", "completes", "data-reduced"},
		} {
			if b.post("/affichage", tc.field, tc.on); !has(tc.attribute) {
				t.Errorf("%s=%s, signed in %v: no %s", tc.field, tc.on, signedIn, tc.attribute)
			}
			if n := b.get("/affichage").html.Find("button[name=" + tc.field + "][value=" + tc.on + "][aria-pressed=true]").Length(); n == 0 {
				t.Errorf("%s=%s is not pressed", tc.field, tc.on)
			}
		}
		if b.post("/affichage", "taille", "125"); !has("data-contrast") || !has("data-font") || !has("data-reduced") {
			t.Error("one choice undid the others")
		}
		if links := b.get("/affichage").html.Find("link[href*='/static/font.']").Length(); links != 0 {
			t.Error("a font is loaded with reduced data")
		}
		if _, live := b.get("/affichage").html.Find("body").Attr("data-live"); live {
			t.Error("the page is live with reduced data")
		}
		b.post("/affichage", "donnees", "completes")
		sheet := b.get("/affichage").html.Find("link[href*='/static/font.']").AttrOr("href", "")
		css := b.get(sheet).text
		from, to := strings.Index(css, "url(")+4, strings.Index(css, ")")
		if font := b.get(css[from:to]); font.StatusCode != http.StatusOK || font.Header.Get("Content-Type") != "font/woff2" {
			t.Errorf("font at %q: status %d", css[from:to], font.StatusCode)
		}
	}
	profile, err := h.Dossier.Profile(t.Context(), citizen(t, h, portaltest.Family))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(dossier.Choices{Language: "fr", TextSize: 125, Contrast: "more", Font: "dyslexia"}, profile.Choices); diff != "" {
		t.Errorf("kept (-want +got)\n%s", diff)
	}
}
