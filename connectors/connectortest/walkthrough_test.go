package connectortest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/semenligne/sem/configs"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/example"
)

// block returns the first fenced block of connectors/README.md in a language
// that begins so.
func block(t *testing.T, language, begin string) string {
	t.Helper()
	data, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(data), "```"+language+"\n"+begin)
	text, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatalf("README.md has no %s block that begins %q", language, begin)
	}
	return begin + text
}

// TestWalkthrough runs the commands of step 1 on a copy of the tree, as a
// stranger would.
func TestWalkthrough(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("compiles a copy of the connectors")
	}
	root := t.TempDir()
	if err := os.CopyFS(filepath.Join(root, "connectors/example"), os.DirFS("../example")); err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"go.mod", "go.sum", "connectors/*.go", "connectors/record/*.go", "connectors/client/*.go", "connectors/connectortest/*.go", "connectors/connectortest/faultproxy/*.go"} {
		files, err := filepath.Glob(filepath.Join("../..", pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no %s: %v", pattern, err)
		}
		for _, file := range files {
			copyFile(t, file, filepath.Join(root, filepath.Dir(pattern), filepath.Base(file)))
		}
	}
	shell := exec.CommandContext(t.Context(), "sh", "-e", "-c", block(t, "sh", "cp -r"))
	shell.Dir = root
	out, err := shell.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "ok") {
		t.Errorf("step 1: %v\n%s", err, out)
	}
	left, err := exec.CommandContext(t.Context(), "grep", "-rn", "examplesim\\|ackage example\\|connectors/example", filepath.Join(root, "connectors/permits")).Output()
	if err == nil {
		t.Errorf("not renamed:\n%s", left)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o700)
	}
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestSampleConfiguration: the YAML of step 7 is a configuration without a
// mistake or a warning.
func TestSampleConfiguration(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "secrets"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "secrets/permits-key"), []byte("cle-inventee"), 0o600); err != nil {
		t.Fatal(err)
	}
	kind := example.Kind()
	kind.Name = "permits"
	_, problems := configs.Parse("README.md", folder, []byte(block(t, "yaml", "sources:")), []connectors.Kind{kind}, os.LookupEnv)
	for _, p := range problems {
		t.Error(p)
	}
}
