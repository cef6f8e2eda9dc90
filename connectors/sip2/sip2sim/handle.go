package sip2sim

import (
	"fmt"
	"slices"
	"strings"
)

// handle carries out a request.
func (s *Server) handle(v *visit, rq request) (answer reply, keep bool) {
	switch rq.code {
	case "93":
		return s.login(v, rq)
	case "99":
		return s.status(), true
	case "23":
		return s.patronStatus(rq), true
	case "63":
		return s.patronInformation(rq), true
	case "17":
		return s.itemInformation(rq), true
	case "29":
		return s.renew(rq), true
	case "65":
		return s.renewAll(rq), true
	case "15":
		return s.hold(rq), true
	case "35":
		r := reply{code: "36", fixed: "Y" + s.now()}
		s.address(&r, rq)
		return r, true
	}
	return reply{code: "96"}, true
}

func (s *Server) login(v *visit, rq request) (reply, bool) {
	if s.config.Telnet && s.config.Personality == Koha {
		return reply{code: "96"}, true
	}
	if rq.fields["CN"] == s.config.User && rq.fields["CO"] == s.config.Password {
		v.loggedIn = true
		return reply{code: "94", fixed: "1"}, true
	}
	v.failed++
	limit := 3
	if s.config.Personality == Koha {
		limit = 1
	}
	return reply{code: "94", fixed: "0"}, v.failed < limit
}

// address starts a reply about a person with AO and AA.
func (s *Server) address(r *reply, rq request) {
	card := rq.fields["AA"]
	if s.fault == FaultForeign {
		card = "9" + card
	}
	r.add("AO", s.shelf.institution)
	r.add("AA", card)
}

// person finds the patron; an unknown card has some flags set.
func (s *Server) person(rq request) (*Patron, string) {
	p := s.shelf.patrons[rq.fields["AA"]]
	flags := []byte(strings.Repeat(" ", 14))
	if p == nil {
		copy(flags, "YYYY")
		return nil, string(flags)
	}
	for _, f := range p.Flags {
		flags[f] = 'Y'
	}
	return p, string(flags)
}

func (s *Server) patronStatus(rq request) reply {
	p, flags := s.person(rq)
	r := reply{code: "24", fixed: flags + rq.fixed[:3] + s.now()}
	s.identify(&r, rq, p)
	return r
}

// identify says who the person is, whatever the PIN.
func (s *Server) identify(r *reply, rq request, p *Patron) {
	s.address(r, rq)
	if p == nil {
		r.add("AE", "")
		s.flag(r, "BL", false)
		return
	}
	r.add("AE", p.Name)
	s.flag(r, "BL", true)
	if pin, sent := rq.fields["AD"]; sent {
		r.add("CQ", yesNo(pin == p.PIN))
	}
	r.add("BH", "CAD")
	r.add("BV", money(balance(p)))
	switch s.config.Personality {
	case Koha:
		r.add("AF", "Greetings from Koha. ")
	case Evergreen:
		r.add("PA", "20300101")
		r.add("PB", "19700101")
		r.add("PC", "Adulte")
	case Plain:
		r.add("U1", "interne")
	}
}

func (s *Server) flag(r *reply, id string, v bool) {
	if !s.config.NoValidFlag {
		r.add(id, yesNo(v))
	}
}

func yesNo(v bool) string {
	if v {
		return "Y"
	}
	return "N"
}

func balance(p *Patron) int64 {
	var total int64
	for _, f := range p.Fees {
		total += f.Cents
	}
	return total
}

func money(cents int64) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s%d.%02d", sign, cents/100, cents%100)
}

func (s *Server) itemInformation(rq request) reply {
	barcode := rq.fields["AB"]
	item := s.shelf.items[barcode]
	r := reply{code: "18", fixed: s.shelf.circulation(barcode) + "0001" + s.now()}
	r.add("AB", barcode)
	r.add("AJ", item.Title)
	if _, loan := s.shelf.borrower(barcode); loan != nil {
		r.add("AH", s.due(*loan))
	}
	if s.config.Personality == Koha {
		r.add("CK", "")
	} else if item.Media != "" {
		r.add("CK", item.Media)
	}
	if item.Branch != "" {
		r.add("AQ", item.Branch)
	}
	return r
}

// due writes a due date in the personality's way.
func (s *Server) due(l Loan) string {
	if s.config.Personality == Evergreen {
		return l.Due.Format("2006-01-02 15:04:05")
	}
	return moment(l.Due)
}

// patronInformation is a 64 with the one list that was asked for.
func (s *Server) patronInformation(rq request) reply {
	p, flags := s.person(rq)
	lists := s.lists(p)
	var counts strings.Builder
	for i, l := range lists {
		n := len(l.entries)
		if i == 3 && s.config.Personality == Koha {
			n = 0
		}
		fmt.Fprintf(&counts, "%04d", n)
	}
	r := reply{code: "64", fixed: flags + rq.fixed[:3] + s.now() + counts.String()}
	s.identify(&r, rq, p)
	if at := strings.IndexByte(rq.fixed[21:], 'Y'); at >= 0 && at < len(lists) && s.fault != FaultEmpty {
		r.add(lists[at].id, lists[at].entries...)
	}
	return r
}

type entries struct {
	id      string
	entries []string
}

// lists are a patron's lists in the order of the summary field.
func (s *Server) lists(p *Patron) []entries {
	lists := []entries{{id: "AS"}, {id: "AT"}, {id: "AU"}, {id: "AV"}, {id: "BU"}, {id: "CD"}}
	if p == nil {
		return lists
	}
	for _, l := range p.Loans {
		lists[2].entries = append(lists[2].entries, s.entry(l.Item))
	}
	for _, f := range p.Fees {
		line := f.Text + " " + money(f.Cents)
		if s.config.Personality == Evergreen {
			line = money(f.Cents) + " " + f.Text
		}
		lists[3].entries = append(lists[3].entries, line)
	}
	for _, h := range p.Holds {
		if h.Ready || s.config.Personality == Evergreen {
			lists[0].entries = append(lists[0].entries, s.entry(h.Item))
		}
		if !h.Ready {
			lists[5].entries = append(lists[5].entries, s.entry(h.Item))
		}
	}
	return lists
}

// entry names an item in a list.
func (s *Server) entry(barcode string) string {
	if s.config.Titles {
		return s.shelf.items[barcode].Title
	}
	return barcode
}

// remove takes the first hold of an item away.
func (p *Patron) remove(barcode string) bool {
	at := slices.IndexFunc(p.Holds, func(h Hold) bool { return h.Item == barcode })
	if at >= 0 {
		p.Holds = slices.Delete(p.Holds, at, at+1)
	}
	return at >= 0
}
