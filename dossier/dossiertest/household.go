package dossiertest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// mia is a child of anne and bruno, who live apart; she turns 14 at midnight
// before [birthday].
func mia() record.Card {
	return record.Card{Number: "100004", Name: "Mia", Born: record.Date{Year: 2012, Month: time.December, Day: 2}}
}

// leo is 16.
func leo() record.Card {
	return record.Card{Number: "100005", Name: "Léo", Born: record.Date{Year: 2010, Month: time.May, Day: 6}}
}

// birthday is the first instant at which mia is 14, in America/Toronto.
func birthday() time.Time { return time.Date(2026, time.December, 2, 5, 0, 0, 0, time.UTC) }

// people are the ids of those whom family imports.
type people struct{ anne, bruno, mia, leo record.Citizen }

// family imports the family and puts mia and leo into anne's dossier, mia into
// bruno's, a second apart.
func (b *bench) family(ctx context.Context) (people, error) {
	if _, err := b.ImportCards(ctx, []record.Card{anne(), bruno(), mia(), leo()}); err != nil {
		return people{}, fmt.Errorf("import: %w", err)
	}
	c, err := b.citizens(ctx, "100001", "100002", "100004", "100005")
	if err != nil {
		return people{}, err
	}
	p := people{c[0], c[1], c[2], c[3]}
	return p, errors.Join(
		b.AddMember(ctx, p.anne, p.mia, day()),
		b.AddMember(ctx, p.anne, p.leo, day().Add(time.Second)),
		b.AddMember(ctx, p.bruno, p.mia, day().Add(2*time.Second)))
}

func memberMia(p people, since time.Time, grants ...dossier.Grant) dossier.Member {
	return dossier.Member{Citizen: p.mia, Name: "Mia", Born: dossier.BornOn(mia().Born), Basis: dossier.ByCard, Since: since, Grants: grants}
}

func memberLeo(p people, grants ...dossier.Grant) dossier.Member {
	return dossier.Member{
		Citizen: p.leo, Name: "Léo", Born: dossier.BornOn(leo().Born), Basis: dossier.ByCard,
		Since: day().Add(time.Second), Grants: grants,
	}
}

func (b *bench) expectHousehold(ctx context.Context, holder record.Citizen, want ...dossier.Member) error {
	got, err := b.Household(ctx, holder)
	return errors.Join(err, equal("household", got, dossier.Household{Holder: holder, Members: want}))
}

func (b *bench) expectHolders(ctx context.Context, member record.Citizen, want ...dossier.Holder) error {
	got, err := b.Holders(ctx, member)
	return errors.Join(err, equal("holders", got, want))
}

// birthDates follow the registry, and no profile shows them.
func birthDates(ctx context.Context, s *bench) error {
	if err := s.imported(ctx, dossier.Imported{Added: 2}, anne(), mia()); err != nil {
		return err
	}
	expect := func(number string, want record.Date) error {
		c, err := s.citizens(ctx, number)
		if err != nil {
			return err
		}
		p, err := s.Profile(ctx, c[0])
		if err == nil && !p.Born.Equal(dossier.BornOn(want)) {
			err = fmt.Errorf("card %s: another birth date", number)
		}
		return err
	}
	corrected, withdrawn := anne(), mia()
	corrected.Born, withdrawn.Born = record.Date{Year: 1980, Month: time.February, Day: 29}, record.Date{}
	return errors.Join(
		expect("100001", record.Date{}), expect("100004", mia().Born), s.reopen(), expect("100004", mia().Born),
		s.imported(ctx, dossier.Imported{Changed: 2}, corrected, withdrawn),
		expect("100001", corrected.Born), expect("100004", record.Date{}))
}

func households(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	annes := dossier.Holder{Citizen: p.anne, Name: anne().Name, Since: day()}
	brunos := dossier.Holder{Citizen: p.bruno, Name: bruno().Name, Since: day().Add(2 * time.Second)}
	for range 2 {
		if err := errors.Join(
			s.AddMember(ctx, p.anne, p.mia, day().Add(time.Hour)), // she is there
			s.expectHousehold(ctx, p.anne, memberMia(p, day()), memberLeo(p)),
			s.expectHousehold(ctx, p.bruno, memberMia(p, day().Add(2*time.Second))),
			s.expectHousehold(ctx, p.mia), s.expectHousehold(ctx, "nobody"),
			s.expectHolders(ctx, p.mia, annes, brunos), s.expectHolders(ctx, p.anne), s.expectHolders(ctx, "nobody"),
			s.reopen()); err != nil {
			return err
		}
	}
	return nil
}

func householdsRefuse(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	for what, tc := range map[string]struct {
		got, want error
	}{
		"unknown member":       {s.AddMember(ctx, p.anne, "nobody", day()), dossier.ErrNotFound},
		"unknown holder":       {s.AddMember(ctx, "nobody", p.mia, day()), dossier.ErrNotFound},
		"the holder's own":     {s.AddMember(ctx, p.anne, p.anne, day()), dossier.ErrRefused},
		"no instant":           {s.AddMember(ctx, p.anne, p.bruno, time.Time{}), dossier.ErrRefused},
		"removed, not there":   {s.RemoveMember(ctx, p.bruno, p.leo, day()), dossier.ErrNotFound},
		"removed, other way":   {s.RemoveMember(ctx, p.mia, p.anne, day()), dossier.ErrNotFound},
		"removed, from nobody": {s.RemoveMember(ctx, "nobody", p.mia, day()), dossier.ErrNotFound},
	} {
		if !errors.Is(tc.got, tc.want) {
			return fmt.Errorf("%s: %w, want %w", what, tc.got, tc.want)
		}
	}
	return s.expectHousehold(ctx, p.anne, memberMia(p, day()), memberLeo(p))
}

func removal(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	mine, theirs := parental(p.mia, p.anne, dossier.Loans), parental(p.mia, p.bruno, dossier.Loans)
	leos := own(p.leo, p.anne, dossier.Loans)
	hers, err := s.CreateCalendar(ctx, calendar(p.anne, p.mia))
	if err != nil {
		return err
	}
	whole, err := s.CreateCalendar(ctx, calendar(p.anne, ""))
	if err != nil {
		return err
	}
	gone, back := birthday().AddDate(0, 0, -2), birthday().AddDate(0, 0, -1)
	if err := errors.Join(
		s.GiveConsent(ctx, mine), s.GiveConsent(ctx, theirs), s.GiveConsent(ctx, leos),
		s.RemoveMember(ctx, p.anne, p.mia, gone),
		s.expectHousehold(ctx, p.anne, memberLeo(p, leos)),
		s.expectHousehold(ctx, p.bruno, memberMia(p, day().Add(2*time.Second), theirs)),
		s.expectNoCalendar(ctx, hers, gone), s.expectCalendar(ctx, whole, gone),
		s.AddMember(ctx, p.anne, p.mia, back),
		s.expectHousehold(ctx, p.anne, memberLeo(p, leos), memberMia(p, back)),
		s.expectNoCalendar(ctx, hers, back)); err != nil {
		return err
	}
	mine.WithdrawnAt = gone
	got, err := s.ConsentsTo(ctx, p.anne)
	return errors.Join(err, equal("ledger of who was removed", got, []dossier.Grant{mine, leos}))
}
