package dossier

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/semenligne/sem/connectors/record"
)

// familyMost is how many cards one family file has at most; a Ref that more of
// them carry is a placeholder of the registry.
const familyMost = 20

// sameFile joins the open cards of two citizens, c1 and c2, by a family file.
const sameFile = `cards AS c1
	JOIN links AS l1 ON l1.card = c1.number AND c1.open = 1
	JOIN links AS l2 ON l2.source = l1.source AND l2.ref = l1.ref
	JOIN cards AS c2 ON c2.number = l2.card AND c2.open = 1`

// Relatives implements [Relatives].
func (s *SQLite) Relatives(ctx context.Context, citizen record.Citizen, files []string) (list []Relative, err error) {
	names, err := json.Marshal(files)
	if err != nil {
		return nil, fmt.Errorf("dossier: relatives: %w", err)
	}
	const query = `SELECT c2.citizen, name, born, min(l1.source) FROM ` + sameFile + ` JOIN citizens ON id = c2.citizen
		WHERE c1.citizen = ? AND c2.citizen <> c1.citizen AND l1.source IN (SELECT value FROM json_each(?))
			AND (SELECT count(*) FROM links WHERE source = l1.source AND ref = l1.ref) <= ?
		GROUP BY c2.citizen ORDER BY name, c2.citizen`
	err = s.rows(ctx, "relatives", query, []any{string(citizen), string(names), familyMost}, func(r *sql.Rows) error {
		var x Relative
		var born string
		if err := r.Scan(&x.Citizen, &x.Name, &born, &x.File); err != nil {
			return err
		}
		var err error
		x.Born, err = bornOf(born)
		list = append(list, x)
		return err
	})
	return list, err
}

// Join implements [Relatives]. The file is read in the same transaction.
func (s *SQLite) Join(ctx context.Context, j Joining) error {
	if j.Holder == j.Member || j.At.IsZero() {
		return fmt.Errorf("dossier: family file: %w", ErrRefused)
	}
	return s.transact(ctx, "family file", func(tx *sql.Tx) error {
		holder, err := bornIn(ctx, tx, j.Holder)
		if err != nil {
			return err
		}
		member, err := bornIn(ctx, tx, j.Member)
		if err != nil {
			return err
		}
		both, err := inFile(ctx, tx, j.Holder, j.Member, j.File)
		if err != nil {
			return err
		}
		if !both || !j.mayAsk(holder, member, s.zone) {
			return ErrRefused
		}
		_, err = tx.ExecContext(ctx,
			"INSERT INTO members (holder, member, basis, since, file) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			string(j.Holder), string(j.Member), string(ByFamily), instant(j.At), j.File)
		return err
	})
}

// inFile tells whether a family file has two citizens.
func inFile(ctx context.Context, tx *sql.Tx, holder, member record.Citizen, file string) (both bool, err error) {
	const query = `SELECT EXISTS (SELECT 1 FROM ` + sameFile + ` WHERE c1.citizen = ? AND c2.citizen = ? AND l1.source = ?
		AND (SELECT count(*) FROM links WHERE source = l1.source AND ref = l1.ref) <= ?)`
	err = tx.QueryRowContext(ctx, query, string(holder), string(member), file, familyMost).Scan(&both)
	return both, err
}
