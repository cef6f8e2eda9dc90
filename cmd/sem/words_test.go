package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestRefusalsHaveWords reads every refusal that a connector may give: a citizen
// is told each of them in words of its own.
func TestRefusalsHaveWords(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../portal/locale/fr.json")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]string{}
	if err := json.Unmarshal(data, &words); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../connectors/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`(?m)^\s*(?:const )?[rR]efusal\w+\s*=\s*"(\w+)"`)
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || strings.Contains(file, "/example/") || strings.Contains(file, "/connectortest/") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range declared.FindAllStringSubmatch(string(source), -1) {
			found++
			if words["refusal."+m[1]] == "" && m[1] != "refused_by_source" { // its own words are in the note
				t.Errorf("%s: refusal %q has no words", filepath.Base(filepath.Dir(file)), m[1])
			}
		}
	}
	if found < 25 {
		t.Errorf("only %d refusals found: the pattern reads nothing", found)
	}
}
