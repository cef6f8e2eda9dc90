package town_test

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"github.com/semenligne/sem/cmd/sem/town"
)

func invent(t *testing.T, seed uint64, people int) *town.Town {
	t.Helper()
	town, err := town.New(seed, people, time.Date(2026, 11, 24, 14, 5, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return town
}

var sameZone = cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })

func TestSameSeedSameTown(t *testing.T) {
	t.Parallel()
	a, b := invent(t, 7, 300), invent(t, 7, 300)
	if diff := cmp.Diff(a, b, sameZone); diff != "" {
		t.Errorf("two towns of one seed differ:\n%s", diff)
	}
	if c := invent(t, 8, 300); cmp.Equal(a, c, sameZone) {
		t.Error("another seed gives the same town")
	}
}

// TestNobodyIsTwoPeople checks every identifier that another system relies on.
func TestNobodyIsTwoPeople(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	once := func(kind, id string, width int) {
		if len(id) != width {
			t.Errorf("%s %q is not %d long", kind, id, width)
		}
		if _, twice := seen[kind+id]; twice {
			t.Errorf("%s %s twice", kind, id)
		}
		seen[kind+id] = id
	}
	people := 0
	for _, f := range invent(t, 2009, 20_000).Families {
		once("account", f.Account, 6)
		once("matricule", f.Property.Matricule, 18)
		for _, p := range f.People {
			people++
			once("card", p.Card, 6)
			once("barcode", p.Barcode, 14)
			once("requester", p.Requester, 7)
			if len(p.PIN) != 6 {
				t.Errorf("PIN of %d digits", len(p.PIN))
			}
			for _, l := range p.Loans {
				once("copy", l.Book.Barcode, 14)
			}
		}
	}
	if people < 20_000 {
		t.Errorf("%d people", people)
	}
}

func TestShowcase(t *testing.T) {
	t.Parallel()
	shown := invent(t, 1, 10).Showcase()
	if len(shown[0].Loans) == 0 || len(shown[1].Loans) == 0 {
		t.Error("the family or the senior has no loan")
	}
	if n := shown[2]; n.Role != "newcomer" || len(n.Loans)+len(n.Holds)+len(n.Fees) != 0 {
		t.Errorf("the newcomer has something: %+v", n)
	}
}

// TestStreetsAreWrittenTwice checks that every street of the roll has its
// spelling.
func TestStreetsAreWrittenTwice(t *testing.T) {
	t.Parallel()
	written := map[string]bool{}
	bare := transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
	for _, s := range town.StreetNames() {
		name, _, err := transform.String(bare, s)
		if err != nil {
			t.Fatal(err)
		}
		written[strings.ToUpper(name)] = true
	}
	for _, f := range invent(t, 3, 500).Families {
		found := false
		for name := range written {
			found = found || strings.HasSuffix(name, f.Property.Street)
		}
		if !found {
			t.Errorf("no spelling of %s", f.Property.Street)
		}
	}
}
