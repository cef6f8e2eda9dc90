package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCatalogueWithoutSigningIn: what the town offers to everybody is open to
// everybody, and nothing else is.
func TestCatalogueWithoutSigningIn(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	b := visit(t, p)
	if href := b.get("/connexion").html.Find(".signin a[href='/loisirs/activites']").Length(); href != 1 {
		t.Errorf("the sign-in page has %d links to the activities", href)
	}
	page := b.get("/loisirs/activites")
	if page.StatusCode != http.StatusOK || page.html.Find(".found .row").Length() != 20 {
		t.Fatalf("status %d, %d rows", page.StatusCode, page.html.Find(".found .row").Length())
	}
	if n := page.html.Find("form[action='/deconnexion'], body[data-live], .nav, #fin").Length(); n != 0 {
		t.Errorf("%d parts of a page that belongs to somebody", n)
	}
	if got := page.html.Find(".back a").AttrOr("href", ""); got != "/connexion?suite=/loisirs/activites" {
		t.Errorf("the way in is %q", got)
	}
	var seasons []string
	for _, o := range page.html.Find("#saison option").EachIter() {
		seasons = append(seasons, o.Text())
	}
	if diff := cmp.Diff([]string{"N’importe quelle saison", "Automne 2026", "Hiver 2027", "Printemps 2027"}, seasons); diff != "" {
		t.Errorf("seasons (-want +got)\n%s", diff)
	}
	found := b.get("/loisirs/activites?saison=2026-4")
	if got := found.at(".found h2"); !strings.HasPrefix(got, "1\u00a0activité") {
		t.Errorf("in autumn: %q", got)
	}
	for _, path := range []string{"/", "/loisirs", "/quartier"} {
		if got := b.get(path); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: status %d", path, got.StatusCode)
		}
	}
}
