package connectortest_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// what names an action on the line.
func what(who record.Ref, a record.Action) string {
	order := ""
	if r, ok := a.(record.Register); ok {
		order = r.Order
	}
	return who.Reveal() + " " + a.ActionName() + order
}

func (s *lineSource) Do(ctx context.Context, who record.Ref, a record.Action) (record.Receipt, error) {
	deadline, _ := ctx.Deadline()
	half, cancel := context.WithTimeout(ctx, time.Until(deadline)/2)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return record.Receipt{}, err
	}
	text, err := s.ask(half, "do "+what(who, a))
	if err == nil {
		err = word(text, "done")
	}
	switch {
	case err == nil && s.has("done without proof"):
		return record.Receipt{Outcome: record.OutcomeDone}, nil
	case err == nil:
		return record.Receipt{Outcome: record.OutcomeDone, Proof: record.ProofReply}, nil
	case errors.Is(err, connectors.ErrDenied):
		return record.Receipt{Outcome: record.OutcomeRefused}, nil
	case errors.Is(err, errNotSent) && !s.has("refusal is unknown"):
		return record.Receipt{}, err
	case s.has("lost reply is an outage"):
		return record.Receipt{}, fmt.Errorf("line: do: %w", connectors.ErrUnavailable)
	case s.has("lost reply is done"):
		return record.Receipt{Outcome: record.OutcomeDone, Proof: record.ProofReply}, nil
	case s.has("sent again"):
		return s.again(ctx, who, a)
	}
	receipt, err := s.learn(ctx, who, a)
	if err != nil || receipt.Outcome != record.OutcomeDone {
		return record.Receipt{Outcome: record.OutcomeUnknown}, fmt.Errorf("line: do: %w", connectors.ErrOutcomeUnknown)
	}
	return receipt, nil
}

func (s *lineSource) again(ctx context.Context, who record.Ref, a record.Action) (record.Receipt, error) {
	if text, err := s.ask(ctx, "do "+what(who, a)); err == nil && text == "done" {
		return record.Receipt{Outcome: record.OutcomeDone, Proof: record.ProofReread}, nil
	}
	return record.Receipt{Outcome: record.OutcomeUnknown}, fmt.Errorf("line: do: %w", connectors.ErrOutcomeUnknown)
}

func (s *lineSource) Learn(ctx context.Context, who record.Ref, a record.Action, _ time.Time) (record.Receipt, error) {
	switch r, isRegister := a.(record.Register); {
	case s.has("learns nothing"):
		receipt, err := s.learn(ctx, who, a)
		if err == nil {
			receipt = record.Receipt{Outcome: record.OutcomeUnknown}
		}
		return receipt, err
	case s.has("learns by doing"):
		if _, err := s.ask(ctx, "do "+what(who, a)); err != nil {
			return record.Receipt{}, err
		}
	case s.has("learns from another order") && isRegister && r.Order == "o2":
		a = record.Register{Order: "o1"}
	case s.has("learns done of everything"):
		if _, err := s.learn(ctx, who, a); err != nil {
			return record.Receipt{}, err
		}
		return doneFor(who), nil
	}
	receipt, err := s.learn(ctx, who, a)
	if err != nil && s.has("learns from half a list") && errors.Is(err, connectors.ErrMalformed) {
		return notDone(), nil
	}
	return receipt, err
}

func doneFor(who record.Ref) record.Receipt {
	return record.Receipt{
		Outcome: record.OutcomeDone, Proof: record.ProofReread,
		Records: []record.Record{{Key: "k3", Owner: who, Body: record.Other{}}},
	}
}

func notDone() record.Receipt {
	return record.Receipt{Outcome: record.OutcomeRefused, Refusal: record.NotDone, Proof: record.ProofReread}
}

func (s *lineSource) learn(ctx context.Context, who record.Ref, a record.Action) (record.Receipt, error) {
	text, err := s.ask(ctx, "did "+what(who, a))
	switch {
	case err != nil:
		return record.Receipt{}, err
	case text == who.Reveal()+" yes", text == "W2 yes" && s.has("learns from anybody"):
		return doneFor(who), nil
	case text == who.Reveal()+" no":
		return notDone(), nil
	}
	return record.Receipt{}, word(text, "yes or no")
}

func (s *lineSource) Send(ctx context.Context, m record.Message) (record.Receipt, error) {
	if err := ctx.Err(); err != nil {
		if !s.has("sends for nobody") {
			return record.Receipt{}, err
		}
		ctx = context.WithoutCancel(ctx)
	}
	text, err := s.ask(ctx, "send "+m.Text)
	if err != nil && s.has("message sent again") && !errors.Is(err, errNotSent) {
		text, err = s.ask(context.WithoutCancel(ctx), "send "+m.Text)
	}
	switch {
	case text == "refused" && s.has("refused message tried later"):
		return record.Receipt{}, fmt.Errorf("line: send: %w", connectors.ErrUnavailable)
	case text == "refused":
		return record.Receipt{Outcome: record.OutcomeRefused, Refusal: "nobody_there", Proof: record.ProofReply}, nil
	case text == "taken" && s.has("message taken without proof"):
		return record.Receipt{Outcome: record.OutcomeDone}, nil
	case text == "taken":
		return record.Receipt{Outcome: record.OutcomeDone, Proof: record.ProofReply}, nil
	case errors.Is(err, errNotSent) && !s.has("message kept is unknown"):
		return record.Receipt{}, err
	case text == "denied":
		return record.Receipt{}, fmt.Errorf("line: send: %w", connectors.ErrDenied)
	case s.has("message lost is an outage"):
		return record.Receipt{}, fmt.Errorf("line: send: %w", connectors.ErrUnavailable)
	}
	return record.Receipt{Outcome: record.OutcomeUnknown}, fmt.Errorf("line: send: %w", connectors.ErrOutcomeUnknown)
}
