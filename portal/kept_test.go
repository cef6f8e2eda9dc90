package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/semenligne/sem/portal/portaltest"
)

// TestFormOutlivesTheSession: what was filled in when the session ended is on
// the page that says so, and is sent from there, once.
func TestFormOutlivesTheSession(t *testing.T) {
	t.Parallel()
	_, b, effects := sentBy(t)
	form := []string{"cle", "oneletterandnoother12345", "genre", "plainte", "sujet", "voirie", "texte", "Le trottoir\nest <b>glacé</b>.", "nom", "Maude", "courriel", "maude@exemple.test"}
	b.post("/deconnexion")
	got := b.post("/ecrire", form...)
	if got.StatusCode != http.StatusForbidden || !strings.Contains(got.at("main"), "Rien n’a été envoyé.") || got.html.Find("main b").Length() != 0 {
		t.Fatalf("status %d\n%s", got.StatusCode, got.at("main"))
	}
	kept := map[string][]string{}
	for _, e := range got.html.Find("main form[action='/ecrire'] input").EachIter() {
		kept[e.AttrOr("name", "")] = append(kept[e.AttrOr("name", "")], e.AttrOr("value", ""))
	}
	if n := len(effects()); n != 0 {
		t.Fatalf("%d letters without a session", n)
	}
	b.signIn(portaltest.Family)
	first := b.postForm("/ecrire", kept)
	again := b.postForm("/ecrire", kept)
	if first.StatusCode != http.StatusSeeOther || !strings.HasPrefix(first.Header.Get("Location"), "/demarches/") || again.Header.Get("Location") != first.Header.Get("Location") {
		t.Errorf("status %d to %q, then to %q", first.StatusCode, first.Header.Get("Location"), again.Header.Get("Location"))
	}
	if n := len(effects()); n != 1 {
		t.Errorf("%d letters", n)
	}
	if text := b.get(first.Header.Get("Location")).at(".written"); !strings.Contains(text, "est <b>glacé</b>.") {
		t.Errorf("sent %q", text)
	}

	t.Run("photos", func(t *testing.T) {
		b.post("/deconnexion")
		got := b.withFiles("/requetes/signaler/"+serviceKey, url.Values{"cle": {"onereportandnoother12345"}, "texte": {"Un trou."}}, []byte("no photo at all"))
		if text := got.at("main"); got.StatusCode != http.StatusForbidden || !strings.Contains(text, "Les photos ne sont pas gardées") || got.form("/requetes/signaler/"+serviceKey, "texte")[0] != "Un trou." {
			t.Errorf("status %d\n%s", got.StatusCode, text)
		}
	})
	t.Run("nothing to send", func(t *testing.T) {
		if got := b.post("/famille/quitter"); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/connexion" {
			t.Errorf("status %d to %q", got.StatusCode, got.Header.Get("Location"))
		}
	})
}
