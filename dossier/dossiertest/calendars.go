package dossiertest

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// calendar is one that an owner asks for three minutes after day.
func calendar(owner, person record.Citizen) dossier.Calendar {
	return dossier.Calendar{
		Owner: owner, Person: person, Wording: "Quiconque connaît cette adresse voit ce calendrier.", Language: "fr", Collections: person == "",
		Created: day().Add(3 * time.Minute),
	}
}

func (b *bench) expectCalendar(ctx context.Context, token string, now time.Time) error {
	_, err := b.FindCalendar(ctx, token, now)
	return err
}

// expectNoCalendar also expects the very answer that no token at all gets.
func (b *bench) expectNoCalendar(ctx context.Context, token string, now time.Time) error {
	c, err := b.FindCalendar(ctx, token, now)
	if !errors.Is(err, dossier.ErrNotFound) || c != (dossier.Calendar{}) {
		return fmt.Errorf("calendar: %w, want ErrNotFound and nothing else", err)
	}
	_, none := b.FindCalendar(ctx, "", now)
	return equal("the answer without calendar", err.Error(), fmt.Sprint(none))
}

func calendars(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	now := day().Add(time.Hour)
	tokens := map[string]dossier.Calendar{}
	for i, c := range []dossier.Calendar{calendar(p.anne, p.anne), calendar(p.anne, p.mia), calendar(p.anne, ""), calendar(p.bruno, "")} {
		c.Created = c.Created.Add(time.Duration(i))
		token, err := s.CreateCalendar(ctx, c)
		if err != nil {
			return err
		}
		if bits, err := base64.RawURLEncoding.DecodeString(token); err != nil || len(bits) != 32 {
			return fmt.Errorf("token of %d bytes, want 256 bits in base64url: %w", len(bits), err)
		}
		tokens[token] = c
	}
	if len(tokens) != 4 {
		return errors.New("one token for two calendars")
	}
	ids := map[string]bool{}
	for range 2 {
		for token, want := range tokens {
			got, err := s.FindCalendar(ctx, token, now)
			if err != nil {
				return err
			}
			ids[got.ID] = true
			want.ID, want.LastUsed = got.ID, now
			if err := equal("calendar", got, want); err != nil {
				return err
			}
			if strings.Contains(token, got.ID) {
				return errors.New("the id tells of the token")
			}
			for _, wrong := range []string{
				"", "x", got.ID, token[1:], token + "=", token + "A", strings.ToLower(token), "A" + token[1:], strings.Repeat("A", 1<<20),
			} {
				if _, known := tokens[wrong]; !known {
					err = errors.Join(err, s.expectNoCalendar(ctx, wrong, now))
				}
			}
			if err != nil {
				return err
			}
		}
		if err := s.reopen(); err != nil {
			return err
		}
	}
	return equal("ids", len(ids), 4)
}

func calendarsEnd(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	first, later := calendar(p.anne, ""), calendar(p.anne, p.mia)
	later.Created = later.Created.Add(time.Minute)
	kept, err1 := s.CreateCalendar(ctx, first)
	revoked, err2 := s.CreateCalendar(ctx, later)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	list, err := s.Calendars(ctx, p.anne)
	if err != nil {
		return err
	}
	if len(list) != 2 {
		return fmt.Errorf("%d calendars, want 2", len(list))
	}
	first.ID, later.ID = list[1].ID, list[0].ID
	if err := equal("calendars", list, []dossier.Calendar{later, first}); err != nil {
		return err
	}
	at := day().Add(time.Hour)
	if err := s.RevokeCalendar(ctx, p.bruno, later.ID, at); !errors.Is(err, dossier.ErrNotFound) {
		return fmt.Errorf("revoked by somebody else: %w, want ErrNotFound", err)
	}
	if err := s.RevokeCalendar(ctx, p.anne, "else", at); !errors.Is(err, dossier.ErrNotFound) {
		return fmt.Errorf("revoked, not there: %w, want ErrNotFound", err)
	}
	if err := errors.Join(s.RevokeCalendar(ctx, p.anne, later.ID, at), s.RevokeCalendar(ctx, p.anne, later.ID, at.Add(time.Hour)),
		s.reopen(), s.expectNoCalendar(ctx, revoked, at), s.expectCalendar(ctx, kept, at)); err != nil {
		return err
	}
	later.Revoked, first.LastUsed = at, at
	list, err = s.Calendars(ctx, p.anne)
	none, err2 := s.Calendars(ctx, p.mia)
	if err := errors.Join(err, err2, equal("calendars", list, []dossier.Calendar{later, first}), equal("of another", len(none), 0)); err != nil {
		return err
	}
	// The registry drops the owner's card: nothing of the household goes out.
	_, err = s.ImportCards(ctx, []record.Card{bruno(), mia(), leo()})
	return errors.Join(err, s.expectNoCalendar(ctx, kept, at))
}

