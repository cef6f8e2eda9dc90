package connectortest

import (
	"flag"
	"maps"
	"slices"
	"testing"

	"github.com/semenligne/sem/connectors"
)

// Run reports Check: a subtest for each rule that was tried or waived, and how
// many were.
func Run(t *testing.T, s Suite) {
	t.Helper()
	violations, tried := check(t.Context(), s)
	broken := map[string][]Violation{}
	for _, v := range violations {
		broken[v.Rule] = append(broken[v.Rule], v)
	}
	t.Logf("%s: %d rules tried, %d broken, %d waived", s.Kind.Name, len(tried), len(broken), len(s.Waive))
	for _, name := range tried {
		t.Run(name, func(t *testing.T) {
			for i, v := range broken[name] {
				if i == 0 {
					t.Errorf("%s", v.Reason)
				}
				t.Errorf("  %s", v.Evidence)
			}
		})
	}
	for _, name := range slices.Sorted(maps.Keys(s.Waive)) {
		t.Run(name, func(t *testing.T) { t.Skipf("waived: %s", s.Waive[name]) })
	}
}

// updating tells whether the test binary runs with -update.
func updating() bool {
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}

// Listed holds the list of kinds, which is connectors/all's, to the folders of
// the connectors: each folder is listed once under its own name. It returns
// what is wrong.
func Listed(kinds []connectors.Kind, folders []string) []Violation {
	rule := rule{name: "listed", reason: "a kind that is not in the list cannot be configured"}
	count := map[string]int{}
	for _, k := range kinds {
		count[k.Name]++
	}
	var out []Violation
	for _, name := range folders {
		if count[name] != 1 {
			out = append(out, violations(rule, []string{name + " is not listed exactly once"})...)
		}
		delete(count, name)
	}
	for _, name := range slices.Sorted(maps.Keys(count)) {
		out = append(out, violations(rule, []string{name + " is listed and has no folder of its name"})...)
	}
	return out
}
