package portal_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/portal/portaltest"
)

// TestRoutes keeps the list of addresses, so that a new one is seen, and asks
// each for the headers that every answer carries.
func TestRoutes(t *testing.T) {
	t.Parallel()
	_, p := open(t, func(h *portaltest.House) { h.Options.Insecure = false })
	router, ok := p.Handler().(chi.Routes)
	if !ok {
		t.Fatalf("handler is %T", p.Handler())
	}
	var got []string
	err := chi.Walk(router, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		got = append(got, method+" "+route)
		path := strings.Replace(route, "{file}", "nothing.css", 1)
		w := httptest.NewRecorder()
		p.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
		checkHeaders(t, method+" "+route, w.Result().Header)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	want := []string{
		"GET /", "GET /api/v1/dashboard", "GET /api/v1/events", "GET /bibliotheque", "GET /bibliotheque/reserver", "GET /collectes", "GET /collectes/agenda.ics", "GET /collectes/annee", "GET /collectes/annee/{annee}", "GET /connexion", "GET /demarches", "GET /demarches/{id}", "GET /demarches/{id}/rappel.ics", "GET /ecrire", "GET /livez",
		"GET /loisirs", "GET /loisirs/activites", "GET /loisirs/activites/{activite}", "GET /loisirs/file/{id}", "POST /loisirs/file/{id}/laisser", "GET /propriete", "GET /quartier", "GET /readyz", "GET /requetes", "GET /requetes/signaler", "GET /requetes/signaler/{service}", "GET /requetes/{key}", "GET /semaine", "GET /semaine/{jour}", "GET /static/{file}", "GET /requetes/photo/{id}", "GET /requetes/plan/{lieu}", "GET /photos/{token}",
		"POST /affichage", "POST /bibliotheque/annuler", "POST /bibliotheque/prolonger", "POST /bibliotheque/reserver", "POST /connexion", "POST /deconnexion", "POST /ecrire",
		"GET /affichage", "GET /agenda/{token}.ics", "GET /calendriers", "GET /calendriers/agenda.ics", "POST /calendriers", "POST /calendriers/fin", "GET /famille", "POST /famille/ajouter", "POST /famille/consentement", "POST /famille/dossier-familial", "POST /famille/quitter", "POST /famille/retirer", "POST /loisirs/activites/{activite}", "POST /loisirs/activites/{activite}/confirmer", "POST /loisirs/activites/{activite}/laisser", "POST /loisirs/annuler", "POST /requetes/brouillons", "POST /requetes/signaler/{service}",
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes (-want +got)\n%s", diff)
	}
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/nothing", nil))
	checkHeaders(t, "unknown path", w.Result().Header)
}

func checkHeaders(t *testing.T, route string, h http.Header) {
	t.Helper()
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin", "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %s is %q", route, name, got)
		}
	}
	if h.Get("Permissions-Policy") == "" || !slices.Contains(h.Values("Cache-Control"), "no-store") {
		t.Errorf("%s: Permissions-Policy %q, Cache-Control %q", route, h.Get("Permissions-Policy"), h.Values("Cache-Control"))
	}
	csp := h.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("%s: policy lacks %s", route, want)
		}
	}
	if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
		t.Errorf("%s: policy %s", route, csp)
	}
}

func TestPagesHaveNothingInlineAndNothingRemote(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Family)
	for _, path := range append(pages(), "/nulle-part") {
		got := b.get(path)
		if n := got.html.Find("[style], style, script:not([src]), [onclick], [onload], iframe").Length(); n > 0 {
			t.Errorf("%s: %d inline styles or scripts", path, n)
		}
		for _, s := range []string{"src", "href", "action"} {
			for _, e := range got.html.Find("[" + s + "]").EachIter() {
				v := e.AttrOr(s, "")
				if e.Is("a[rel~=external][rel~=noreferrer]") && strings.HasPrefix(v, "https://") {
					continue // a link that says so, not something that the page loads
				}
				if !strings.HasPrefix(v, "/") && !strings.HasPrefix(v, "#") {
					t.Errorf("%s: %s=%q leaves the portal", path, s, v)
				}
			}
		}
	}
}

func TestUnknownPathsAreNeverAPage(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Family)
	for _, path := range []string{"/x.css", "/bibliotheque/x.css", "/bibliotheque/", "/api/v1/dashboard/x.css", "/api/v1/dashboard;x.css", "/index.html", "/static/", "/static/../api/v1/dashboard", "//"} {
		got := b.get(path)
		if got.StatusCode != http.StatusNotFound || strings.Contains(got.text, portaltest.Family.Name) {
			t.Errorf("%s: status %d", path, got.StatusCode)
		}
	}
}

func TestStaticFilesAreForGood(t *testing.T) {
	t.Parallel()
	_, p := open(t, func(h *portaltest.House) {
		h.Options.Town.Colour, h.Options.Town.Logo = "#7a1f5c", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)
	})
	b := visit(t, p)
	form := b.get("/connexion")
	var paths []string
	for _, e := range form.html.Find("link[href], script[src], img[src]").EachIter() {
		paths = append(paths, e.AttrOr("href", "")+e.AttrOr("src", ""))
	}
	if len(paths) != 5 {
		t.Errorf("assets %q", paths)
	}
	for _, path := range paths {
		got := b.get(path)
		if got.StatusCode != http.StatusOK || got.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || got.Header.Get("Content-Type") == "" {
			t.Errorf("%s: status %d, %v", path, got.StatusCode, got.Header)
		}
	}
}
