package dossier

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

const transactionColumns = `id, citizen, person, source, ref, action, about, key, follows, state, reason,
	attempts, checks, accepted, sent, settled, not_before, receipt`

// transaction reads transactionColumns.
func transaction(scan func(...any) error) (t Transaction, err error) {
	var ref, action string
	var receipt sql.NullString
	var accepted, sent, settled, notBefore sql.NullInt64
	if err := scan(&t.ID, &t.Citizen, &t.For, &t.Source, &ref, &action, &t.About, &t.Key, &t.Follows, &t.State, &t.Reason,
		&t.Attempts, &t.Checks, &accepted, &sent, &settled, &notBefore, &receipt); err != nil {
		return Transaction{}, err
	}
	t.Ref = record.NewRef(ref)
	t.Accepted, t.Sent, t.Settled, t.NotBefore = timeOf(accepted), timeOf(sent), timeOf(settled), timeOf(notBefore)
	if t.Action, err = record.DecodeAction([]byte(action)); err != nil {
		return Transaction{}, err
	}
	if receipt.Valid {
		if err := json.Unmarshal([]byte(receipt.String), &t.Receipt); err != nil {
			return Transaction{}, fmt.Errorf("receipt: %w", err)
		}
	}
	return t, nil
}

// heads are the transactions of a source that nothing holds up. The states are
// those of the indexes.
const heads = `FROM transactions AS t WHERE source = ? AND state IN ('pending', 'checking') AND NOT EXISTS (
	SELECT 1 FROM transactions AS older WHERE older.source = t.source AND older.account = t.account AND older.seq < t.seq
		AND older.state IN ('pending', 'sending', 'checking'))`

// DueTransactions implements [Outbox].
func (s *SQLite) DueTransactions(ctx context.Context, source string, now time.Time, limit int) (due []Transaction, err error) {
	const query = "SELECT " + transactionColumns + " " + heads + " AND not_before <= ? ORDER BY seq LIMIT ?"
	err = s.rows(ctx, "due transactions", query, []any{source, instant(now), limit}, func(r *sql.Rows) error {
		t, err := transaction(r.Scan)
		due = append(due, t)
		return err
	})
	return due, err
}

// NextDue implements [Outbox].
func (s *SQLite) NextDue(ctx context.Context, source string) (time.Time, error) {
	var next sql.NullInt64
	err := s.row(ctx, "next due", "SELECT min(not_before) "+heads, []any{source}, &next)
	return timeOf(next), err
}

// Begin implements [Outbox].
func (s *SQLite) Begin(ctx context.Context, id string, at time.Time) error {
	return s.transact(ctx, "attempt", func(tx *sql.Tx) error {
		const query = "UPDATE transactions SET state = 'sending', attempts = attempts + 1, sent = ? WHERE id = ? AND state = 'pending'"
		if err := moved(changeOne(ctx, tx, query, instant(at), id)); err != nil {
			return err
		}
		return step(ctx, tx, id, Step{At: at, From: Pending, To: Sending, By: ByRelay})
	})
}

// Settle implements [Outbox].
func (s *SQLite) Settle(ctx context.Context, from TransactionState, t Transaction, at time.Time, messages ...Transaction) error {
	return s.transact(ctx, "settling", func(tx *sql.Tx) error {
		if from != Pending && from != Sending && from != Checking {
			return ErrMoved
		}
		receipt, err := json.Marshal(t.Receipt)
		if err != nil {
			return fmt.Errorf("receipt: %w", err)
		}
		settled := time.Time{}
		if t.State.Final() {
			settled = at
		}
		const query = `UPDATE transactions SET state = ?, reason = ?, receipt = ?, attempts = ?, checks = ?, not_before = ?, settled = ?
			WHERE id = ? AND state = ?`
		err = changeOne(ctx, tx, query, string(t.State), t.Reason, string(receipt), t.Attempts, t.Checks, instant(t.NotBefore),
			orNull(settled), t.ID, string(from))
		if err := moved(err); err != nil {
			return err
		}
		if err := step(ctx, tx, t.ID, Step{At: at, From: from, To: t.State, Reason: t.Reason, By: ByRelay}); err != nil {
			return err
		}
		for _, m := range messages {
			m.Follows, m.Accepted, m.Key = t.ID, at, newID()
			if _, err := accept(ctx, tx, m, ByRelay); err != nil {
				return fmt.Errorf("message: %w", err)
			}
		}
		return nil
	})
}

// Recover implements [Outbox].
func (s *SQLite) Recover(ctx context.Context, at time.Time) (n int, err error) {
	err = s.transact(ctx, "recovery", func(tx *sql.Tx) error {
		const journal = `INSERT INTO steps (transaction_id, at, from_state, to_state, reason, by)
			SELECT id, ?, 'sending', 'checking', ?, ? FROM transactions WHERE state = 'sending' ORDER BY seq`
		if _, err := tx.ExecContext(ctx, journal, instant(at), ReasonInterrupted, ByRelay); err != nil {
			return err
		}
		const query = "UPDATE transactions SET state = 'checking', reason = ?, not_before = ? WHERE state = 'sending'"
		r, err := tx.ExecContext(ctx, query, ReasonInterrupted, instant(at))
		if err != nil {
			return err
		}
		rows, err := r.RowsAffected()
		n = int(rows)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// Replay implements [Outbox].
func (s *SQLite) Replay(ctx context.Context, id, operator string, at time.Time) error {
	return s.unpark(ctx, id, Step{At: at, From: Parked, To: Pending, By: operator},
		"UPDATE transactions SET state = 'pending', attempts = 0, not_before = ? WHERE id = ? AND state = 'parked'")
}

// Drop implements [Outbox].
func (s *SQLite) Drop(ctx context.Context, id, operator string, at time.Time) error {
	return s.unpark(ctx, id, Step{At: at, From: Parked, To: Dropped, By: operator},
		"UPDATE transactions SET state = 'dropped', settled = ? WHERE id = ? AND state = 'parked'")
}

// unpark makes the step of an operator; the query takes its instant.
func (s *SQLite) unpark(ctx context.Context, id string, made Step, query string) error {
	return s.transact(ctx, "operator's step", func(tx *sql.Tx) error {
		if made.By == "" {
			return ErrRefused
		}
		var reason string
		const why = "SELECT reason FROM transactions WHERE id = ?"
		if err := found(tx.QueryRowContext(ctx, why, id).Scan(&reason)); err != nil {
			return err
		}
		if err := moved(changeOne(ctx, tx, query, instant(made.At), id)); err != nil {
			return err
		}
		made.Reason = reason
		return step(ctx, tx, id, made)
	})
}

// moved makes ErrMoved of a row that is not in the state expected.
func moved(err error) error {
	if errors.Is(err, ErrNotFound) {
		return ErrMoved
	}
	return err
}