// calendarsExpire with the card's last day, and a child's at 14.
func calendarsExpire(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	grown := calendar(p.mia, p.mia)
	grown.Created = birthday()
	hers, err1 := s.CreateCalendar(ctx, calendar(p.mia, ""))
	new14, err2 := s.CreateCalendar(ctx, grown)
	annes, err3 := s.CreateCalendar(ctx, calendar(p.anne, ""))
	last := anne()
	last.Expires = record.Date{Year: 2026, Month: time.December, Day: 24}
	_, err4 := s.ImportCards(ctx, []record.Card{last, bruno(), mia(), leo()})
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return err
	}
	list, err := s.Calendars(ctx, p.mia)
	if err != nil {
		return err
	}
	over := time.Date(2026, time.December, 25, 5, 0, 0, 0, time.UTC) // midnight in Toronto
	return errors.Join(
		equal("ends", []time.Time{list[0].Ends, list[1].Ends}, []time.Time{{}, birthday()}),
		s.expectCalendar(ctx, hers, birthday().Add(-1)), s.expectNoCalendar(ctx, hers, birthday()),
		s.expectCalendar(ctx, new14, birthday()),
		s.expectCalendar(ctx, annes, over.Add(-1)), s.expectNoCalendar(ctx, annes, over))
}

func calendarsRefuse(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	silent, mute, timeless := calendar(p.anne, ""), calendar(p.anne, ""), calendar(p.anne, "")
	silent.Wording, mute.Language, timeless.Created = "", "", time.Time{}
	for what, tc := range map[string]struct {
		calendar dossier.Calendar
		want     error
	}{
		"no opt-in":       {silent, dossier.ErrRefused},
		"no language":     {mute, dossier.ErrRefused},
		"no instant":      {timeless, dossier.ErrRefused},
		"unknown owner":   {calendar("nobody", ""), dossier.ErrNotFound},
		"no owner":        {calendar("", ""), dossier.ErrNotFound},
		"a stranger's":    {calendar(p.bruno, p.leo), dossier.ErrNotFound},
		"the other way's": {calendar(p.mia, p.anne), dossier.ErrNotFound},
	} {
		if token, err := s.CreateCalendar(ctx, tc.calendar); !errors.Is(err, tc.want) || token != "" {
			return fmt.Errorf("%s: %w, want %w and no token", what, err, tc.want)
		}
	}
	for range dossier.MaxCalendars {
		if _, err := s.CreateCalendar(ctx, calendar(p.anne, "")); err != nil {
			return err
		}
	}
	if _, err := s.CreateCalendar(ctx, calendar(p.anne, "")); !errors.Is(err, dossier.ErrRefused) {
		return fmt.Errorf("one too many: %w, want ErrRefused", err)
	}
	list, err := s.Calendars(ctx, p.anne)
	if err != nil {
		return err
	}
	_, after := s.CreateCalendar(ctx, calendar(p.bruno, ""))
	err = s.RevokeCalendar(ctx, p.anne, list[0].ID, day())
	_, again := s.CreateCalendar(ctx, calendar(p.anne, ""))
	return errors.Join(err, after, again)
}

func calendarUse(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	token, err := s.CreateCalendar(ctx, calendar(p.anne, ""))
	if err != nil {
		return err
	}
	start := day().Add(time.Hour)
	for _, tc := range []struct{ use, noted time.Duration }{
		{0, 0},
		{time.Minute, 0},
		{time.Hour - 1, 0},
		{time.Hour, time.Hour},
		{2*time.Hour - 1, time.Hour},
		{-time.Hour, time.Hour},
		{9 * time.Hour, 9 * time.Hour},
	} {
		found, err := s.FindCalendar(ctx, token, start.Add(tc.use))
		if err != nil {
			return err
		}
		list, err := s.Calendars(ctx, p.anne)
		if err != nil {
			return err
		}
		want := start.Add(tc.noted)
		if err := equal(fmt.Sprintf("used after %s: last use", tc.use), []time.Time{found.LastUsed, list[0].LastUsed}, []time.Time{want, want}); err != nil {
			return err
		}
	}
	return nil
}
