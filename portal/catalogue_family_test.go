package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/semenligne/sem/portal/portaltest"
)

// TestCatalogueForTheFamily follows the choices of people in the catalogue, and
// takes one of them away.
func TestCatalogueForTheFamily(t *testing.T) {
	t.Parallel()
	h, p := open(t, settled(t))
	b := visit(t, p)
	b.signIn(portaltest.Busy)
	all := b.get("/loisirs/activites")
	links := map[string]string{}
	for _, a := range all.html.Find(".catalogue-page .whose a").EachIter() {
		links[a.Text()] = a.AttrOr("href", "")
	}
	lea, adults := links["Pour Léa"], "Aînés actifs"
	if len(links) < 3 || lea == "" || !strings.Contains(all.text, adults) {
		t.Fatalf("choices %v", links)
	}
	hers := b.get(lea)
	if hers.StatusCode != http.StatusOK || strings.Contains(hers.at(".found"), adults) || !strings.Contains(hers.at(".found"), "Atelier du samedi") {
		t.Errorf("for a child of nine: %s", hers.at(".found"))
	}
	if u, err := url.Parse(lea); err != nil || len(u.Query()) != 1 || hers.html.Find("form.search input[name=pour]").AttrOr("value", "") != u.Query().Get("pour") || hers.html.Find("#age").AttrOr("value", "") != "" {
		t.Errorf("the address is %q, %v", lea, err)
	}
	if got := hers.at(".whose [aria-current='true']"); got != "Pour Léa" || hers.html.Find(".filters a").Length() != 1 {
		t.Errorf("chosen %q", got)
	}
	stranger := visit(t, p)
	if got := stranger.get(lea); got.StatusCode != http.StatusOK || got.html.Find(".whose, [name=pour]").Length() > 0 || !strings.Contains(got.text, adults) {
		t.Errorf("without a session: status %d", got.StatusCode)
	}
	stranger.signIn(portaltest.Family)
	for _, path := range []string{lea, "/loisirs/activites?pour=x", "/loisirs/activites?pour=" + strings.Repeat("a", 3000)} {
		if got := stranger.get(path); got.StatusCode != http.StatusNotFound {
			t.Errorf("somebody else's choice: status %d", got.StatusCode)
		}
	}
	if err := h.Dossier.RemoveMember(t.Context(), citizen(t, h, portaltest.Busy), citizen(t, h, portaltest.Child), portaltest.Now()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.get("/loisirs/activites").at(".whose"), "Léa") || b.get(lea).StatusCode != http.StatusNotFound {
		t.Error("whoever left the dossier is still offered")
	}
}
