package portal_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/portaltest"
)

// TestManyTransactions: a page is bounded, and the links between pages lead to
// each transaction once, the latest first.
func TestManyTransactions(t *testing.T) {
	t.Parallel()
	h, b, _ := sentBy(t)
	maude, err := h.Dossier.ByCard(t.Context(), portaltest.Family.Card)
	if err != nil {
		t.Fatal(err)
	}
	const sent = 500
	for i := range sent {
		_, err := h.Desk.Act(t.Context(), dossier.Transaction{
			Citizen: maude, For: maude, Source: "bibliotheque", About: fmt.Sprintf("Livre %03d", i), Action: record.PlaceHold{Item: fmt.Sprint(i)},
			Key: fmt.Sprintf("envoiquiestgrand.%d", i), Accepted: portaltest.Now().Add(time.Duration(i-sent) * time.Minute),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]int{"/demarches": sent + 1, "/demarches?envoi=envoiquiestgrand": sent} {
		seen, pages := map[string]bool{}, 0
		for next := path; next != ""; pages++ {
			page := b.get(next)
			links := page.html.Find("#demarches li a[href^='/demarches/']")
			if links.Length() == 0 || links.Length() > 50 {
				t.Fatalf("%s: %d transactions", next, links.Length())
			}
			for _, a := range links.EachIter() {
				to := a.AttrOr("href", "")
				if seen[to] {
					t.Errorf("%s is shown twice", to)
				}
				seen[to] = true
			}
			if newest := page.html.Find(".more a:contains('Revenir aux plus récentes')"); (newest.Length() == 1) != (pages > 0) || pages > 0 && newest.AttrOr("href", "") != path {
				t.Errorf("%s leads back to %q", next, newest.AttrOr("href", ""))
			}
			next = page.html.Find(".more a:contains('plus anciennes')").AttrOr("href", "")
		}
		if len(seen) != want || pages != (want+49)/50 {
			t.Errorf("%s: %d transactions on %d pages, want %d", path, len(seen), pages, want)
		}
	}
	for _, path := range []string{"/demarches?avant=nulle-part", "/demarches?envoi=envoiquiestgrand&avant=" + portaltest.SentID} {
		if got := b.get(path); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", path, got.StatusCode)
		}
	}
}
