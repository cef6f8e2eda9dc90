package dossier

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

const ticketColumns = `id, window, citizen, source, ref, action, about, arrived, rank, state, reason, held_until, receipt, asked, settled`

// ticket reads ticketColumns.
func ticket(scan func(...any) error) (t Ticket, err error) {
	var ref, action string
	var receipt sql.NullString
	var arrived, until, asked, settled sql.NullInt64
	if err := scan(&t.ID, &t.Window, &t.Citizen, &t.Source, &ref, &action, &t.About, &arrived, &t.Rank, &t.State, &t.Reason,
		&until, &receipt, &asked, &settled); err != nil {
		return Ticket{}, err
	}
	t.Ref = record.NewRef(ref)
	t.Arrived, t.HeldUntil, t.Asked, t.Settled = timeOf(arrived), timeOf(until), timeOf(asked), timeOf(settled)
	decoded, err := record.DecodeAction([]byte(action))
	if err != nil {
		return Ticket{}, err
	}
	var ok bool
	if t.Action, ok = decoded.(record.Register); !ok {
		return Ticket{}, fmt.Errorf("ticket for an action %s", decoded.ActionName())
	}
	if receipt.Valid {
		if err := json.Unmarshal([]byte(receipt.String), &t.Receipt); err != nil {
			return Ticket{}, fmt.Errorf("receipt: %w", err)
		}
	}
	return t, nil
}

// PrepareDraw implements [WaitingRoom].
func (s *SQLite) PrepareDraw(ctx context.Context, window string, seed []byte, at time.Time) (Draw, error) {
	if window == "" || len(seed) != sha256.Size || at.IsZero() {
		return Draw{}, fmt.Errorf("dossier: draw: %w", ErrRefused)
	}
	const query = "INSERT INTO draws (window, seed, prepared) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
	if _, err := s.exec(ctx, "draw", query, window, seed, instant(at)); err != nil {
		return Draw{}, err
	}
	return s.FindDraw(ctx, window)
}

// FindDraw implements [WaitingRoom].
func (s *SQLite) FindDraw(ctx context.Context, window string) (Draw, error) {
	d := Draw{Window: window}
	var seed []byte
	var drawn sql.NullInt64
	if err := s.row(ctx, "draw", "SELECT seed, drawn FROM draws WHERE window = ?", []any{window}, &seed, &drawn); err != nil {
		return Draw{}, err
	}
	d.Commitment, d.Drawn = sha256.Sum256(seed), timeOf(drawn)
	if drawn.Valid {
		d.Seed = seed
	}
	return d, nil
}

// Enter implements [WaitingRoom].
func (s *SQLite) Enter(ctx context.Context, t Ticket) (stored Ticket, again bool, err error) {
	if t.ID == "" || t.Source == "" || t.Action.Session == "" || t.Arrived.IsZero() || t.Action.Order != t.ID {
		return Ticket{}, false, fmt.Errorf("dossier: ticket: %w", ErrRefused)
	}
	err = s.transact(ctx, "ticket", func(tx *sql.Tx) error {
		if stored, err = ticketOf(ctx, tx, t.ID); err == nil {
			again = true
			return stored.sameAs(t)
		} else if !errors.Is(err, ErrNotFound) {
			return err
		}
		const live = "SELECT " + ticketColumns + ` FROM tickets WHERE window = ? AND citizen = ? AND session = ? AND attendee = ?
			AND state IN ('waiting', 'held', 'done')`
		stored, err = ticket(tx.QueryRowContext(ctx, live, t.Window, string(t.Citizen), t.Action.Session, t.attendee()).Scan)
		if !errors.Is(err, sql.ErrNoRows) {
			again = err == nil
			return err
		}
		stored, err = insertTicket(ctx, tx, t)
		return err
	})
	if err != nil {
		return Ticket{}, false, err
	}
	return stored, again, nil
}

func insertTicket(ctx context.Context, tx *sql.Tx, t Ticket) (Ticket, error) {
	// Whoever comes after the draw stands behind everybody.
	const place = `SELECT CASE WHEN drawn IS NULL THEN 0 ELSE (SELECT coalesce(max(rank), 0) + 1 FROM tickets WHERE tickets.window = draws.window) END
		FROM draws WHERE window = ? AND EXISTS (SELECT 1 FROM citizens WHERE id = ?)`
	var rank int
	if err := found(tx.QueryRowContext(ctx, place, t.Window, string(t.Citizen)).Scan(&rank)); err != nil {
		return Ticket{}, err
	}
	action, err := record.EncodeAction(t.Action)
	if err != nil {
		return Ticket{}, err
	}
	stored := Ticket{
		ID: t.ID, Window: t.Window, Citizen: t.Citizen, Source: t.Source, Ref: t.Ref, Action: t.Action, About: t.About,
		Arrived: t.Arrived.UTC(), Rank: rank, State: TicketWaiting,
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO tickets (id, window, citizen, source, ref, session, attendee, action, about, arrived, rank, state)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting')`,
		t.ID, t.Window, string(t.Citizen), t.Source, t.Ref.Reveal(), t.Action.Session, t.attendee(), string(action), t.About, instant(t.Arrived), rank)
	return stored, err
}

