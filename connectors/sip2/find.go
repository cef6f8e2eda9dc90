package sip2

import (
	"context"
	"fmt"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// Find reads loans with titles and due dates, holds, fees and blocks of the
// card that who names.
func (s *source) Find(ctx context.Context, who record.Ref) ([]record.Record, error) {
	card := who.Reveal()
	if err := s.sendableCard(card); err != nil {
		return nil, named(err)
	}
	ss, err := s.begin(ctx)
	if err != nil {
		return nil, named(err)
	}
	defer ss.end()
	records, err := ss.account(ctx, card)
	if err != nil {
		return nil, named(err)
	}
	return owned(records, who), nil
}

// sendableCard refuses, before any connection, a card that cannot be one.
func (s *source) sendableCard(card string) error {
	if card == "" {
		return fmt.Errorf("no card: %w", connectors.ErrRefused)
	}
	_, err := s.settings.sendable(card)
	return err
}

// owned stamps the owner.
func owned(records []record.Record, who record.Ref) []record.Record {
	for i := range records {
		records[i].Owner = who
	}
	return records
}

func (ss *session) account(ctx context.Context, card string) ([]record.Record, error) {
	items, err := ss.charged(ctx, card)
	if err != nil {
		return nil, err
	}
	lists, err := ss.held(ctx, card)
	if err != nil {
		return nil, err
	}
	lines, p, err := ss.fines(ctx, card)
	if err != nil {
		return nil, err
	}
	loans, err := ss.loans(ctx, items)
	if err != nil {
		return nil, err
	}
	holds, err := ss.holds(ctx, lists)
	if err != nil {
		return nil, err
	}
	records := append(loans, holds...)
	records = append(records, fees(lines, p)...)
	return append(records, p.blocks()...), nil
}

// fines returns the lines of the account. Counts of fines are wrong on real
// systems; lines that are counted and not listed leave the balance to tell, if
// it owes anything.
func (ss *session) fines(ctx context.Context, card string) ([]string, patron, error) {
	lines, p, err := ss.entries(ctx, card, listFines)
	if err != nil || len(lines) > 0 || p.counts[listFines] <= 0 {
		return lines, p, err
	}
	balance := p.message.first("BV")
	if cents, err := record.ParseCents(balance); balance == "" || err == nil && cents == 0 {
		return nil, p, malformed("patron information: fines counted and not listed")
	}
	return nil, p, nil
}

// loans describes charged items, one question each.
func (ss *session) loans(ctx context.Context, items []string) ([]record.Record, error) {
	var records []record.Record
	k := keys{}
	if ss.titlesOnly(items) {
		for _, title := range items {
			records = append(records, record.Record{Key: k.of("", title), Body: record.Loan{Title: title}})
		}
		return records, nil
	}
	if over := len(items) - ss.source.settings.MaxItems; over > 0 {
		ss.source.deps.Log.Warn("loans beyond max_items listed without details", "items", over)
	}
	for n, barcode := range items {
		var i item
		if n < ss.source.settings.MaxItems {
			var err error
			if i, err = ss.item(ctx, barcode); err != nil {
				return nil, err
			}
		}
		records = append(records, record.Record{Key: k.of(barcode, ""), Body: ss.source.loan(barcode, i)})
	}
	return records, nil
}
