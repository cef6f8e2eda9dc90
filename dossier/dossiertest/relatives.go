package dossiertest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

const familyFile = "recreation"

// filed are anne and bruno, who live apart and have a family file each, mia in
// both, leo in anne's, and clara, who is in none and shares a property with
// anne.
func filed() []record.Card {
	with := func(c record.Card, born record.Date, accounts ...string) record.Card {
		links := map[string][]string{familyFile: accounts}
		maps.Copy(links, c.Links)
		c.Links, c.Born = links, born
		return c
	}
	adult := record.Date{Year: 1984, Month: time.March, Day: 9}
	neighbour := clara()
	neighbour.Links = map[string][]string{"roll": {"R1"}}
	return []record.Card{
		with(anne(), adult, "F1"), with(bruno(), adult, "F2"), with(mia(), mia().Born, "F1", "F2"), with(leo(), leo().Born, "F1"), neighbour,
	}
}

func (b *bench) filed(ctx context.Context) (p people, clara record.Citizen, err error) {
	if _, err := b.ImportCards(ctx, filed()); err != nil {
		return p, "", fmt.Errorf("import: %w", err)
	}
	c, err := b.citizens(ctx, "100001", "100002", "100004", "100005", "100003")
	if err != nil {
		return p, "", err
	}
	return people{c[0], c[1], c[2], c[3]}, c[4], nil
}

func (b *bench) expectRelatives(ctx context.Context, who record.Citizen, want ...string) error {
	list, err := b.Relatives(ctx, who, []string{familyFile})
	var got []string
	for _, x := range list {
		got = append(got, x.Name+" by "+x.File)
	}
	return errors.Join(err, equal("relatives", got, want))
}

func relatives(ctx context.Context, s *bench) error {
	p, clara, err := s.filed(ctx)
	if err != nil {
		return err
	}
	annes, brunos, mias, leos := anne().Name+" by recreation", "Bruno by recreation", "Mia by recreation", "Léo by recreation"
	if err := errors.Join(
		s.expectRelatives(ctx, p.anne, leos, mias), s.expectRelatives(ctx, p.bruno, mias),
		s.expectRelatives(ctx, p.leo, annes, mias), s.expectRelatives(ctx, p.mia, annes, brunos, leos),
		s.expectRelatives(ctx, clara), s.expectRelatives(ctx, "nobody")); err != nil {
		return err
	}
	list, err := s.Relatives(ctx, p.anne, nil)
	if err = errors.Join(err, equal("relatives by no source", list, []dossier.Relative(nil))); err != nil {
		return err
	}
	cards := filed()
	for i := range 20 { // an account that the registry gives whoever has none
		cards = append(cards, record.Card{Number: fmt.Sprint(200001 + i), Name: "Autre", Links: map[string][]string{familyFile: {"F1"}}})
	}
	_, err = s.ImportCards(ctx, cards)
	return errors.Join(err, s.expectRelatives(ctx, p.anne), s.expectRelatives(ctx, p.bruno, mias))
}

