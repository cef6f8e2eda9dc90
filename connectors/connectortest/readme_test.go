package connectortest

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestReadme: connectors/README.md lists each rule with its reason, as they
// stand here.
func TestReadme(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	want.WriteString("| rule | because |\n|---|---|\n")
	for _, rule := range slices.Concat(rules(), heardRules()) {
		fmt.Fprintf(&want, "| `%s` | %s |\n", rule.name, rule.reason)
	}
	if !strings.Contains(string(data), want.String()) {
		t.Errorf("README.md wants this table of rules:\n%s", want.String())
	}
	for _, heading := range Headings() {
		if !strings.Contains(string(data), "`## "+heading+"`") {
			t.Errorf("README.md does not name the heading %s", heading)
		}
	}
}
