package assessmentroll

import (
	"context"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// streets is how the town writes its streets, by folded words; nil without a
// list. A roll has capitals, mostly without accents.
type streets map[string]spelling

// spelling is a street's name as the town writes it. Only the name is taken
// over: the type and the link are the roll's.
type spelling struct {
	name    string
	unclear bool // two streets of the list fold to the same words
}

// maxStreets bounds the list.
const maxStreets = 100_000

// readStreets reads a CSV with the column "street" or "odonyme": "rue des
// Érables", or the name alone, "Érables".
func readStreets(ctx context.Context, s Settings) (streets, error) {
	if s.Streets == "" {
		return nil, nil
	}
	f, err := os.Open(string(s.Streets))
	if err != nil {
		return nil, connectors.FileError(err)
	}
	defer f.Close() //nolint:errcheck // only read
	list := streets{}
	generic := generics(streetTypes(nil), streetLinks(nil), s.StreetTypes, s.StreetLinks)
	err = eachRow(ctx, f, []string{"street|odonyme"}, func(cells []string) error {
		if len(list) >= maxStreets {
			return inputError("too many streets")
		}
		list.add(record.Text(cells[0], maxText), generic)
		return nil
	})
	return list, err
}

// generics returns the folded words of street types and links, which may stand
// before a name.
func generics(tables ...map[string]string) map[string]bool {
	words := map[string]bool{}
	for _, table := range tables {
		for _, w := range table {
			for part := range strings.FieldsSeq(foldWords(w)) {
				words[part] = true
			}
		}
	}
	return words
}

// add notes one street under its whole name and under what is left of it after
// each type or link it starts with: "Côte" may be a type or part of the name.
func (s streets) add(street string, generic map[string]bool) {
	for name := street; ; {
		if key := foldWords(name); key != "" {
			known, seen := s[key]
			s[key] = spelling{name: name, unclear: known.unclear || seen && known.name != name}
		}
		word, rest := firstWord(name)
		if rest == "" || !generic[foldWords(word)] {
			return
		}
		name = rest
	}
}

// firstWord splits after the first space or apostrophe.
func firstWord(s string) (word, rest string) {
	i := strings.IndexAny(s, " '’")
	if i < 0 {
		return s, ""
	}
	_, size := utf8.DecodeRuneInString(s[i:])
	return s[:i], strings.TrimLeft(s[i+size:], " ")
}

// accent replaces a street's capitals by the town's spelling, where the list
// has exactly one.
func (s streets) accent(a *record.Address) {
	if len(s) == 0 {
		return
	}
	if known, ok := s[foldWords(a.Street)]; ok && !known.unclear {
		a.Street = known.name
	}
}

// foldWords makes names comparable: no case, no accents, ST- and STE- spelled
// out, everything but letters and digits one space.
func foldWords(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToUpper(r))
		default:
			b.WriteByte(' ')
		}
	}
	words := strings.Fields(b.String())
	for i, w := range words {
		switch w {
		case "ST":
			words[i] = "SAINT"
		case "STE":
			words[i] = "SAINTE"
		}
	}
	return strings.Join(words, " ")
}
