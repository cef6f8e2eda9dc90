package dossier

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// Household implements [Households]. One statement reads it, so that no
// decision is made of two moments.
func (s *SQLite) Household(ctx context.Context, holder record.Citizen) (Household, error) {
	h := Household{Holder: holder}
	const query = `SELECT member, name, born, members.basis, since,
			dataset, grants.basis, wording, grants.language, given, until,
			members.basis = 'family' AND NOT EXISTS (SELECT 1 FROM ` + sameFile + `
				WHERE c1.citizen = holder AND c2.citizen = member AND l1.source = members.file
					AND (SELECT count(*) FROM links WHERE source = l1.source AND ref = l1.ref) <= ?)
		FROM members JOIN citizens ON citizens.id = member
		LEFT JOIN grants ON viewer = holder AND person = member AND withdrawn IS NULL
		WHERE holder = ? ORDER BY since, member, dataset`
	err := s.rows(ctx, "household", query, []any{familyMost, string(holder)}, func(r *sql.Rows) error {
		var m Member
		var born string
		var since, given, until sql.NullInt64
		var dataset, basis, wording, language sql.NullString
		if err := r.Scan(&m.Citizen, &m.Name, &born, &m.Basis, &since,
			&dataset, &basis, &wording, &language, &given, &until, &m.FileGone); err != nil {
			return err
		}
		if last := len(h.Members) - 1; last < 0 || h.Members[last].Citizen != m.Citizen {
			var err error
			if m.Born, err = bornOf(born); err != nil {
				return err
			}
			m.Since = timeOf(since)
			h.Members = append(h.Members, m)
		}
		if !dataset.Valid {
			return nil
		}
		grants := &h.Members[len(h.Members)-1].Grants
		*grants = append(*grants, Grant{
			Person: m.Citizen, Viewer: holder, Dataset: Dataset(dataset.String), Basis: GrantBasis(basis.String),
			Wording: wording.String, Language: language.String, At: timeOf(given), Until: timeOf(until),
		})
		return nil
	})
	if err != nil {
		return Household{}, err
	}
	return h, nil
}

// Holders implements [Households].
func (s *SQLite) Holders(ctx context.Context, member record.Citizen) (holders []Holder, err error) {
	const query = `SELECT holder, name, since FROM members JOIN citizens ON id = holder
		WHERE member = ? ORDER BY since, holder`
	err = s.rows(ctx, "holders", query, []any{string(member)}, func(r *sql.Rows) error {
		var h Holder
		var since sql.NullInt64
		err := r.Scan(&h.Citizen, &h.Name, &since)
		h.Since = timeOf(since)
		holders = append(holders, h)
		return err
	})
	return holders, err
}

// AddMember implements [Households].
func (s *SQLite) AddMember(ctx context.Context, holder, member record.Citizen, at time.Time) error {
	if holder == member || at.IsZero() {
		return fmt.Errorf("dossier: member: %w", ErrRefused)
	}
	return s.transact(ctx, "member", func(tx *sql.Tx) error {
		for _, citizen := range []record.Citizen{holder, member} {
			if _, err := bornIn(ctx, tx, citizen); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx,
			`INSERT INTO members (holder, member, basis, since) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET basis = excluded.basis, file = ''`,
			string(holder), string(member), string(ByCard), instant(at))
		return err
	})
}

// RemoveMember implements [Households].
func (s *SQLite) RemoveMember(ctx context.Context, holder, member record.Citizen, at time.Time) error {
	return s.transact(ctx, "member", func(tx *sql.Tx) error {
		const gone = "DELETE FROM members WHERE holder = ? AND member = ?"
		if err := changeOne(ctx, tx, gone, string(holder), string(member)); err != nil {
			return err
		}
		for _, query := range []string{
			"UPDATE grants SET withdrawn = ? WHERE viewer = ? AND person = ? AND withdrawn IS NULL",
			"UPDATE calendars SET revoked = ? WHERE owner = ? AND person = ? AND revoked IS NULL",
		} {
			if _, err := tx.ExecContext(ctx, query, instant(at), string(holder), string(member)); err != nil {
				return err
			}
		}
		return nil
	})
}

// bornOf reads a stored birth date.
func bornOf(text string) (Born, error) {
	var date record.Date
	err := date.UnmarshalText([]byte(text))
	return BornOn(date), err
}

// bornIn reads a citizen's birth date; nobody is ErrNotFound.
func bornIn(ctx context.Context, tx *sql.Tx, citizen record.Citizen) (Born, error) {
	var born string
	if err := found(tx.QueryRowContext(ctx, "SELECT born FROM citizens WHERE id = ?", string(citizen)).Scan(&born)); err != nil {
		return Born{}, err
	}
	return bornOf(born)
}

// memberIn reads what the rules of consent need of somebody in a dossier, its
// holder or a member: the birth date, and whether it still stands on the basis
// of a family file. Anybody else is ErrNotFound.
func memberIn(ctx context.Context, tx *sql.Tx, holder, person record.Citizen) (m Member, err error) {
	if holder != person {
		var file string
		const query = "SELECT basis, file FROM members WHERE holder = ? AND member = ?"
		if err := found(tx.QueryRowContext(ctx, query, string(holder), string(person)).Scan(&m.Basis, &file)); err != nil {
			return m, err
		}
		if m.Basis == ByFamily {
			both, err := inFile(ctx, tx, holder, person, file)
			if err != nil {
				return m, err
			}
			m.FileGone = !both
		}
	}
	m.Born, err = bornIn(ctx, tx, person)
	return m, err
}
