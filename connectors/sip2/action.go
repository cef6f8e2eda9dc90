package sip2

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// Do renews loans, and places and cancels holds. It reads the person's own list
// first and refuses what is not on it, since library systems check no PIN here.
// A message that changes something is sent once, whatever happens to its reply.
func (s *source) Do(ctx context.Context, who record.Ref, a record.Action) (record.Receipt, error) {
	receipt, err := s.act(ctx, who, a)
	receipt.Records = owned(receipt.Records, who)
	return receipt, named(err)
}

func (s *source) act(ctx context.Context, who record.Ref, a record.Action) (record.Receipt, error) {
	if !slices.Contains(s.settings.Actions, a.ActionName()) {
		return record.Receipt{}, fmt.Errorf("action not allowed by the settings: %w", connectors.ErrRefused)
	}
	act := s.actor(who, a)
	if act == nil {
		return record.Receipt{}, fmt.Errorf("action unknown to library systems: %w", connectors.ErrRefused)
	}
	if err := s.sendableAction(who.Reveal(), a); err != nil {
		return record.Receipt{}, err
	}
	until := sendBy(ctx)
	early, cancel := endingAt(ctx, until)
	defer cancel()
	ss, err := s.begin(early)
	if err != nil {
		return record.Receipt{}, err
	}
	defer ss.end()
	ss.until = until
	return act(ctx, ss)
}

// sendBy is when a change must be on its way, two thirds into the time there is:
// later there is no time for its reply and for reading what became of it. And a
// system that hangs before anything was sent is found out while there is time to
// say so; cut short by the deadline, the outcome would pass for unknown. It is
// zero without a deadline.
func sendBy(ctx context.Context) time.Time {
	deadline, ok := ctx.Deadline()
	if !ok {
		return time.Time{}
	}
	return deadline.Add(-time.Until(deadline) / 3)
}

// endingAt ends a context at an instant, unless that is zero.
func endingAt(ctx context.Context, until time.Time) (context.Context, context.CancelFunc) {
	if until.IsZero() {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, until)
}

// actor returns what carries an action out, nil for those of other systems.
func (s *source) actor(who record.Ref, a record.Action) func(context.Context, *session) (record.Receipt, error) {
	card := who.Reveal()
	switch a := a.(type) {
	case record.Renew:
		return func(ctx context.Context, ss *session) (record.Receipt, error) { return ss.renew(ctx, card, a) }
	case record.RenewAll:
		return func(ctx context.Context, ss *session) (record.Receipt, error) { return ss.renewAll(ctx, card) }
	case record.PlaceHold:
		return func(ctx context.Context, ss *session) (record.Receipt, error) { return ss.placeHold(ctx, card, a) }
	case record.CancelHold:
		return func(ctx context.Context, ss *session) (record.Receipt, error) { return ss.cancelHold(ctx, card, a) }
	}
	return nil
}

// sendableAction refuses, before any connection, what cannot be sent.
func (s *source) sendableAction(card string, a record.Action) error {
	var values []string
	switch a := a.(type) {
	case record.Renew:
		if a.Item == "" {
			return fmt.Errorf("no item: %w", connectors.ErrRefused)
		}
		values = []string{a.Item}
	case record.PlaceHold:
		if a.Item == "" && a.Title == "" {
			return fmt.Errorf("neither item nor title: %w", connectors.ErrRefused)
		}
		values = []string{a.Item, a.Title, a.Pickup}
	case record.CancelHold:
		if a.Item == "" && a.Title == "" {
			return fmt.Errorf("neither item nor title: %w", connectors.ErrRefused)
		}
		values = []string{a.Item, a.Title}
	}
	for _, v := range values {
		if _, err := s.settings.sendable(v); err != nil {
			return err
		}
	}
	return s.sendableCard(card)
}

// refused is a receipt for what was not asked of the system at all.
func refused(why string) record.Receipt {
	return record.Receipt{Outcome: record.OutcomeRefused, Refusal: why}
}

// unknown is the honest end of a change whose reply was lost and whose effect
// could not be read.
func unknown(what string, records []record.Record) (record.Receipt, error) {
	return record.Receipt{Outcome: record.OutcomeUnknown, Records: records},
		fmt.Errorf("%s: %w", what, connectors.ErrOutcomeUnknown)
}

// note is the system's own wording, for staff.
func note(m message) string { return record.Text(m.text(), 200) }

// unsent tells whether an error of a change means that nothing left: the only
// case in which nothing can have happened.
func unsent(err error) bool { return errors.Is(err, connectors.ErrRefused) }
