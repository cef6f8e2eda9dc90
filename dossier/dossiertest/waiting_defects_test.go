package dossiertest_test

import (
	"context"
	"errors"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// waitingDefects are the rules of the waiting room with what breaks them.
func waitingDefects() map[string]func(*dossier.SQLite) dossier.Store {
	return map[string]func(*dossier.SQLite) dossier.Store{
		"a person has one ticket for a place":                        func(s *dossier.SQLite) dossier.Store { return crowded{s} },
		"the order of turns is drawn once, and anybody can check it": func(s *dossier.SQLite) dossier.Store { return pushed{s} },
		"a ticket moves one way":                                     func(s *dossier.SQLite) dossier.Store { return hasty{s} },
		"a kept place is taken with its transaction":                 func(s *dossier.SQLite) dossier.Store { return lax{s} },
	}
}

// crowded gives a second ticket for the same place.
type crowded struct{ *dossier.SQLite }

func (s crowded) Enter(ctx context.Context, t dossier.Ticket) (dossier.Ticket, bool, error) {
	stored, again, err := s.SQLite.Enter(ctx, t)
	if again && stored.ID != t.ID {
		return t, false, err
	}
	return stored, again, err
}

// pushed lets whoever came first go first.
type pushed struct{ *dossier.SQLite }

func (s pushed) NextTickets(ctx context.Context, window string, except []string, limit int) ([]dossier.Ticket, error) {
	list, err := s.SQLite.NextTickets(ctx, window, except, limit)
	if len(list) > 2 && list[1].ID < list[0].ID {
		list[0].ID, list[1].ID = list[1].ID, list[0].ID
	}
	return list, err
}

// hasty forgets a place that somebody left.
type hasty struct{ *dossier.SQLite }

func (s hasty) Leave(ctx context.Context, citizen record.Citizen, id string, at time.Time) error {
	err := s.SQLite.Leave(ctx, citizen, id, at)
	if err != nil {
		return err
	}
	return s.Released(ctx, id, at)
}

// lax confirms what is not kept.
type lax struct{ *dossier.SQLite }

func (s lax) Accept(ctx context.Context, t dossier.Transaction) (dossier.Transaction, bool, error) {
	stored, again, err := s.SQLite.Accept(ctx, t)
	if errors.Is(err, dossier.ErrMoved) {
		return t, false, nil
	}
	return stored, again, err
}
