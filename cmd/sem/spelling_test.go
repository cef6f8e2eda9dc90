package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/semenligne/sem/portal/browsertest"
)

// TestMarkdownIsSpelledRight has hunspell read the English of every Markdown
// file, with the dictionary of Canada and the words in testdata/words.txt. Code,
// addresses, names with a dot, a slash or a digit, and what is all capitals are
// not read.
func TestMarkdownIsSpelledRight(t *testing.T) {
	t.Parallel()
	hunspell := browsertest.Need(t, "hunspell")
	words, err := os.ReadFile("testdata/words.txt")
	if err != nil {
		t.Fatal(err)
	}
	ours := strings.Fields(string(words))
	files := 0
	err = filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch name := d.Name(); {
		case err != nil:
			return err
		case d.IsDir() && (name == "dist" || strings.HasPrefix(name, ".") && name != ".."):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(name) != ".md":
			return nil
		}
		files++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, word := range misspelled(t, hunspell, string(text)) {
			if !slices.Contains(ours, word) {
				t.Errorf("%s: %q is not spelled right, or missing in testdata/words.txt", path, word)
			}
		}
		return nil
	})
	if err != nil || files < 10 {
		t.Errorf("%d files, %v", files, err)
	}
	if got := misspelled(t, hunspell, "The `xyzzy` in [a text](qwrtz.md) of sem.yaml, `and\nplugh`: a xyzzyx."); !slices.Equal(got, []string{"xyzzyx"}) {
		t.Errorf("of one word that is wrong: %q", got)
	}
}

// misspelled are the words of a Markdown text that no dictionary has.
func misspelled(t *testing.T, hunspell, text string) []string {
	t.Helper()
	prose := regexp.MustCompile("(?ms)^ *```.*?^ *```|`[^`]*`|\\]\\([^)]*\\)|<[^>]*>|[^\\s|]*[/.@_\\d][^\\s|]*[\\w)]|\\w*\\d\\w*|\\b[A-Z]{2,}s?\\b|[’']s\\b").ReplaceAllString(text, " ")
	cmd := exec.CommandContext(t.Context(), hunspell, "-l", "-i", "utf-8", "-d", "en_CA")
	cmd.Stdin = strings.NewReader(prose)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("hunspell: %v\n%s", err, out)
	}
	list := strings.Fields(string(out))
	slices.Sort(list)
	return slices.Compact(list)
}
