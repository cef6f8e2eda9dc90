package sip2

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// list is one of the lists that a patron information request can ask for: its
// position in the summary field, and among the counts of the reply.
type list int

// The lists that are read (63, summary); position 4 is recalls.
const (
	listHolds    list = 0
	listOverdue  list = 1
	listCharged  list = 2
	listFines    list = 3
	listNotReady list = 5
)

// id is the field of the list's entries.
func (l list) id() string { return [6]string{"AS", "AT", "AU", "AV", "BU", "CD"}[l] }

// patron is what a 64 says of a person, apart from personal details.
type patron struct {
	message message
	flags   string // patron status, 14 characters
	counts  [6]int // -1 where the system left it blank
}

// patronInfo asks about a card and one of its lists: systems serve only one.
func (ss *session) patronInfo(ctx context.Context, card string, lst list, extra ...field) (patron, error) {
	if !ss.link.supports(bxPatronInfo) {
		return patron{}, fmt.Errorf("patron information: not supported by the system: %w", connectors.ErrRefused)
	}
	summary := []byte("          ")
	summary[lst] = 'Y'
	rq := request{
		code: "63", fixed: ss.source.settings.Language + ss.now() + string(summary), want: "64", card: card,
		fields: append(ss.who(card), extra...),
	}
	m, err := ss.ask(ctx, rq)
	if err != nil {
		return patron{}, fmt.Errorf("patron information: %w", err)
	}
	p := patron{message: m, flags: m.fixed[:14]}
	for i := range p.counts {
		p.counts[i] = count(m.fixed[35+4*i : 39+4*i])
	}
	return p, p.known()
}

// who is the part of a request that names the person and the terminal.
func (ss *session) who(card string) []field {
	return []field{
		{"AO", ss.link.institution()}, {"AA", card}, {"AC", ss.source.settings.TerminalPassword.Reveal()},
	}
}

func (ss *session) now() string { return ss.source.settings.now(ss.source.zone) }

// count reads a four-digit count, -1 when it says nothing.
func count(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// known tells whether the system knows the card: by BL, or, where a system
// does not send BL, by anything it says of the person.
func (p patron) known() error {
	valid := p.message.all("BL")
	switch {
	case p.message.only("BL", "Y"):
		return nil
	case len(valid) == 0, p.message.only("BL", ""):
		if p.message.first("AE") != "" || p.listsAnything() {
			return nil
		}
		return fmt.Errorf("patron information: %w", connectors.ErrNotFound)
	case p.message.only("BL", "N"):
		return fmt.Errorf("patron information: %w", connectors.ErrNotFound)
	}
	return malformed("patron information: contradictory flag")
}

func (p patron) listsAnything() bool {
	for _, n := range p.counts {
		if n > 0 {
			return true
		}
	}
	return false
}

// entries asks for one list and returns it whole, with the reply that carried
// its beginning.
func (ss *session) entries(ctx context.Context, card string, lst list) ([]string, patron, error) {
	p, err := ss.patronInfo(ctx, card, lst)
	if err != nil {
		return nil, p, err
	}
	entries := present(p.message.all(lst.id()))
	seen := map[string]bool{}
	for _, e := range entries {
		seen[e] = true
	}
	// A system that hands over a long list in parts is asked for the rest; one
	// that ignores the range repeats itself, which ends the asking.
	for len(entries) > 0 && len(entries) < p.counts[lst] {
		more, err := ss.patronInfo(ctx, card, lst,
			field{"BP", strconv.Itoa(len(entries) + 1)}, field{"BQ", strconv.Itoa(p.counts[lst])})
		if err != nil {
			return nil, p, err
		}
		before := len(entries)
		for _, e := range present(more.message.all(lst.id())) {
			if !seen[e] {
				seen[e] = true
				entries = append(entries, e)
			}
		}
		if len(entries) == before {
			break
		}
	}
	return entries, p, nil
}

// present returns the entries that say something, as clean text.
func present(values []string) []string {
	var out []string
	for _, v := range values {
		if v = record.Text(v, 300); v != "" {
			out = append(out, v)
		}
	}
	return out
}
