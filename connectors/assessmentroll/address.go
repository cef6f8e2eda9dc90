package assessmentroll

import (
	"strings"

	"github.com/semenligne/sem/connectors/record"
)

// addresses returns the unit's civic addresses; one without anything in it is
// left out.
func (r *reader) addresses() []record.Address {
	if len(r.u.addresses) == 0 {
		return nil
	}
	list := make([]record.Address, 0, len(r.u.addresses))
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
		a.Text = sentence(a)
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

// street returns the words of a street: type, link, name, cardinal point. A
// link that ends in an apostrophe takes no space after it.
func street(a record.Address) string {
	var b strings.Builder
	b.Grow(len(a.StreetType) + len(a.Link) + len(a.Street) + len(a.Cardinal) + 3)
	for _, part := range [...]string{a.StreetType, a.Link, a.Street, a.Cardinal} {
		if part == "" {
			continue
		}
		if b.Len() > 0 && !strings.HasSuffix(b.String(), "'") {
			b.WriteByte(' ')
		}
		b.WriteString(part)
	}
	return b.String()
}

// sentence writes an address as people do: "16-18, rue des ERABLES, app. 3".
func sentence(a record.Address) string {
	number := a.Number
	if a.NumberTo != "" && a.NumberTo != a.Number {
		number = strings.Trim(a.Number+"-"+a.NumberTo, "-")
	}
	apartment := a.Apartment
	if apartment != "" {
		apartment = "app. " + apartment
	}
	var b strings.Builder
	for _, part := range [...]string{number, street(a), apartment, a.Complement} {
		if part == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(part)
	}
	return b.String()
}
