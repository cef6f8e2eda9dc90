package aggregator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// importCards reads a card registry into the dossier. Cards never reach the
// cache.
func (a *Aggregator) importCards(ctx context.Context, s *source) (Result, error) {
	at := time.Now()
	if s.lister == nil {
		return Result{}, fmt.Errorf("card registry that cannot be listed: %w", connectors.ErrDefect)
	}
	var cards []record.Card
	seen := census{}
	since, _ := s.listed()
	cursor, err := s.lister.List(ctx, since, func(r record.Record) error {
		card, ok := r.Body.(record.Card)
		if !ok {
			return fmt.Errorf("record that is no card: %w", connectors.ErrMalformed)
		}
		cards = append(cards, card)
		seen.add(r)
		return nil
	})
	r := Result{Records: len(cards)}
	if err != nil {
		return r, err
	}
	if since != "" && cursor == since && len(cards) == 0 {
		r.Unchanged = true
		return r, nil
	}
	if err := a.plausible(ctx, s, seen.profile()); err != nil {
		return r, err
	}
	if r.Cards, err = a.importAll(ctx, cards); err != nil {
		return r, err
	}
	s.remember(cursor, nil, false)
	return r, a.accepted(ctx, s, seen.profile(), at)
}

// importAll changes the dossier and, where that changed how a source knows
// somebody, empties what the source said under the old link and reads it anew.
func (a *Aggregator) importAll(ctx context.Context, cards []record.Card) (dossier.Imported, error) {
	before, err := a.allRefs(ctx)
	if err != nil {
		return dossier.Imported{}, err
	}
	imported, err := a.o.Dossier.ImportCards(ctx, cards)
	if errors.Is(err, dossier.ErrConflict) {
		return imported, fmt.Errorf("cards: %w: %w", err, connectors.ErrMalformed)
	}
	if err != nil {
		return imported, stored("cards", err)
	}
	after, err := a.allRefs(ctx)
	if err != nil {
		return imported, err
	}
	for name, s := range a.sources {
		if err := a.relinkedAll(ctx, s, before[name], after[name]); err != nil {
			return imported, err
		}
	}
	return imported, nil
}

// allRefs returns, for each source but registries, how it knows each citizen.
func (a *Aggregator) allRefs(ctx context.Context) (map[string]map[record.Citizen][]record.Ref, error) {
	all := map[string]map[record.Citizen][]record.Ref{}
	for name, s := range a.sources {
		if s.Cards {
			continue
		}
		owners, err := a.o.Dossier.Owners(ctx, name)
		if err != nil {
			return nil, stored("owners", err)
		}
		all[name] = refsOf(owners)
	}
	return all, nil
}

func (a *Aggregator) relinkedAll(ctx context.Context, s *source, before, after map[record.Citizen][]record.Ref) error {
	changed := map[record.Citizen]bool{}
	for citizen, refs := range before {
		if !sameRefs(refs, after[citizen]) {
			changed[citizen] = true
		}
	}
	for citizen := range after {
		if len(before[citizen]) == 0 {
			changed[citizen] = true
		}
	}
	for citizen := range changed {
		had, err := a.relinked(ctx, s, citizen, len(after[citizen]) > 0)
		if err != nil {
			return err
		}
		if had {
			a.Touch(citizen)
		}
	}
	if len(changed) > 0 && s.lister != nil && !s.Cards {
		s.kick()
	}
	return nil
}
