package dossier

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// ByCard implements [Citizens]. A card that the registry dropped, or whose
// last valid day in the town's zone is over, is ErrNotFound.
func (s *SQLite) ByCard(ctx context.Context, card string) (citizen record.Citizen, err error) {
	today := record.DateOf(time.Now().In(s.zone)).String()
	const query = "SELECT citizen FROM cards WHERE number = ? AND open = 1 AND (expires = '' OR expires >= ?)"
	err = s.row(ctx, "card", query, []any{card, today}, &citizen)
	return citizen, err
}

// Profile implements [Citizens].
func (s *SQLite) Profile(ctx context.Context, citizen record.Citizen) (p Profile, err error) {
	var before sql.NullInt64
	var born string
	const query = `SELECT name, born, language, text_size, contrast, font, reduced_data, seen_before
		FROM citizens WHERE id = ?`
	c := &p.Choices
	if err := s.row(ctx, "profile", query, []any{string(citizen)},
		&p.Name, &born, &c.Language, &c.TextSize, &c.Contrast, &c.Font, &c.ReducedData, &before); err != nil {
		return Profile{}, err
	}
	p.LastVisit = timeOf(before)
	if p.Born, err = bornOf(born); err != nil {
		return Profile{}, fmt.Errorf("dossier: profile: %w", err)
	}
	return p, nil
}

// SaveChoices implements [Citizens].
func (s *SQLite) SaveChoices(ctx context.Context, citizen record.Citizen, c Choices) error {
	return s.execOne(ctx, "choices",
		"UPDATE citizens SET language = ?, text_size = ?, contrast = ?, font = ?, reduced_data = ? WHERE id = ?",
		c.Language, c.TextSize, c.Contrast, c.Font, c.ReducedData, string(citizen))
}

// Seen implements [Citizens].
func (s *SQLite) Seen(ctx context.Context, citizen record.Citizen, at time.Time) error {
	return s.execOne(ctx, "visit", "UPDATE citizens SET seen_before = seen, seen = ? WHERE id = ?",
		instant(at), string(citizen))
}

// Active implements [Citizens].
func (s *SQLite) Active(ctx context.Context, since time.Time) (active []record.Citizen, err error) {
	const query = "SELECT id FROM citizens WHERE seen >= ? ORDER BY seen DESC, id"
	err = s.rows(ctx, "active citizens", query, []any{instant(since)}, func(r *sql.Rows) error {
		var citizen record.Citizen
		err := r.Scan(&citizen)
		active = append(active, citizen)
		return err
	})
	return active, err
}

// Credential implements [Credentials].
func (s *SQLite) Credential(ctx context.Context, citizen record.Citizen) (encoded string, err error) {
	err = s.row(ctx, "credential", "SELECT encoded FROM credentials WHERE citizen = ?", []any{string(citizen)}, &encoded)
	return encoded, err
}

// SetCredential implements [Credentials].
func (s *SQLite) SetCredential(ctx context.Context, citizen record.Citizen, encoded string) error {
	return s.execOne(ctx, "credential",
		`INSERT INTO credentials (citizen, encoded) SELECT id, ? FROM citizens WHERE id = ?
		 ON CONFLICT (citizen) DO UPDATE SET encoded = excluded.encoded`,
		encoded, string(citizen))
}
