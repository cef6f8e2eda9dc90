package dossiertest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// parental is consent of a viewer for a child, a minute after day.
func parental(person, viewer record.Citizen, dataset dossier.Dataset) dossier.Grant {
	return dossier.Grant{
		Person: person, Viewer: viewer, Dataset: dataset, Basis: dossier.Parental,
		Wording: "J’exerce l’autorité parentale.", Language: "fr", At: day().Add(time.Minute),
	}
}

// own is consent of the person, two minutes after day.
func own(person, viewer record.Citizen, dataset dossier.Dataset) dossier.Grant {
	return dossier.Grant{
		Person: person, Viewer: viewer, Dataset: dataset, Basis: dossier.Own,
		Wording: "I agree.", Language: "en", At: day().Add(2 * time.Minute), Until: day().AddDate(1, 0, 0),
	}
}

// ledger is what each side of the consents must read.
type ledger struct {
	about, to record.Citizen
	want      []dossier.Grant
}

func (b *bench) expectLedgers(ctx context.Context, all ...ledger) error {
	for _, l := range all {
		read, who := b.ConsentsAbout, l.about
		if l.to != "" {
			read, who = b.ConsentsTo, l.to
		}
		got, err := read(ctx, who)
		if err := errors.Join(err, equal("ledger", got, l.want)); err != nil {
			return err
		}
	}
	return nil
}

func consents(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	first, theirs := parental(p.mia, p.anne, dossier.Loans), parental(p.mia, p.bruno, dossier.Loans)
	schedule, leos := parental(p.mia, p.anne, dossier.Schedule), own(p.leo, p.anne, dossier.Loans)
	confirmed := own(p.mia, p.anne, dossier.Loans)
	confirmed.At, confirmed.Until = birthday(), time.Time{}
	over := birthday().Add(time.Hour)
	if err := errors.Join(
		s.GiveConsent(ctx, first), s.GiveConsent(ctx, theirs), s.GiveConsent(ctx, schedule), s.GiveConsent(ctx, leos),
		s.GiveConsent(ctx, confirmed),
		s.WithdrawConsent(ctx, p.mia, p.anne, dossier.Schedule, over)); err != nil {
		return err
	}
	for _, dataset := range []dossier.Dataset{dossier.Schedule, dossier.Requests, "else"} {
		if err := s.WithdrawConsent(ctx, p.mia, p.anne, dataset, over); !errors.Is(err, dossier.ErrNotFound) {
			return fmt.Errorf("withdrawn, never given or twice: %w, want ErrNotFound", err)
		}
	}
	first.WithdrawnAt, schedule.WithdrawnAt = birthday(), over
	for range 2 {
		if err := errors.Join(
			s.expectHousehold(ctx, p.anne, memberMia(p, day(), confirmed), memberLeo(p, leos)),
			s.expectHousehold(ctx, p.bruno, memberMia(p, day().Add(2*time.Second), theirs)),
			s.expectLedgers(ctx,
				ledger{about: p.mia, want: []dossier.Grant{first, theirs, schedule, confirmed}},
				ledger{to: p.anne, want: []dossier.Grant{first, schedule, leos, confirmed}},
				ledger{to: p.bruno, want: []dossier.Grant{theirs}},
				ledger{about: p.anne}, ledger{to: p.mia}),
			s.reopen()); err != nil {
			return err
		}
	}
	return nil
}

func consentsRefuse(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	if err := s.AddMember(ctx, p.anne, p.bruno, day().Add(time.Hour)); err != nil {
		return err
	}
	with := func(g dossier.Grant, change func(*dossier.Grant)) dossier.Grant {
		change(&g)
		return g
	}
	good := parental(p.mia, p.anne, dossier.Loans)
	for what, tc := range map[string]struct {
		grant dossier.Grant
		want  error
	}{
		"no member":                    {own(p.leo, p.bruno, dossier.Loans), dossier.ErrNotFound},
		"the other way":                {own(p.anne, p.mia, dossier.Loans), dossier.ErrNotFound},
		"nobody":                       {own("nobody", p.anne, dossier.Loans), dossier.ErrNotFound},
		"a child alone":                {own(p.mia, p.anne, dossier.Loans), dossier.ErrRefused},
		"for a teenager":               {parental(p.leo, p.anne, dossier.Loans), dossier.ErrRefused},
		"for a teenager, requests":     {parental(p.leo, p.anne, dossier.Requests), dossier.ErrRefused},
		"for somebody of unknown age":  {parental(p.bruno, p.anne, dossier.Loans), dossier.ErrRefused},
		"for a child at the birthday":  {with(good, func(g *dossier.Grant) { g.At = birthday() }), dossier.ErrRefused},
		"by a child before it":         {with(own(p.mia, p.anne, dossier.Loans), func(g *dossier.Grant) { g.At = birthday().Add(-1) }), dossier.ErrRefused},
		"unknown dataset":              {parental(p.mia, p.anne, "assessment"), dossier.ErrRefused},
		"unknown basis":                {with(good, func(g *dossier.Grant) { g.Basis = "friend" }), dossier.ErrRefused},
		"no wording":                   {with(good, func(g *dossier.Grant) { g.Wording = "" }), dossier.ErrRefused},
		"no language":                  {with(good, func(g *dossier.Grant) { g.Language = "" }), dossier.ErrRefused},
		"no instant":                   {with(good, func(g *dossier.Grant) { g.At = time.Time{} }), dossier.ErrRefused},
		"over before it begins":        {with(good, func(g *dossier.Grant) { g.Until = g.At }), dossier.ErrRefused},
		"withdrawn before it is given": {with(good, func(g *dossier.Grant) { g.WithdrawnAt = g.At }), dossier.ErrRefused},
		"to oneself":                   {parental(p.mia, p.mia, dossier.Loans), dossier.ErrRefused},
	} {
		if err := s.GiveConsent(ctx, tc.grant); !errors.Is(err, tc.want) {
			return fmt.Errorf("%s: %w, want %w", what, err, tc.want)
		}
	}
	if err := errors.Join(s.expectLedgers(ctx, ledger{to: p.anne}, ledger{to: p.bruno}, ledger{about: p.mia}),
		s.GiveConsent(ctx, own(p.bruno, p.anne, dossier.Loans))); err != nil {
		return err
	}
	good.At = birthday().Add(-1)
	if err := s.GiveConsent(ctx, good); err != nil {
		return fmt.Errorf("for a child, in the last instant: %w", err)
	}
	late := good
	late.At = birthday()
	if err := s.GiveConsent(ctx, late); !errors.Is(err, dossier.ErrRefused) {
		return fmt.Errorf("renewed at the birthday: %w, want ErrRefused", err)
	}
	return s.expectLedgers(ctx, ledger{about: p.mia, want: []dossier.Grant{good}}) // a refusal withdraws nothing
}

// consentsAtOnce gives the same consent many times at once: one is live.
func consentsAtOnce(ctx context.Context, s *bench) error {
	const writers = 12
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	errs := make([]error, writers)
	for i := range writers {
		wg.Go(func() { errs[i] = s.GiveConsent(ctx, parental(p.mia, p.anne, dossier.Loans)) })
	}
	wg.Wait()
	h, err := s.Household(ctx, p.anne)
	if err := errors.Join(append(errs, err)...); err != nil {
		return err
	}
	all, err := s.ConsentsAbout(ctx, p.mia)
	return errors.Join(err, equal("live", len(h.Members[0].Grants), 1), equal("ledger", len(all), writers))
}
