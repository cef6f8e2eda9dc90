package locale

import (
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/semenligne/sem/portal/browsertest"
)

// TestTextsAreSpelledRight has hunspell read every text, with the dictionaries
// of Canada and the few words in testdata that those do not have.
func TestTextsAreSpelledRight(t *testing.T) {
	t.Parallel()
	hunspell := browsertest.Need(t, "hunspell")
	for lang, dictionary := range map[string]string{French: "fr_CA", English: "en_CA"} {
		if got := unknownWords(t, hunspell, dictionary, "xyzzyx"); len(got) != 1 {
			t.Fatalf("%s: hunspell knows every word, or has no dictionary", dictionary)
		}
		texts := load(t, lang).text
		unknown := unknownWords(t, hunspell, dictionary, strings.Join(slices.Collect(maps.Values(texts)), "\n"))
		ours := ourWords(t, lang)
		for _, word := range unknown {
			if slices.Contains(ours, word) {
				continue
			}
			for key, text := range texts {
				if strings.Contains(text, word) {
					t.Errorf("%s: %s is not spelled right: %q", key, word, text)
				}
			}
		}
		for _, word := range ours {
			if !slices.Contains(unknown, word) {
				t.Errorf("words-%s.txt: no text needs %s", lang, word)
			}
		}
	}
}

// unknownWords are those of a text that a dictionary does not have.
func unknownWords(t *testing.T, hunspell, dictionary, text string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), hunspell, "-l", "-i", "utf-8", "-d", dictionary)
	cmd.Stdin = strings.NewReader(regexp.MustCompile(`\{\w+\}(’s)?`).ReplaceAllString(text, " ") + "\n")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("hunspell: %v\n%s", err, out)
	}
	words := strings.Fields(string(out))
	slices.Sort(words)
	return slices.Compact(words)
}

// ourWords are the words that a dictionary need not have.
func ourWords(t *testing.T, lang string) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/words-" + lang + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			words = append(words, line)
		}
	}
	return words
}
