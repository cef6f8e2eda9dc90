package portal_test

import (
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"

	"github.com/semenligne/sem/portal/browsertest"
	"github.com/semenligne/sem/portal/portaltest"
)

// keyboard is somebody who has no mouse.
type keyboard struct {
	t    *testing.T
	page *rod.Page
	base string
}

// press focuses something and presses a key, and waits for what it leads to.
func (k keyboard) press(path, selector string, key input.Key, then string, text ...string) {
	k.t.Helper()
	k.page.MustNavigate(k.base + path).MustWaitLoad()
	browsertest.Focus(k.t, k.page, selector)
	k.page.Keyboard.MustType(key)
	browsertest.Arrive(k.t, k.page, then, text...)
}

// signIn fills the form.
func (k keyboard) signIn(who portaltest.Person) {
	k.t.Helper()
	browsertest.Focus(k.t, k.page, "#carte")
	k.page.MustInsertText(who.Card)
	browsertest.Focus(k.t, k.page, "#nip")
	k.page.MustInsertText(who.PIN)
	k.page.Keyboard.MustType(input.Enter)
	browsertest.Arrive(k.t, k.page, "form[action='/deconnexion']")
}

// reachEverything goes round a page: each thing to operate takes the focus in
// turn, shows it and is seen, the first one leads past the navigation, and the
// focus comes out at the end.
func (k keyboard) reachEverything(path string) {
	k.t.Helper()
	k.page.MustNavigate(k.base + path).MustWaitLoad()
	total := k.page.MustEval(`() => {
		for (const folded of document.querySelectorAll("details")) folded.open = true;
		window.operable = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
			.filter(e => !e.closest("[hidden]") && e.getClientRects().length > 0 && !e.disabled && !e.closest("[aria-hidden=true]"));
		window.reached = new Set();
		return operable.length;
	}`).Int()
	if total < 10 {
		k.t.Fatalf("%s: only %d things to operate", path, total)
	}
	out := false
	for i := range total + 40 { // a date has several stops
		if out {
			break
		}
		k.page.Keyboard.MustType(input.Tab)
		state := k.page.MustEval(`() => {
			const e = document.activeElement, s = getComputedStyle(e);
			if (e === document.body) return "out";
			const again = e === operable[0] && reached.has(e);
			reached.add(e);
			const r = e.getBoundingClientRect();
			if (s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2) return "no focus is seen on " + e.outerHTML.slice(0, 120);
			if (r.right <= 0 || r.left >= innerWidth || r.bottom <= 0 || r.top >= innerHeight) return "focus is out of sight on " + e.outerHTML.slice(0, 120);
			return again ? "out" : e.matches("a.skip") ? "skip" : "";
		}`).Str()
		switch {
		case state == "out":
			out = true
		case i == 0 && state != "skip":
			k.t.Errorf("%s: the first thing is not the way past the navigation but %q", path, state)
		case state != "" && state != "skip":
			k.t.Errorf("%s: %s", path, state)
		}
	}
	if !out {
		k.t.Errorf("%s: the focus never comes out", path)
	}
	// Of radio buttons that belong together one takes the focus.
	for _, missed := range k.page.MustEval(`() => operable.filter(e => !reached.has(e) && !(e.type === "radio" && [...reached].some(r => r.name === e.name))).map(e => e.outerHTML.slice(0, 120))`).Arr() {
		k.t.Errorf("%s: never reached: %s", path, missed.Str())
	}
}

// TestKeyboardReachesEverything signs in as each of the three people and walks
// every page with the keyboard alone.
func TestKeyboardReachesEverything(t *testing.T) {
	browser := browsertest.Chromium(t)
	for name, who := range map[string]portaltest.Person{"family": portaltest.Family, "senior": portaltest.Stale, "newcomer": portaltest.Newcomer} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, p := open(t)
			base := visit(t, p).base
			k := keyboard{t, browser.MustIncognito().MustPage(base + "/connexion").Timeout(5 * time.Minute), base}
			k.page.MustWaitLoad()
			k.signIn(who)
			for _, path := range pages() {
				k.reachEverything(path)
			}
		})
	}
}

// TestKeyboardOperatesEverything uses one of each sort of control: the way past
// the navigation, a link, a list to choose from, a text, a box to tick, what
// opens and closes, a choice kept, and the way out.
func TestKeyboardOperatesEverything(t *testing.T) {
	_, p := open(t, settled(t))
	base := visit(t, p).base
	k := keyboard{t, browsertest.Chromium(t).MustPage(base + "/connexion").Timeout(3 * time.Minute), base}
	k.page.MustWaitLoad()
	k.signIn(portaltest.Busy)

	k.press("/", "a.skip", input.Enter, "main:target")
	k.page.Keyboard.MustType(input.Tab)
	if !k.page.MustEval(`() => document.activeElement.closest("main") !== null`).Bool() {
		t.Error("past the navigation, the next thing is not in the page's main part")
	}
	k.press("/", ".nav a[href='/semaine']", input.Enter, ".week-page")
	k.press("/semaine", ".week-nav a[href='/semaine/2026-11-29']", input.Enter, ".week-head", "29\u00a0novembre")
	k.press("/famille", ".leave summary", input.Space, ".leave[open]")

	k.page.MustNavigate(base + "/loisirs/activites").MustWaitLoad()
	browsertest.Focus(k.t, k.page, ".search input[name='q']")
	k.page.MustInsertText("natation")
	browsertest.Focus(k.t, k.page, ".search input[name='places']")
	k.page.Keyboard.MustType(input.Space)
	k.page.Keyboard.MustType(input.Enter)
	browsertest.Arrive(t, k.page, ".filters") // the box is checked before the answer is there
	if url := k.page.MustInfo().URL; !strings.Contains(url, "q=natation") || !strings.Contains(url, "places=1") {
		t.Errorf("the search leads to %s", url)
	}

	k.page.MustNavigate(base + "/quartier").MustWaitLoad()
	browsertest.Focus(k.t, k.page, "#rayon")
	k.page.Keyboard.MustType(input.ArrowDown)
	browsertest.Focus(k.t, k.page, ".radius button")
	k.page.Keyboard.MustType(input.Enter)
	browsertest.Arrive(t, k.page, ".home .sub", "400")

	k.press("/affichage", "main button[value='150']", input.Space, "[data-text='150']")
	k.press("/", "form[action='/deconnexion'] button", input.Enter, ".notice")
}
