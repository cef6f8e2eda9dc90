package sip2

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/semenligne/sem/connectors"
)

// Charset is the character encoding agreed with the library.
type Charset string

// The values of Charset.
const (
	CharsetUTF8    Charset = "utf-8"
	CharsetLatin1  Charset = "iso-8859-1"
	CharsetWindows Charset = "windows-1252"
	CharsetCP850   Charset = "cp850"
	CharsetASCII   Charset = "ascii"
)

func charsetNames() []string {
	return []string{"utf-8", "iso-8859-1", "windows-1252", "cp850", "ascii"}
}

// UnmarshalText reads the names by which library systems and their manuals call
// these charsets. An unknown one is kept, for Validate to name.
func (c *Charset) UnmarshalText(text []byte) error {
	name := strings.ToLower(strings.TrimSpace(string(text)))
	switch name {
	case "utf8":
		*c = CharsetUTF8
	case "latin1", "latin-1", "iso8859-1", "iso_8859-1":
		*c = CharsetLatin1
	case "cp1252", "windows1252":
		*c = CharsetWindows
	case "850", "ibm850", "cp-850", "dos":
		*c = CharsetCP850
	case "us-ascii":
		*c = CharsetASCII
	default:
		*c = Charset(name)
	}
	return nil
}

// table returns the code page of a single-byte charset, nil for the others.
func (c Charset) table() *charmap.Charmap {
	switch c {
	case CharsetLatin1:
		return charmap.ISO8859_1
	case CharsetWindows:
		return charmap.Windows1252
	case CharsetCP850:
		return charmap.CodePage850
	case CharsetUTF8, CharsetASCII:
	}
	return nil
}

// maxValue is the longest value that the specification lets us send.
const maxValue = 255

// sendable encodes an outgoing value. One that holds the delimiter or a control
// character would inject fields; one that the charset cannot carry would arrive
// as somebody else's.
func (s *Settings) sendable(value string) ([]byte, error) {
	if len(value) > maxValue || !utf8.ValidString(value) {
		return nil, fmt.Errorf("value too long or not text: %w", connectors.ErrRefused)
	}
	for _, r := range value {
		if unicode.IsControl(r) || string(r) == s.Delimiter || s.Charset == CharsetASCII && r > unicode.MaxASCII {
			return nil, fmt.Errorf("value with a character that cannot be sent: %w", connectors.ErrRefused)
		}
	}
	table := s.Charset.table()
	if table == nil {
		return []byte(value), nil
	}
	encoded, err := table.NewEncoder().Bytes([]byte(value))
	if err != nil {
		return nil, fmt.Errorf("value that %s cannot carry: %w", s.Charset, connectors.ErrRefused)
	}
	return encoded, nil
}

// decode reads an incoming value. Bytes that contradict the agreed charset are
// an error: a name or a title must not be shown mangled.
func (c Charset) decode(raw []byte) (string, error) {
	if ascii(raw) {
		return string(raw), nil
	}
	table := c.table()
	switch {
	case c == CharsetUTF8:
		if raw = wholeRunes(raw); !utf8.Valid(raw) {
			return "", fmt.Errorf("reply that is not UTF-8: %w", connectors.ErrMalformed)
		}
		return string(raw), nil
	case table == nil:
		return "", fmt.Errorf("reply that is not ASCII: %w", connectors.ErrMalformed)
	case utf8.Valid(raw):
		return "", fmt.Errorf("reply in UTF-8 instead of %s: %w", c, connectors.ErrMalformed)
	}
	text, err := table.NewDecoder().Bytes(raw)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return "", fmt.Errorf("reply that is not %s: %w", c, connectors.ErrMalformed)
	}
	return string(text), nil
}

func ascii(raw []byte) bool {
	for _, c := range raw {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// wholeRunes drops a character that a server cut in two when it shortened the
// value to the specification's 255 bytes.
func wholeRunes(raw []byte) []byte {
	if len(raw) < maxValue-utf8.UTFMax || len(raw) > maxValue {
		return raw
	}
	for back := 1; back < utf8.UTFMax; back++ {
		if tail := raw[len(raw)-back:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return raw[:len(raw)-back]
			}
			break
		}
	}
	return raw
}
