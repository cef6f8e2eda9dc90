package smtp

import (
	"fmt"
	"mime"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/semenligne/sem/connectors"
)

// mailbox is an address as it may travel: the domain in ASCII.
type mailbox struct {
	local, domain string
	// utf8 tells that the local part needs SMTPUTF8 (RFC 6531).
	utf8 bool
}

func (m mailbox) String() string { return m.local + "@" + m.domain }

// readMailbox reads an address strictly: words joined by dots, "@", a domain.
// Quoted local parts, comments, address literals and routes, which hide more
// mischief than mail, are refused, although RFC 5321 knows them.
func readMailbox(address string) (mailbox, error) {
	local, host, found := strings.Cut(address, "@")
	if !found || local == "" || len(local) > 64 || len(address) > 254 || !utf8.ValidString(address) {
		return mailbox{}, fmt.Errorf("an address that is none: %w", connectors.ErrRefused)
	}
	m := mailbox{local: local}
	for word := range strings.SplitSeq(local, ".") {
		if word == "" {
			return mailbox{}, fmt.Errorf("an address with a dot out of place: %w", connectors.ErrRefused)
		}
		for _, r := range word {
			if !atext(r) {
				return mailbox{}, fmt.Errorf("an address with a character that has no place in it: %w", connectors.ErrRefused)
			}
			m.utf8 = m.utf8 || r >= utf8.RuneSelf
		}
	}
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil || !domain(ascii) {
		return mailbox{}, fmt.Errorf("an address with a domain that is none: %w", connectors.ErrRefused)
	}
	m.domain = ascii
	return m, nil
}

// atext tells whether a character may stand in a word of an address (RFC 5322,
// 3.2.3; RFC 6531, 3.3), letters and marks of other scripts included.
func atext(r rune) bool {
	if r >= utf8.RuneSelf {
		return r != utf8.RuneError && unicode.IsGraphic(r) && !unicode.IsSpace(r)
	}
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

// domain tells whether a name is one in ASCII (RFC 1123, 2.1).
func domain(name string) bool {
	const label = `[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?`
	return len(name) <= 253 && regexp.MustCompile(`^`+label+`(\.`+label+`)*$`).MatchString(name)
}

// headerText makes text fit for a header, or refuses it. Nothing is taken out
// of what somebody wrote but repeated spaces, which could make a folded line
// look like the end of the header. Refused are control characters; what turns
// the direction of writing, because a name or a file could show as another; and
// encoded words (RFC 2047) made by hand, which readers would show as something
// else than was written.
func headerText(s string, limit int) (string, error) {
	if !utf8.ValidString(s) || len(s) > limit {
		return "", fmt.Errorf("too long, or no UTF-8: %w", connectors.ErrRefused)
	}
	for _, r := range s {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) || turns(r) {
			return "", fmt.Errorf("a control character: %w", connectors.ErrRefused)
		}
	}
	if shown, err := new(mime.WordDecoder).DecodeHeader(s); err != nil || shown != s {
		return "", fmt.Errorf("an encoded word: %w", connectors.ErrRefused)
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " "), nil
}

// turns tells whether a character embeds, overrides or isolates the direction
// of what follows (UAX 9). The plain marks, which Arabic and Hebrew need, do not.
func turns(r rune) bool {
	return '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}