func joining(ctx context.Context, s *bench) error {
	p, clara, err := s.filed(ctx)
	if err != nil {
		return err
	}
	eve := birthday().Add(-time.Nanosecond)
	for _, tc := range []struct {
		what                  string
		holder, member, asker record.Citizen
		file                  string
		at                    time.Time
		want                  error
	}{
		{"a teenager, by a parent", p.anne, p.leo, p.anne, familyFile, day(), dossier.ErrRefused},
		{"a child of 14, by a parent", p.anne, p.mia, p.anne, familyFile, birthday(), dossier.ErrRefused},
		{"a child, by a brother of 16", p.leo, p.mia, p.leo, familyFile, day(), dossier.ErrRefused},
		{"a child, by the child", p.anne, p.mia, p.mia, familyFile, day(), dossier.ErrRefused},
		{"somebody else's asking", p.anne, p.mia, p.bruno, familyFile, day(), dossier.ErrRefused},
		{"another family", p.anne, p.bruno, p.bruno, familyFile, day(), dossier.ErrRefused},
		{"a neighbour", p.anne, clara, clara, familyFile, day(), dossier.ErrRefused},
		{"a property for a family file", p.anne, clara, clara, "", day(), dossier.ErrRefused},
		{"oneself", p.anne, p.anne, p.anne, familyFile, day(), dossier.ErrRefused},
		{"no instant", p.anne, p.mia, p.anne, familyFile, time.Time{}, dossier.ErrRefused},
		{"an unknown citizen", p.anne, "nobody", p.anne, familyFile, day(), dossier.ErrNotFound},
		{"a child, the minute before 14", p.anne, p.mia, p.anne, familyFile, eve, nil},
		{"a teenager, by themselves", p.anne, p.leo, p.leo, familyFile, eve.Add(time.Second), nil},
		{"again", p.anne, p.leo, p.leo, familyFile, eve.Add(time.Hour), nil},
	} {
		got := s.Join(ctx, dossier.Joining{Holder: tc.holder, Member: tc.member, By: tc.asker, File: tc.file, At: tc.at})
		if !errors.Is(got, tc.want) {
			return fmt.Errorf("%s: %w, want %w", tc.what, got, tc.want)
		}
	}
	hers, his := memberMia(p, eve), memberLeo(p)
	hers.Basis, his.Basis, his.Since = dossier.ByFamily, dossier.ByFamily, eve.Add(time.Second)
	return errors.Join(s.expectHousehold(ctx, p.anne, hers, his), s.expectHousehold(ctx, p.bruno), s.expectHousehold(ctx, p.leo))
}

// fileGone: the registry takes mia and leo out of anne's file. What anne agreed
// to for mia rests; what leo agreed to himself stays; mia's card and PIN, or the
// file itself, bring it back.
func fileGone(ctx context.Context, s *bench) error {
	p, _, err := s.filed(ctx)
	if err != nil {
		return err
	}
	hers, his := parental(p.mia, p.anne, dossier.Loans), own(p.leo, p.anne, dossier.Loans)
	if err := errors.Join(
		s.Join(ctx, dossier.Joining{Holder: p.anne, Member: p.mia, By: p.anne, File: familyFile, At: day()}),
		s.Join(ctx, dossier.Joining{Holder: p.anne, Member: p.leo, By: p.leo, File: familyFile, At: day()}),
		s.GiveConsent(ctx, hers), s.GiveConsent(ctx, his)); err != nil {
		return err
	}
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		return err
	}
	expect := func(mias, leos dossier.Why) error {
		h, err := s.Household(ctx, p.anne)
		if err != nil {
			return err
		}
		ask := func(who record.Citizen) dossier.Why {
			return dossier.Authorize(p.anne, who, dossier.Loans, h, hers.At.Add(time.Hour), zone).Why
		}
		return equal("who is seen", []dossier.Why{ask(p.mia), ask(p.leo)}, []dossier.Why{mias, leos})
	}
	withdrawn := filed()
	withdrawn[2].Links, withdrawn[3].Links = map[string][]string{familyFile: {"F2"}}, nil
	imported := func(cards []record.Card) error { _, err := s.ImportCards(ctx, cards); return err }
	again := hers
	again.At = hers.At.Add(time.Minute)
	if err := errors.Join(expect(dossier.Consented, dossier.Consented),
		imported(withdrawn), expect(dossier.FileGone, dossier.Consented), s.reopen(), expect(dossier.FileGone, dossier.Consented)); err != nil {
		return err
	}
	if err := s.GiveConsent(ctx, again); !errors.Is(err, dossier.ErrRefused) {
		return fmt.Errorf("parental consent without the file: %w", err)
	}
	return errors.Join(
		imported(filed()), expect(dossier.Consented, dossier.Consented),
		imported(withdrawn), s.AddMember(ctx, p.anne, p.mia, day()), expect(dossier.Consented, dossier.Consented))
}
