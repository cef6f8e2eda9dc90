package sip2

import (
	"context"
	"slices"
	"strings"
)

// charged returns what a person has at home: barcodes, or titles. Overdue
// items usually are among the charged ones, but not on every system.
func (ss *session) charged(ctx context.Context, card string) ([]string, error) {
	items, p, err := ss.entries(ctx, card, listCharged)
	if err != nil {
		return nil, err
	}
	if p.counts[listCharged] > 0 && len(items) == 0 {
		return nil, malformed("patron information: charged items counted and not listed")
	}
	if p.counts[listOverdue] == 0 {
		return ss.distinct(items), nil
	}
	overdue, _, err := ss.entries(ctx, card, listOverdue)
	if err != nil {
		return nil, err
	}
	if len(overdue) == 0 && len(items) < p.counts[listOverdue] {
		return nil, malformed("patron information: overdue items counted and not listed")
	}
	for _, item := range overdue {
		if !slices.Contains(items, item) {
			items = append(items, item)
		}
	}
	return ss.distinct(items), nil
}

// distinct removes repeated barcodes; the same title twice may be two copies.
func (ss *session) distinct(items []string) []string {
	if ss.titlesOnly(items) {
		return items
	}
	var out []string
	for _, item := range items {
		if !slices.Contains(out, item) {
			out = append(out, item)
		}
	}
	return out
}

// titlesOnly tells whether a list holds titles instead of barcodes.
func (ss *session) titlesOnly(items []string) bool {
	switch ss.source.settings.Items {
	case ItemsTitle:
		return true
	case ItemsBarcode:
		return false
	case ItemsAuto:
	}
	return slices.ContainsFunc(items, func(item string) bool {
		return strings.ContainsAny(item, " \n") || !strings.ContainsAny(item, "0123456789")
	})
}

// holdLists are the two lists of holds.
type holdLists struct {
	as, cd []string
	kept   bool // CD lists something, and all that it counts
}

// held returns the two lists of holds.
func (ss *session) held(ctx context.Context, card string) (holdLists, error) {
	as, p, err := ss.entries(ctx, card, listHolds)
	if err != nil {
		return holdLists{}, err
	}
	cd, q, err := ss.entries(ctx, card, listNotReady)
	if err != nil {
		return holdLists{}, err
	}
	if len(as) == 0 && p.counts[listHolds] > 0 || len(cd) == 0 && q.counts[listNotReady] > 0 {
		return holdLists{}, malformed("patron information: holds counted and not listed")
	}
	return holdLists{ss.distinct(as), ss.distinct(cd), len(cd) > 0 && len(cd) >= q.counts[listNotReady]}, nil
}
