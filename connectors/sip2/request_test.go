package sip2

import (
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// TestRequestsAsSent holds every message, byte by byte, to a file that was read
// against the specification. Time stands still, at the end of 1999 in Toronto.
func TestRequestsAsSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answer: normal}
		source := f.open(t, func(s *Settings) {
			s.LoginUser, s.LoginPassword, s.Location = "scclient", connectors.NewSecret("clientpwd"), "kiosk1"
			s.TerminalPassword = connectors.NewSecret("borne")
		})
		who := record.NewRef("210001")
		if _, err := source.Find.Find(t.Context(), who); err != nil {
			t.Fatal(err)
		}
		if _, err := source.Authenticate.Authenticate(t.Context(), "210001", "4821"); err != nil {
			t.Fatal(err)
		}
		for _, a := range []record.Action{
			record.Renew{Item: "33002"}, record.PlaceHold{Item: "33005", Pickup: "Centre"}, record.PlaceHold{Title: "Été"},
		} {
			if _, err := source.Do.Do(t.Context(), who, a); err != nil {
				t.Fatal(err)
			}
		}
		got := strings.Join(f.lines, "\n") + "\n"
		if *update {
			if err := os.WriteFile("testdata/requests.txt", []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile("testdata/requests.txt")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
	})
}
