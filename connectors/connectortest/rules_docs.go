package connectortest

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"strings"
)

// Headings are what the README of a connector must have, as second-level
// headings that may go on: "## What it accepts, what it holds back".
func Headings() []string {
	return []string{"What it can do", "Settings", "What it accepts", "When it fails"}
}

func docRules() []rule {
	return []rule{
		{name: "docs/readme", reason: "an administrator finds the same answers in the same place for every source", check: readmeHeadings},
		{name: "docs/settings", reason: "a setting that is not written down does not exist", check: readmeSettings},
	}
}

func readmeHeadings(_ context.Context, r *run) []string {
	data, err := r.suite.file("README.md")
	if err != nil {
		return []string{"no README.md"}
	}
	var out []string
	for _, heading := range Headings() {
		if !regexp.MustCompile(`(?mi)^## ` + regexp.QuoteMeta(heading) + `\b`).Match(data) {
			out = append(out, "no heading ## "+heading)
		}
	}
	return out
}

func readmeSettings(_ context.Context, r *run) []string {
	data, err := r.suite.file("README.md")
	if err != nil {
		return nil // docs/readme says so
	}
	var out []string
	r.suite.fields(func(path string, _ reflect.StructField) {
		if !strings.Contains(path, ".") && !strings.Contains(string(data), "`"+path) {
			out = append(out, fmt.Sprintf("README.md does not name the setting %s", path))
		}
	})
	return out
}
