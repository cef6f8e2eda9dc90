package open311

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// early is how much before our send the town may date the request that we sent.
// One dated earlier may be one like it that was there before, or the town's
// clock may be slow: it proves nothing.
const early = time.Minute

// Learn looks for the request that a submit made in what the town lists. Nobody
// noted what was listed before it, as Do does, so that only the town's own date
// keeps an older request like it apart.
func (s *source) Learn(ctx context.Context, who record.Ref, action record.Action, sent time.Time) (record.Receipt, error) {
	submit, p, err := asSender(who, action)
	if err != nil {
		return record.Receipt{}, err
	}
	a := attempt{submit: submit, account: p.account, who: who, at: sent}
	if a.service, err = s.serviceOf(ctx, submit.ServiceCode); err != nil {
		return record.Receipt{}, err
	}
	undecided := record.Receipt{Outcome: record.OutcomeUnknown}
	if !a.listed() || p.account == "" && submit.Email == "" {
		return undecided, nil // never listed, or whose it is nobody can say
	}
	items, err := s.listRecent(ctx, &a)
	switch {
	case errors.Is(err, connectors.ErrNotFound): // how some towns say that there are none
	case err != nil:
		return record.Receipt{}, err
	}
	alike := a.alike(items)
	if len(alike) > 0 {
		if found := alike[0]; len(alike) == 1 && found.ID != "" && !found.Sent.Before(a.at.Add(-early)) {
			return a.found(found), nil
		}
		return undecided, nil
	}
	absent, err := s.absent(ctx, p, &a)
	if err != nil || !absent {
		return undecided, err
	}
	return record.Receipt{Outcome: record.OutcomeRefused, Refusal: record.NotDone, Proof: record.ProofReread}, nil
}

// serviceOf reads a service by its code. One that is not offered any more may
// still have its requests listed.
func (s *source) serviceOf(ctx context.Context, code string) (service, error) {
	services, err := s.services(ctx)
	if err != nil {
		return service{}, err
	}
	for _, v := range services {
		if v.Code == code {
			return v, nil
		}
	}
	return service{Service: record.Service{Code: code}}, nil
}

// absent proves that a submit made no request: the town shows this person's
// requests, at least one, and none of the service since; and it had time to list
// a new one. A town that never showed one of theirs may not list them at all.
func (s *source) absent(ctx context.Context, p person, a *attempt) (bool, error) {
	if a.service.FollowUp == record.FollowUpLater || p.account == "" && p.email == "" || time.Since(a.at) < around {
		return false, nil
	}
	mine, err := s.byPerson(ctx, p)
	if errors.Is(err, errUnproven) || errors.Is(err, connectors.ErrNotFound) {
		return false, nil
	}
	since := func(r request) bool {
		return (r.ServiceCode == "" || r.ServiceCode == a.service.Code) && (r.Sent.IsZero() || !r.Sent.Before(a.at.Add(-around)))
	}
	return err == nil && len(mine) > 0 && !slices.ContainsFunc(mine, since), err
}

// asSender reads an action and who sends it.
func asSender(who record.Ref, action record.Action) (record.Submit, person, error) {
	submit, ok := action.(record.Submit)
	if !ok {
		return record.Submit{}, person{}, fmt.Errorf("open311: an action that is not submit: %w", connectors.ErrRefused)
	}
	p, err := parseSender(who)
	if p.email != "" && submit.Email == "" {
		submit.Email = p.email
	}
	return submit, p, err
}
