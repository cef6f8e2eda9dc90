package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/portaltest"
)

// relativeOf is how a page names somebody of the family file, and what its
// button does.
func relativeOf(t *testing.T, got page, name string) (handle, do string) {
	t.Helper()
	for _, x := range got.html.Find(".relative").EachIter() {
		if x.Find(".row-title").Text() == name {
			return x.Find("input[name=personne]").AttrOr("value", ""), x.Find("button").AttrOr("value", "")
		}
	}
	t.Fatalf("%s is not among the relatives", name)
	return "", ""
}

// offers are the people of the family file with their buttons, or what is said
// of nobody.
func offers(got page) []string {
	var list []string
	for _, x := range got.html.Find(".relative").EachIter() {
		list = append(list, x.Find(".row-title").Text()+" | "+x.Find("button").Text())
	}
	return list
}

func TestFamilyFileOffersWhomItMay(t *testing.T) {
	t.Parallel()
	_, p := open(t, settled(t))
	for _, tc := range []struct {
		name   string
		who    portaltest.Person
		offers []string
		says   string
	}{
		{"an adult", portaltest.Family, []string{"Mathis | Entrer dans le dossier de Mathis", "Zoé | Ajouter Zoé à mon dossier"}, "n’a pas de carte citoyen"},
		{"a teenager", portaltest.FiledTeen, []string{"Maude | Entrer dans le dossier de Maude", "Zoé | "}, "seul un adulte du dossier familial"},
		{"a child", portaltest.FiledChild, nil, ""},
		{"somebody without a family file", portaltest.Busy, nil, "Aucune autre carte citoyen"},
	} {
		b := visit(t, p)
		b.signIn(tc.who)
		got := b.get("/famille")
		if diff := cmp.Diff(tc.offers, offers(got)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tc.name, diff)
		}
		if section := got.at("#dossier-familial"); !strings.Contains(section, tc.says) || (tc.says == "") != (section == "") {
			t.Errorf("%s: %q", tc.name, section)
		}
	}
}

func TestAddingByTheFamilyFile(t *testing.T) {
	t.Parallel()
	h, p := open(t, settled(t))
	parent, teen, child, other := visit(t, p), visit(t, p), visit(t, p), visit(t, p)
	parent.signIn(portaltest.Family)
	teen.signIn(portaltest.FiledTeen)
	child.signIn(portaltest.FiledChild)
	other.signIn(portaltest.Busy)
	zoe, add := relativeOf(t, parent.get("/famille"), "Zoé")
	mathis, _ := relativeOf(t, parent.get("/famille"), "Mathis")
	maude, join := relativeOf(t, teen.get("/famille"), "Maude")
	foreign := handleOf(t, other.get("/famille"), "Léa")
	const path = "/famille/dossier-familial"
	for _, tc := range []struct {
		name    string
		b       browser
		who, do string
		status  int
	}{
		{name: "nobody", b: parent, who: "", do: add, status: http.StatusNotFound},
		{name: "another family's child", b: parent, who: foreign, do: add, status: http.StatusNotFound},
		{name: "the family's child by another family", b: other, who: zoe, do: add, status: http.StatusNotFound},
		{name: "a teenager by a parent", b: parent, who: mathis, do: add, status: http.StatusNotFound},
		{name: "a child into which one would go", b: parent, who: zoe, do: "", status: http.StatusNotFound},
		{name: "a parent by the handle of another page", b: parent, who: maude, do: join, status: http.StatusNotFound},
		{name: "a parent by the child's card", b: child, who: maude, do: join, status: http.StatusNotFound},
		{name: "a child by a parent", b: parent, who: zoe, do: add, status: http.StatusSeeOther},
		{name: "a parent by a teenager", b: teen, who: maude, do: join, status: http.StatusSeeOther},
	} {
		if got := tc.b.post(path, "personne", tc.who, "sens", tc.do); got.StatusCode != tc.status {
			t.Errorf("%s: status %d, want %d", tc.name, got.StatusCode, tc.status)
		}
	}
	got := parent.get("/famille?fait=added")
	if names := got.html.Find("#membres h3").Text(); names != "MathisZoé" && names != "ZoéMathis" || got.at(".notice") == "" {
		t.Errorf("members %q, notice %q", names, got.at(".notice"))
	}
	if diff := cmp.Diff([]string{"Mathis | Entrer dans le dossier de Mathis", "Zoé | "}, offers(got)); diff != "" {
		t.Errorf("after that (-want +got)\n%s", diff)
	}
	for _, line := range append(says(got, "Zoé"), says(got, "Mathis")...) {
		if !strings.Contains(line, "Vous ne voyez pas cette section.") {
			t.Errorf("being added shows %q", line)
		}
	}
	if status := parent.post("/famille/consentement", "personne", mathis, "de", "theirs", "donnees", "loans", "sens", "oui").StatusCode; status != http.StatusNotFound {
		t.Errorf("a parent for a teenager of the file: status %d", status)
	}
	for _, data := range []string{"loans", "schedule"} {
		if status := parent.post("/famille/consentement", "personne", zoe, "de", "theirs", "donnees", data, "sens", "oui").StatusCode; status != http.StatusSeeOther {
			t.Errorf("parental consent: status %d", status)
		}
	}
	// The registry takes the child out of the family file.
	card := func(who portaltest.Person, born record.Date, accounts ...string) record.Card {
		return record.Card{Number: who.Card, Name: who.Name, Born: born, Links: map[string][]string{"loisirs": accounts}}
	}
	if _, err := h.Dossier.ImportCards(t.Context(), []record.Card{
		card(portaltest.Family, record.Date{Year: 1986, Month: 4, Day: 11}, "account:F00204"), card(portaltest.FiledChild, record.Date{Year: 2016, Month: 2, Day: 29}),
	}); err != nil {
		t.Fatal(err)
	}
	for _, line := range says(parent.get("/famille"), "Zoé") {
		if !strings.Contains(line, "la Ville ne relie plus Zoé") || !strings.HasSuffix(line, "| -") {
			t.Errorf("file withdrawn: %q", line)
		}
	}
	household, err := h.Dossier.Household(t.Context(), citizen(t, h, portaltest.Family))
	if err != nil {
		t.Fatal(err)
	}
	d := dossier.Authorize(household.Holder, citizen(t, h, portaltest.FiledChild), dossier.Loans, household, portaltest.Now(), h.Options.Town.Zone)
	if d.Allowed || d.Why != dossier.FileGone {
		t.Errorf("file withdrawn: %+v", d)
	}
	if got := parent.post("/famille/retirer", "personne", zoe).Header.Get("Location"); got != "/famille?fait=removed" {
		t.Errorf("removing leads to %q", got)
	}
}
