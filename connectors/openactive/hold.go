package openactive

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// hold asks for a quote, which keeps the place where the server leases places,
// and reads the price from it. Where payment comes first the place is given back
// at once: it would be in the way of the person's own checkout.
func (d doer) hold(ctx context.Context, p person, a record.HoldSeat) (record.Receipt, error) {
	if a.Order == "" {
		return record.Receipt{}, fmt.Errorf("openactive: a place to keep without order: %w", connectors.ErrRefused)
	}
	b, no, err := d.fill(ctx, p, a.Register)
	if no != nil || err != nil {
		return orNothing(no), err
	}
	n, no, err := d.quote(ctx, b)
	if no != nil || err != nil {
		d.releaseLease(ctx, b)
		return orNothing(no), err
	}
	q := quoteOf(n, time.Now())
	if b.paidFirst(n) {
		q.Prepayment, q.HeldUntil = true, time.Time{}
		d.releaseLease(ctx, b)
	}
	return b.withLink(record.Receipt{Outcome: record.OutcomeDone, Proof: record.ProofReply, Reference: b.uuid, Quote: &q}), nil
}

// quoteOf reads what the person is shown of a quote. A time that cannot be read,
// or is over, is no promise to keep the place.
func quoteOf(n node, now time.Time) record.Quote {
	due := n.child("totalPaymentDue")
	q := record.Quote{Total: due.cents("price"), Currency: due.raw("priceCurrency")}
	for _, charge := range n.children("totalPaymentTax") {
		amount := charge.cents("price")
		if amount == nil {
			q.Tax = nil // a part that cannot be read leaves the sum unknown
			break
		}
		sum := *amount
		if q.Tax != nil {
			sum += *q.Tax
		}
		q.Tax = &sum
	}
	if until, err := time.Parse(time.RFC3339, n.child("lease").raw("leaseExpires")); err == nil && until.After(now) {
		q.HeldUntil = until.UTC()
	}
	for _, party := range []string{"seller", "bookingService"} {
		for _, t := range n.child(party).children("termsOfService") {
			consent := t.truth("requiresExplicitConsent")
			terms := record.Terms{Name: t.text("name", nameLimit), URL: link(t.raw("url")), Consent: consent != nil && *consent}
			if terms.URL != "" {
				q.Terms = append(q.Terms, terms)
			}
		}
	}
	return q
}

// giveBack ends the lease of an order. Repeating it is harmless, and a lease that
// is not there is as good as ended.
func (d doer) giveBack(ctx context.Context, a record.ReleaseSeat) (record.Receipt, error) {
	if !uuidForm.MatchString(a.Order) {
		return record.Receipt{}, fmt.Errorf("openactive: order that is no UUID: %w", connectors.ErrRefused)
	}
	if err := d.deleteQuote(ctx, a.Order); err != nil {
		return record.Receipt{}, fmt.Errorf("openactive: giving a place back: %w", err)
	}
	return record.Receipt{Outcome: record.OutcomeDone, Proof: record.ProofReply, Reference: a.Order}, nil
}

// deleteQuote gives back what a quote keeps.
func (s *source) deleteQuote(ctx context.Context, uuid string) error {
	r, _, err := s.send(ctx, http.MethodDelete, s.endpoint("order-quotes", uuid), nil)
	if err != nil || r.status == http.StatusNotFound {
		return err
	}
	return connectors.StatusError(r.status)
}

// releaseLease gives the place back, as well as it can: a lease that stays
// behind ends by itself.
func (s *source) releaseLease(ctx context.Context, b basket) {
	ctx, cancel := half(ctx)
	defer cancel()
	if err := s.deleteQuote(ctx, b.uuid); err != nil {
		s.log.DebugContext(ctx, "lease not released", "reason", connectors.Reason(err))
	}
}
