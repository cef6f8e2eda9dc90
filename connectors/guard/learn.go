package guard

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

type learner struct{ g *Guard }

// Learn reads what became of an action. It is a read like any other: it may be
// repeated, and the breaker of the reads counts it. A receipt comes only
// without error, and then says done, refused as not done, or unknown.
func (l learner) Learn(ctx context.Context, who record.Ref, action record.Action, sent time.Time) (record.Receipt, error) {
	if action == nil || sent.IsZero() {
		return record.Receipt{}, fmt.Errorf("learn: no action, or not when it was sent: %w", connectors.ErrRefused)
	}
	receipt, err := call(ctx, l.g, l.g.read(opLearn, l.g.cfg.Deadline), func(ctx context.Context) (record.Receipt, error) {
		receipt, err := l.g.src.Learn.Learn(ctx, who, action, sent)
		if err != nil {
			return record.Receipt{}, readError(err)
		}
		return l.g.learned(who, receipt)
	})
	if err != nil {
		return record.Receipt{}, err
	}
	return receipt, nil
}

// readError keeps "outcome unknown" to actions: of a read that settled nothing
// the receipt says so, and a read that failed changed nothing.
func readError(err error) error {
	if errors.Is(err, connectors.ErrOutcomeUnknown) {
		return fmt.Errorf("an action's error of a read: %w", connectors.ErrDefect)
	}
	return err
}

// learned checks what Learn returned. One wrong record spoils the read, for the
// outcome was concluded from it.
func (g *Guard) learned(who record.Ref, receipt record.Receipt) (record.Receipt, error) {
	switch {
	case receipt.Outcome == record.OutcomeDone, receipt.Outcome == record.OutcomeUnknown,
		receipt.Outcome == record.OutcomeRefused && receipt.Refusal == record.NotDone:
	default:
		return record.Receipt{}, fmt.Errorf("learned neither done nor not done nor unknown: %w", connectors.ErrDefect)
	}
	receipt, err := g.receipt(who, receipt)
	if err != nil {
		return record.Receipt{}, err
	}
	return receipt, nil
}
