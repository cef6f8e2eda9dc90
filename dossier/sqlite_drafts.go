package dossier

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// SaveDraft implements [Drafts].
func (s *SQLite) SaveDraft(ctx context.Context, d Draft) error {
	if d.Topic == "" || len(d.Content) == 0 || len(d.Content) > MaxDraftBytes || d.Saved.IsZero() {
		return fmt.Errorf("dossier: draft: %w", ErrRefused)
	}
	return s.transact(ctx, "draft", func(tx *sql.Tx) error {
		var there bool
		var others int
		const room = `SELECT EXISTS (SELECT 1 FROM citizens WHERE id = ?1),
			(SELECT count(*) FROM drafts WHERE citizen = ?1 AND topic <> ?2 AND saved > ?3)`
		if err := tx.QueryRowContext(ctx, room, string(d.Citizen), d.Topic, instant(d.Saved.Add(-DraftAge))).Scan(&there, &others); err != nil {
			return err
		}
		switch {
		case !there:
			return ErrNotFound
		case others >= MaxDrafts:
			return ErrTooManyDrafts
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO drafts (citizen, topic, title, content, saved) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (citizen, topic) DO UPDATE SET title = excluded.title, content = excluded.content, saved = excluded.saved`,
			string(d.Citizen), d.Topic, d.Title, d.Content, instant(d.Saved))
		return err
	})
}

// Drafts implements [Drafts].
func (s *SQLite) Drafts(ctx context.Context, citizen record.Citizen, now time.Time) (all []Draft, err error) {
	const query = "SELECT topic, title, content, saved FROM drafts WHERE citizen = ? AND saved > ? ORDER BY saved DESC, topic"
	err = s.rows(ctx, "drafts", query, []any{string(citizen), instant(now.Add(-DraftAge))}, func(r *sql.Rows) error {
		d := Draft{Citizen: citizen}
		var saved sql.NullInt64
		err := r.Scan(&d.Topic, &d.Title, &d.Content, &saved)
		d.Saved = timeOf(saved)
		all = append(all, d)
		return err
	})
	return all, err
}

// DropDraft implements [Drafts].
func (s *SQLite) DropDraft(ctx context.Context, citizen record.Citizen, topic string) error {
	_, err := s.exec(ctx, "draft", "DELETE FROM drafts WHERE citizen = ? AND topic = ?", string(citizen), topic)
	return err
}

// SweepDrafts implements [Drafts].
func (s *SQLite) SweepDrafts(ctx context.Context, now time.Time) (int, error) {
	n, err := s.exec(ctx, "drafts", "DELETE FROM drafts WHERE saved <= ?", instant(now.Add(-DraftAge)))
	return int(n), err
}
