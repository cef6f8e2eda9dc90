package dossier

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"

	"github.com/semenligne/sem/connectors/record"
)

// Accept implements [Outbox].
func (s *SQLite) Accept(ctx context.Context, t Transaction) (stored Transaction, again bool, err error) {
	return s.AcceptWithPhotos(ctx, t)
}

// AcceptWithPhotos implements [Transactions].
func (s *SQLite) AcceptWithPhotos(ctx context.Context, t Transaction, photos ...string) (stored Transaction, again bool, err error) {
	err = s.transact(ctx, "acceptance", func(tx *sql.Tx) error {
		const query = "SELECT " + transactionColumns + " FROM transactions WHERE citizen = ? AND key = ?"
		before, err := transaction(tx.QueryRowContext(ctx, query, string(t.Citizen), t.Key).Scan)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			if stored, err = accept(ctx, tx, t, ByCitizen); err != nil {
				return err
			}
			if err := redeem(ctx, tx, stored); err != nil || len(photos) == 0 {
				return err
			}
			return attachPhotos(ctx, tx, t.Citizen, stored.ID, photos)
		case err != nil:
			return err
		}
		same, err := before.sameContent(t)
		if err == nil && !same {
			err = ErrKeyReused
		}
		stored, again = before, true
		return err
	})
	if err != nil {
		return Transaction{}, false, err
	}
	return stored, again, nil
}

// sameContent tells whether other asks for the very thing that the stored t
// does.
func (t Transaction) sameContent(other Transaction) (bool, error) {
	other = other.completed(t.ID)
	if other.For != t.For || other.Source != t.Source || other.Ref != t.Ref {
		return false, nil
	}
	// The stored action is encoded again: the program that wrote it may have
	// known fewer fields.
	a, err := record.EncodeAction(t.Action)
	if err != nil {
		return false, err
	}
	b, err := record.EncodeAction(other.Action)
	return bytes.Equal(a, b), err
}

// completed fills what a transaction may leave open.
func (t Transaction) completed(id string) Transaction {
	if t.ID = id; t.For == "" {
		t.For = t.Citizen
	}
	switch a := t.Action.(type) {
	case record.Register:
		if a.Order == "" {
			a.Order = id
		}
		t.Action = a
	case record.Message:
		if a.ID == "" {
			a.ID = id
		}
		t.Action = a
	}
	return t
}

// newID draws a UUID, version 4 (RFC 9562).
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0F|0x40, b[8]&0x3F|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// accept stores a new transaction and returns it as it stands.
func accept(ctx context.Context, tx *sql.Tx, t Transaction, by string) (Transaction, error) {
	id := t.ID
	if id == "" {
		id = newID()
	}
	t = t.completed(id)
	if t.Source == "" || t.Key == "" || t.Action == nil || t.Accepted.IsZero() {
		return Transaction{}, ErrRefused
	}
	for _, who := range []record.Citizen{t.Citizen, t.For} {
		var there bool
		const query = "SELECT EXISTS (SELECT 1 FROM citizens WHERE id = ?)"
		if err := tx.QueryRowContext(ctx, query, string(who)).Scan(&there); err != nil {
			return Transaction{}, err
		}
		if !there {
			return Transaction{}, ErrNotFound
		}
	}
	action, err := record.EncodeAction(t.Action)
	if err != nil {
		return Transaction{}, err
	}
	stored := Transaction{
		ID: t.ID, Citizen: t.Citizen, For: t.For, Source: t.Source, Ref: t.Ref, Action: t.Action, About: t.About, Key: t.Key,
		Follows: t.Follows, State: Pending, Accepted: t.Accepted.UTC(), NotBefore: t.Accepted.UTC(),
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO transactions
		(id, citizen, person, source, ref, account, action, about, key, follows, state, accepted, not_before)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		stored.ID, string(stored.Citizen), string(stored.For), stored.Source, stored.Ref.Reveal(), stored.account(), string(action),
		stored.About, stored.Key, stored.Follows, string(Pending), instant(stored.Accepted), instant(stored.NotBefore))
	if err != nil {
		return Transaction{}, err
	}
	return stored, step(ctx, tx, stored.ID, Step{At: stored.Accepted, To: Pending, By: by})
}

// account names what is done in order at the source; each prefix keeps one
// kind of name from meaning another's.
func (t Transaction) account() string {
	switch {
	case t.Independent():
		return "id " + t.ID
	case t.Ref.IsZero():
		return "citizen " + string(t.Citizen)
	}
	return "ref " + t.Ref.Reveal()
}

func step(ctx context.Context, tx *sql.Tx, id string, s Step) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO steps (transaction_id, at, from_state, to_state, reason, by) VALUES (?, ?, ?, ?, ?, ?)",
		id, instant(s.At), string(s.From), string(s.To), s.Reason, s.By)
	return err
}

// Transaction implements [Outbox].
func (s *SQLite) Transaction(ctx context.Context, citizen record.Citizen, id string) (Transaction, error) {
	const query = "SELECT " + transactionColumns + " FROM transactions WHERE citizen = ? AND id = ?"
	t, err := transaction(s.read.QueryRowContext(ctx, query, string(citizen), id).Scan)
	if err != nil {
		return Transaction{}, fmt.Errorf("dossier: transaction: %w", found(err))
	}
	return t, nil
}

// Transactions implements [Outbox].
func (s *SQLite) Transactions(ctx context.Context, citizen record.Citizen) ([]Transaction, error) {
	return s.transactions(ctx, "WHERE citizen = ? ORDER BY seq DESC", string(citizen))
}

func (s *SQLite) transactions(ctx context.Context, where string, args ...any) (all []Transaction, err error) {
	err = s.rows(ctx, "transactions", "SELECT "+transactionColumns+" FROM transactions "+where, args, func(r *sql.Rows) error {
		t, err := transaction(r.Scan)
		all = append(all, t)
		return err
	})
	return all, err
}

// Unsettled implements [Outbox].
func (s *SQLite) Unsettled(ctx context.Context) ([]Transaction, error) {
	return s.transactions(ctx, "WHERE state IN ('pending', 'sending', 'checking', 'parked') ORDER BY seq")
}

// Backlog implements [Outbox].
func (s *SQLite) Backlog(ctx context.Context) (all []Backlog, err error) {
	const query = `SELECT source, state, count(*), min(accepted) FROM transactions
		WHERE state IN ('pending', 'sending', 'checking', 'parked') GROUP BY source, state ORDER BY source, state`
	err = s.rows(ctx, "backlog", query, nil, func(r *sql.Rows) error {
		var b Backlog
		var oldest sql.NullInt64
		err := r.Scan(&b.Source, &b.State, &b.Count, &oldest)
		b.Oldest = timeOf(oldest)
		all = append(all, b)
		return err
	})
	return all, err
}

// Journal implements [Outbox].
func (s *SQLite) Journal(ctx context.Context, id string) (steps []Step, err error) {
	const query = "SELECT at, from_state, to_state, reason, by FROM steps WHERE transaction_id = ? ORDER BY id"
	err = s.rows(ctx, "journal", query, []any{id}, func(r *sql.Rows) error {
		var one Step
		var at sql.NullInt64
		err := r.Scan(&at, &one.From, &one.To, &one.Reason, &one.By)
		one.At = timeOf(at)
		steps = append(steps, one)
		return err
	})
	if err == nil && len(steps) == 0 {
		err = fmt.Errorf("dossier: journal: %w", ErrNotFound)
	}
	return steps, err
}
