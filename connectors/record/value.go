package record

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Date is a civil date: a day as people say it, without hour or zone, so that
// a book due on the 15th is due on the 15th everywhere. The zero Date means
// unknown.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads a date as 2006-01-02.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("civil date: %w", err)
	}
	return DateOf(t), nil
}

// DateOf returns the civil date of t in t's own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// IsZero tells whether the date is unknown.
func (d Date) IsZero() bool { return d == Date{} }

// In returns the first instant of the day in a zone.
func (d Date) In(zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
}

// AddDays returns the date n days later.
func (d Date) AddDays(n int) Date { return DateOf(d.In(time.UTC).AddDate(0, 0, n)) }

// Before tells whether d comes before other.
func (d Date) Before(other Date) bool { return d.In(time.UTC).Before(other.In(time.UTC)) }

// DaysUntil returns the number of days from d to other, negative when other is
// earlier.
func (d Date) DaysUntil(other Date) int {
	return int(other.In(time.UTC).Sub(d.In(time.UTC)) / (24 * time.Hour))
}

// String writes the date as 2006-01-02, and an unknown date as "".
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// MarshalText writes the date as 2006-01-02.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a date as 2006-01-02; empty text is the unknown date.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	*d = parsed
	return err
}

// Cents is an amount of money in hundredths of the town's currency. An amount
// that a source did not give is a nil *Cents, never zero.
type Cents int64

// ParseCents reads an exact decimal amount as sources write it: "12.75", "50",
// "-3.00", "1,234.50", "1 234,56 $". The last comma or point that one or two
// final digits follow is the decimal mark. Thousands may be grouped by spaces
// or by commas. Anything else is an error: an amount is never guessed.
func ParseCents(s string) (Cents, error) {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, s)
	s = strings.TrimSpace(strings.Trim(strings.TrimSpace(s), "$"))
	m := amount.FindStringSubmatch(s)
	if m == nil {
		return 0, fmt.Errorf("amount: %d characters that are not one", len(s))
	}
	whole := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, m[2])
	n, err := strconv.ParseInt(m[1]+whole+(m[3] + "00")[:2], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("amount: too large")
	}
	return Cents(n), nil
}

// amount captures the sign, the whole part, and the decimals of either style.
var amount = regexp.MustCompile(`^(-?)(?:(\d+|[1-9]\d{0,2}(?:(?: \d{3})+|(?:,\d{3})+))(?:[.,](\d{1,2}))?)$`)

// Point is a place on Earth, WGS 84, in decimal degrees.
type Point struct {
	Lat  float64 `json:"lat"`
	Long float64 `json:"long"`
}

// Valid tells whether the point can be one: in range, finite, and not the
// 0,0 that stands for "unknown" in many sources.
func (p Point) Valid() bool {
	return p.Lat >= -90 && p.Lat <= 90 && p.Long >= -180 && p.Long <= 180 && p != Point{}
}

// Text makes foreign text fit to keep: Unicode NFC, no control, formatting or
// bidirectional-override characters, runs of spaces folded, trimmed, and cut
// at a rune boundary after limit runes with an ellipsis. Line breaks survive.
// It is still plain text, to be escaped wherever it is shown.
func Text(s string, limit int) string {
	var b strings.Builder
	space, count := false, 0
	for _, r := range norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD")) {
		switch {
		case r == '\n':
			if b.Len() > 0 && !strings.HasSuffix(b.String(), "\n") {
				b.WriteRune('\n')
				count++
			}
			space = false
			continue
		case unicode.IsSpace(r):
			space = true
			continue
		case unicode.Is(unicode.C, r):
			continue
		}
		if count >= limit {
			return strings.TrimRight(b.String(), " \n") + "…"
		}
		if space && b.Len() > 0 && !strings.HasSuffix(b.String(), "\n") {
			b.WriteRune(' ')
			count++
		}
		space = false
		b.WriteRune(r)
		count++
	}
	return strings.TrimRight(b.String(), "\n")
}
