package connectortest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/connectortest"
	"github.com/semenligne/sem/connectors/record"
)

// TestSuiteLacks: what is left out of a suite is told, not skipped.
func TestSuiteLacks(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*connectortest.Suite){
		"Waive names no rule: fault/all":   func(s *connectortest.Suite) { s.Waive = map[string]string{"fault/all": "because"} },
		"Waive gives no reason: quiet":     func(s *connectortest.Suite) { s.Waive = map[string]string{"quiet": ""} },
		"Kind is not set":                  func(s *connectortest.Suite) { s.Kind = connectors.Kind{} },
		"set Known":                        func(s *connectortest.Suite) { s.Known = record.Ref{} },
		"set ListGolden":                   func(s *connectortest.Suite) { s.ListGolden = "" },
		"set Card":                         func(s *connectortest.Suite) { s.WrongPIN = "" },
		"set Acts":                         func(s *connectortest.Suite) { s.Acts = nil },
		"set Message":                      func(s *connectortest.Suite) { s.MessageMatch = "" },
		"no Match":                         func(s *connectortest.Suite) { s.Acts = []connectortest.Act{{Action: record.RenewAll{}}} },
		"shorter than four characters":     func(s *connectortest.Suite) { s.Persons = []string{"12"} },
		"settings: address: missing":       func(s *connectortest.Suite) { s.Settings = lineKindSettings },
		"no golden file":                   func(s *connectortest.Suite) { s.FindGolden = "testdata/none.json" },
		"does the match name this request": func(s *connectortest.Suite) { s.Acts[0].Match = "nowhere" },
		"the fake has no Performed": func(s *connectortest.Suite) {
			s.Start = startLineWith(func(f *connectortest.Fake) { f.Performed = nil })
		},
		"the fake has no Foreign: add it": func(s *connectortest.Suite) { s.Start = startLineWith(func(f *connectortest.Fake) { f.Foreign = nil }) },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			s := suite(t, "")
			change(&s)
			var text strings.Builder
			for _, v := range connectortest.Check(t.Context(), s) {
				text.WriteString(v.String() + "\n")
			}
			if !strings.Contains(text.String(), want) {
				t.Errorf("violations:\n%s", text.String())
			}
		})
	}
}

func lineKindSettings(string) connectors.Settings { return lineKind("").Settings() }

func startLineWith(change func(*connectortest.Fake)) func() (connectortest.Fake, error) {
	return func() (connectortest.Fake, error) {
		f, err := startLine()
		change(&f)
		return f, err
	}
}

// TestWaived: a waived rule is not tried, the others are.
func TestWaived(t *testing.T) {
	t.Parallel()
	s := suite(t, "loud")
	s.Waive = map[string]string{"quiet": "the town wants to see each read"}
	for _, v := range connectortest.Check(t.Context(), s) {
		t.Error(v)
	}
}

// TestCheckEnds: a context that ends, ends the kit.
func TestCheckEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	began := time.Now()
	connectortest.Check(ctx, suite(t, "no deadline"))
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("took %s with a context that had ended", took)
	}
}

func TestListed(t *testing.T) {
	t.Parallel()
	kinds := []connectors.Kind{{Name: "sip2"}, {Name: "feed"}, {Name: "feed"}, {Name: "gone"}}
	var got []string
	for _, v := range connectortest.Listed(kinds, []string{"sip2", "feed", "new"}) {
		got = append(got, v.Evidence)
	}
	want := "feed is not listed exactly once; new is not listed exactly once; gone is listed and has no folder of its name"
	if text := strings.Join(got, "; "); text != want {
		t.Errorf("Listed = %s; want %s", text, want)
	}
}
