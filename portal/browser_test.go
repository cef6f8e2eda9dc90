package portal_test

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"

	"github.com/semenligne/sem/portal/browsertest"
	"github.com/semenligne/sem/portal/portaltest"
)

// look is one way that somebody looks at a page.
type look struct {
	name    string
	width   int
	media   string // "print" for paper
	feature []*proto.EmulationMediaFeature
}

func looks() []look {
	dark := &proto.EmulationMediaFeature{Name: "prefers-color-scheme", Value: "dark"}
	light := &proto.EmulationMediaFeature{Name: "prefers-color-scheme", Value: "light"}
	still := &proto.EmulationMediaFeature{Name: "prefers-reduced-motion", Value: "reduce"}
	forced := &proto.EmulationMediaFeature{Name: "forced-colors", Value: "active"}
	list := []look{
		{"light", 1280, "", []*proto.EmulationMediaFeature{light, still}},
		{"dark", 1280, "", []*proto.EmulationMediaFeature{dark, still}},
		{"forced", 1280, "", []*proto.EmulationMediaFeature{forced, still}},
		{"narrow", 320, "", []*proto.EmulationMediaFeature{light, still}},
	}
	if os.Getenv("SCREENSHOTS") != "" {
		list = append(list,
			look{"phone", 360, "", []*proto.EmulationMediaFeature{light, still}},
			look{"phone-dark", 360, "", []*proto.EmulationMediaFeature{dark, still}},
			look{"print", 816, "print", []*proto.EmulationMediaFeature{light, still}})
	}
	return list
}

// as changes a page to a look.
func as(t *testing.T, page *rod.Page, l look) {
	t.Helper()
	err := errors.Join(
		page.SetViewport(&proto.EmulationSetDeviceMetricsOverride{Width: l.width, Height: 800, DeviceScaleFactor: 1}),
		proto.EmulationSetEmulatedMedia{Media: l.media, Features: l.feature}.Call(page),
	)
	if err != nil {
		t.Fatal(err)
	}
}

// TestPagesAreAccessible walks the pages in Chromium and holds them to axe and
// to reflow, in every look.
func TestPagesAreAccessible(t *testing.T) {
	axe, err := os.ReadFile(browsertest.Need(t, "axe"))
	if err != nil {
		t.Fatal(err)
	}
	browser := browsertest.Chromium(t)
	_, p := open(t, settled(t))
	base := visit(t, p).base
	page := browser.MustPage(base + "/connexion").Timeout(8 * time.Minute)

	inspect := func(name string, in ...look) {
		if len(in) == 0 {
			in = looks()
		}
		for _, l := range in {
			as(t, page, l)
			for _, v := range violations(t, page, string(axe)) {
				t.Errorf("%s, %s: %s", name, l.name, v)
			}
			if over := page.MustEval(`() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
				.filter(e => e.getBoundingClientRect().right > innerWidth && !e.closest("svg")).map(e => e.outerHTML.slice(0, 90))`).Arr(); len(over) > 0 {
				t.Errorf("%s, %s: wider than the window: %v", name, l.name, over)
			}
		}
		as(t, page, looks()[0]) // paper has no buttons to go on with
	}
	inspect("signin")
	page.MustElement("form[action='/connexion'] button").MustClick()
	page.MustWaitStable()
	inspect("signin-problem")
	signInAs(t, page, base, portaltest.Busy)
	for _, path := range []string{"/famille", "/calendriers"} {
		page.MustNavigate(base + path).MustWaitLoad()
		inspect("household " + path)
	}
	page.MustElement("form[action='/deconnexion'] button").MustClick()
	browsertest.Arrive(t, page, ".notice")
	for _, who := range []portaltest.Person{portaltest.Family, portaltest.Stale, portaltest.Newcomer} {
		signInAs(t, page, base, who)
		inspect("dashboard-" + strings.ToLower(who.Name))
		if who == portaltest.Family {
			for _, path := range pages()[1:] {
				page.MustNavigate(base + path).MustWaitLoad()
				inspect(path)
			}
			page.MustNavigate(base + "/nulle-part").MustWaitLoad()
			inspect("notfound")
			page.MustNavigate(base + "/").MustWaitLoad()
			press(t, page, "button[value='200']", "[data-text='200']")
			for _, path := range pages() {
				page.MustNavigate(base + path).MustWaitLoad()
				inspect("large "+path, looks()[3]) // on 320 pixels
			}
			page.MustNavigate(base + "/quartier").MustWaitLoad()
			press(t, page, "button[value='plus']", "[data-contrast]")
			press(t, page, "button[value='100']", "[data-text='100']")
			inspect("contrast")
			press(t, page, "button[value='en']", "html[lang='en-CA']") // the button itself is in English
			for _, path := range pages() {
				page.MustNavigate(base + path).MustWaitLoad()
				inspect("english "+path, looks()[0])
			}
			page.MustNavigate(base + "/affichage").MustWaitLoad()
			press(t, page, "button[value='dyslexie']", "html[data-font]")
			press(t, page, "button[value='200']", "[data-text='200']")
			inspect("easier reading, large")
		}
		page.MustElement("form[action='/deconnexion'] button").MustClick()
		browsertest.Arrive(t, page, ".notice")
	}
}

// press presses a button of the page and waits for what it leads to.
func press(t *testing.T, page *rod.Page, button, then string) {
	t.Helper()
	page.MustElement(button).MustClick()
	browsertest.Arrive(t, page, then)
}

// TestOpenPageIsUpdated watches an open page while a section changes behind it.
func TestOpenPageIsUpdated(t *testing.T) {
	h, p := open(t)
	base := visit(t, p).base
	page := browsertest.Chromium(t).MustPage(base + "/connexion").Timeout(time.Minute)
	page.MustElement("#carte").MustInput(portaltest.Family.Card)
	page.MustElement("#nip").MustInput(portaltest.Family.PIN)
	press(t, page, "form[action='/connexion'] button", "#section-bibliotheque .headline")
	citizen, err := h.Dossier.ByCard(t.Context(), portaltest.Family.Card)
	if err != nil {
		t.Fatal(err)
	}
	page.MustEval(`() => { window.stillTheSamePage = true }`)
	if err := h.Cache.Put(t.Context(), citizen, portaltest.Sections(portaltest.Empty)[0]); err != nil {
		t.Fatal(err)
	}
	page.MustElementR("#section-bibliotheque .headline", "Aucun prêt en cours")
	page.MustElementR("#nouvelles", "Votre page vient d’être mise à jour")
	if !page.MustEval(`() => window.stillTheSamePage === true`).Bool() {
		t.Error("the page was loaded again instead of updated")
	}
}

// violations runs axe on the page as it stands. axe is evaluated by the
// browser's debugger, outside the page's own policy.
func violations(t *testing.T, page *rod.Page, axe string) []string {
	t.Helper()
	if _, err := page.Eval(`() => { ` + axe + "\n}"); err != nil {
		t.Fatal(err)
	}
	result, err := page.Eval(`() => axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
		.then(r => ({passes: r.passes.length, bad: r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html + " " + n.failureSummary).join(" | "))}))`)
	if err != nil {
		t.Fatal(err)
	}
	if passes := result.Value.Get("passes").Int(); passes < 10 {
		t.Fatal("axe looked at nearly nothing: " + strconv.Itoa(passes) + " rules passed")
	}
	var list []string
	for _, v := range result.Value.Get("bad").Arr() {
		list = append(list, fmt.Sprint(v.Str()))
	}
	return list
}
