package main

import (
	"os"
	"strings"
	"testing"
)

// TestDependenciesAreExplained checks that each direct dependency has its line
// in CONTRIBUTING.md, and that no line speaks of one that is gone.
func TestDependenciesAreExplained(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		text, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	direct := map[string]bool{}
	for line := range strings.Lines(read("go.mod")) {
		name, _, found := strings.Cut(strings.TrimSpace(line), " v")
		if found && strings.HasPrefix(line, "\t") && !strings.Contains(line, "// indirect") {
			direct[strings.TrimPrefix(name, "github.com/")] = true
		}
	}
	if len(direct) < 15 {
		t.Fatalf("go.mod names %d direct dependencies", len(direct))
	}
	_, table, _ := strings.Cut(read("CONTRIBUTING.md"), "## Direct dependencies")
	explained := map[string]bool{}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		if name := strings.TrimSpace(cells[1]); strings.Contains(name, "/") || strings.Contains(name, ".") {
			explained[name] = true
		}
	}
	for name := range direct {
		if !explained[name] {
			t.Errorf("CONTRIBUTING.md does not say what %s saves", name)
		}
	}
	for name := range explained {
		if !direct[name] {
			t.Errorf("CONTRIBUTING.md explains %s, which go.mod does not require directly", name)
		}
	}
}
