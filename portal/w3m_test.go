package portal_test

import (
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/semenligne/sem/portal/browsertest"
	"github.com/semenligne/sem/portal/portaltest"
)

// textBrowser is w3m with a home of its own: no script and no style sheet.
type textBrowser struct {
	t    *testing.T
	path string
	home string
	base string
}

// screen signs somebody in through the form, which leads on to a page, and
// returns what stands on the screen.
func (b textBrowser) screen(who portaltest.Person, path string) string {
	b.t.Helper()
	form := filepath.Join(b.home, "form")
	values := url.Values{"carte": {who.Card}, "nip": {who.PIN}, "suite": {path}}
	if err := os.WriteFile(form, []byte(values.Encode()), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return b.run("-post", form, b.base+"/connexion")
}

func (b textBrowser) run(args ...string) string {
	b.t.Helper()
	cmd := exec.CommandContext(b.t.Context(), b.path, append([]string{"-dump", "-cookie", "-cols", "80", "-o", "display_link_number=1", "-I", "UTF-8", "-O", "UTF-8"}, args...)...)
	cmd.Env = append(os.Environ(), "HOME="+b.home, "no_proxy=*")
	out, err := cmd.Output()
	if err != nil {
		b.t.Fatalf("w3m: %v\n%s", err, out)
	}
	return strings.ReplaceAll(string(out), "\u00a0", " ")
}

// links are where the links on a screen lead, as w3m lists them below it.
func links(screen string) []string {
	var list []string
	for _, m := range regexp.MustCompile(`(?m)^\[\d+\] https?://[^/\s]+(/\S*)$`).FindAllStringSubmatch(screen, -1) {
		list = append(list, m[1])
	}
	return list
}

// TestTheWholeJourneyInATextBrowser signs in with w3m and reads every page that
// its links lead to, without script and without style.
func TestTheWholeJourneyInATextBrowser(t *testing.T) {
	t.Parallel()
	w3m := browsertest.Need(t, "w3m")
	_, p := open(t)
	b := textBrowser{t, w3m, t.TempDir(), visit(t, p).base}
	form := b.run(b.base + "/connexion")
	for _, want := range []string{"Connexion à votre dossier", "Numéro de carte citoyen", "NIP", "Se connecter"} {
		if !strings.Contains(form, want) {
			t.Errorf("sign-in lacks %q\n%s", want, form)
		}
	}
	refused := b.screen(portaltest.Person{Card: portaltest.Family.Card, PIN: "000000"}, "/")
	if !strings.Contains(refused, "Le NIP ou le numéro de carte est inexact.") {
		t.Errorf("a wrong PIN:\n%s", refused)
	}
	want := map[string][]string{
		"/":                       {"Bonjour, Maude", "À faire", "5 prêts", "412 000 $", "Se déconnecter"},
		"/bibliotheque":           {"Les oiseaux du Québec", "En retard", "À jour à 14 h 05."},
		"/loisirs":                {"Natation, étoile de mer 2", "Paiement attendu"},
		"/propriete":              {"14, rue des Érables", "0719-81-0976", "La valeur a augmenté de 56 000 $"},
		"/quartier":               {"14 lieux à 300 m ou moins", "École primaire des Moissons", "210 m à l’ouest", "Afficher"},
		"/requetes":               {"Nid-de-poule", "Requête nº 26-10482"},
		"/requetes/" + requestKey: {"Confiée à l’équipe de la voirie.", "vendredi 27 novembre"},
	}
	seen := map[string]bool{}
	todo := []string{"/"}
	for len(todo) > 0 {
		where := todo[0]
		todo = todo[1:]
		if seen[where] {
			continue
		}
		seen[where] = true
		screen := b.screen(portaltest.Family, where)
		for _, text := range append(want[where], "Ville de Pointe-aux-Érables", "Aller au contenu") {
			if !strings.Contains(screen, text) {
				t.Errorf("%s lacks %q\n%s", where, text, screen)
			}
		}
		for _, link := range links(screen) {
			link, _, _ = strings.Cut(link, "#")
			if slices.Contains(pages(), link) {
				todo = append(todo, link)
			}
		}
	}
	for where := range want {
		if !seen[where] {
			t.Errorf("no link leads to %s", where)
		}
	}
	for _, where := range pages() {
		where, _, _ = strings.Cut(where, "?")
		if !seen[where] && !seen[path.Dir(where)] { // a week of another month stands for all weeks
			t.Errorf("no link leads to %s", where)
		}
	}
}
