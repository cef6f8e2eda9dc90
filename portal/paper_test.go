package portal_test

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/go-rod/rod/lib/proto"

	"github.com/semenligne/sem/portal/browsertest"
	"github.com/semenligne/sem/portal/portaltest"
)

// TestOnePageOfPaper prints the week and the year as a browser would: one sheet
// each, and tagged. The full week is held to axe as well.
func TestOnePageOfPaper(t *testing.T) {
	axe, err := os.ReadFile(browsertest.Need(t, "axe"))
	if err != nil {
		t.Fatal(err)
	}
	_, p := open(t)
	base := visit(t, p).base
	page := browsertest.Chromium(t).MustPage(base + "/connexion").Timeout(4 * time.Minute)
	page.MustElement("#carte").MustInput(portaltest.Busy.Card)
	page.MustElement("#nip").MustInput(portaltest.Busy.PIN)
	press(t, page, "form[action='/connexion'] button", "#section-collectes")
	for path, size := range map[string]string{"/semaine": "792 612", "/collectes/annee/2026": "612 792"} {
		page.MustNavigate(base + path).MustWaitLoad()
		for _, l := range looks() {
			as(t, page, l)
			for _, v := range violations(t, page, string(axe)) {
				t.Errorf("%s, %s: %s", path, l.name, v)
			}
		}
		as(t, page, looks()[0])
		paper, err := page.PDF(&proto.PagePrintToPDF{PreferCSSPageSize: true, PrintBackground: true, GenerateTaggedPDF: true})
		if err != nil {
			t.Fatal(err)
		}
		pdf, err := io.ReadAll(paper)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(regexp.MustCompile(`/Type /Page\b`).FindAll(pdf, -1)); n != 1 {
			t.Errorf("%s: %d sheets", path, n)
		}
		if !regexp.MustCompile(`/MediaBox \[0 0 ` + size + `\]`).Match(pdf) {
			t.Errorf("%s: not %s points", path, size)
		}
		if !regexp.MustCompile(`/StructTreeRoot`).Match(pdf) {
			t.Errorf("%s: not tagged", path)
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
