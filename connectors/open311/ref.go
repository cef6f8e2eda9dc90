package open311

import (
	"fmt"
	"slices"
	"strings"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// maxIDs is how many requests one person may be linked to.
const maxIDs = 1000

const tokenPrefix = "token:"

// person is a Ref understood: exactly one of the three ways to know whose
// requests are meant.
type person struct {
	account string
	email   string
	// ids are service request ids, or tokens behind "token:", once each.
	ids []string
}

// parseRef reads account:ID, email:ADDRESS or ids:1,2,token:3.
func parseRef(who record.Ref) (person, error) {
	kind, value, _ := strings.Cut(who.Reveal(), ":")
	value = strings.TrimSpace(value)
	if hasControl(value) {
		return person{}, fmt.Errorf("open311: a person with control characters: %w", connectors.ErrRefused)
	}
	switch {
	case value == "":
	case kind == "account":
		return person{account: value}, nil
	case kind == "email":
		return person{email: value}, nil
	case kind == "ids":
		return parseIDs(value)
	}
	return person{}, fmt.Errorf("open311: a person is account:ID, email:ADDRESS or ids:1,2,3: %w", connectors.ErrRefused)
}

// parseSender is parseRef for a submit: somebody without any request yet may
// send one, under no account.
func parseSender(who record.Ref) (person, error) {
	if v := who.Reveal(); v == "" || v == "ids:" {
		return person{}, nil
	}
	return parseRef(who)
}

func parseIDs(list string) (person, error) {
	var p person
	seen := map[string]bool{}
	for id := range strings.SplitSeq(list, ",") {
		id = strings.TrimSpace(id)
		if id == "" || id == tokenPrefix {
			return person{}, fmt.Errorf("open311: an empty number among ids: %w", connectors.ErrRefused)
		}
		if !seen[id] {
			seen[id] = true
			p.ids = append(p.ids, id)
		}
	}
	if len(p.ids) > maxIDs {
		return person{}, fmt.Errorf("open311: more than %d ids: %w", maxIDs, connectors.ErrRefused)
	}
	return p, nil
}

// follow adds the numbers and tokens of what a person sent to those that the
// person is linked to. Who has an account or a mail address there is listed under
// it, and needs no numbers of ours. The newest are asked for when they are too
// many.
func follow(refs []record.Ref, references []string) (record.Ref, bool) {
	var ids []string
	for _, ref := range refs {
		p, err := parseSender(ref)
		if err != nil || p.account != "" || p.email != "" {
			return record.Ref{}, false
		}
		ids = append(ids, p.ids...)
	}
	for _, r := range references {
		plain := r != "" && r != tokenPrefix && strings.TrimSpace(r) == r && !strings.Contains(r, ",") && !hasControl(r)
		if plain && !slices.Contains(ids, r) && len(ids) < maxIDs {
			ids = append(ids, r)
		}
	}
	return record.NewRef("ids:" + strings.Join(ids, ",")), len(ids) > 0
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7F })
}
