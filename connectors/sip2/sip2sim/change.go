package sip2sim

import (
	"fmt"
	"slices"
)

// renew is a 30.
func (s *Server) renew(rq request) reply {
	p, _ := s.person(rq)
	barcode := rq.fields["AB"]
	loan, why := s.renewable(p, barcode)
	fixed, due := "0NUN", ""
	if why == "" {
		s.extend(loan)
		fixed, due = "1YNN", s.due(*loan)
	}
	r := reply{code: "30", fixed: fixed + s.now()}
	s.address(&r, rq)
	r.add("AB", barcode)
	r.add("AJ", s.shelf.items[barcode].Title)
	r.add("AH", due)
	if why != "" {
		r.add("AF", why)
	}
	return r
}

// renewable finds the loan, or says why it may not be renewed.
func (s *Server) renewable(p *Patron, barcode string) (*Loan, string) {
	if p == nil {
		return nil, "Invalid patron"
	}
	owner, loan := s.shelf.borrower(barcode)
	switch {
	case owner != p:
		return nil, "Item not checked out to " + p.Name
	case slices.Contains(p.Flags, 1):
		return nil, "Patron is blocked"
	case loan.Renewals >= s.config.RenewalLimit:
		return nil, "Item has reached maximum renewals"
	case s.shelf.wanted(barcode, p):
		return nil, "Item has outstanding holds"
	}
	return loan, ""
}

func (s *Server) extend(l *Loan) {
	l.Renewals++
	l.Due = l.Due.AddDate(0, 0, s.config.RenewalDays)
	s.shelf.renewals[l.Item]++
	s.changes++
}

// renewAll is a 66.
func (s *Server) renewAll(rq request) reply {
	p, _ := s.person(rq)
	var done, left []string
	if p != nil {
		for i := range p.Loans {
			if loan, why := s.renewable(p, p.Loans[i].Item); why == "" {
				s.extend(loan)
				done = append(done, loan.Item)
			} else {
				left = append(left, p.Loans[i].Item+" "+why)
			}
		}
	}
	r := reply{code: "66", fixed: fmt.Sprintf("1%04d%04d%s", len(done), len(left), s.now())}
	s.address(&r, rq)
	r.add("BM", done...)
	r.add("BN", left...)
	return r
}

// hold is a 16.
func (s *Server) hold(rq request) reply {
	p, _ := s.person(rq)
	item, known := s.shelf.items[rq.fields["AB"]]
	if !known {
		item, known = s.shelf.byTitle(rq.fields["AJ"])
	}
	ok, why := "0", ""
	switch {
	case p == nil:
		why = "Invalid patron"
	case !known:
		why = "No such item"
	case rq.fixed[0] == '+':
		ok, why = s.place(p, item)
	case rq.fixed[0] == '-' && p.remove(item.Barcode):
		ok = "1"
		s.changes++
		if s.config.CancelSaysNo {
			ok, why = "0", "Hold not cancelled"
		}
	default:
		why = "No such hold"
	}
	r := reply{code: "16", fixed: ok + "N" + s.now()}
	s.address(&r, rq)
	r.add("AB", item.Barcode)
	r.add("AJ", item.Title)
	if ok == "1" && rq.fixed[0] == '+' {
		r.add("BR", "1")
	}
	if why != "" {
		r.add("AF", why)
	}
	return r
}

func (s *Server) place(p *Patron, item Item) (ok, why string) {
	switch {
	case slices.Contains(p.Flags, 3):
		return "0", "Patron is blocked"
	case slices.ContainsFunc(p.Holds, func(h Hold) bool { return h.Item == item.Barcode }):
		return "0", "Item already on hold"
	}
	p.Holds = append(p.Holds, Hold{Item: item.Barcode})
	s.changes++
	return "1", ""
}
