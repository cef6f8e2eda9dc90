package portal_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/semenligne/sem/portal/portaltest"
)

// pages has every page that the family can see, as somebody who follows links
// would. The browser, the checker of HTML, the text browser and the screenshots
// all walk them.
func pages() []string {
	return []string{
		"/", "/bibliotheque", "/loisirs", "/propriete", "/quartier", "/quartier?rayon=1000", "/requetes", "/requetes/" + requestKey,
		"/semaine", "/semaine/2026-11-08", "/collectes", "/collectes/annee", "/collectes/annee/2027",
		"/loisirs/activites", "/loisirs/activites?age=vieux&q=introuvable",
		"/famille", "/affichage", "/calendriers",
		"/bibliotheque/reserver", "/requetes/signaler", "/requetes/signaler?q=trou", "/requetes/signaler/" + serviceKey, "/ecrire",
		"/loisirs/activites/" + circusKey, "/loisirs/activites/" + freeKey, "/loisirs/activites/" + swimKey, "/demarches", "/demarches/" + portaltest.SentID,
	}
}

// requestKey is where the family's open request is.
const requestKey = "e94a7e85e785a865"

// serviceKey is where the form of the service with every kind of question is.
const serviceKey = "f59c6dccd798f0ad"

// circusKey is where a course that is full is, and freeKey a session that costs
// nothing; swimKey is where one is that has places.
const (
	circusKey = "5dfd2ad251"
	swimKey   = "39e5cd37d1"
	freeKey   = "7a23866aa9"
)

// fileName is a page's name on disk.
func fileName(path string) string {
	if path == "/" {
		return "accueil"
	}
	return strings.NewReplacer("/", "-", "?", "-", "=", "-", "&", "-").Replace(path[1:])
}

// TestEveryPageIsWalked fails for a page that pages() does not have.
func TestEveryPageIsWalked(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Family)
	walked := map[string]bool{}
	for _, path := range pages() {
		path, _, _ = strings.Cut(path, "?")
		walked[path] = true
	}
	router, ok := p.Handler().(chi.Routes)
	if !ok {
		t.Fatalf("handler is %T", p.Handler())
	}
	err := chi.Walk(router, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		stem, _, parameter := strings.Cut(route, "{")
		if method != http.MethodGet || strings.HasPrefix(route, "/api/") || strings.HasPrefix(route, "/static/") || strings.HasSuffix(route, ".ics") || route == "/livez" || route == "/readyz" || route == "/connexion" {
			return nil
		}
		known := walked[route]
		if parameter {
			known = slices.ContainsFunc(pages(), func(path string) bool { return strings.HasPrefix(path, stem) })
		}
		if !known {
			t.Errorf("%s is not among the pages", route)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range pages() {
		if got := b.get(path); got.StatusCode != http.StatusOK || strings.Contains(got.text, "⟦") {
			t.Errorf("%s: status %d, words missing: %v", path, got.StatusCode, strings.Contains(got.text, "⟦"))
		}
	}
}
