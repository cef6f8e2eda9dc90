package signin

import (
	"errors"
	"strings"
)

// The reasons why a new PIN is not accepted.
var (
	ErrPINShape = errors.New("signin: a new PIN has 6 to 12 digits")
	ErrPINWeak  = errors.New("signin: a new PIN is no repetition, sequence, date or part of the card number")
)

// CheckNewPIN tells whether a PIN may be given out or chosen. Cards that exist
// with a shorter or weaker PIN keep it until it is changed; the limit on
// attempted PINs stands in front of those.
func CheckNewPIN(pin, card string) error {
	if len(pin) < 6 || len(pin) > 12 || !allDigits(pin) {
		return ErrPINShape
	}
	if repeats(pin) || sequence(pin) || looksLikeDate(pin) || strings.Contains(pin, card) && card != "" || strings.Contains(card, pin) {
		return ErrPINWeak
	}
	return nil
}

func allDigits(s string) bool {
	return strings.Trim(s, "0123456789") == "" && s != ""
}

// repeats tells whether the PIN is one block over and over: 111111, 121212,
// 123123.
func repeats(pin string) bool {
	for size := 1; size <= len(pin)/2; size++ {
		if len(pin)%size == 0 && strings.Repeat(pin[:size], len(pin)/size) == pin {
			return true
		}
	}
	return false
}

func sequence(pin string) bool {
	const up, down = "01234567890123456789", "98765432109876543210"
	return strings.Contains(up, pin) || strings.Contains(down, pin)
}

// looksLikeDate recognises six and eight digits that read as a day of the
// twentieth or twenty-first century, in any usual order.
func looksLikeDate(pin string) bool {
	two := func(at int) int { return int(pin[at]-'0')*10 + int(pin[at+1]-'0') }
	day := func(d, m int) bool { return d >= 1 && d <= 31 && m >= 1 && m <= 12 }
	switch len(pin) {
	case 6: // yymmdd, ddmmyy, mmddyy
		return day(two(4), two(2)) || day(two(0), two(2)) || day(two(2), two(0))
	case 8: // yyyymmdd, ddmmyyyy, mmddyyyy
		century := func(at int) bool { return two(at) == 19 || two(at) == 20 }
		return century(0) && day(two(6), two(4)) || century(4) && (day(two(0), two(2)) || day(two(2), two(0)))
	}
	return false
}
