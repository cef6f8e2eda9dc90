package assessmentroll

import (
	"strings"

	"github.com/semenligne/sem/connectors/record"
)

// parts are what the pointers and slices of a usual unit point at, in one
// allocation; a unit with more addresses, lots or taxable parts makes its own.
type parts struct {
	cents     [5]record.Cents
	floats    [7]float64
	ints      [4]int
	bools     [1]bool
	used      struct{ cents, floats, ints int }
	building  record.Building
	addresses [1]record.Address
	lots      [2]string
	taxation  [1]record.TaxPart
}

// room returns an empty slice for n elements: of own when they fit.
func room[T any](own []T, n int) []T {
	if n <= len(own) {
		return own[:0:n]
	}
	return make([]T, 0, n)
}

// dollars reads a value in whole dollars.
func (r *reader) dollars(s string) *record.Cents {
	if s == "" {
		return nil
	}
	cents, ok := wholeDollars(s)
	if !ok {
		r.odd()
		return nil
	}
	var p *record.Cents
	if r.parts.used.cents < len(r.parts.cents) {
		p = &r.parts.cents[r.parts.used.cents]
		r.parts.used.cents++
	} else {
		p = new(record.Cents)
	}
	*p = cents
	return p
}

// wholeDollars reads dollars: digits, and at most decimals that are zeros or
// cents. Up to fifteen digits fit in int64 cents.
func wholeDollars(s string) (record.Cents, bool) {
	whole, decimals, _ := strings.Cut(s, ".")
	if whole == "" || len(whole) > 15 || !digitsOnly(whole) || len(decimals) > 2 || !digitsOnly(decimals) {
		return 0, false
	}
	cents := number(whole) * 100
	switch len(decimals) {
	case 1:
		cents += number(decimals) * 10
	case 2:
		cents += number(decimals)
	}
	return record.Cents(cents), true //nolint:gosec // at most 17 digits
}

// decimal reads a length or an area: digits with a point. Up to fifteen digits
// are exact as an integer, and so is the power of ten below: one division gives
// the nearest float, as strconv would, in a fraction of its time.
func (r *reader) decimal(e element) *float64 {
	s := r.raw(e)
	if s == "" {
		return nil
	}
	whole, decimals, _ := strings.Cut(s, ".")
	if n := len(whole) + len(decimals); n == 0 || n > 15 || !digitsOnly(whole) || !digitsOnly(decimals) {
		r.odd()
		return nil
	}
	n, power := number(whole), 1.0
	for i := range len(decimals) {
		n = n*10 + uint64(decimals[i]-'0')
		power *= 10
	}
	p := &r.parts.floats[r.parts.used.floats]
	r.parts.used.floats++
	*p = float64(n) / power
	return p
}

// count reads a number of things.
func (r *reader) count(e element) *int {
	s := r.raw(e)
	if s == "" {
		return nil
	}
	if len(s) > 6 || !digitsOnly(s) {
		r.odd()
		return nil
	}
	p := &r.parts.ints[r.parts.used.ints]
	r.parts.used.ints++
	*p = int(number(s)) //nolint:gosec // six digits
	return p
}

// year reads a year of construction; 0 is unknown.
func (r *reader) year(e element) int {
	s := r.raw(e)
	if len(s) == 4 && digitsOnly(s) {
		return int(number(s)) //nolint:gosec // four digits
	}
	if s != "" && strings.Trim(s, "0") != "" {
		r.odd()
	}
	return 0
}

// yes reads 0 or 1.
func (r *reader) yes(e element) *bool {
	switch r.raw(e) {
	case "":
		return nil
	case "0", "1":
		p := &r.parts.bools[0]
		*p = r.raw(e) == "1"
		return p
	}
	r.odd()
	return nil
}

// marketDate reads a day; some exports add a time, which means nothing.
func (r *reader) marketDate() record.Date {
	s := r.raw(elementMarketDate)
	if s == "" {
		return record.Date{}
	}
	if d, ok := r.m.marketDates[s]; ok {
		return d
	}
	day, _, _ := strings.Cut(s, "T")
	d, err := record.ParseDate(day)
	if err != nil {
		r.odd()
		return record.Date{}
	}
	if len(r.m.marketDates) < 100 {
		r.m.marketDates[strings.Clone(s)] = d
	}
	return d
}
