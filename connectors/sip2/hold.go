package sip2

import (
	"context"
	"slices"
	"strconv"

	"github.com/semenligne/sem/connectors/record"
)

// anyCopy is the hold type (BY) that readers want: whichever copy comes first.
const anyCopy = "2"

// placeHold asks the library to keep an item or a title.
func (ss *session) placeHold(ctx context.Context, card string, a record.PlaceHold) (record.Receipt, error) {
	before, why, err := ss.holdable(ctx, card)
	switch {
	case err != nil:
		return record.Receipt{}, err
	case why != "":
		return refused(why), nil
	}
	var extra []field
	if a.Pickup != "" {
		extra = append(extra, field{"BS", a.Pickup})
	}
	rq := ss.holdRequest("+", card, a.Item, a.Title, append(extra, field{"BY", anyCopy}))
	m, err := ss.ask(ctx, rq)
	if err != nil && unsent(err) {
		return record.Receipt{}, err
	}
	after, readErr := ss.holdsAfter(ctx, card)
	added := without(after, before)
	if err == nil && m.fixed[0] == '1' && len(added) == 1 {
		added[0].Body = queued(added[0].Body, m)
	}
	v := verdict{reply: m, lost: err, changed: len(added) > 0, unread: readErr != nil}
	return v.receipt("hold", added)
}

// cancelHold gives up a hold of the person's own list.
func (ss *session) cancelHold(ctx context.Context, card string, a record.CancelHold) (record.Receipt, error) {
	before, why, err := ss.holdable(ctx, card)
	switch {
	case err != nil:
		return record.Receipt{}, err
	case why != "":
		return refused(why), nil
	}
	match, err := ss.matcher(ctx, a, before)
	if err != nil {
		return record.Receipt{}, err
	}
	at := slices.IndexFunc(before, match)
	if at < 0 {
		return refused(RefusalNotOnHold), nil
	}
	if err := ss.ready(ctx); err != nil {
		return record.Receipt{}, err
	}
	barcode := a.Item
	if held, ok := before[at].Body.(record.Hold); ok && barcode == "" {
		barcode = held.Item
	}
	m, err := ss.ask(ctx, ss.holdRequest("-", card, barcode, a.Title, nil))
	if err != nil && unsent(err) {
		return record.Receipt{}, err
	}
	after, readErr := ss.holdsAfter(ctx, card)
	gone := readErr == nil && matches(after, match) < matches(before, match)
	v := verdict{reply: m, lost: err, changed: gone, unread: readErr != nil, mustShow: true}
	return v.receipt("cancellation", after)
}

// holdable reads a person's holds before a change, or says why there can be none.
func (ss *session) holdable(ctx context.Context, card string) (before []record.Record, why string, err error) {
	if !ss.link.supports(bxHold) {
		return nil, RefusalUnsupported, nil
	}
	if before, err = ss.readHolds(ctx, card); err != nil {
		return nil, "", err
	}
	return before, "", ss.ready(ctx)
}

func (ss *session) readHolds(ctx context.Context, card string) ([]record.Record, error) {
	lists, err := ss.held(ctx, card)
	if err != nil {
		return nil, err
	}
	return ss.holds(ctx, lists)
}

// holdsAfter reads the holds after every change, whatever its reply said: a
// Koha may say no to a cancellation that worked. A lost link is replaced.
func (ss *session) holdsAfter(ctx context.Context, card string) ([]record.Record, error) {
	if err := ss.ready(ctx); err != nil {
		return nil, err
	}
	return ss.readHolds(ctx, card)
}

// holdRequest is a 15.
func (ss *session) holdRequest(mode, card, barcode, title string, extra []field) request {
	fields := append(extra, field{"AO", ss.link.institution()}, field{"AA", card})
	if barcode != "" {
		fields = append(fields, field{"AB", barcode})
	} else {
		fields = append(fields, field{"AJ", title})
	}
	return ss.paid(request{code: "15", fixed: mode + ss.now(), fields: fields, want: "16", card: card, once: true, changes: true})
}

// matcher finds the holds that a cancellation means. Where the system lists
// titles, a barcode is looked up first.
func (ss *session) matcher(ctx context.Context, a record.CancelHold, holds []record.Record) (func(record.Record) bool, error) {
	title := record.Text(a.Title, 300)
	titlesOnly := !slices.ContainsFunc(holds, func(r record.Record) bool {
		h, ok := r.Body.(record.Hold)
		return ok && h.Item != ""
	})
	if a.Item != "" && titlesOnly && len(holds) > 0 {
		i, err := ss.item(ctx, a.Item)
		if err != nil {
			return nil, err
		}
		title = i.title
	}
	return func(r record.Record) bool {
		h, ok := r.Body.(record.Hold)
		if a.Item != "" && h.Item != "" {
			return ok && h.Item == a.Item
		}
		return ok && title != "" && h.Title == title
	}, nil
}

func matches(records []record.Record, match func(record.Record) bool) int {
	n := 0
	for _, r := range records {
		if match(r) {
			n++
		}
	}
	return n
}

// without returns the records of after whose key is not in before.
func without(after, before []record.Record) []record.Record {
	var added []record.Record
	for _, r := range after {
		if !slices.ContainsFunc(before, func(b record.Record) bool { return b.Key == r.Key }) {
			added = append(added, r)
		}
	}
	return added
}

// queued adds the place in the queue (BR) and the place of pickup (BS) that the
// reply gave.
func queued(body record.Body, m message) record.Body {
	h, ok := body.(record.Hold)
	if !ok {
		return body
	}
	if n, err := strconv.Atoi(m.first("BR")); err == nil && n > 0 {
		h.Position = &n
	}
	h.Pickup = record.Text(m.first("BS"), 100)
	return h
}
