package assessmentroll

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// inputError is what is wrong with a piece of input, in words of ours.
type inputError string

func (e inputError) Error() string { return string(e) }

const (
	errCharacter = inputError("bytes that are not UTF-8, or a character that XML does not allow")
	errEntity    = inputError("an entity that XML does not have")
	errName      = inputError("a name that is not one")
	errAttribute = inputError("an attribute that is not name=\"value\"")
)

// class says which bytes need a second look; the rest is most of any roll.
type class uint8

const (
	classText  class = 1 << iota // stops a run of text: < & ] controls, anything beyond ASCII
	className                    // may stand in a name
	classStart                   // may start one
	classSpace
	classColon
)

// classes is built by the compiler's initialisation and never changes.
var classes = func() (t [256]class) { //nolint:gochecknoglobals // lookup table
	for c := range t {
		b := byte(c)
		switch {
		case b >= utf8.RuneSelf:
			t[c] = classText | className | classStart
		case b == ' ' || b == '\t' || b == '\n' || b == '\r':
			t[c] = classSpace
		case b < ' ' || b == '<' || b == '&' || b == ']':
			t[c] = classText
		case b == ':':
			t[c] = className | classStart | classColon
		case b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_':
			t[c] = className | classStart
		case b >= '0' && b <= '9' || b == '-' || b == '.':
			t[c] = className
		}
	}
	return t
}()

func isSpace(c byte) bool { return classes[c]&classSpace != 0 }

// textRun returns the length of the character data at the start of b, and whether
// it holds entities, which resolve checks. All of b means that more may follow.
func textRun(b []byte) (n int, entities bool, err error) {
	for n < len(b) {
		c := b[n]
		if classes[c]&classText == 0 {
			n++
			continue
		}
		switch c {
		case '<':
			return n, entities, nil
		case '&':
			entities = true
			n++
		case ']':
			if len(b)-n < 3 {
				return len(b), entities, nil
			}
			if b[n+1] == ']' && b[n+2] == '>' {
				return 0, false, inputError("]]> outside a CDATA section")
			}
			n++
		default:
			size, err := character(b[n:])
			if err != nil {
				return 0, false, err
			}
			if size == 0 {
				return len(b), entities, nil
			}
			n += size
		}
	}
	return n, entities, nil
}

// character returns the length of the one that b starts with, and 0 when b
// ends inside it.
func character(b []byte) (int, error) {
	r, size := utf8.DecodeRune(b)
	if r == utf8.RuneError && size <= 1 {
		if !utf8.FullRune(b) {
			return 0, nil
		}
		return 0, errCharacter
	}
	if !allowed(r) {
		return 0, errCharacter
	}
	return size, nil
}

// allowed tells whether XML 1.0 allows a character (production 2, Char).
func allowed(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}

// allCharacters checks a whole comment, instruction or CDATA section.
func allCharacters(b []byte) error {
	for len(b) > 0 {
		if b[0] >= ' ' && b[0] < utf8.RuneSelf {
			b = b[1:]
			continue
		}
		n, err := character(b)
		if err != nil {
			return err
		}
		if n == 0 {
			return errCharacter
		}
		b = b[n:]
	}
	return nil
}

// maxEntity is the length of the longest entity looked at, in bytes.
const maxEntity = 32

// resolve appends text with its entities replaced.
func resolve(to, b []byte) ([]byte, error) {
	for {
		i := bytes.IndexByte(b, '&')
		if i < 0 {
			return append(to, b...), nil
		}
		to = append(to, b[:i]...)
		end := bytes.IndexByte(b[i:min(len(b), i+maxEntity)], ';')
		if end < 0 {
			return to, errEntity
		}
		r, err := entity(b[i+1 : i+end])
		if err != nil {
			return to, err
		}
		to = utf8.AppendRune(to, r)
		b = b[i+end+1:]
	}
}

// entity returns the character that &name; stands for.
func entity(name []byte) (rune, error) {
	switch string(name) {
	case "lt":
		return '<', nil
	case "gt":
		return '>', nil
	case "amp":
		return '&', nil
	case "apos":
		return '\'', nil
	case "quot":
		return '"', nil
	}
	digits, base := "", 10
	switch {
	case bytes.HasPrefix(name, []byte("#x")):
		digits, base = string(name[2:]), 16
	case bytes.HasPrefix(name, []byte("#")):
		digits = string(name[1:])
	}
	n, err := strconv.ParseUint(digits, base, 32) // refuses signs and no digits
	if err != nil || n > unicode.MaxRune || !allowed(rune(n)) {
		return 0, errEntity
	}
	return rune(n), nil
}

// nameLength returns how many bytes of b may belong to a name.
func nameLength(b []byte) int {
	for i, c := range b {
		if classes[c]&className == 0 {
			return i
		}
	}
	return len(b)
}

// plainName is nameLength, and tells whether the name is ASCII without a colon
// and starts as one: then there is nothing else to check.
func plainName(b []byte) (n int, plain bool) {
	all := class(0)
	for n < len(b) && classes[b[n]]&className != 0 {
		all |= classes[b[n]]
		n++
	}
	return n, n > 0 && all&(classText|classColon) == 0 && classes[b[0]]&classStart != 0
}

// checkName refuses what is no name, and more than one colon, as encoding/xml
// does. Beyond ASCII it takes letters, marks and digits.
func checkName(name []byte) error {
	if len(name) == 0 || classes[name[0]]&classStart == 0 || bytes.Count(name, []byte(":")) > 1 {
		return errName
	}
	for i := 0; i < len(name); {
		r, size := utf8.DecodeRune(name[i:])
		beyond := unicode.IsLetter(r) || i > 0 && (unicode.Is(unicode.M, r) || unicode.IsDigit(r))
		if r >= utf8.RuneSelf && (!beyond || r == utf8.RuneError) {
			return errName
		}
		i += size
	}
	return nil
}
