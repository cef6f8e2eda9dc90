package portal_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/semenligne/sem/portal/portaltest"
)

// pages has every page that the family can see.
func pages() []string { return portaltest.Pages() }

// Where the family's own things and some of the town's are.
const (
	requestKey = portaltest.RequestKey
	serviceKey = portaltest.ServiceKey
	circusKey  = portaltest.CircusKey
	yogaKey    = portaltest.YogaKey
	freeKey    = portaltest.FreeKey
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
		if method != http.MethodGet || strings.HasPrefix(route, "/api/") || strings.HasPrefix(route, "/static/") || strings.HasSuffix(route, ".ics") || strings.HasPrefix(route, "/photos/") || strings.HasPrefix(route, "/requetes/photo/") || strings.HasPrefix(route, "/requetes/plan/") || route == "/livez" || route == "/readyz" || route == "/connexion" {
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
