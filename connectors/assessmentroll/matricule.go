package assessmentroll

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/semenligne/sem/connectors"
)

// The widths of a matricule's parts: division, section, emplacement, check
// digit, building, local. The check digit's algorithm is not published: it is
// carried, never checked.
var widths = [...]int{4, 2, 4, 1, 3, 4} //nolint:gochecknoglobals // constant table

const (
	shortDigits        = 10 // division, section, emplacement
	fullDigits         = 18
	municipalityDigits = 5
	// parts of a matricule as a number: what is below the short one.
	localSpan = 100_000_000
)

// matricule returns the eighteen digits of a unit, and whether a part had to be
// padded. Check digit, building and local may be absent and are zeros then.
func (u *rawUnit) matricule(to []byte) (digits []byte, padded bool, err error) {
	for i, width := range widths {
		part := u.get(elementMatriculeA + element(i))
		if i < 3 && len(part) == 0 {
			return nil, false, fmt.Errorf("byte %d: a unit without matricule: %w", u.at, connectors.ErrMalformed)
		}
		if len(part) > width || !digitsOnly(part) {
			return nil, false, fmt.Errorf("byte %d: a matricule that is not digits: %w", u.at, connectors.ErrMalformed)
		}
		padded = padded || len(part) > 0 && len(part) < width
		for n := len(part); n < width; n++ {
			to = append(to, '0')
		}
		to = append(to, part...)
	}
	return to, padded, nil
}

func digitsOnly[T []byte | string](s T) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// number makes a number of up to eighteen digits; the order is that of the
// text.
func number[T []byte | string](digits T) uint64 {
	var n uint64
	for i := range len(digits) {
		n = n*10 + uint64(digits[i]-'0')
	}
	return n
}

// query is a matricule that somebody asks for.
type query struct {
	municipality string // "" for any
	key          uint64 // eighteen digits; a short matricule has zeros at the end
	short        bool
}

// parseQuery reads a matricule as people write it: ten or eighteen digits, or
// twenty-three with the municipality, with dashes and spaces anywhere. A number
// that lost its leading zeros cannot be told from another and is refused.
func parseQuery(text string) (query, error) {
	digits := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) {
			return -1
		}
		return r
	}, text)
	var q query
	switch len(digits) {
	case shortDigits:
		q.short = true
	case municipalityDigits + fullDigits:
		q.municipality, digits = digits[:municipalityDigits], digits[municipalityDigits:]
	case fullDigits:
	default:
		digits = ""
	}
	if digits == "" || !digitsOnly(digits) || !digitsOnly(q.municipality) {
		return query{}, fmt.Errorf("matricule that is not 10, 18 or 23 digits: %w", connectors.ErrRefused)
	}
	q.key = number(digits)
	if q.short {
		q.key *= localSpan
	}
	return q, nil
}

// parcel is the part of a matricule that units on one parcel share, as the key
// of the unit that has nothing else.
func parcel(key uint64) uint64 { return key - key%localSpan }
