package sip2

import (
	"context"

	"github.com/semenligne/sem/connectors/record"
)

// renewAll renews each loan by its own request. The protocol's "renew all" says
// ok even when it renewed nothing, and its lost reply could not be explained
// item by item.
func (ss *session) renewAll(ctx context.Context, card string) (record.Receipt, error) {
	items, why, err := ss.renewable(ctx, card)
	switch {
	case err != nil:
		return record.Receipt{}, err
	case why != "":
		return refused(why), nil
	}
	var t tally
	for _, barcode := range items {
		var r renewal
		if r, err = ss.renewLoan(ctx, card, barcode, record.Date{}); err != nil {
			break // nothing was sent for this one, nor for those after it
		}
		t.add(r)
		if r.outcome == record.OutcomeUnknown {
			return unknown("renewal of all loans", t.records)
		}
	}
	if err != nil && t.done == 0 {
		return record.Receipt{}, err
	}
	return t.receipt(len(items)), nil
}

// tally counts what became of several renewals.
type tally struct {
	done    int
	reread  bool
	refusal string // the one reason, or RefusalOther when they differ
	note    string
	records []record.Record
}

func (t *tally) add(r renewal) {
	t.records = append(t.records, r.record())
	t.reread = t.reread || r.proof == record.ProofReread
	switch {
	case r.outcome == record.OutcomeDone:
		t.done++
	case t.refusal == "":
		t.refusal, t.note = r.refusal, r.note
	case t.refusal != r.refusal:
		t.refusal = RefusalOther
	}
}

// receipt sums up: done when anything was renewed, with a refusal when not
// everything was.
func (t *tally) receipt(loans int) record.Receipt {
	r := record.Receipt{Outcome: record.OutcomeDone, Proof: record.ProofReply, Records: t.records}
	if t.reread {
		r.Proof = record.ProofReread
	}
	switch {
	case t.done == 0:
		r.Outcome, r.Refusal, r.Note = record.OutcomeRefused, t.refusal, t.note
	case t.done < loans:
		r.Refusal, r.Note = RefusalSomeNotRenewed, t.note
	}
	return r
}
