package portal_test

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"

	"github.com/semenligne/sem/portal/browsertest"
	"github.com/semenligne/sem/portal/portaltest"
)

// TestOnePageOfPaper prints the week and the year as a browser would: one sheet
// each, whole, and tagged, as Poppler reads them. The full week is held to axe as
// well.
func TestOnePageOfPaper(t *testing.T) {
	_, p := open(t)
	base := visit(t, p).base
	page := browsertest.Chromium(t).MustPage(base + "/connexion").Timeout(4 * time.Minute)
	page.MustElement("#carte").MustInput(portaltest.Busy.Card)
	page.MustElement("#nip").MustInput(portaltest.Busy.PIN)
	press(t, page, "form[action='/connexion'] button", "#section-collectes")
	wanted := map[string]map[string]bool{"/semaine": {"H1": true, "H2": true, "LI": true}, "/collectes/annee/2026": {"H1": true, "Table": true, "TH": true, "TD": true}}
	whole := map[string][]string{"/semaine": {"Natation, étoile de mer 2", "Badminton libre", "22 h", "Dimanche"}, "/collectes/annee/2026": {"Janvier", "Décembre", "Jours déplacés"}}
	for path, size := range map[string]string{"/semaine": "792 x 612", "/collectes/annee/2026": "612 x 792"} {
		page.MustNavigate(base + path).MustWaitLoad()
		for _, l := range looks() {
			as(t, page, l)
			for _, v := range browsertest.Violations(t, page) {
				t.Errorf("%s, %s: %s", path, l.name, v)
			}
		}
		as(t, page, looks()[0])
		paper := printed(t, page)
		if paper.sheets != 1 || paper.size != size || !paper.tagged || paper.language != "fr-CA" || paper.title == "" {
			t.Errorf("%s: %d sheets of %s points, tagged: %v, language %q, title %q", path, paper.sheets, paper.size, paper.tagged, paper.language, paper.title)
		}
		for what := range paper.structure {
			delete(wanted[path], what)
		}
		for what := range wanted[path] {
			t.Errorf("%s: the tags know no %s: %v", path, what, paper.structure)
		}
		for _, text := range whole[path] {
			if !strings.Contains(strings.ToLower(paper.text), strings.ToLower(text)) {
				t.Errorf("%s: %q is not on paper", path, text)
			}
		}
	}
	// A timetable: days side by side where there is room, one below the other
	// where there is not.
	for width, across := range map[int]int{1280: 7, 360: 1} {
		page.MustNavigate(base + "/semaine").MustWaitLoad()
		as(t, page, look{name: strconv.Itoa(width), width: width, feature: looks()[0].feature})
		columns := page.MustEval(`() => new Set([...document.querySelectorAll(".day")].map(d => Math.round(d.getBoundingClientRect().left))).size`).Int()
		if columns != across {
			t.Errorf("%d wide: %d days across", width, columns)
		}
	}
}

// TestClashIsHatchedAndSaid looks at the full week's collision.
func TestClashIsHatchedAndSaid(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Busy)
	got := b.get("/semaine")
	const nb = "\u00a0"
	if want := "Conflit d’horaire pour Léa, mardi 24" + nb + "novembre" + nb + ": «" + nb + "Natation, étoile de mer 2" + nb + "», «" + nb + "Théâtre, les coulisses" + nb + "»."; got.at(".week-clashes li") != want {
		t.Errorf("clashes: %q", got.at(".week-clashes li"))
	}
	if n := got.html.Find(".slot.clash .item-clash").Length(); n != 2 {
		t.Errorf("%d are hatched", n)
	}
	if only := b.get("/semaine?personne=2"); only.html.Find(".slot").Length() != 3 || only.at("[aria-current='true']") != "ÉÉmile" {
		t.Errorf("one person: %d slots, chosen %q", only.html.Find(".slot").Length(), only.at("[aria-current='true']"))
	}
	for path, status := range map[string]int{
		"/semaine/2026-11-24": 200, "/semaine/2026-02-30": 404, "/semaine/1999-01-01": 404, "/semaine/x": 404, "/semaine?personne=9": 404, "/semaine?personne=Léa": 404,
		"/collectes/annee/2027": 200, "/collectes/annee/2030": 404, "/collectes/annee/02026": 404,
	} {
		if got := b.get(path); got.StatusCode != status {
			t.Errorf("%s: status %d", path, got.StatusCode)
		}
	}
}

