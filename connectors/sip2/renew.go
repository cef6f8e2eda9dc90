package sip2

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/semenligne/sem/connectors/record"
)

// renewal is what became of one loan.
type renewal struct {
	outcome record.Outcome
	refusal string
	note    string
	proof   record.Proof
	loan    record.Loan
}

func (r renewal) record() record.Record { return record.Record{Key: r.loan.Item, Body: r.loan} }

// renew renews one loan of a person.
func (ss *session) renew(ctx context.Context, card string, a record.Renew) (record.Receipt, error) {
	items, why, err := ss.renewable(ctx, card)
	switch {
	case err != nil:
		return record.Receipt{}, err
	case why != "":
		return refused(why), nil
	case !slices.Contains(items, a.Item):
		return refused(RefusalNotOnLoan), nil
	}
	r, err := ss.renewLoan(ctx, card, a.Item, a.Due)
	if err != nil {
		return record.Receipt{}, err
	}
	records := []record.Record{r.record()}
	if r.outcome == record.OutcomeUnknown {
		return unknown("renewal", records)
	}
	return record.Receipt{Outcome: r.outcome, Refusal: r.refusal, Note: r.note, Proof: r.proof, Records: records}, nil
}

// renewable lists the loans that could be renewed, or says why none can.
func (ss *session) renewable(ctx context.Context, card string) (items []string, why string, err error) {
	if !ss.link.supports(bxRenew) {
		return nil, RefusalUnsupported, nil
	}
	items, err = ss.charged(ctx, card)
	switch {
	case err != nil:
		return nil, "", err
	case len(items) == 0:
		return nil, RefusalNotOnLoan, nil
	case ss.titlesOnly(items):
		return nil, RefusalUnsupported, nil // a title does not say which copy
	}
	return items, "", nil
}

// renewLoan sends one renewal, unless the loan is due later than the date that
// the person saw: what was asked for has happened then, and a second renewal
// takes a second look. An error means that nothing was sent.
func (ss *session) renewLoan(ctx context.Context, card, barcode string, seen record.Date) (renewal, error) {
	before, err := ss.item(ctx, barcode)
	if err != nil {
		return renewal{}, err
	}
	if due := ss.source.due(before.due); !seen.IsZero() && seen.Before(due) {
		return renewal{outcome: record.OutcomeDone, proof: record.ProofReread, loan: ss.source.loan(barcode, before)}, nil
	}
	if err := ss.ready(ctx); err != nil {
		return renewal{}, err
	}
	m, err := ss.ask(ctx, ss.renewRequest(card, barcode))
	r := renewal{proof: record.ProofReply, loan: ss.source.loan(barcode, before)}
	switch {
	case err != nil && unsent(err):
		return renewal{}, err
	case err == nil && m.fixed[0] == '0':
		r.outcome, r.note = record.OutcomeRefused, note(m)
		r.refusal = refusal(m.text())
		return r, nil
	case err == nil && m.fixed[:2] == "1Y":
		r.outcome, r.note = record.OutcomeDone, note(m)
		r.loan = ss.renewed(ctx, barcode, m)
		return r, nil
	}
	r.proof = record.ProofReread
	after, known := ss.reread(ctx, card, barcode)
	if known {
		r.loan = ss.source.loan(barcode, after)
	}
	switch {
	case known && ss.source.moved(before.due, after.due):
		r.outcome = record.OutcomeDone
	case known && errors.Is(err, errUnread):
		r.outcome, r.refusal = record.OutcomeRefused, RefusalOther // unread, and nothing moved
	default:
		// A date that did not move proves nothing: the request may still be under way.
		r.outcome = record.OutcomeUnknown
	}
	return r, nil
}

// renewRequest is a 29 that blocks nothing (noblock N) and accepts no fee (BO N).
func (ss *session) renewRequest(card, barcode string) request {
	rq := request{
		code: "29", fixed: "NN" + ss.now() + strings.Repeat(" ", 18), want: "30", card: card, item: barcode, once: true, changes: true,
		fields: []field{{"AO", ss.link.institution()}, {"AA", card}, {"AB", barcode}},
	}
	return ss.paid(rq)
}

// paid ends a change with the terminal's password, where there is one, and with
// the answer that no fee is accepted.
func (ss *session) paid(rq request) request {
	if password := ss.source.settings.TerminalPassword; !password.IsZero() {
		rq.fields = append(rq.fields, field{"AC", password.Reveal()})
	}
	rq.fields = append(rq.fields, field{"BO", "N"})
	return rq
}

// renewed reads a renewed loan back; where that fails, the reply to the renewal
// itself says as much.
func (ss *session) renewed(ctx context.Context, barcode string, m message) record.Loan {
	if after, err := ss.item(ctx, barcode); err == nil && after.due != "" {
		return ss.source.loan(barcode, after)
	}
	return ss.source.loan(barcode, item{title: record.Text(m.first("AJ"), 300), due: m.first("AH")})
}

// reread looks a loan up again on a new connection; known is false when the
// person's list could not be read or no longer has it.
func (ss *session) reread(ctx context.Context, card, barcode string) (after item, known bool) {
	if err := ss.fresh(ctx); err != nil {
		return item{}, false
	}
	after, onLoan, err := ss.lookUp(ctx, card, barcode)
	return after, onLoan && err == nil && after.known()
}

// lookUp reads a loan of the person's own list.
func (ss *session) lookUp(ctx context.Context, card, barcode string) (i item, onLoan bool, err error) {
	items, err := ss.charged(ctx, card)
	if err != nil || !slices.Contains(items, barcode) {
		return item{}, false, err
	}
	i, err = ss.item(ctx, barcode)
	return i, true, err
}

// moved tells whether a due date became a later one.
func (s *source) moved(before, after string) bool {
	if before == "" || after == "" || before == after {
		return false
	}
	from, to := s.due(before), s.due(after)
	return from.IsZero() || to.IsZero() || !to.Before(from)
}
