package openactive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// quote asks for C1, where the settings want it, and C2, and returns C2, which
// we can agree to but for paying first, or a refusal.
func (d doer) quote(ctx context.Context, b basket) (node, *record.Receipt, error) {
	if d.settings.Quote == QuoteSend {
		_, no, err := d.ask(ctx, b, "order-quote-templates", false)
		if (no != nil || err != nil) && !errors.Is(err, errNoQuote) {
			return nil, no, err
		}
	}
	n, no, err := d.ask(ctx, b, "order-quotes", true)
	if no != nil || err != nil {
		return nil, no, err
	}
	if no := d.accept(b, n); no != nil {
		return nil, no, nil
	}
	if total := n.child("totalPaymentDue"); total != nil && total.cents("price") == nil {
		return nil, nil, fmt.Errorf("openactive: quote: total that is no amount: %w", connectors.ErrMalformed)
	}
	return n, nil, nil
}

// errNoQuote is a server without that kind of quote. Nothing hangs on C1: C2
// says all of it again.
var errNoQuote = fmt.Errorf("openactive: quote not offered: %w", connectors.ErrNotFound)

// ask makes one quote and returns it once it is about what was asked for.
func (d doer) ask(ctx context.Context, b basket, collection string, named bool) (node, *record.Receipt, error) {
	brief, cancel := half(ctx)
	defer cancel()
	r, _, err := d.send(brief, http.MethodPut, d.endpoint(collection, b.uuid), d.request(b, "OrderQuote", named, nil))
	if err != nil && brief.Err() != nil && ctx.Err() == nil {
		return nil, nil, fmt.Errorf("openactive: quote: no answer in half of the time: %w", connectors.ErrUnavailable)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("openactive: quote: %w", err)
	}
	no, err := refusalIn(r)
	if no == nil && slices.Contains([]int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented}, r.status) {
		return nil, nil, errNoQuote
	}
	if no != nil || err != nil {
		return nil, no, err
	}
	n, err := decodeNode(r.body)
	if err != nil {
		return nil, nil, fmt.Errorf("openactive: quote: %w", err)
	}
	if itemOf(n, b) == nil {
		return nil, nil, fmt.Errorf("openactive: quote: not about what was asked: %w", connectors.ErrMalformed)
	}
	return n, nil, nil
}

// refusalIn reads an answer that may be a no: a refusal by its error types, or
// the failure that the status stands for. Both nil is a yes.
func refusalIn(r reply) (*record.Receipt, error) {
	switch {
	case r.status == http.StatusUnauthorized, r.status == http.StatusForbidden,
		r.status == http.StatusTooManyRequests, r.status >= http.StatusInternalServerError:
		return nil, fmt.Errorf("openactive: booking: %w", connectors.StatusError(r.status))
	}
	n, err := decodeNode(r.body)
	if err != nil && r.status < http.StatusBadRequest {
		return nil, fmt.Errorf("openactive: booking: %w", err)
	}
	if err != nil {
		var list any
		if decode(r.body, &list) == nil {
			n = node{"error": list} // some servers send the bare errors
		}
	}
	no := refused(errorsOf(n))
	switch {
	case no.Refusal == "", no.Refusal == refusalOther && connectors.Reason(connectors.StatusError(r.status)) == connectors.ReasonNotFound:
	default:
		return &no, nil
	}
	if err := connectors.StatusError(r.status); err != nil {
		return nil, fmt.Errorf("openactive: booking: %w", err)
	}
	return nil, nil
}

// itemOf returns the order item that answers ours, matched by position; nil
// when there is none, or when it is about another session or offer.
func itemOf(n node, b basket) node {
	items := n.children("orderedItem")
	at := slices.IndexFunc(items, func(i node) bool { p := i.integer("position"); return p != nil && *p == 0 })
	if at < 0 && len(items) == 1 && items[0].integer("position") == nil {
		at = 0
	}
	if at < 0 || len(items) != 1 || !sameThing(items[at].ref("orderedItem"), b.session) || !sameThing(items[at].ref("acceptedOffer"), b.offer) {
		return nil
	}
	return items[at]
}

// accept looks for whatever in a quote we cannot, or must not, agree to.
func (d doer) accept(b basket, n node) *record.Receipt {
	item := itemOf(n, b)
	if approval := n.truth("orderRequiresApproval"); approval != nil && *approval {
		return refusal(refusalApproval)
	}
	for _, required := range item.refs("attendeeDetailsRequired") {
		if _, known := b.attendee[localName(required)]; !known {
			return refusal(refusalDetails)
		}
	}
	for _, question := range item.children("orderItemIntakeForm") {
		if required := question.truth("valueRequired"); required != nil && *required {
			return refusal(refusalDetails)
		}
	}
	offer := item.child("acceptedOffer")
	if len(offer) > 2 && !bookable(offer) {
		return refusal(refusalNotBookable)
	}
	if price := offer.cents("price"); price != nil && b.price != nil && *price != *b.price {
		return refusal(refusalPrice)
	}
	return nil
}

// paidFirst tells whether the town takes payment before it confirms.
func (b basket) paidFirst(n node) bool {
	total, first := n.child("totalPaymentDue"), b.prepayment
	if said := cmp.Or(prepayment(total), prepayment(itemOf(n, b).child("acceptedOffer"))); said != "" {
		first = said == statusRequired
	}
	due := total.cents("price")
	return due != nil && *due > 0 && first
}