// TestChosenPersonStaysFromWeekToWeek follows the links to other weeks with one
// person chosen who has nothing there.
func TestChosenPersonStaysFromWeekToWeek(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Busy)
	for path, want := range map[string]string{"/semaine?personne=2": "ÉÉmile", "/semaine/2027-03-08?personne=2": "ÉÉmile", "/semaine/2026-08-31?personne=3": "LLéa"} {
		if got := b.get(path); got.StatusCode != http.StatusOK || got.at(".whose [aria-current='true']") != want {
			t.Errorf("%s: status %d, chosen %q", path, got.StatusCode, got.at(".whose [aria-current='true']"))
		}
	}
}

// paper is what Poppler reads in a page that was printed to PDF.
type paper struct {
	sheets                int
	size, language, title string
	tagged                bool
	structure             map[string]bool // the sorts of tags
	text                  string
}

// printed prints the page that a tab is at.
func printed(t *testing.T, page *rod.Page) paper {
	t.Helper()
	pdf, err := page.PDF(&proto.PagePrintToPDF{PreferCSSPageSize: true, PrintBackground: true, GenerateTaggedPDF: true})
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(pdf)
	if err != nil {
		t.Fatal(err)
	}
	info := browsertest.Need(t, "pdfinfo")
	file := filepath.Join(t.TempDir(), "page.pdf")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	read := func(tool string, args ...string) string {
		out, err := exec.CommandContext(t.Context(), tool, args...).Output()
		if err != nil {
			t.Fatalf("%s: %v", tool, err)
		}
		return strings.ReplaceAll(string(out), "\u00a0", " ")
	}
	got := paper{structure: map[string]bool{}, text: read(filepath.Join(filepath.Dir(info), "pdftotext"), file, "-")}
	for line := range strings.Lines(read(info, file)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch value = strings.TrimSpace(value); name {
		case "Title":
			got.title = value
		case "Tagged":
			got.tagged = value == "yes"
		case "Pages":
			if got.sheets, err = strconv.Atoi(value); err != nil {
				t.Fatal(err)
			}
		case "Page size":
			got.size, _, _ = strings.Cut(value, " pts")
		}
	}
	for line := range strings.Lines(read(info, "-struct", file)) {
		kind, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		got.structure[strings.TrimSuffix(kind, ":")] = true
	}
	// Poppler's tools do not print the language of the document.
	if m := regexp.MustCompile(`(?s)/Type /Catalog.*?/Lang \(([^)]*)\)`).FindSubmatch(data); m != nil {
		got.language = string(m[1])
	}
	return got
}

// TestEveryPagePrintsClean prints every page: no navigation, no button, nothing
// that only works on a screen, and the page is tagged and has its title. On the
// week, the choice of person is the legend of the initials.
func TestEveryPagePrintsClean(t *testing.T) {
	_, p := open(t)
	base := visit(t, p).base
	page := browsertest.Chromium(t).MustPage(base + "/connexion").Timeout(4 * time.Minute)
	signInAs(t, page, base, portaltest.Family)
	for _, path := range pages() {
		page.MustNavigate(base + path).MustWaitLoad()
		title := page.MustEval(`() => document.title`).Str()
		if got := printed(t, page); !got.tagged || got.language != "fr-CA" || got.title != strings.ReplaceAll(title, "\u00a0", " ") || got.sheets == 0 {
			t.Errorf("%s: tagged: %v, language %q, title %q, %d sheets", path, got.tagged, got.language, got.title, got.sheets)
		}
		as(t, page, look{name: "print", width: 816, media: "print"})
		for _, e := range page.MustEval(`() => [...document.querySelectorAll("nav:not(.whose), button, select, input:not([type=hidden]), textarea, .skip")]
			.filter(e => e.getClientRects().length > 0).map(e => e.outerHTML.slice(0, 90))`).Arr() {
			t.Errorf("%s prints %s", path, e.Str())
		}
		as(t, page, looks()[0])
	}
}
