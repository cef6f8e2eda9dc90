// Package browsertest finds the tools that tests drive, and starts Chromium.
package browsertest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/cdp"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/launcher/flags"
)

// Need finds a tool: "chromium" in CHROMIUM or on the path, "axe" (the file
// axe.min.js) in AXE or below .tools, "html-validate", "ical.js" and "mailpit"
// below .tools, "w3m", "khal", "node", "python3", "hunspell" and "pdfinfo" on
// the path. Without it the test is skipped on a developer's machine and fails
// where CI=true.
func Need(t *testing.T, tool string) string {
	t.Helper()
	path, err := find(tool)
	if err == nil {
		return path
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is needed: %v", tool, err)
	}
	t.Skipf("%s is needed: %v", tool, err)
	return ""
}

func find(tool string) (string, error) {
	switch tool {
	case "chromium":
		if p := os.Getenv("CHROMIUM"); p != "" {
			return p, nil
		}
		return exec.LookPath("chromium")
	case "w3m", "khal", "node", "python3", "hunspell", "pdfinfo":
		return exec.LookPath(tool)
	case "axe":
		return module(os.Getenv("AXE"), "axe-core/axe.min.js")
	case "ical.js":
		return module("", "ical.js/dist/ical.js")
	case "html-validate":
		return module("", ".bin/html-validate")
	case "mailpit":
		return fetched("bin/mailpit")
	}
	return "", fmt.Errorf("nobody knows how to find %s", tool)
}

// module finds a file of an npm package, unless the developer says where it is.
func module(chosen, file string) (string, error) {
	if _, err := os.Stat(chosen); chosen != "" && err == nil { //nolint:gosec // the developer's own file
		return chosen, nil
	}
	return fetched("node_modules/" + file)
}

// fetched finds a file below .tools, from a package's folder.
func fetched(file string) (string, error) {
	for _, p := range []string{"../.tools/" + file, "../../.tools/" + file} {
		if _, err := os.Stat(p); err == nil {
			return p, nil
		}
	}
	return "", fmt.Errorf("no .tools/%s; make tools fetches it", file)
}

// Chromium starts a browser of its own, with nothing kept from before, and
// ends it with the test.
func Chromium(t *testing.T) *rod.Browser {
	t.Helper()
	l := launcher.New().Context(t.Context()).Bin(Need(t, "chromium")).UserDataDir(t.TempDir()).Leakless(false).NoSandbox(true)
	for _, f := range []string{"disable-gpu", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"} {
		l.Set(flags.Flag(f))
	}
	url, err := l.Launch()
	if err != nil {
		t.Fatal(err)
	}
	b := rod.New().ControlURL(url).Context(t.Context())
	if err := b.Connect(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		l.Kill()
		l.Cleanup()
	})
	return b
}

// Arrive waits for an element of the page that the browser is on its way to,
// with a text where one is given. A question asked at the very moment in which
// one page gives way to the next is asked again.
func Arrive(t *testing.T, page *rod.Page, selector string, text ...string) *rod.Element {
	t.Helper()
	for {
		var element *rod.Element
		var err error
		if len(text) > 0 {
			element, err = page.ElementR(selector, text[0])
		} else {
			element, err = page.Element(selector)
		}
		var gone *cdp.Error
		switch {
		case err == nil:
			return element
		case !errors.As(err, &gone) || page.GetContext().Err() != nil:
			t.Fatalf("%s: %v", selector, err)
		}
	}
}
