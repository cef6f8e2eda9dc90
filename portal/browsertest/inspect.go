package browsertest

import (
	"os"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
)

// Violations runs axe on the page as it stands, with the rules of WCAG 2.2 at
// levels A and AA and those of good practice, and returns what it finds. axe is
// evaluated by the browser's debugger, outside the page's own policy.
func Violations(t *testing.T, page *rod.Page) []string {
	t.Helper()
	if !page.MustEval(`() => "axe" in window`).Bool() {
		axe, err := os.ReadFile(Need(t, "axe"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := page.Eval(`() => { ` + string(axe) + "\n}"); err != nil {
			t.Fatal(err)
		}
	}
	result, err := page.Eval(`() => axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"]})
		.then(r => ({passes: r.passes.length, bad: r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html + " " + n.failureSummary).join(" | "))}))`)
	if err != nil {
		t.Fatal(err)
	}
	if passes := result.Value.Get("passes").Int(); passes < 10 {
		t.Fatalf("axe looked at nearly nothing: %d rules passed", passes)
	}
	var list []string
	for _, v := range result.Value.Get("bad").Arr() {
		list = append(list, v.Str())
	}
	return list
}

// Focus goes on with Tab until something has the focus.
func Focus(t *testing.T, page *rod.Page, selector string) {
	t.Helper()
	for range 160 {
		page.Keyboard.MustType(input.Tab)
		if page.MustEval(`(s) => document.activeElement.matches(s)`, selector).Bool() {
			return
		}
	}
	t.Fatalf("the keyboard never reaches %s", selector)
}
