package portal_test

import (
	"errors"
	"os"
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

// inspector holds pages to axe and to reflow.
type inspector struct {
	t    *testing.T
	page *rod.Page
	base string
}

// look inspects the page as it stands.
func (i inspector) look(name string, in ...look) {
	i.t.Helper()
	for _, l := range in {
		as(i.t, i.page, l)
		for _, v := range browsertest.Violations(i.t, i.page) {
			i.t.Errorf("%s, %s: %s", name, l.name, v)
		}
		if over := i.page.MustEval(`() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
			.filter(e => e.getBoundingClientRect().right > innerWidth && !e.closest("svg")).map(e => e.outerHTML.slice(0, 90))`).Arr(); len(over) > 0 {
			i.t.Errorf("%s, %s: wider than the window: %v", name, l.name, over)
		}
	}
	as(i.t, i.page, looks()[0]) // as other looks may hide what is pressed next
}

// walk inspects every page.
func (i inspector) walk(name string, in ...look) {
	i.t.Helper()
	for _, path := range append(pages(), "/nulle-part") {
		i.page.MustNavigate(i.base + path).MustWaitLoad()
		i.look(name+" "+path, in...)
	}
}

// chosen sets one of the choices of display.
func (i inspector) chosen(button, then string) {
	i.t.Helper()
	i.page.MustNavigate(i.base + "/affichage").MustWaitLoad()
	press(i.t, i.page, "main "+button, then)
}

// TestPagesAreAccessible walks every page in Chromium as the family, the senior
// and the newcomer, in light, dark and forced colours, and 320 pixels wide with
// text twice as large; then the other choices, the other language and the pages
// that only some have.
func TestPagesAreAccessible(t *testing.T) {
	browser := browsertest.Chromium(t)
	all := looks()[:4]
	wide, narrow := all[:3], all[3]
	for name, steps := range map[string]func(i inspector){
		"door": func(i inspector) {
			i.look("signin", all...)
			i.page.MustElement("form[action='/connexion'] button").MustClick()
			browsertest.Arrive(i.t, i.page, ".field-problem")
			i.look("signin-problem", all...)
			i.chosen("button[value='200']", "[data-text='200']")
			i.look("choices without a session", all...)
			i.page.MustNavigate(i.base + "/connexion").MustWaitLoad()
			i.look("signin, large", narrow)
		},
		"household": func(i inspector) {
			signInAs(i.t, i.page, i.base, portaltest.Busy)
			for _, path := range []string{"/famille", "/calendriers", "/semaine", "/"} {
				i.page.MustNavigate(i.base + path).MustWaitLoad()
				i.look(path, all...)
			}
		},
		"english": func(i inspector) {
			signInAs(i.t, i.page, i.base, portaltest.Family)
			i.chosen("button[value='en']", "html[lang='en-CA']")
			i.walk("", wide[0])
		},
		"choices": func(i inspector) {
			signInAs(i.t, i.page, i.base, portaltest.Family)
			i.chosen("button[value='plus']", "[data-contrast]")
			i.page.MustNavigate(i.base + "/quartier").MustWaitLoad()
			i.look("contrast", all...)
			i.chosen("button[value='dyslexie']", "html[data-font]")
			i.chosen("button[value='200']", "[data-text='200']")
			i.chosen("button[value='reduites']", "main button[value='reduites'][aria-pressed='true']")
			i.walk("easier reading, large, reduced data, contrast", narrow)
		},
		"family": asEverybodyDoes(portaltest.Family, wide, narrow), "senior": asEverybodyDoes(portaltest.Stale, wide, narrow), "newcomer": asEverybodyDoes(portaltest.Newcomer, wide, narrow),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, p := open(t, settled(t))
			base := visit(t, p).base
			page := browser.MustIncognito().MustPage(base + "/connexion").Timeout(8 * time.Minute)
			page.MustWaitLoad()
			steps(inspector{t, page, base})
		})
	}
}

// asEverybodyDoes walks as somebody in every look.
func asEverybodyDoes(who portaltest.Person, wide []look, narrow look) func(i inspector) {
	return func(i inspector) {
		signInAs(i.t, i.page, i.base, who)
		i.walk("", wide...)
		i.chosen("button[value='200']", "[data-text='200']")
		i.walk("large", narrow)
		i.page.MustNavigate(i.base + "/").MustWaitLoad()
		press(i.t, i.page, "form[action='/deconnexion'] button", ".notice")
		i.look("signed out", wide[0])
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
