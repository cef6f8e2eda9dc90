package dossier

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// AddFailure implements [Attempts].
func (s *SQLite) AddFailure(ctx context.Context, key string, at time.Time) error {
	_, err := s.exec(ctx, "failed sign-in", "INSERT INTO failures (key, at) VALUES (?, ?)", key, instant(at))
	return err
}

// Failures implements [Attempts].
func (s *SQLite) Failures(ctx context.Context, key string, since time.Time) (at []time.Time, err error) {
	const query = "SELECT at FROM failures WHERE key = ? AND at >= ? ORDER BY at"
	err = s.rows(ctx, "failed sign-ins", query, []any{key, instant(since)}, func(r *sql.Rows) error {
		var n sql.NullInt64
		err := r.Scan(&n)
		at = append(at, timeOf(n))
		return err
	})
	return at, err
}

// ClearFailures implements [Attempts].
func (s *SQLite) ClearFailures(ctx context.Context, key string) error {
	_, err := s.exec(ctx, "failed sign-ins", "DELETE FROM failures WHERE key = ?", key)
	return err
}

// PurgeFailures implements [Attempts].
func (s *SQLite) PurgeFailures(ctx context.Context, before time.Time) error {
	_, err := s.exec(ctx, "failed sign-ins", "DELETE FROM failures WHERE at < ?", instant(before))
	return err
}

// FindCtx implements [Sessions]. An expired session is not found.
func (s *SQLite) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	const query = "SELECT data FROM sessions WHERE token = ? AND expiry > ?"
	err = s.row(ctx, "session", query, []any{token, instant(time.Now())}, &data)
	if errors.Is(err, ErrNotFound) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// CommitCtx implements [Sessions].
func (s *SQLite) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	if data == nil {
		data = []byte{}
	}
	_, err := s.exec(ctx, "session", `INSERT INTO sessions (token, data, expiry) VALUES (?, ?, ?)
		ON CONFLICT (token) DO UPDATE SET data = excluded.data, expiry = excluded.expiry`, token, data, instant(expiry))
	return err
}

// DeleteCtx implements [Sessions].
func (s *SQLite) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.exec(ctx, "session", "DELETE FROM sessions WHERE token = ?", token)
	return err
}

// PurgeSessions implements [Sessions].
func (s *SQLite) PurgeSessions(ctx context.Context, now time.Time) error {
	_, err := s.exec(ctx, "sessions", "DELETE FROM sessions WHERE expiry <= ?", instant(now))
	return err
}

// Find, Commit and Delete are what scs.CtxStore demands beside the methods
// that it calls.

// Find is FindCtx without a context.
func (s *SQLite) Find(token string) (data []byte, found bool, err error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s *SQLite) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s *SQLite) Delete(token string) error {
	return s.DeleteCtx(context.Background(), token)
}
