package main

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/semenligne/sem/"

// TestImports holds the layers: who may import whom, of our own packages.
func TestImports(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"...").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) < 15 {
		t.Fatalf("go list names %d packages only", len(lines))
	}
	for _, line := range lines {
		words := strings.Fields(strings.ReplaceAll(line, module, ""))
		for _, imported := range words[1:] {
			if !strings.Contains(imported, ".") && ours(imported) && !allowed(words[0], imported) {
				t.Errorf("%s may not import %s", words[0], imported)
			}
		}
	}
}

// top are the folders of ours, to tell them from the standard library.
func ours(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	switch first {
	case "cmd", "connectors", "aggregator", "cache", "dossier", "portal", "configs":
		return true
	}
	return false
}

func allowed(from, to string) bool {
	within := func(roots ...string) bool {
		for _, r := range roots {
			if to == r || strings.HasPrefix(to, r+"/") {
				return true
			}
		}
		return false
	}
	parts := strings.Split(from, "/")
	switch parts[0] {
	case "cmd":
		return true
	case "configs":
		return to == "connectors" || to == "connectors/guard" || within("configs")
	case "aggregator":
		return to == "connectors" || within("connectors/record", "cache", "dossier", "aggregator")
	case "cache", "dossier":
		return within("connectors/record", parts[0])
	case "portal":
		return within("connectors/record", "cache", "dossier", "portal")
	}
	if from == "connectors" {
		return to == "connectors/record"
	}
	switch parts[1] {
	case "record":
		return false
	case "all":
		return strings.Count(to, "/") == 1 || to == "connectors"
	case "guard", "client":
		return to == "connectors" || within("connectors/record", "connectors/"+parts[1])
	case "connectortest":
		return to == "connectors" || within("connectors/record", "connectors/client", "connectors/connectortest")
	}
	// A connector, its simulator and its bench: never a sibling. What several
	// need of maps is in connectors/geo.
	return to == "connectors" || within("connectors/record", "connectors/"+parts[1]) || to == "connectors/geo"
}