func (t Ticket) attendee() string {
	return t.Action.AttendeeGivenName + "\x00" + t.Action.AttendeeFamilyName
}

// sameAs is ErrKeyReused where the other ticket asks for something else.
func (t Ticket) sameAs(other Ticket) error {
	a, err1 := record.EncodeAction(t.Action)
	b, err2 := record.EncodeAction(other.Action)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if t.Citizen != other.Citizen || t.Window != other.Window || t.Source != other.Source || t.Ref != other.Ref || !bytes.Equal(a, b) {
		return ErrKeyReused
	}
	return nil
}

func ticketOf(ctx context.Context, tx *sql.Tx, id string) (Ticket, error) {
	t, err := ticket(tx.QueryRowContext(ctx, "SELECT "+ticketColumns+" FROM tickets WHERE id = ?", id).Scan)
	return t, found(err)
}

// Ticket implements [WaitingRoom].
func (s *SQLite) Ticket(ctx context.Context, citizen record.Citizen, id string) (Ticket, error) {
	const query = "SELECT " + ticketColumns + " FROM tickets WHERE citizen = ? AND id = ?"
	t, err := ticket(s.read.QueryRowContext(ctx, query, string(citizen), id).Scan)
	if err != nil {
		return Ticket{}, fmt.Errorf("dossier: ticket: %w", found(err))
	}
	return t, nil
}

// Tickets implements [WaitingRoom].
func (s *SQLite) Tickets(ctx context.Context, citizen record.Citizen) ([]Ticket, error) {
	return s.tickets(ctx, "WHERE citizen = ? ORDER BY arrived DESC, id", string(citizen))
}

func (s *SQLite) tickets(ctx context.Context, where string, args ...any) (all []Ticket, err error) {
	err = s.rows(ctx, "tickets", "SELECT "+ticketColumns+" FROM tickets "+where, args, func(r *sql.Rows) error {
		t, err := ticket(r.Scan)
		all = append(all, t)
		return err
	})
	return all, err
}

// Leave implements [WaitingRoom].
func (s *SQLite) Leave(ctx context.Context, citizen record.Citizen, id string, at time.Time) error {
	return s.transact(ctx, "leaving", func(tx *sql.Tx) error {
		t, err := ticketOf(ctx, tx, id)
		switch {
		case err == nil && t.Citizen != citizen:
			return ErrNotFound
		case err != nil:
			return err
		}
		const query = "UPDATE tickets SET state = 'left', settled = ? WHERE id = ? AND state IN ('waiting', 'held')"
		return moved(changeOne(ctx, tx, query, instant(at), id))
	})
}

// Progress implements [WaitingRoom].
func (s *SQLite) Progress(ctx context.Context, t Ticket, since time.Time) (p Progress, err error) {
	const query = `SELECT
		(SELECT count(*) FROM tickets WHERE window = ?1 AND state = 'waiting'),
		(SELECT count(*) FROM tickets WHERE window = ?1 AND state = 'waiting' AND rank < ?2),
		(SELECT count(*) FROM tickets WHERE window = ?1 AND session = ?3 AND state = 'waiting' AND rank < ?2),
		(SELECT count(*) FROM tickets WHERE window = ?1 AND asked >= ?4)`
	err = s.row(ctx, "progress", query, []any{t.Window, t.Rank, t.Action.Session, instant(since)}, &p.Present, &p.Ahead, &p.AheadHere, &p.Asked)
	return p, err
}

// redeem ends the ticket of a transaction that is being accepted.
func redeem(ctx context.Context, tx *sql.Tx, t Transaction) error {
	action, ok := t.Action.(record.Register)
	if !ok {
		return nil
	}
	held, err := ticketOf(ctx, tx, action.Order)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return err
	case held.Citizen != t.Citizen || held.State != TicketHeld:
		return ErrMoved
	}
	action.Agreed = held.Action.Agreed // what the person agreed to since
	if err := held.sameAs(Ticket{Citizen: t.Citizen, Window: held.Window, Source: t.Source, Ref: t.Ref, Action: action}); err != nil {
		return err
	}
	const query = "UPDATE tickets SET state = 'done', settled = ? WHERE id = ? AND state = 'held'"
	return moved(changeOne(ctx, tx, query, instant(t.Accepted), held.ID))
}
