package sip2

import (
	"errors"

	"github.com/semenligne/sem/connectors/record"
)

// verdict weighs the reply to a 15 against the list read after it.
type verdict struct {
	reply    message
	lost     error // why there is no reply
	changed  bool  // the list shows the change
	unread   bool  // the list could not be read
	mustShow bool  // a yes that the list contradicts is no proof
}

func (v verdict) receipt(what string, records []record.Record) (record.Receipt, error) {
	answered := v.lost == nil
	yes := answered && v.reply.fixed[0] == '1'
	no := answered && v.reply.fixed[0] == '0'
	r := record.Receipt{Proof: record.ProofReread, Records: records}
	if answered {
		r.Note = note(v.reply)
	}
	switch {
	case yes && (v.changed || v.unread || !v.mustShow):
		r.Outcome, r.Proof = record.OutcomeDone, record.ProofReply
	case v.changed:
		r.Outcome = record.OutcomeDone
	case v.unread, yes:
		return unknown(what, records)
	case no:
		r.Outcome, r.Refusal, r.Proof = record.OutcomeRefused, refusal(v.reply.text()), record.ProofReply
	case errors.Is(v.lost, errUnread):
		r.Outcome, r.Refusal = record.OutcomeRefused, RefusalOther // unread, and nothing changed
	default:
		return unknown(what, records)
	}
	return r, nil
}
