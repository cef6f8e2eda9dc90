package guard

import (
	"context"
	"errors"
	"fmt"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

type doer struct{ g *Guard }

// Do acts for one person, at most once. With ErrOutcomeUnknown comes a receipt
// that says unknown and holds what could be read back.
func (d doer) Do(ctx context.Context, who record.Ref, action record.Action) (record.Receipt, error) {
	if action == nil {
		return record.Receipt{}, fmt.Errorf("do: no action: %w", connectors.ErrRefused)
	}
	return d.g.act(ctx, opDo, who, func(ctx context.Context) (record.Receipt, error) {
		return d.g.src.Do.Do(ctx, who, action)
	})
}

type sender struct{ g *Guard }

// Send hands a message over, at most once. With ErrOutcomeUnknown comes a
// receipt that says unknown.
func (s sender) Send(ctx context.Context, message record.Message) (record.Receipt, error) {
	return s.g.act(ctx, opSend, record.Ref{}, func(ctx context.Context) (record.Receipt, error) {
		return s.g.src.Send.Send(ctx, message)
	})
}

// act calls what may change the source, and holds its receipt to the contract.
func (g *Guard) act(ctx context.Context, o op, who record.Ref, try func(context.Context) (record.Receipt, error)) (record.Receipt, error) {
	p := plan{op: o, breaker: g.breakers.actions, deadline: g.cfg.Deadline.Std(), acts: true, rereads: true}
	receipt, err := call(ctx, g, p, func(ctx context.Context) (record.Receipt, error) {
		receipt, err := try(ctx)
		if err == nil && receipt.Outcome != record.OutcomeDone && receipt.Outcome != record.OutcomeRefused {
			err = fmt.Errorf("a receipt without outcome: %w", connectors.ErrOutcomeUnknown)
		}
		receipt, wrong := g.receipt(who, receipt)
		if wrong != nil {
			receipt.Records = nil // the source was changed or not whatever we read afterwards
			g.watch.defect(o, wrong.Error(), "")
		}
		return receipt, err
	})
	switch {
	case errors.Is(err, connectors.ErrOutcomeUnknown):
		receipt.Outcome = record.OutcomeUnknown
		return receipt, err
	case err != nil:
		return record.Receipt{}, err
	}
	return receipt, nil
}

type authenticator struct{ g *Guard }

// Authenticate checks a card and its PIN, at most once. A nil error comes with
// a Ref that names somebody.
func (a authenticator) Authenticate(ctx context.Context, card, pin string) (record.Ref, error) {
	if card == "" || pin == "" {
		return record.Ref{}, fmt.Errorf("authenticate: card or PIN is empty: %w", connectors.ErrDenied)
	}
	p := plan{op: opAuthenticate, breaker: a.g.breakers.authenticate, deadline: a.g.cfg.Deadline.Std()}
	who, err := call(ctx, a.g, p, func(ctx context.Context) (record.Ref, error) {
		who, err := a.g.src.Authenticate.Authenticate(ctx, card, pin)
		if err == nil && who.IsZero() {
			err = fmt.Errorf("authenticated nobody: %w", connectors.ErrDefect)
		}
		return who, err
	})
	if err != nil {
		return record.Ref{}, err
	}
	return who, nil
}
