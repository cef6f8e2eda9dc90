// Package sip2sim is a library system that speaks SIP2: the server side of the
// protocol, with loans, holds and renewals that change, for tests and for the
// demonstration. It is strict in what it accepts and has the manners of the
// systems in the field, chosen by [Config].
//
// It shares no code with the connector, so that a mistake in one cannot hide
// in the other.
package sip2sim

import (
	"maps"
	"slices"
	"time"
)

// Library is what a server starts with. Everything in it is invented.
type Library struct {
	Institution string // AO
	Items       []Item
	Patrons     []Patron
}

// Item is one copy in the catalogue.
type Item struct {
	Barcode, Title string
	Media          string // CK, three digits; "001" is a book
	Branch         string // AQ
}

// Patron is one reader and the account.
type Patron struct {
	Card, PIN, Name string
	Loans           []Loan
	Holds           []Hold
	Fees            []Fee
	// Flags are the positions of patron status that are set.
	Flags []int
}

// Loan is one item at home.
type Loan struct {
	Item     string // barcode
	Due      time.Time
	Renewals int // already used
}

// Hold is one item asked for.
type Hold struct {
	Item  string // barcode
	Ready bool   // on the hold shelf
}

// Fee is one line of an account.
type Fee struct {
	Text  string
	Cents int64
}

// shelf is the state of a library, held by the server's lock.
type shelf struct {
	institution string
	items       map[string]Item
	patrons     map[string]*Patron
	renewals    map[string]int // by item, since the start
}

func newShelf(lib Library) *shelf {
	s := &shelf{institution: lib.Institution, items: map[string]Item{}, patrons: map[string]*Patron{}, renewals: map[string]int{}}
	for _, i := range lib.Items {
		s.items[i.Barcode] = i
	}
	for _, p := range lib.Patrons {
		p.Loans, p.Holds, p.Fees, p.Flags = slices.Clone(p.Loans), slices.Clone(p.Holds), slices.Clone(p.Fees), slices.Clone(p.Flags)
		s.patrons[p.Card] = &p
	}
	return s
}

// byTitle finds a copy of a title, the same one every time.
func (s *shelf) byTitle(title string) (Item, bool) {
	for _, barcode := range slices.Sorted(maps.Keys(s.items)) {
		if s.items[barcode].Title == title {
			return s.items[barcode], true
		}
	}
	return Item{}, false
}

// borrower finds who has an item at home, and the loan.
func (s *shelf) borrower(barcode string) (*Patron, *Loan) {
	for _, p := range s.patrons {
		for i := range p.Loans {
			if p.Loans[i].Item == barcode {
				return p, &p.Loans[i]
			}
		}
	}
	return nil, nil
}

// wanted tells whether anybody but one patron holds an item.
func (s *shelf) wanted(barcode string, but *Patron) bool {
	for _, p := range s.patrons {
		if p != but && slices.ContainsFunc(p.Holds, func(h Hold) bool { return h.Item == barcode }) {
			return true
		}
	}
	return false
}

// circulation is the item's status, 01 to 13.
func (s *shelf) circulation(barcode string) string {
	if _, known := s.items[barcode]; !known {
		return "01"
	}
	if p, _ := s.borrower(barcode); p != nil {
		return "04"
	}
	for _, p := range s.patrons {
		if slices.Contains(p.Holds, Hold{Item: barcode, Ready: true}) {
			return "08"
		}
	}
	return "03"
}
