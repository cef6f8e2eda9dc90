package openactive

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// doubt is how much an attempt to book leaves open.
type doubt int

const (
	certain  doubt = iota // the answer settles it, or nothing was sent
	answered              // the server says that it failed; the order may be there or not
	lost                  // no answer, or none that makes sense
)

// attempt is one B that was tried.
type attempt struct {
	receipt record.Receipt
	err     error
	doubt   doubt
}

// book is step B. When its reply is lost or senseless, the order is read to
// learn what happened. Only when that proves the order absent, or when the
// server shows no single orders, is the very same body sent again, once, under
// the very same UUID, which the protocol makes harmless: all its calls are
// idempotent by UUID.
func (d doer) book(ctx context.Context, who record.Ref, b basket, due map[string]any) (record.Receipt, error) {
	body := d.request(b, "Order", true, due)
	first := d.put(ctx, who, b, body)
	if first.doubt == certain {
		if first.receipt.Refusal == refusalAgain {
			return d.askWhy(ctx, b, first.receipt), nil
		}
		return first.receipt, first.err
	}
	settled, err := d.settle(ctx, who, b)
	switch {
	case err == nil:
		return settled, nil
	case errors.Is(err, errNoGet) && first.doubt == lost:
	case !errors.Is(err, connectors.ErrNotFound):
		return unknown(b.uuid, nil)
	case first.doubt == answered:
		return record.Receipt{}, first.err // it said that it failed, and the order is not there
	}
	absent := errors.Is(err, connectors.ErrNotFound)
	second := d.put(ctx, who, b, body)
	if second.doubt == certain && second.err == nil && (absent || second.receipt.Outcome == record.OutcomeDone) {
		return second.receipt, nil // a no counts only when the first one is known not to have booked
	}
	if settled, err := d.settle(ctx, who, b); err == nil {
		return settled, nil
	}
	return unknown(b.uuid, nil)
}

// put sends B once and reads the answer.
func (d doer) put(ctx context.Context, who record.Ref, b basket, body map[string]any) attempt {
	ctx, cancel := half(ctx)
	defer cancel()
	r, sent, err := d.send(ctx, http.MethodPut, d.endpoint("orders", b.uuid), body)
	switch {
	case err != nil && !sent:
		return attempt{err: fmt.Errorf("openactive: booking: %w", err)}
	case err != nil:
		return attempt{err: fmt.Errorf("openactive: booking: %w", err), doubt: lost}
	case r.status == http.StatusTooManyRequests, r.status >= http.StatusInternalServerError:
		return attempt{err: fmt.Errorf("openactive: booking: %w", connectors.StatusError(r.status)), doubt: answered}
	case r.status >= http.StatusBadRequest:
		no, err := refusalIn(r)
		return attempt{receipt: orNothing(no), err: err}
	}
	n, err := decodeNode(r.body)
	if err != nil || itemOf(n, b) == nil {
		return attempt{err: fmt.Errorf("openactive: booking: senseless answer: %w", connectors.ErrMalformed), doubt: lost}
	}
	if found := errorsOf(n); len(found) > 0 {
		return attempt{receipt: refused(found)}
	}
	if n.id() == "" && n["identifier"] == nil {
		n["identifier"] = b.uuid
	}
	o, err := d.parseOrder(n)
	if err != nil || !o.holds(b) {
		return attempt{err: fmt.Errorf("openactive: booking: another order: %w", connectors.ErrMalformed), doubt: lost}
	}
	return attempt{receipt: d.done(o, who, b, record.ProofReply)}
}

// holds tells whether the order is the basket booked: same UUID, session and
// offer, nobody else's name on it, and not cancelled since.
func (o *order) holds(b basket) bool {
	email, _ := b.customer["email"].(string)
	if !strings.EqualFold(o.uuid, b.uuid) || email != "" && o.email != "" && !strings.EqualFold(email, o.email) {
		return false
	}
	for _, i := range o.items {
		if sameThing(i.session, b.session) && (i.offer == "" || sameThing(i.offer, b.offer)) && registrationStatus(i.status) != record.RegistrationCancelled {
			return true
		}
	}
	return false
}

// settle reads the order after a B without a useful answer. ErrNotFound proves
// that it is not there.
func (d doer) settle(ctx context.Context, who record.Ref, b basket) (record.Receipt, error) {
	d.http.CloseIdleConnections() // what follows goes over a fresh connection
	ctx, cancel := half(ctx)
	defer cancel()
	o, err := d.getOrder(ctx, b.uuid)
	if err != nil {
		return record.Receipt{}, err
	}
	if !o.holds(b) {
		return record.Receipt{Outcome: record.OutcomeRefused, Refusal: refusalOrderExists, Proof: record.ProofReread}, nil
	}
	return d.done(o, who, b, record.ProofReread), nil
}

// done makes the receipt of a booking.
func (d doer) done(o *order, who record.Ref, b basket, proof record.Proof) record.Receipt {
	records := d.registrations(o, who)
	for i, r := range records {
		reg := r.Body.(record.Registration)
		if b.found != nil && sameThing(reg.Session, b.session) && reg.Name == "" {
			describe(&reg, b.found.Body.(record.Activity))
			records[i].Body = reg
		}
	}
	return record.Receipt{Outcome: record.OutcomeDone, Reference: o.uuid, Proof: proof, Records: records}
}

// unknown is the honest end of an action that nobody can account for.
func unknown(uuid string, seen []record.Record) (record.Receipt, error) {
	return record.Receipt{Outcome: record.OutcomeUnknown, Reference: uuid, Records: seen},
		fmt.Errorf("openactive: booking: %w", connectors.ErrOutcomeUnknown)
}

// askWhy repeats C2 after B said only that an item could not be processed: the
// quote names the reason.
func (d doer) askWhy(ctx context.Context, b basket, vague record.Receipt) record.Receipt {
	_, no, err := d.ask(ctx, b, "order-quotes", true)
	if err != nil || no == nil {
		return vague
	}
	return *no
}
