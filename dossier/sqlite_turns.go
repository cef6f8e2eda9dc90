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

// DrawOrder implements [Turns].
func (s *SQLite) DrawOrder(ctx context.Context, window string, at time.Time) (n int, err error) {
	err = s.transact(ctx, "draw", func(tx *sql.Tx) error {
		var seed []byte
		const draw = "UPDATE draws SET drawn = ? WHERE window = ? AND drawn IS NULL RETURNING seed"
		switch err := tx.QueryRowContext(ctx, draw, instant(at), window).Scan(&seed); {
		case errors.Is(err, sql.ErrNoRows):
			return nil
		case err != nil:
			return err
		}
		ids, err := present(ctx, tx, window)
		if err != nil {
			return err
		}
		for i, id := range Lots(seed, ids) {
			if err := changeOne(ctx, tx, "UPDATE tickets SET rank = ? WHERE id = ?", i+1, id); err != nil {
				return err
			}
		}
		n = len(ids)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// present are the tickets that take part in the draw.
func present(ctx context.Context, tx *sql.Tx, window string) (ids []string, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT id FROM tickets WHERE window = ? AND state = 'waiting'", window)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close(), rows.Err()) }()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// NextTickets implements [Turns].
func (s *SQLite) NextTickets(ctx context.Context, window string, except []string, limit int) ([]Ticket, error) {
	if except == nil {
		except = []string{}
	}
	list, err := json.Marshal(except)
	if err != nil {
		return nil, fmt.Errorf("dossier: tickets: %w", err)
	}
	return s.tickets(ctx, `WHERE window = ? AND state = 'waiting' AND rank > 0 AND session NOT IN (SELECT value FROM json_each(?))
		ORDER BY rank LIMIT ?`, window, string(list), limit)
}

// Ask implements [Turns].
func (s *SQLite) Ask(ctx context.Context, id string, at time.Time) error {
	const query = "UPDATE tickets SET asked = coalesce(asked, ?) WHERE id = ? AND state = 'waiting'"
	return moved(s.execOne(ctx, "turn", query, instant(at), id))
}

// MoveTicket implements [Turns].
func (s *SQLite) MoveTicket(ctx context.Context, from TicketState, t Ticket, at time.Time) error {
	receipt, err := json.Marshal(t.Receipt)
	if err != nil {
		return fmt.Errorf("dossier: ticket: %w", err)
	}
	settled := time.Time{}
	if t.State.Final() {
		settled = at
	}
	released := time.Time{}
	if t.State == TicketRefused && t.Receipt.Outcome == record.OutcomeRefused {
		released = at
	}
	const query = "UPDATE tickets SET state = ?, reason = ?, held_until = ?, receipt = ?, settled = ?, released = ? WHERE id = ? AND state = ?"
	return moved(s.execOne(ctx, "ticket", query, string(t.State), t.Reason, orNull(t.HeldUntil), string(receipt), orNull(settled),
		orNull(released), t.ID, string(from)))
}

// RefuseWaiting implements [Turns].
func (s *SQLite) RefuseWaiting(ctx context.Context, window, session, reason string, at time.Time) (whose []record.Citizen, err error) {
	err = s.transact(ctx, "refusal", func(tx *sql.Tx) (err error) {
		const query = `UPDATE tickets SET state = 'refused', reason = ?1, settled = ?2, released = CASE WHEN ?4 = '' THEN NULL ELSE ?2 END
			WHERE window = ?3 AND state = 'waiting' AND ?4 IN ('', session) RETURNING citizen`
		rows, err := tx.QueryContext(ctx, query, reason, instant(at), window, session)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close(), rows.Err()) }()
		for rows.Next() {
			var c record.Citizen
			if err := rows.Scan(&c); err != nil {
				return err
			}
			whose = append(whose, c)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return whose, nil
}

// RunOut implements [Turns].
func (s *SQLite) RunOut(ctx context.Context, window string, now time.Time) ([]Ticket, error) {
	return s.tickets(ctx, "WHERE window = ? AND state = 'held' AND held_until <= ? ORDER BY held_until, rank", window, instant(now))
}

// unreleased are tickets of which a place may be kept for nobody.
const unreleased = "tickets.state IN ('left', 'lapsed', 'refused') AND asked IS NOT NULL AND released IS NULL"

// Unreleased implements [Turns].
func (s *SQLite) Unreleased(ctx context.Context, window string) ([]Ticket, error) {
	return s.tickets(ctx, "WHERE window = ? AND "+unreleased+" ORDER BY settled, id", window)
}

// Released implements [Turns].
func (s *SQLite) Released(ctx context.Context, id string, at time.Time) error {
	const query = "UPDATE tickets SET released = ? WHERE id = ? AND state IN ('left', 'lapsed', 'refused')"
	return moved(s.execOne(ctx, "release", query, instant(at), id))
}

// Crowd implements [Turns].
func (s *SQLite) Crowd(ctx context.Context, window, session string) (c Crowd, err error) {
	const here = "SELECT count(*) FROM tickets WHERE window = ?1 AND ?2 IN ('', session) AND "
	const query = "SELECT (" + here + "state = 'waiting'), (" + here + "state = 'held') + (" + here + unreleased + `)
		+ (SELECT count(*) FROM tickets JOIN transactions ON transactions.id = tickets.id
			WHERE window = ?1 AND ?2 IN ('', session) AND tickets.state = 'done' AND transactions.state IN ('pending', 'sending', 'checking'))`
	err = s.row(ctx, "crowd", query, []any{window, session}, &c.Waiting, &c.Undecided)
	return c, err
}

// WaitingCitizens implements [Turns].
func (s *SQLite) WaitingCitizens(ctx context.Context, window string) (all []record.Citizen, err error) {
	const query = "SELECT DISTINCT citizen FROM tickets WHERE window = ? AND state = 'waiting'"
	err = s.rows(ctx, "waiting citizens", query, []any{window}, func(r *sql.Rows) error {
		var c record.Citizen
		err := r.Scan(&c)
		all = append(all, c)
		return err
	})
	return all, err
}
