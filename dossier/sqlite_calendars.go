package dossier

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// CreateCalendar implements [Calendars].
func (s *SQLite) CreateCalendar(ctx context.Context, c Calendar) (string, error) {
	token, person := newToken(), sql.NullString{String: string(c.Person), Valid: c.Person != ""}
	hash := tokenHash(token)
	err := s.transact(ctx, "calendar", func(tx *sql.Tx) error {
		if c.Wording == "" || c.Language == "" || c.Created.IsZero() {
			return ErrRefused
		}
		whose := c.Owner
		if person.Valid {
			whose = c.Person
		}
		if _, err := memberIn(ctx, tx, c.Owner, whose); err != nil {
			return err
		}
		var live int
		const count = "SELECT count(*) FROM calendars WHERE owner = ? AND revoked IS NULL"
		if err := tx.QueryRowContext(ctx, count, string(c.Owner)).Scan(&live); err != nil {
			return err
		}
		if live >= MaxCalendars {
			return ErrRefused
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO calendars (id, hash, owner, person, wording, language, collections, created)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, rand.Text(), hash[:], string(c.Owner), person, c.Wording, c.Language, c.Collections, instant(c.Created))
		return err
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

const calendarColumns = "calendars.id, owner, person, wording, calendars.language, collections, created, used, revoked, born"

// calendar reads calendarColumns, and what stands after them into more.
func (s *SQLite) calendar(scan func(...any) error, more ...any) (c Calendar, err error) {
	var person sql.NullString
	var created, used, revoked sql.NullInt64
	var text string
	into := []any{&c.ID, &c.Owner, &person, &c.Wording, &c.Language, &c.Collections, &created, &used, &revoked, &text}
	if err := scan(append(into, more...)...); err != nil {
		return Calendar{}, err
	}
	born, err := bornOf(text)
	if err != nil {
		return Calendar{}, err
	}
	c.Person = record.Citizen(person.String)
	c.Created, c.LastUsed, c.Revoked = timeOf(created), timeOf(used), timeOf(revoked)
	if born.Age(c.Created, s.zone) == AgeChild {
		c.Ends = born.turns(teenAge, s.zone)
	}
	return c, nil
}

// Calendars implements [Calendars].
func (s *SQLite) Calendars(ctx context.Context, owner record.Citizen) (all []Calendar, err error) {
	const query = "SELECT " + calendarColumns + ` FROM calendars JOIN citizens ON citizens.id = owner
		WHERE owner = ? ORDER BY created DESC, calendars.id`
	err = s.rows(ctx, "calendars", query, []any{string(owner)}, func(r *sql.Rows) error {
		c, err := s.calendar(r.Scan)
		all = append(all, c)
		return err
	})
	return all, err
}

// RevokeCalendar implements [Calendars].
func (s *SQLite) RevokeCalendar(ctx context.Context, owner record.Citizen, id string, at time.Time) error {
	return s.execOne(ctx, "calendar", "UPDATE calendars SET revoked = coalesce(revoked, ?) WHERE owner = ? AND id = ?",
		instant(at), string(owner), id)
}

// FindCalendar implements [Calendars].
func (s *SQLite) FindCalendar(ctx context.Context, token string, now time.Time) (Calendar, error) {
	const query = "SELECT " + calendarColumns + `, hash, EXISTS (SELECT 1 FROM cards
			WHERE citizen = owner AND open = 1 AND (expires = '' OR expires >= ?))
		FROM calendars JOIN citizens ON citizens.id = owner WHERE hash = ?`
	hash := tokenHash(token)
	kept := make([]byte, sha256.Size) // compared with when there is no such calendar
	var valid bool
	today := record.DateOf(now.In(s.zone)).String()
	c, err := s.calendar(s.read.QueryRowContext(ctx, query, today, hash[:]).Scan, &kept, &valid)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Calendar{}, fmt.Errorf("dossier: calendar: %w", err)
	}
	same := subtle.ConstantTimeCompare(kept, hash[:]) == 1
	ended := !c.Revoked.IsZero() || !c.Ends.IsZero() && !now.Before(c.Ends)
	if !same || ended || !valid {
		return Calendar{}, fmt.Errorf("dossier: calendar: %w", ErrNotFound)
	}
	if !c.LastUsed.IsZero() && now.Sub(c.LastUsed) < time.Hour {
		return c, nil
	}
	// A calendar revoked since then is found this once, and stays unused.
	_, err = s.exec(ctx, "calendar", "UPDATE calendars SET used = ? WHERE id = ? AND revoked IS NULL", instant(now), c.ID)
	if err != nil {
		return Calendar{}, err
	}
	c.LastUsed = now.UTC()
	return c, nil
}
