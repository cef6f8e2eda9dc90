package dossiertest_test

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// More defects: those of households, consents and calendars.

type ageless struct{ *dossier.SQLite }

func (s ageless) ImportCards(ctx context.Context, cards []record.Card) (dossier.Imported, error) {
	for i := range cards {
		cards[i].Born = record.Date{}
	}
	return s.SQLite.ImportCards(ctx, cards)
}

type plainFont struct{ *dossier.SQLite }

func (s plainFont) SaveChoices(ctx context.Context, citizen record.Citizen, c dossier.Choices) error {
	c.Font = ""
	return s.SQLite.SaveChoices(ctx, citizen, c)
}

// mutual believes that whoever is in a dossier holds its holder too.
type mutual struct{ *dossier.SQLite }

func (s mutual) AddMember(ctx context.Context, holder, member record.Citizen, at time.Time) error {
	return errors.Join(s.SQLite.AddMember(ctx, holder, member, at), s.SQLite.AddMember(ctx, member, holder, at))
}

type narcissist struct{ *dossier.SQLite }

func (s narcissist) AddMember(ctx context.Context, holder, member record.Citizen, at time.Time) error {
	if holder == member {
		return nil
	}
	return s.SQLite.AddMember(ctx, holder, member, at)
}

// sticky brings the consents back with the member.
type sticky struct{ *dossier.SQLite }

func (s sticky) AddMember(ctx context.Context, holder, member record.Citizen, at time.Time) error {
	if err := s.SQLite.AddMember(ctx, holder, member, at); err != nil {
		return err
	}
	all, err := s.ConsentsTo(ctx, holder)
	for _, g := range all {
		if g.Person == member && !g.WithdrawnAt.IsZero() {
			g.WithdrawnAt = time.Time{}
			err = errors.Join(err, s.GiveConsent(ctx, g))
		}
	}
	return err
}

// swappedLedger tells one parent what the other agreed to.
type swappedLedger struct{ *dossier.SQLite }

func (s swappedLedger) ConsentsTo(ctx context.Context, viewer record.Citizen) ([]dossier.Grant, error) {
	own, err := s.SQLite.ConsentsTo(ctx, viewer)
	if err != nil || len(own) == 0 {
		return own, err
	}
	return s.ConsentsAbout(ctx, own[0].Person)
}

// timeless takes any consent to be given while the person was a child.
type timeless struct{ *dossier.SQLite }

func (s timeless) GiveConsent(ctx context.Context, g dossier.Grant) error {
	if g.Basis == dossier.Parental && !g.At.IsZero() {
		g.At = time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC)
	}
	return s.SQLite.GiveConsent(ctx, g)
}

// unledgered drops what is given while another is being given.
type unledgered struct {
	*dossier.SQLite
	one chan struct{}
}

func (s unledgered) GiveConsent(ctx context.Context, g dossier.Grant) error {
	select {
	case s.one <- struct{}{}:
		return s.SQLite.GiveConsent(ctx, g)
	default:
		return nil
	}
}

type weakToken struct{ *dossier.SQLite }

func (s weakToken) CreateCalendar(ctx context.Context, c dossier.Calendar) (string, error) {
	_, err := s.SQLite.CreateCalendar(ctx, c)
	return rand.Text(), err
}

// undead finds calendars that are over.
type undead struct {
	*dossier.SQLite
	seen map[string]dossier.Calendar
}

func (s undead) FindCalendar(ctx context.Context, token string, now time.Time) (dossier.Calendar, error) {
	c, err := s.SQLite.FindCalendar(ctx, token, now)
	if before, ok := s.seen[token]; ok && errors.Is(err, dossier.ErrNotFound) {
		return before, nil
	}
	s.seen[token] = c
	return c, err
}

// silent opens calendars that nobody opted into.
type silent struct{ *dossier.SQLite }

func (s silent) CreateCalendar(ctx context.Context, c dossier.Calendar) (string, error) {
	if c.Wording == "" {
		c.Wording = "implied"
	}
	return s.SQLite.CreateCalendar(ctx, c)
}

type unused struct{ *dossier.SQLite }

func (s unused) Calendars(ctx context.Context, owner record.Citizen) ([]dossier.Calendar, error) {
	all, err := s.SQLite.Calendars(ctx, owner)
	for i := range all {
		all[i].LastUsed = time.Time{}
	}
	return all, err
}

// sameHouse takes whoever shares a link of any source for family.
type sameHouse struct{ *dossier.SQLite }

func (s sameHouse) Relatives(ctx context.Context, citizen record.Citizen, files []string) ([]dossier.Relative, error) {
	return s.SQLite.Relatives(ctx, citizen, append(files, "roll"))
}

// obliging lets anybody ask for anybody.
type obliging struct{ *dossier.SQLite }

func (s obliging) Join(ctx context.Context, j dossier.Joining) error {
	err := s.SQLite.Join(ctx, j)
	if errors.Is(err, dossier.ErrRefused) {
		return s.AddMember(ctx, j.Holder, j.Member, j.At)
	}
	return err
}

// unwithdrawn never learns that a family file changed.
type unwithdrawn struct{ *dossier.SQLite }

func (s unwithdrawn) Household(ctx context.Context, holder record.Citizen) (dossier.Household, error) {
	h, err := s.SQLite.Household(ctx, holder)
	for i := range h.Members {
		h.Members[i].FileGone = false
	}
	return h, err
}

// twice keeps the same picture of the same form again.
type twice struct{ *dossier.SQLite }

func (s twice) AddPhoto(ctx context.Context, p dossier.NewPhoto) (string, error) {
	p.Key += rand.Text()
	return s.SQLite.AddPhoto(ctx, p)
}

type hoarder struct{ *dossier.SQLite }

func (s hoarder) DropPhotos(context.Context, string) (int, error) { return 1, nil }

type everOpen struct{ *dossier.SQLite }

func (s everOpen) SharePhoto(ctx context.Context, citizen record.Citizen, id, token string, until time.Time) error {
	return s.SQLite.SharePhoto(ctx, citizen, id, token, until.AddDate(1, 0, 0))
}

// generous forgets what was sent before.
type generous struct{ *dossier.SQLite }

func (s generous) AttachPhotos(ctx context.Context, citizen record.Citizen, transaction string, ids ...string) error {
	err := s.SQLite.AttachPhotos(ctx, citizen, transaction, ids...)
	if errors.Is(err, dossier.ErrTooManyPhotos) {
		return nil
	}
	return err
}
