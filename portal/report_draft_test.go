package portal_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/portaltest"
)

// resumed opens the form from its draft.
func (b browser) resumed() page { return b.get(potholePath + "?brouillon") }

// TestDraftIsKept: what was typed is there on another device, with its photos,
// and gone once it was sent.
func TestDraftIsKept(t *testing.T) {
	t.Parallel()
	_, b, effects := sentBy(t)
	got := b.withFiles(potholePath, filled("draftsdraftsdrafts", "brouillon", "oui"), jpegFile(t))
	if got.StatusCode != http.StatusOK || !strings.Contains(got.at(".notice"), "jusqu’au jeudi 24\u00a0décembre") {
		t.Fatalf("status %d: %q", got.StatusCode, got.at(".notice"))
	}
	b.post("/deconnexion")
	other := b.another()
	other.signIn(portaltest.Family)
	list := other.get("/requetes/signaler")
	link := list.html.Find("#brouillons a")
	if link.AttrOr("href", "") != potholePath+"?brouillon" || !strings.Contains(list.at("#brouillons"), "Continuer\u00a0: Nid-de-poule") || !strings.Contains(list.at("#brouillons"), "Brouillon du 24\u00a0novembre") {
		t.Errorf("drafts: %q to %q", list.at("#brouillons"), link.AttrOr("href", ""))
	}
	form := other.resumed()
	if text := form.html.Find("#texte").Text(); text != "Un trou devant l’école.\nIl grandit." && text != "Un trou devant l’école.\r\nIl grandit." {
		t.Errorf("the text became %q", text)
	}
	if n := form.html.Find("input[name='" + questionField("dangers") + "'][checked]").Length(); n != 2 || len(form.kept()) != 1 || form.form(potholePath, "cle")[0] != "draftsdraftsdrafts" {
		t.Errorf("%d answers, photos %v, key %v", n, form.kept(), form.form(potholePath, "cle"))
	}
	// Another form about the same service leaves it; its own sending ends it.
	other.postForm(potholePath, filled("anotherformanother"))
	if n := other.get("/requetes/signaler").html.Find("#brouillons").Length(); n != 1 {
		t.Fatalf("%d lists of drafts after another form was sent", n)
	}
	other.postForm(potholePath, filled("draftsdraftsdrafts"))
	if n := other.get("/requetes/signaler").html.Find("#brouillons").Length(); n != 0 || len(effects()) != 2 {
		t.Errorf("%d lists of drafts after it was sent, %d requests", n, len(effects()))
	}
	if text := other.resumed().html.Find("#texte").Text(); text != "" {
		t.Errorf("an old link fills in %q", text)
	}
}

// TestDraftOfAProblem is kept by itself, but not on a computer that others use.
func TestDraftOfAProblem(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	for _, tc := range []struct {
		computer string
		press    string // beside what was filled in
		want     int
	}{{"", "", 1}, {"partage", "", 0}, {"partage", "brouillon", 1}} {
		b := visit(t, p)
		b.post("/connexion", "carte", portaltest.Family.Card, "nip", portaltest.Family.PIN, "ordinateur", tc.computer)
		pairs := []string{"adresse", ""}
		if tc.press != "" {
			pairs = append(pairs, tc.press, "oui")
		}
		b.postForm(potholePath, filled("problemproblemprob", pairs...))
		list := b.get("/requetes/signaler").html.Find("#brouillons li")
		if list.Length() != tc.want {
			t.Errorf("on a computer %q, pressing %q: %d drafts, want %d", tc.computer, tc.press, list.Length(), tc.want)
		}
		if got := b.post("/requetes/brouillons", "brouillon", serviceKey); got.StatusCode != http.StatusSeeOther {
			t.Errorf("dropped: status %d", got.StatusCode)
		}
		if n := b.get("/requetes/signaler").html.Find("#brouillons li").Length(); n != 0 {
			t.Errorf("%d drafts after it was dropped", n)
		}
	}
}

// TestDraftsAreBounded: one more than there is room for is told, and nothing
// else is lost.
func TestDraftsAreBounded(t *testing.T) {
	t.Parallel()
	h, b, _ := sentBy(t)
	for i := range dossier.MaxDrafts {
		d := dossier.Draft{Citizen: citizen(t, h, portaltest.Family), Topic: fmt.Sprint(i), Title: "Old", Content: []byte("{}"), Saved: portaltest.Now().Add(-time.Hour)}
		if err := h.Dossier.SaveDraft(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	got := b.postForm(potholePath, filled("boundedboundedboun", "brouillon", "oui"))
	if got.StatusCode != http.StatusOK || !strings.Contains(got.at(".notice"), "déjà vingt brouillons") || got.html.Find("#texte").Text() == "" {
		t.Errorf("status %d: %q", got.StatusCode, got.at(".notice"))
	}
	list := b.get("/requetes/signaler")
	if rows, links := list.html.Find("#brouillons li").Length(), list.html.Find("#brouillons li a").Length(); rows != dossier.MaxDrafts || links != 0 {
		t.Errorf("%d drafts, %d lead to services that are not offered", rows, links)
	}
}
