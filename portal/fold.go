package portal

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold brings text to the form in which words are looked for: lower case,
// without accents, ligatures in two letters, and single spaces for whatever is
// neither letter nor digit.
func fold(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'œ' || r == 'æ':
			gap = room(&b, gap)
			b.WriteString(map[rune]string{'œ': "oe", 'æ': "ae"}[r])
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			gap = room(&b, gap)
			b.WriteRune(r)
		default:
			gap = true
		}
	}
	return b.String()
}

// room writes the space that is due before the next letter.
func room(b *strings.Builder, gap bool) bool {
	if gap && b.Len() > 0 {
		b.WriteByte(' ')
	}
	return false
}
