package dossier

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// GiveConsent implements [Consents].
func (s *SQLite) GiveConsent(ctx context.Context, g Grant) error {
	return s.transact(ctx, "consent", func(tx *sql.Tx) error {
		if !g.complete() {
			return ErrRefused
		}
		m, err := memberIn(ctx, tx, g.Viewer, g.Person)
		if err != nil {
			return err
		}
		if !g.Basis.fits(m.Born, g.At, s.zone) || g.Basis == Parental && m.FileGone {
			return ErrRefused
		}
		if _, err := tx.ExecContext(ctx, withdraw, instant(g.At), string(g.Person), string(g.Viewer), string(g.Dataset)); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO grants (person, viewer, dataset, basis, wording, language, given, until)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, string(g.Person), string(g.Viewer), string(g.Dataset), string(g.Basis),
			g.Wording, g.Language, instant(g.At), orNull(g.Until))
		return err
	})
}

// complete tells whether a grant that begins now says all that it must.
func (g Grant) complete() bool {
	return g.Person != g.Viewer && slices.Contains(Datasets(), g.Dataset) && g.Wording != "" && g.Language != "" &&
		!g.At.IsZero() && g.WithdrawnAt.IsZero() && (g.Until.IsZero() || g.At.Before(g.Until))
}

const withdraw = "UPDATE grants SET withdrawn = ? WHERE person = ? AND viewer = ? AND dataset = ? AND withdrawn IS NULL"

// WithdrawConsent implements [Consents].
func (s *SQLite) WithdrawConsent(ctx context.Context, person, viewer record.Citizen, dataset Dataset, at time.Time) error {
	return s.execOne(ctx, "consent", withdraw, instant(at), string(person), string(viewer), string(dataset))
}

// ConsentsAbout implements [Consents].
func (s *SQLite) ConsentsAbout(ctx context.Context, person record.Citizen) ([]Grant, error) {
	return s.ledger(ctx, "person", person)
}

// ConsentsTo implements [Consents].
func (s *SQLite) ConsentsTo(ctx context.Context, viewer record.Citizen) ([]Grant, error) {
	return s.ledger(ctx, "viewer", viewer)
}

// ledger returns the grants of one citizen, who is their "person" or "viewer".
func (s *SQLite) ledger(ctx context.Context, role string, citizen record.Citizen) (grants []Grant, err error) {
	query := `SELECT person, viewer, dataset, basis, wording, language, given, until, withdrawn
		FROM grants WHERE ` + role + ` = ? ORDER BY id`
	err = s.rows(ctx, "consents", query, []any{string(citizen)}, func(r *sql.Rows) error {
		var g Grant
		var given, until, withdrawn sql.NullInt64
		err := r.Scan(&g.Person, &g.Viewer, &g.Dataset, &g.Basis, &g.Wording, &g.Language, &given, &until, &withdrawn)
		g.At, g.Until, g.WithdrawnAt = timeOf(given), timeOf(until), timeOf(withdrawn)
		grants = append(grants, g)
		return err
	})
	return grants, err
}
