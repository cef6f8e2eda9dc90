package portal_test

import (
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod/lib/input"

	"github.com/semenligne/sem/portal/browsertest"
	"github.com/semenligne/sem/portal/portaltest"
)

// TestKeyboardReachesEverything signs in and walks every page with the keyboard
// alone: each thing to operate takes the focus in turn, and shows it.
func TestKeyboardReachesEverything(t *testing.T) {
	_, p := open(t)
	base := visit(t, p).base
	page := browsertest.Chromium(t).MustPage(base + "/connexion").Timeout(5 * time.Minute)
	page.MustWaitLoad()
	focusOn := func(selector string) {
		t.Helper()
		for range 60 {
			page.Keyboard.MustType(input.Tab)
			if page.MustEval(`(s) => document.activeElement.matches(s)`, selector).Bool() {
				return
			}
		}
		t.Fatalf("the keyboard never reaches %s", selector)
	}
	focusOn("#carte")
	page.MustInsertText(portaltest.Family.Card)
	focusOn("#nip")
	page.MustInsertText(portaltest.Family.PIN)
	page.Keyboard.MustType(input.Enter)
	browsertest.Arrive(t, page, "form[action='/deconnexion']")
	for _, path := range pages() {
		page.MustNavigate(base + path).MustWaitLoad()
		total := page.MustEval(`() => {
			window.operable = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
				.filter(e => !e.closest("[hidden]") && e.getClientRects().length > 0 && !e.disabled);
			window.reached = new Set();
			return operable.length;
		}`).Int()
		if total < 10 {
			t.Fatalf("%s: only %d things to operate", path, total)
		}
		for range total + 5 {
			page.Keyboard.MustType(input.Tab)
			if bad := page.MustEval(`() => {
				const e = document.activeElement, s = getComputedStyle(e);
				if (e === document.body) return "";
				reached.add(e);
				const r = e.getBoundingClientRect();
				if (s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2) return "no focus is seen on " + e.outerHTML.slice(0, 120);
				if (r.right <= 0 || r.left >= innerWidth || r.bottom <= 0 || r.top >= innerHeight) return "focus is out of sight on " + e.outerHTML.slice(0, 120);
				return "";
			}`).Str(); bad != "" {
				t.Errorf("%s: %s", path, bad)
			}
		}
		// Of radio buttons that belong together one takes the focus.
		for _, missed := range page.MustEval(`() => operable.filter(e => !reached.has(e) && !(e.type === "radio" && [...reached].some(r => r.name === e.name))).map(e => e.outerHTML.slice(0, 120))`).Arr() {
			t.Errorf("%s: never reached: %s", path, missed.Str())
		}
	}
	page.MustNavigate(base + "/quartier").MustWaitLoad()
	focusOn("#rayon")
	page.Keyboard.MustType(input.ArrowDown)
	focusOn(".radius button")
	page.Keyboard.MustType(input.Enter)
	browsertest.Arrive(t, page, ".home .sub", "400")
	if url := page.MustInfo().URL; !strings.HasSuffix(url, "/quartier?rayon=400") {
		t.Errorf("the radius leads to %s", url)
	}
	focusOn("form[action='/deconnexion'] button")
	page.Keyboard.MustType(input.Enter)
	browsertest.Arrive(t, page, ".notice")
}
