package openactive

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// cancel gives up one place of an order, after making sure that the order is
// the person's. It is sent once.
func (d doer) cancel(ctx context.Context, who record.Ref, p person, a record.CancelRegistration) (record.Receipt, error) {
	uuid, item, err := cutID(a.ID)
	if err != nil {
		return record.Receipt{}, err
	}
	o, err := d.owned(ctx, p, uuid)
	if err != nil {
		return record.Receipt{}, err
	}
	if o != nil { // nil: the server shows no orders; the UUID alone was the person's
		i := o.item(item)
		if i == nil {
			return record.Receipt{}, fmt.Errorf("openactive: cancellation: no such place in the order: %w", connectors.ErrNotFound)
		}
		if registrationStatus(i.status) == record.RegistrationCancelled {
			return d.cancelled(o, who, item, record.ProofReread), nil
		}
		item = i.id
	}
	return d.patch(ctx, who, p, uuid, item)
}

// cutID parts a registration's ID, "UUID#@id of the item". A bare @id that
// holds its order's UUID is understood as well.
func cutID(id string) (uuid, item string, err error) {
	uuid, item, _ = strings.Cut(id, "#")
	if !uuidForm.MatchString(uuid) {
		item = id
		at := slices.IndexFunc(strings.Split(id, "/"), func(s string) bool { return uuidForm.MatchString(strings.SplitN(s, "#", 2)[0]) })
		if at < 0 {
			return "", "", fmt.Errorf("openactive: cancellation: an id that names no order: %w", connectors.ErrRefused)
		}
		uuid = strings.SplitN(strings.Split(id, "/")[at], "#", 2)[0]
	}
	if item == "" {
		return "", "", fmt.Errorf("openactive: cancellation: an id that names no place: %w", connectors.ErrRefused)
	}
	return uuid, item, nil
}

var errNotTheirs = fmt.Errorf("openactive: cancellation: no such order of this person: %w", connectors.ErrNotFound)

// owned reads the order and makes sure that it is the person's. Nil without
// error is an order that the person holds by UUID and the server does not show.
func (d doer) owned(ctx context.Context, p person, uuid string) (*order, error) {
	if len(p.orders) > 0 && !p.holds(uuid) {
		return nil, errNotTheirs
	}
	o, err := d.getOrder(ctx, uuid)
	switch {
	case errors.Is(err, errNoGet) && len(p.orders) > 0:
		return nil, nil
	case err == nil && (o.named() || len(p.orders) > 0):
		if !p.owns(o) {
			return nil, errNotTheirs
		}
		return o, nil
	case err != nil && !errors.Is(err, errNoGet):
		return nil, err
	}
	return d.fed(ctx, p, uuid) // the answer does not say whose it is; the feed does
}

// fed finds one of the person's orders in the orders feed.
func (d doer) fed(ctx context.Context, p person, uuid string) (*order, error) {
	list, err := d.readFeed(ctx, p)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(list, func(o *order) bool { return strings.EqualFold(o.uuid, uuid) })
	if at < 0 {
		return nil, errNotTheirs
	}
	return list[at], nil
}

// patch sends the cancellation and reads what came of it.
func (d doer) patch(ctx context.Context, who record.Ref, p person, uuid, item string) (record.Receipt, error) {
	body := map[string]any{
		"@context": "https://openactive.io/", "@type": "Order",
		"orderedItem": []any{map[string]any{
			"@type": "OrderItem", "@id": item, "orderItemStatus": "https://openactive.io/CustomerCancelled",
		}},
	}
	waiting, stop := half(ctx)
	defer stop()
	r, sent, err := d.send(waiting, http.MethodPatch, d.endpoint("orders", uuid), body)
	switch {
	case err != nil && !sent:
		return record.Receipt{}, fmt.Errorf("openactive: cancellation: %w", err)
	case err != nil:
		return d.reread(ctx, who, p, uuid, item, nil)
	case r.status == http.StatusTooManyRequests, r.status >= http.StatusInternalServerError:
		return d.reread(ctx, who, p, uuid, item, fmt.Errorf("openactive: cancellation: %w", connectors.StatusError(r.status)))
	case r.status == http.StatusNoContent, r.status == http.StatusOK:
		receipt := record.Receipt{Outcome: record.OutcomeDone, Reference: uuid, Proof: record.ProofReply}
		o, err := d.getOrder(ctx, uuid)
		if err != nil {
			return receipt, nil // the yes stands without what would only be shown beside it
		}
		if i := o.item(item); i != nil && i.status != "" && registrationStatus(i.status) != record.RegistrationCancelled {
			return unknown(uuid, d.registrations(o, who)) // a yes, and the place still stands
		}
		receipt.Records = d.cancelled(o, who, item, "").Records
		return receipt, nil
	}
	no, err := refusalIn(r)
	if no == nil && err == nil {
		err = fmt.Errorf("openactive: cancellation: status %d: %w", r.status, connectors.ErrMalformed)
	}
	return orNothing(no), err
}

// reread learns what a cancellation without a useful answer did. An item that
// still stands after the server said that it failed was not cancelled; one that
// still stands after silence may yet be.
func (d doer) reread(ctx context.Context, who record.Ref, p person, uuid, item string, said error) (record.Receipt, error) {
	d.http.CloseIdleConnections() // what follows goes over a fresh connection
	ctx, stop := half(ctx)
	defer stop()
	o, err := d.getOrder(ctx, uuid)
	if errors.Is(err, errNoGet) {
		o, err = d.fed(ctx, p, uuid)
	}
	if err != nil {
		return unknown(uuid, nil)
	}
	i := o.item(item)
	switch {
	case i != nil && registrationStatus(i.status) == record.RegistrationCancelled:
		return d.cancelled(o, who, item, record.ProofReread), nil
	case i != nil && said != nil:
		return record.Receipt{}, said
	}
	return unknown(uuid, d.registrations(o, who))
}

// item finds an order item by its @id.
func (o *order) item(id string) *orderItem {
	at := slices.IndexFunc(o.items, func(i *orderItem) bool { return i.id != "" && sameThing(i.id, id) })
	if at < 0 {
		return nil
	}
	return o.items[at]
}

// named tells whether the order says whose it is.
func (o *order) named() bool { return o.email != "" || len(o.accounts) > 0 }

// cancelled makes the receipt of a cancellation, with the item as it was read.
func (d doer) cancelled(o *order, who record.Ref, item string, proof record.Proof) record.Receipt {
	records := slices.DeleteFunc(d.registrations(o, who), func(r record.Record) bool {
		id, _ := strings.CutPrefix(r.Body.(record.Registration).ID, o.uuid+"#")
		return !sameThing(id, item)
	})
	return record.Receipt{Outcome: record.OutcomeDone, Reference: o.uuid, Proof: proof, Records: records}
}
