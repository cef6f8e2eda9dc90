package open311

import (
	"fmt"
	"testing"

	"github.com/semenligne/sem/connectors/record"
)

func TestFollow(t *testing.T) {
	t.Parallel()
	many := make([]string, maxIDs+5)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	for name, tc := range map[string]struct {
		refs, sent []string
		want       string // "" is nothing to add
	}{
		"no link":                     {nil, []string{"7", "token:3"}, "ids:7,token:3"},
		"an empty link":               {[]string{"ids:"}, []string{"7"}, "ids:7"},
		"beside a link":               {[]string{"ids:1,2"}, []string{"7", "2"}, "ids:1,2,7"},
		"beside several links":        {[]string{"ids:1", "ids:2"}, []string{"7"}, "ids:1,2,7"},
		"an account":                  {[]string{"account:A"}, []string{"7"}, ""},
		"an account among links":      {[]string{"ids:1", "account:A"}, []string{"7"}, ""},
		"an address":                  {[]string{"email:a@b.example"}, []string{"7"}, ""},
		"a link nobody can read":      {[]string{"nonsense"}, []string{"7"}, ""},
		"references that would break": {nil, []string{"", "token:", "1,2", " 3", "4\n", "5"}, "ids:5"},
		"only such":                   {nil, []string{"1,2"}, ""},
	} {
		var refs []record.Ref
		for _, r := range tc.refs {
			refs = append(refs, record.NewRef(r))
		}
		got, ok := follow(refs, tc.sent)
		if ok != (tc.want != "") || ok && got.Reveal() != tc.want {
			t.Errorf("%s: %q, %v; want %q", name, got.Reveal(), ok, tc.want)
		}
		if _, err := parseRef(got); ok && err != nil {
			t.Errorf("%s: what is asked is refused: %v", name, err)
		}
	}
	if got, ok := follow(nil, many); !ok {
		t.Error("many references: none are asked for")
	} else if p, err := parseRef(got); err != nil || len(p.ids) != maxIDs || p.ids[0] != "0" {
		t.Errorf("many references: %d ids, %v; want the newest", len(p.ids), err)
	}
}
