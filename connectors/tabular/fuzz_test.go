package tabular

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/semenligne/sem/connectors"
)

// FuzzTable feeds any bytes: every end is io.EOF or one sentinel, every
// card that comes out has its number.
func FuzzTable(f *testing.F) {
	seed, err := os.ReadFile("testdata/cartes.csv")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(seed), "utf-8")
	f.Add("\uFEFFcarte,prenom,nom,expiration,no_usager,compte,matricules,compte_requetes\r\n000001,\"a\"\"b\",,,,,,\r\n", "windows-1252")
	f.Add("carte;\"", "iso-8859-1")
	f.Fuzz(func(t *testing.T, content, charset string) {
		s := townSettings("unused")
		s.Charset = charset
		if len(s.Validate()) > 0 {
			s.Charset = "utf-8"
		}
		table, err := newTable(strings.NewReader(content), s)
		if err != nil {
			oneSentinel(t, err)
			return
		}
		m := newMapping(s, table.columns)
		for {
			row, line, err := table.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				oneSentinel(t, err)
				return
			}
			if line < 2 {
				t.Fatalf("row on line %d", line)
			}
			if card, err := m.card(row); err == nil && !digits(card.Number, s.CardDigits) {
				t.Fatalf("card number %q", card.Number)
			}
		}
	})
}

func oneSentinel(t *testing.T, err error) {
	t.Helper()
	if reason := connectors.Reason(err); reason != connectors.ReasonMalformed {
		t.Fatalf("reason %q of %v", reason, err)
	}
}
