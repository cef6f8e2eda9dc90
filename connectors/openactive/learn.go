package openactive

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// Learn reads the order to learn what became of an action. An order is known by
// the UUID that we drew for it, so that no older one can pass for it and sent is
// not needed.
func (d doer) Learn(ctx context.Context, who record.Ref, action record.Action, _ time.Time) (record.Receipt, error) {
	p, err := parseRef(who)
	if err != nil {
		return record.Receipt{}, err
	}
	switch a := action.(type) {
	case record.Register:
		return d.learnRegister(ctx, who, p, a)
	case record.CancelRegistration:
		return d.learnCancel(ctx, who, p, a)
	}
	return record.Receipt{}, fmt.Errorf("openactive: action %s: %w", action.ActionName(), connectors.ErrRefused)
}

// learnRegister looks for the order: by itself, and where the server shows no
// single orders, in the feed of those that changed after booking, which proves
// presence only.
func (d doer) learnRegister(ctx context.Context, who record.Ref, p person, a record.Register) (record.Receipt, error) {
	if !uuidForm.MatchString(a.Order) {
		return record.Receipt{}, fmt.Errorf("openactive: order that is no UUID: %w", connectors.ErrRefused)
	}
	o, err := d.getOrder(ctx, a.Order)
	switch {
	case errors.Is(err, errNoOrder):
		return notDone(a.Order, nil), nil
	case errors.Is(err, errNoGet), errors.Is(err, connectors.ErrNotFound):
		o, err = d.fed(ctx, person{orders: []string{a.Order}}, a.Order)
		if errors.Is(err, errNoFeed) || err == nil && o.lost {
			return undecided(a.Order, nil), nil
		}
	}
	if err != nil {
		return record.Receipt{}, err
	}
	b := basket{uuid: a.Order, session: a.Session, offer: a.Offer, customer: customerOf(p, a)}
	if !o.booked(b) {
		return undecided(a.Order, nil), nil // an order of that UUID, about something else
	}
	return d.done(o, who, b, record.ProofReread), nil
}

// booked tells whether the order was made from the basket, whatever became of
// its place since.
func (o *order) booked(b basket) bool {
	email, _ := b.customer["email"].(string)
	if email != "" && o.email != "" && !strings.EqualFold(email, o.email) {
		return false
	}
	for _, i := range o.items {
		if sameThing(i.session, b.session) && (i.offer == "" || b.offer == "" || sameThing(i.offer, b.offer)) {
			return true
		}
	}
	return false
}

// learnCancel reads the place that was given up. One that stands in the orders
// feed proves nothing: the feed may lag.
func (d doer) learnCancel(ctx context.Context, who record.Ref, p person, a record.CancelRegistration) (record.Receipt, error) {
	uuid, item, err := cutID(a.ID)
	if err != nil {
		return record.Receipt{}, err
	}
	o, err := d.owned(ctx, p, uuid)
	switch {
	case errors.Is(err, connectors.ErrNotFound), errors.Is(err, errNoFeed), err == nil && (o == nil || o.item(item) == nil):
		return undecided(uuid, nil), nil
	case err != nil:
		return record.Receipt{}, err
	}
	receipt := d.cancelled(o, who, item, record.ProofReread)
	switch status := registrationStatus(o.item(item).status); {
	case status == record.RegistrationCancelled:
		return receipt, nil
	case status == record.RegistrationUnknown || o.fed:
		return undecided(uuid, receipt.Records), nil
	}
	return notDone(uuid, receipt.Records), nil
}

func notDone(uuid string, seen []record.Record) record.Receipt {
	return record.Receipt{
		Outcome: record.OutcomeRefused, Refusal: record.NotDone, Proof: record.ProofReread, Reference: uuid, Records: seen,
	}
}

func undecided(uuid string, seen []record.Record) record.Receipt {
	return record.Receipt{Outcome: record.OutcomeUnknown, Reference: uuid, Records: seen}
}
