package portal_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/portal/portaltest"
)

func TestDashboardSaysWhatIsKnown(t *testing.T) {
	t.Parallel()
	const nb = "\u00a0"
	_, p := open(t)
	for _, tc := range []struct {
		name string
		who  portaltest.Person
		want map[string]string // selector → text
		not  []string
	}{
		{"family", portaltest.Family, map[string]string{
			"h1":                              "Bonjour, Maude",
			"#section-bibliotheque .headline": "5" + nb + "prêts",
			"#section-bibliotheque .age-text": "À jour à 14" + nb + "h" + nb + "05.",
			"#section-role .headline":         "412" + nb + "000" + nb + "$",
			"#section-role dd":                "14, rue des Érables 0719-81-0976 356" + nb + "000" + nb + "$ +15,7" + nb + "% depuis ce rôle",
			"#section-requetes .headline":     "1" + nb + "requête en cours",
			"#section-loisirs .headline":      "3" + nb + "inscriptions",
		}, []string{"aucun prêt", "réessayons"}},
		{"stale", portaltest.Stale, map[string]string{
			"#section-bibliotheque .headline": "2" + nb + "prêts",
			"#section-bibliotheque .age-text": "En date du 22" + nb + "novembre, 18" + nb + "h" + nb + "10. La bibliothèque ne répond pas présentement; nous réessayons.",
			"#section-loisirs .headline":      "Aucune inscription en cours.",
			"#section-loisirs .age-text":      "En date du 22" + nb + "novembre, 18" + nb + "h" + nb + "10. Nous vérifions s’il y a du nouveau.",
			".todo-unchecked":                 "Nous n’avons pas pu vérifier aujourd’hui" + nb + ": Bibliothèque.",
		}, nil},
		{"newcomer", portaltest.Newcomer, map[string]string{
			"#section-bibliotheque .unknown": "Nous n’avons pas encore pu consulter la bibliothèque.Cela ne veut pas dire que vous n’avez aucun prêt.",
			".todo-none":                     "", // nothing was looked at
		}, []string{"Aucun prêt en cours", "Aucune inscription en cours", "Aucune requête en cours"}},
		{"empty", portaltest.Empty, map[string]string{
			"#section-bibliotheque .headline": "Aucun prêt en cours.",
			"#section-requetes .headline":     "Aucune requête.",
			".todo li":                        "Ce soir, après 19" + nb + "h, sortez le bac" + nb + ": Matières organiques.Voir les collectes Les inscriptions à «" + nb + "Décorations de Noël" + nb + "» se terminent demain.Voir les activités",
			"#section-collectes .headline":    "Demain",
		}, []string{"pas encore pu"}},
		{"unlinked", portaltest.Unlinked, map[string]string{
			"#section-bibliotheque .unknown strong": "Votre carte n’est pas encore reliée à la bibliothèque.",
		}, []string{"Aucun prêt en cours"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := visit(t, p)
			b.signIn(tc.who)
			got := b.get("/")
			if got.StatusCode != http.StatusOK {
				t.Fatalf("status %d\n%s", got.StatusCode, got.text)
			}
			for selector, want := range tc.want {
				if diff := cmp.Diff(want, got.at(selector)); diff != "" {
					t.Errorf("%s (-want +got)\n%s", selector, diff)
				}
			}
			for _, not := range tc.not {
				if strings.Contains(got.text, not) {
					t.Errorf("page says %q", not)
				}
			}
			if strings.Contains(got.text, "⟦") {
				t.Error("page asks for a text that does not exist")
			}
		})
	}
}

func TestDashboardJSONTellsUnknownFromEmpty(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	for _, tc := range []struct {
		who   portaltest.Person
		state string
		want  string // of the library's records, cut to two bytes
	}{
		{portaltest.Family, "fresh", "[{"},
		{portaltest.Stale, "stale", "[{"},
		{portaltest.Empty, "fresh", "[]"},
		{portaltest.Newcomer, "unknown", "nu"},
	} {
		t.Run(tc.who.Name, func(t *testing.T) {
			t.Parallel()
			b := visit(t, p)
			if got := b.get("/api/v1/dashboard"); got.StatusCode != http.StatusUnauthorized {
				t.Fatalf("without session: status %d", got.StatusCode)
			}
			b.signIn(tc.who)
			var answer struct {
				Sections []struct {
					Source, State string
					Records       json.RawMessage
				}
			}
			if err := json.Unmarshal([]byte(b.get("/api/v1/dashboard").text), &answer); err != nil {
				t.Fatal(err)
			}
			if len(answer.Sections) != 4 {
				t.Fatalf("%d sections", len(answer.Sections))
			}
			library := answer.Sections[0]
			if got := string(library.Records[:2]); library.State != tc.state || got != tc.want {
				t.Errorf("library: state %q, records %s…", library.State, got)
			}
		})
	}
}
