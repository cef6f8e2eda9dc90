package openactive

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// doer acts on the booking server for one person.
type doer struct{ *source }

// Do keeps a place or gives it back, registers, or cancels.
func (d doer) Do(ctx context.Context, who record.Ref, action record.Action) (record.Receipt, error) {
	p, err := parseRef(who)
	if err != nil {
		return record.Receipt{}, err
	}
	switch a := action.(type) {
	case record.Register:
		return d.register(ctx, who, p, a)
	case record.CancelRegistration:
		return d.cancel(ctx, who, p, a)
	case record.HoldSeat:
		return d.hold(ctx, p, a)
	case record.ReleaseSeat:
		return d.giveBack(ctx, a)
	}
	return record.Receipt{}, fmt.Errorf("openactive: action %s: %w", action.ActionName(), connectors.ErrRefused)
}

// register quotes and books one place: C1, C2, B. Whatever ends it before B
// gives the lease back.
func (d doer) register(ctx context.Context, who record.Ref, p person, a record.Register) (record.Receipt, error) {
	b, no, err := d.fill(ctx, p, a)
	if no != nil || err != nil {
		return orNothing(no), err
	}
	n, no, err := d.quote(ctx, b)
	switch {
	case no != nil || err != nil:
	case !agreed(n, a.Agreed):
		no = refusal(refusalPrice)
	case b.paidFirst(n):
		no = refusal(refusalPayment)
	}
	if no != nil || err != nil {
		d.releaseLease(ctx, b)
		return b.withLink(orNothing(no)), err
	}
	receipt, err := d.book(ctx, who, b, dueOf(n.child("totalPaymentDue")))
	if err != nil && !errors.Is(err, connectors.ErrOutcomeUnknown) || receipt.Outcome == record.OutcomeRefused {
		d.releaseLease(ctx, b)
	}
	return b.withLink(receipt), err
}

// agreed tells whether the quote still asks for what the person agreed to. A
// quote without a total is no other price.
func agreed(n node, to *record.Cents) bool {
	total := n.child("totalPaymentDue").cents("price")
	return to == nil || total == nil || *total == *to
}

// fill makes the basket of what is asked for, or says why it cannot be had.
func (d doer) fill(ctx context.Context, p person, a record.Register) (basket, *record.Receipt, error) {
	b := basket{uuid: a.Order, customer: customerOf(p, a), attendee: attendeeOf(a)}
	if b.uuid == "" {
		b.uuid = newUUID()
	}
	if !uuidForm.MatchString(b.uuid) {
		return b, nil, fmt.Errorf("openactive: order that is no UUID: %w", connectors.ErrRefused)
	}
	no, err := d.choose(ctx, &b, a)
	return b, no, err
}

func orNothing(r *record.Receipt) record.Receipt {
	if r == nil {
		return record.Receipt{}
	}
	return *r
}

func refusal(code string) *record.Receipt {
	return &record.Receipt{Outcome: record.OutcomeRefused, Refusal: code}
}

// choose finds the session in the catalogue and settles the offer. The session
// goes along with a refusal that leaves a choice to the person.
func (d doer) choose(ctx context.Context, b *basket, a record.Register) (*record.Receipt, error) {
	b.session, b.offer, b.seller, b.kind = a.Session, a.Offer, d.settings.Seller, "ScheduledSession"
	if len(d.catalogue.feeds) == 0 {
		if a.Offer == "" {
			return refusal(refusalAmbiguous), nil
		}
		return nil, nil
	}
	now, err := d.current(ctx)
	if err != nil {
		return nil, err
	}
	b.session = now.resolve(a.Session)
	found, seller, ok := now.record(b.session, d.mapper.zone)
	if !ok {
		return refusal(refusalUnknown), nil
	}
	b.kind, b.found = now.offered[b.session].kind, &found
	if b.seller == "" {
		b.seller = seller
	}
	offer, code := pick(found.Body.(record.Activity), a.Offer)
	if code != "" {
		no := refusal(code)
		no.Records = []record.Record{found}
		return no, nil
	}
	b.offer, b.price, b.prepayment = offer.ID, offer.Price, offer.Prepayment
	return nil, nil
}

// pick settles the offer: the one named, or the only one that can be booked.
// A catalogue without prices leaves them to the booking server.
func pick(a record.Activity, id string) (record.Offer, string) {
	if a.Status == record.ActivityCancelled {
		return record.Offer{}, refusalNotBookable
	}
	if len(a.Offers) == 0 && id != "" {
		return record.Offer{ID: id}, ""
	}
	candidates := slices.DeleteFunc(slices.Clone(a.Offers), func(o record.Offer) bool {
		return id != "" && !sameThing(o.ID, id) || id == "" && !o.Bookable
	})
	switch {
	case len(candidates) == 0 && id != "":
		return record.Offer{}, refusalOffer
	case len(candidates) == 0 || !candidates[0].Bookable:
		return record.Offer{}, refusalNotBookable
	case len(candidates) > 1 && id == "":
		return record.Offer{}, refusalAmbiguous
	}
	return candidates[0], ""
}

// newUUID draws a random UUID (RFC 9562, version 4).
func newUUID() string {
	var u [16]byte
	_, _ = rand.Read(u[:]) // never fails
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}
