package portal_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/semenligne/sem/portal/browsertest"
	"github.com/semenligne/sem/portal/portaltest"
)

// TestPagesAreValidHTML has html-validate read every page, in both languages,
// of people who have everything, something old and nothing. Three of its
// rules are relaxed: our own style and script come from where the page does, a
// button without a type submits, as each of ours does, and a list may have a
// label, as ARIA says.
func TestPagesAreValidHTML(t *testing.T) {
	t.Parallel()
	validator := browsertest.Need(t, "html-validate")
	_, p := open(t)
	dir := t.TempDir()
	write := func(name string, got page) {
		if err := os.WriteFile(filepath.Join(dir, name+".html"), []byte(got.text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config, err := filepath.Abs("testdata/htmlvalidate.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"fr", "en"} {
		stranger := visit(t, p)
		stranger.post("/affichage", "langue", lang)
		write(lang+"-connexion", stranger.get("/connexion"))
		write(lang+"-connexion-refusee", stranger.post("/connexion", "carte", "12", "nip", ""))
		for _, who := range []portaltest.Person{portaltest.Family, portaltest.Stale, portaltest.Newcomer, portaltest.Empty} {
			b := visit(t, p)
			b.signIn(who)
			b.post("/affichage", "langue", lang)
			for _, path := range append(pages(), "/nulle-part") {
				write(lang+"-"+who.Name+"-"+fileName(path), b.get(path))
			}
		}
	}
	out, err := exec.CommandContext(t.Context(), validator, "--config", config, "--formatter", "text", dir).CombinedOutput()
	if err != nil {
		t.Errorf("html-validate: %v\n%s", err, strings.ReplaceAll(string(out), dir+"/", ""))
	}
	if files, err := filepath.Glob(filepath.Join(dir, "*.html")); err != nil || len(files) < 2*4*len(pages()) {
		t.Errorf("%d pages were checked, %v", len(files), err)
	}
}
