package openactive

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/semenligne/sem/connectors"
)

// readFeed reads the whole orders feed and keeps the person's orders, and only
// these. Nothing of it outlives the call.
func (s *source) readFeed(ctx context.Context, p person) ([]*order, error) {
	mine, count := gathering{}, 0
	err := s.walk(ctx, s.endpoint("orders-rpde", ""), func(i item) error {
		if count++; count > s.settings.MaxItems {
			return errTooMuch
		}
		return mine.take(p, i)
	}, func(*url.URL) error { return nil })
	if errors.Is(err, connectors.ErrNotFound) {
		return nil, errNoFeed
	}
	if err != nil {
		return nil, fmt.Errorf("openactive: orders feed: %w", err)
	}
	list, found := []*order{}, map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(mine)) {
		o, err := s.parseOrder(mine[id].data)
		if err != nil {
			return nil, fmt.Errorf("openactive: orders feed: %w", err)
		}
		if len(o.items) == 0 || found[strings.ToLower(o.uuid)] {
			return nil, fmt.Errorf("openactive: orders feed: an order twice, or without items: %w", connectors.ErrMalformed)
		}
		found[strings.ToLower(o.uuid)], o.fed = true, true
		list = append(list, o)
	}
	for _, uuid := range p.orders {
		if !found[strings.ToLower(uuid)] { // the feed holds only what changed after booking
			list = append(list, &order{uuid: uuid, lost: true})
		}
	}
	return list, nil
}

// errNoFeed is a server without orders feed: the feed is missing, not the
// person.
var errNoFeed = fmt.Errorf("openactive: orders feed: none at the address: %w", connectors.ErrMalformed)

// gathering is the person's orders so far, merged, by their id in the feed.
type gathering map[string]*merged

type merged struct {
	modified string
	data     node
}

// take applies one change of the orders feed. Updates are partial and may
// leave the customer out: such a one counts only for an order that is already
// known to be the person's.
func (mine gathering) take(p person, i item) error {
	old := mine[i.id]
	switch {
	case old != nil && older(i.modified, old.modified):
		return nil
	case i.deleted:
		delete(mine, i.id)
		return nil
	case i.data.typ() != "Order" && i.data.typ() != "":
		return nil // a proposal, which we never make
	}
	if i.data.id() == "" && i.data.get("identifier") == nil {
		i.data["@id"] = i.id
	}
	o, err := parseHead(i.data)
	if err != nil {
		return err
	}
	switch {
	case p.owns(o):
	case !o.named() && old != nil:
	default:
		delete(mine, i.id) // another person's
		return nil
	}
	if old == nil {
		mine[i.id] = &merged{i.modified, i.data}
		return nil
	}
	overlay(old.data, i.data)
	old.modified = i.modified
	return nil
}

// overlay writes a partial update over what is known: properties one by one,
// order items matched by their @id.
func overlay(known, update node) {
	items := known.children("orderedItem")
	for key, v := range update {
		if key != "orderedItem" {
			known[key] = v
		}
	}
	for _, c := range update.children("orderedItem") {
		at := slices.IndexFunc(items, func(k node) bool { return k.id() != "" && k.id() == c.id() })
		if at < 0 {
			items = append(items, c)
			continue
		}
		for key, v := range c {
			if key == "orderedItem" && items[at].ref(key) == c.ref(key) && len(c.child(key)) <= len(items[at].child(key)) {
				continue // a bare reference adds nothing to the session already described
			}
			items[at][key] = v
		}
	}
	list := make([]any, len(items))
	for i, c := range items {
		list[i] = map[string]any(c)
	}
	known["orderedItem"] = list
}
