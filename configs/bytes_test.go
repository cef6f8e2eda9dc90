package configs_test

import (
	"strings"
	"testing"

	"github.com/semenligne/sem/configs"
)

// TestBytes holds the file's bytes to what an editor may do to it.
func TestBytes(t *testing.T) {
	t.Parallel()
	const good = "sources: [{name: library, kind: thing, settings: {address: \"a:1\"}}]\n"
	tests := map[string]struct{ text, want string }{
		"byte-order mark":     {"\uFEFF" + good, ""},
		"line ends of DOS":    {strings.ReplaceAll(good, "\n", "\r\n"), ""},
		"windows-1252":        {"town: {name: Ville}\n# \xC9t\xE9\n" + good, "f:2:3: error: not UTF-8: save the file as UTF-8"},
		"after an accent":     {"# é\xE9\n" + good, "f:1:4: error: not UTF-8: save the file as UTF-8"},
		"brackets for ever":   {"sources: " + strings.Repeat("[", 100_000), "f:1:510: error: lists and tables nested too deep"},
		"brackets in a text":  {"town: {name: \"" + strings.Repeat("[]", 10_000) + "\"}\n" + good, ""},
		"nothing but remarks": {"# nothing\n", "f:1:1: error: the file is empty; it wants at least sources:"},
		"no sources":          {"town: {name: Ville}\n", "f:1:1: error: sources: no source; a portal without any has nothing to show"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := configs.Parse("f", ".", []byte(test.text), kinds(), func(string) (string, bool) { return "", false })
			if got := problems.Error(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
