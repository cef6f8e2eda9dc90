package assessmentroll

import (
	"bytes"
	"fmt"
	"io"

	"github.com/semenligne/sem/connectors"
)

// span is a piece of a unit's text; nothing is an element that is absent or
// empty.
type span struct{ start, end int32 }

// rawUnit is one RLUEx: the text of the elements that we read.
type rawUnit struct {
	text      []byte
	once      [once]span
	addresses [][addresses]span
	lots      []span
	taxes     [][taxes]span
	at        int64 // where its tag starts in the document
	length    int64 // up to after its end tag
}

func (u *rawUnit) reset(at int64) {
	u.text, u.addresses, u.lots, u.taxes = u.text[:0], u.addresses[:0], u.lots[:0], u.taxes[:0]
	u.once = [once]span{}
	u.at = at
}

// get returns an element's text.
func (u *rawUnit) get(e element) []byte {
	s := u.once[e-firstOnce]
	return u.text[s.start:s.end]
}

// header is what a roll says of itself before its first unit.
type header struct {
	municipality, year string
	rollYear           int // year as a number, 0 when not given
}

// maxUnit bounds one unit, in bytes: the largest real ones have a few hundred
// lots.
const maxUnit = 4 << 20

// decoder reads units out of a document.
type decoder struct {
	scanner *scanner
	names   *names
	header  header
	unit    rawUnit
	path    []element // the open elements that we read
	skip    int       // open elements within one that we do not
	start   int       // where the text of the open element starts in unit.text
}

// newDecoder reads a whole document, or, under elementRoll, a single unit.
func newDecoder(s *scanner, under element) *decoder {
	return &decoder{scanner: s, names: schema(), path: []element{under}}
}

// next returns the next unit, valid until the next call, and io.EOF after the
// end of a whole, well-formed document.
func (d *decoder) next() (*rawUnit, error) {
	for {
		e, err := d.scanner.next()
		if err != nil {
			return nil, err
		}
		switch e {
		case eventStart:
			err = d.begin()
		case eventText:
			err = d.characters()
		case eventEnd:
			var whole bool
			if whole, err = d.end(); whole && err == nil {
				return &d.unit, nil
			}
		case eventDone:
			return nil, io.EOF
		}
		if err != nil {
			return nil, err
		}
	}
}

func (d *decoder) fail(what string) error {
	return fmt.Errorf("byte %d: %s: %w", d.scanner.at, what, connectors.ErrMalformed)
}

func (d *decoder) begin() error {
	name := d.scanner.name
	parent := d.path[len(d.path)-1]
	p := d.names.find(pack(name))
	if p.self == elementNone {
		if i := bytes.LastIndexByte(name, ':'); i >= 0 {
			p = d.names.find(pack(name[i+1:]))
		}
	}
	switch {
	case p.self != elementNone && d.skip == 0 && p.allowed(parent):
	case parent == elementDocument:
		return d.fail("the root is not RL: not an assessment roll")
	case p.self == elementUnit:
		return d.fail("a unit that does not stand directly in RL")
	case parent >= firstText || parent == elementMunicipality || parent == elementYear:
		return d.fail("an element inside one that holds text")
	default:
		d.skip++
		return nil
	}
	d.path = append(d.path, p.self)
	switch p.self {
	case elementUnit:
		d.unit.reset(d.scanner.at)
	case elementAddress:
		d.unit.addresses = append(d.unit.addresses, [addresses]span{})
	case elementTax:
		d.unit.taxes = append(d.unit.taxes, [taxes]span{})
	default:
	}
	d.start = len(d.unit.text)
	if p.self >= firstText {
		if text, ok := d.scanner.leaf(); ok {
			d.unit.text = append(d.unit.text, text...)
			_, err := d.end()
			return err
		}
	}
	return nil
}

func (d *decoder) characters() error {
	if d.skip > 0 {
		return nil
	}
	open := d.path[len(d.path)-1]
	if open >= firstText || open == elementMunicipality || open == elementYear {
		d.unit.text = append(d.unit.text, d.scanner.text...)
		if len(d.unit.text) > maxUnit {
			return d.fail("a unit that is too large")
		}
		return nil
	}
	for _, c := range d.scanner.text {
		if !isSpace(c) {
			return d.fail("text between elements")
		}
	}
	return nil
}

// end closes an element. whole is true when it was a unit.
func (d *decoder) end() (whole bool, err error) {
	if d.skip > 0 {
		d.skip--
		return false, nil
	}
	e := d.path[len(d.path)-1]
	d.path = d.path[:len(d.path)-1]
	s := d.trimmed()
	u := &d.unit
	switch {
	case e == elementUnit:
		u.length = d.scanner.base + int64(d.scanner.pos) - u.at
		if u.length > maxUnit {
			return false, d.fail("a unit that is too large")
		}
		return true, nil
	case e >= firstOnce:
		return false, d.set(&u.once[e-firstOnce], s)
	case e >= elementTaxA:
		return false, d.set(&u.taxes[len(u.taxes)-1][e-elementTaxA], s)
	case e == elementLotA:
		if s.end > s.start {
			u.lots = append(u.lots, s)
		}
	case e >= elementAddressA:
		return false, d.set(&u.addresses[len(u.addresses)-1][e-elementAddressA], s)
	case e == elementMunicipality:
		return false, d.setHeader(&d.header.municipality, s)
	case e == elementYear:
		return false, d.setHeader(&d.header.year, s)
	}
	return false, nil
}

// trimmed returns the text of the element that ends, without spaces around.
func (d *decoder) trimmed() span {
	start, end := d.start, len(d.unit.text)
	for start < end && isSpace(d.unit.text[start]) {
		start++
	}
	for start < end && isSpace(d.unit.text[end-1]) {
		end--
	}
	return span{int32(start), int32(end)} //nolint:gosec // a unit is below maxUnit
}

// set keeps the text of an element that may stand once; two that differ would
// leave us to guess which is right.
func (d *decoder) set(field *span, s span) error {
	t := d.unit.text
	if field.end > field.start && !bytes.Equal(t[field.start:field.end], t[s.start:s.end]) {
		return d.fail("an element that stands twice and differs")
	}
	*field = s
	return nil
}

func (d *decoder) setHeader(field *string, s span) error {
	text := string(d.unit.text[s.start:s.end])
	if *field != "" && *field != text {
		return d.fail("an element that stands twice and differs")
	}
	*field = text
	return nil
}
