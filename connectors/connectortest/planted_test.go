package connectortest_test

import (
	"maps"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/semenligne/sem/connectors/connectortest"
	"github.com/semenligne/sem/connectors/record"
)

const (
	lineReadme = "# line\n\n## What it can do\n\n## Settings\n\n`address` `key_file` `names`\n\n## What it accepts\n\n## When it fails\n"
	lineSample = "address: ligne.ville.example:4000\nkey_file: secrets/line\n"
)

// planted maps each defect to the rules that must notice it: no other may.
func planted() map[string]string {
	return map[string]string{
		"":                              "",
		"dials on open":                 "open/offline",
		"a default shared":              "config/defaults",
		"untidy settings":               "check/denied config/described config/secret config/strict config/validate docs/settings",
		"sample with a wrong key":       "config/sample",
		"README without a heading":      "docs/readme",
		"README without a setting":      "docs/settings",
		"check never up":                "check/up",
		"down is denied":                "check/down",
		"check asks nobody":             "check/denied check/down ctx/canceled ctx/under-way fault/hang fault/slow",
		"denied is down":                "check/denied",
		"cut is denied":                 "fault/cut fault/oversized",
		"half a reply is one":           "fault/cut fault/flip fault/oversized",
		"checksum not looked at":        "fault/flip",
		"records beside an error":       "fault/cut fault/flip fault/garble fault/oversized",
		"errors swallowed":              "ctx/canceled ctx/under-way fault/cut fault/flip fault/garble fault/hang fault/oversized fault/refuse fault/slow",
		"panics on garble":              "fault/flip fault/garble",
		"no limit":                      "fault/oversized",
		"no deadline":                   "close/leak ctx/under-way do/fault do/lost-reply do/lost-source fault/garble fault/hang fault/slow learn/fault send/fault send/lost-reply",
		"deadline until the first byte": "do/fault fault/garble fault/slow learn/fault send/fault",
		"refused find is malformed":     "fault/refuse",
		"cancellation ignored":          "ctx/under-way",
		"secret in an error":            "secret",
		"two sentinels":                 "errors",
		"person in a log line":          "secret",
		"loud":                          "quiet",
		"goroutine left":                "close/leak",
		"second Close panics":           "close/twice",
		"one call at a time":            "concurrent",
		"no records":                    "find/known list/known list/stop",
		"keys move":                     "concurrent find/known find/stable",
		"same key":                      "find/keys find/known list/known list/once",
		"another owner":                 "find/known find/owner",
		"text not in NFC":               "find/known find/text list/known list/text",
		"nobody is an outage":           "find/unknown",
		"foreign reply accepted":        "find/foreign",
		"emit from a goroutine":         "list/goroutine",
		"emit goes on":                  "list/stop",
		"empty from a cursor":           "list/cursor",
		"empty PIN granted":             "authenticate/empty",
		"empty PIN asked":               "authenticate/empty",
		"wrong PIN granted":             "authenticate/wrong",
		"unknown card not found":        "authenticate/unknown",
		"another person granted":        "authenticate/right",
		"done without proof":            "do/done",
		"refusal is unknown":            "do/refuse",
		"lost reply is an outage":       "do/fault do/lost-reply do/lost-source",
		"lost reply is done":            "do/fault do/lost-reply do/lost-source",
		"sent again":                    "do/fault do/lost-reply learn/lost-reply",
		"learns nothing":                "learn/lost-reply",
		"learns by doing":               "learn/another learn/foreign learn/lost-reply learn/not-sent",
		"learns done of everything":     "learn/another learn/not-sent",
		"learns from another order":     "learn/another",
		"learns from anybody":           "learn/foreign",
		"learns from half a list":       "learn/fault learn/foreign",
		"message taken without proof":   "send/done",
		"message sent again":            "send/fault send/lost-reply",
		"message lost is an outage":     "send/fault send/lost-reply",
		"message kept is unknown":       "send/refuse",
		"refused message tried later":   "send/refused",
		"sends for nobody":              "send/canceled",
		"secrets to look for missed":    "suite",
	}
}

func suite(t *testing.T, defect string) connectortest.Suite {
	t.Helper()
	folder := t.TempDir()
	readme, sample := lineReadme, lineSample
	switch defect {
	case "README without a heading":
		readme = strings.Replace(readme, "## When it fails", "## Otherwise", 1)
	case "README without a setting":
		readme = strings.Replace(readme, "`names`", "", 1)
	case "sample with a wrong key":
		sample += "nmaes: [x]\n"
	}
	for name, text := range map[string]string{"README.md": readme, "sample.yaml": sample} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := connectortest.Suite{
		Kind: lineKind(defect), Folder: folder, Start: startLine,
		Settings: lineAt(defect, lineKey), Denied: lineAt(defect, "another-key"),
		Known: record.NewRef("W1"), Unknown: record.NewRef("W404"),
		FindGolden: "testdata/find.golden.json", ListGolden: "testdata/list.golden.json",
		Card: "C100", PIN: "4321", WrongPIN: "1111", UnknownCard: "C999", Authenticated: record.NewRef("W1"),
		Acts: []connectortest.Act{{
			Who: record.NewRef("W1"), Action: record.Register{Order: "o1"}, Match: " do ", Another: record.Register{Order: "o2"},
		}},
		Message:        record.Message{To: []mail.Address{{Address: "greffe@ville.example"}}, Text: "here"},
		RefusedMessage: record.Message{To: []mail.Address{{Address: "personne@ville.example"}}, Text: "nowhere"},
		MessageMatch:   " send ",
		Integrity:      true,
		Secrets:        []string{lineKey, "4321"}, Persons: []string{"rue des Essais", "who=W1"},
	}
	if defect == "secrets to look for missed" {
		s.Secrets, s.Persons = nil, nil
	}
	return s
}

// TestPlanted plants one defect at a time. The kit must notice it by the rules
// meant for it and by no other; and every rule must have its defect.
func TestPlanted(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute or two of faults")
	}
	untried := map[string]bool{}
	for _, name := range connectortest.RuleNames() {
		untried[name] = true
	}
	var all sync.WaitGroup
	slots := make(chan struct{}, 16) // they mostly wait
	for _, defect := range slices.Sorted(maps.Keys(planted())) {
		want, s := planted()[defect], suite(t, defect)
		for rule := range strings.FieldsSeq(want) {
			delete(untried, rule)
		}
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			violations := connectortest.Check(t.Context(), s)
			broken := map[string]string{}
			for _, v := range violations {
				broken[v.Rule] = v.String()
			}
			if got := strings.Join(slices.Sorted(maps.Keys(broken)), " "); got != want {
				t.Errorf("%q: broke %q, want %q:\n%s", defect, got, want, strings.Join(slices.Sorted(maps.Values(broken)), "\n"))
			}
		})
	}
	all.Wait()
	for rule := range untried {
		t.Errorf("no defect is planted for the rule %s", rule)
	}
}
