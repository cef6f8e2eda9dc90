package assessmentroll

import (
	"github.com/semenligne/sem/connectors/record"
)

// addresses returns the unit's civic addresses; one without anything in it is
// left out.
func (r *reader) addresses() []record.Address {
	if len(r.u.addresses) == 0 {
		return nil
	}
	list := room(r.parts.addresses[:], len(r.u.addresses))
	for i := range r.u.addresses {
		raw := &r.u.addresses[i]
		get := func(e element) string {
			s := raw[e-elementAddressA]
			return text(r.all[s.start:s.end])
		}
		a := record.Address{
			Number:     civic(get(elementAddressA), get(elementAddressB)),
			NumberTo:   civic(get(elementAddressC), get(elementAddressD)),
			StreetType: word(r.m.types, get(elementAddressE)),
			Link:       word(r.m.links, get(elementAddressF)),
			Street:     get(elementAddressG),
			Cardinal:   word(r.m.cardinals, get(elementAddressH)),
			Apartment:  get(elementAddressI),
			Complement: get(elementAddressJ),
		}
		if a == (record.Address{}) {
			continue
		}
		r.m.streets.accent(&a)
		r.m.scratch = sentence(r.m.scratch[:0], a)
		a.Text = string(r.m.scratch)
		list = append(list, a)
	}
	return list
}

// civic joins a civic number and its fraction or letter: "14A", "14 1/2".
func civic(number, rest string) string {
	switch {
	case rest == "":
		return number
	case number != "" && rest[0] >= '0' && rest[0] <= '9':
		return number + " " + rest
	}
	return number + rest
}

// sentence writes an address as people do: "16-18, rue des ERABLES, app. 3". A
// link that ends in an apostrophe takes no space after it.
func sentence(b []byte, a record.Address) []byte {
	b = append(b, a.Number...)
	if a.NumberTo != "" && a.NumberTo != a.Number {
		if a.Number != "" {
			b = append(b, '-')
		}
		b = append(b, a.NumberTo...)
	}
	separator := ", "
	for _, part := range [...]string{a.StreetType, a.Link, a.Street, a.Cardinal} {
		if part == "" {
			continue
		}
		if len(b) > 0 && b[len(b)-1] != '\'' {
			b = append(b, separator...)
		}
		b = append(b, part...)
		separator = " "
	}
	if a.Apartment != "" {
		b = append(comma(b), "app. "...)
		b = append(b, a.Apartment...)
	}
	if a.Complement != "" {
		b = append(comma(b), a.Complement...)
	}
	return b
}

func comma(b []byte) []byte {
	if len(b) == 0 {
		return b
	}
	return append(b, ", "...)
}
