package dossiertest_test

import (
	"context"
	"slices"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// More defects: those of the outbox.

// outboxDefects are good stores with one promise broken, by the rule that must
// notice.
func outboxDefects() map[string]func(*dossier.SQLite) dossier.Store {
	return map[string]func(*dossier.SQLite) dossier.Store{
		"a transaction is kept as it was sent":        func(s *dossier.SQLite) dossier.Store { return oldestFirst{s} },
		"a key is one transaction":                    func(s *dossier.SQLite) dossier.Store { return trusting{s} },
		"what cannot be accepted is not":              func(s *dossier.SQLite) dossier.Store { return keyless{s} },
		"an account is served in order":               func(s *dossier.SQLite) dossier.Store { return disorderly{s} },
		"what is due is due from its time on":         func(s *dossier.SQLite) dossier.Store { return heldUp{s} },
		"an attempt is noted once, before it is made": func(s *dossier.SQLite) dossier.Store { return beginsTwice{s} },
		"settling is one step, letters included":      func(s *dossier.SQLite) dossier.Store { return twoSteps{s} },
		"what a dead process was sending is checked":  func(s *dossier.SQLite) dossier.Store { return sendsAgain{s} },
		"what is parked waits for an operator":        func(s *dossier.SQLite) dossier.Store { return nobodyDidIt{s} },
		"the backlog is what is not settled":          func(s *dossier.SQLite) dossier.Store { return parkedForgotten{s} },
	}
}

type oldestFirst struct{ *dossier.SQLite }

func (s oldestFirst) Transactions(ctx context.Context, citizen record.Citizen) ([]dossier.Transaction, error) {
	all, err := s.SQLite.Transactions(ctx, citizen)
	slices.Reverse(all)
	return all, err
}

// trusting gives back what it has under a key, whatever is asked.
type trusting struct{ *dossier.SQLite }

func (s trusting) Accept(ctx context.Context, t dossier.Transaction) (dossier.Transaction, bool, error) {
	all, err := s.Transactions(ctx, t.Citizen)
	for _, before := range all {
		if before.Key == t.Key {
			return before, true, err
		}
	}
	return s.SQLite.Accept(ctx, t)
}

type keyless struct{ *dossier.SQLite }

func (s keyless) Accept(ctx context.Context, t dossier.Transaction) (dossier.Transaction, bool, error) {
	if t.Key == "" {
		t.Key = "drawn"
	}
	return s.SQLite.Accept(ctx, t)
}

// disorderly hands out what an older one should hold up.
type disorderly struct{ *dossier.SQLite }

func (s disorderly) DueTransactions(ctx context.Context, source string, now time.Time, limit int) ([]dossier.Transaction, error) {
	all, err := s.Unsettled(ctx)
	due := slices.DeleteFunc(all, func(t dossier.Transaction) bool {
		return t.Source != source || t.State != dossier.Pending && t.State != dossier.Checking || now.Before(t.NotBefore)
	})
	return due[:min(len(due), limit)], err
}

// heldUp wakes its relay for what is not due, again and again.
type heldUp struct{ *dossier.SQLite }

func (s heldUp) NextDue(ctx context.Context, source string) (next time.Time, err error) {
	all, err := s.Unsettled(ctx)
	for _, t := range all {
		if t.Source == source && t.State != dossier.Parked && (next.IsZero() || t.NotBefore.Before(next)) {
			next = t.NotBefore
		}
	}
	return next, err
}

type beginsTwice struct{ *dossier.SQLite }

func (s beginsTwice) Begin(ctx context.Context, id string, at time.Time) error {
	_ = s.SQLite.Begin(ctx, id, at)
	return nil
}

// twoSteps stores the letters, then the state.
type twoSteps struct{ *dossier.SQLite }

func (s twoSteps) Settle(ctx context.Context, from dossier.TransactionState, t dossier.Transaction, at time.Time, messages ...dossier.Transaction) error {
	for _, m := range messages {
		m.Follows, m.Accepted = t.ID, at
		if _, _, err := s.Accept(ctx, m); err != nil {
			return err
		}
	}
	return s.SQLite.Settle(ctx, from, t, at)
}

// sendsAgain takes what was being sent for what was not.
type sendsAgain struct{ *dossier.SQLite }

func (s sendsAgain) Recover(ctx context.Context, at time.Time) (int, error) {
	all, err := s.Unsettled(ctx)
	n := 0
	for _, t := range all {
		if t.State == dossier.Sending && err == nil {
			t.State, t.NotBefore = dossier.Pending, at
			err = s.Settle(ctx, dossier.Sending, t, at)
			n++
		}
	}
	return n, err
}

// nobodyDidIt journals no operator.
type nobodyDidIt struct{ *dossier.SQLite }

func (s nobodyDidIt) Drop(ctx context.Context, id, _ string, at time.Time) error {
	return s.SQLite.Drop(ctx, id, dossier.ByRelay, at)
}

type parkedForgotten struct{ *dossier.SQLite }

func (s parkedForgotten) Unsettled(ctx context.Context) ([]dossier.Transaction, error) {
	all, err := s.SQLite.Unsettled(ctx)
	return slices.DeleteFunc(all, func(t dossier.Transaction) bool { return t.State == dossier.Parked }), err
}
