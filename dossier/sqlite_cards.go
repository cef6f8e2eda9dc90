package dossier

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/semenligne/sem/connectors/record"
)

// Links implements [Links]. The links of a dropped card are not followed.
func (s *SQLite) Links(ctx context.Context, citizen record.Citizen) (links []Link, err error) {
	const query = `SELECT DISTINCT source, ref FROM links JOIN cards ON card = number
		WHERE citizen = ? AND open = 1 ORDER BY source, ref`
	err = s.rows(ctx, "links", query, []any{string(citizen)}, func(r *sql.Rows) error {
		var source, ref string
		err := r.Scan(&source, &ref)
		links = append(links, Link{source, record.NewRef(ref)})
		return err
	})
	return links, err
}

// Owners implements [Links]. The links of a dropped card are not followed.
func (s *SQLite) Owners(ctx context.Context, source string) (map[record.Ref][]record.Citizen, error) {
	owners := map[record.Ref][]record.Citizen{}
	const query = `SELECT DISTINCT ref, citizen FROM links JOIN cards ON card = number
		WHERE source = ? AND open = 1 ORDER BY ref, citizen`
	err := s.rows(ctx, "owners", query, []any{source}, func(r *sql.Rows) error {
		var value string
		var citizen record.Citizen
		err := r.Scan(&value, &citizen)
		ref := record.NewRef(value)
		owners[ref] = append(owners[ref], citizen)
		return err
	})
	return owners, err
}

// ImportCards implements [Links]. The same card told twice alike counts once;
// told twice differently, or without a number, the whole registry is refused
// with ErrConflict and nothing changes.
func (s *SQLite) ImportCards(ctx context.Context, cards []record.Card) (n Imported, err error) {
	told, err := digests(cards)
	if err != nil {
		return Imported{}, err
	}
	err = s.transact(ctx, "cards", func(tx *sql.Tx) (err error) {
		n, err = importCards(ctx, tx, told)
		return err
	})
	if err != nil {
		return Imported{}, err
	}
	return n, nil
}

func importCards(ctx context.Context, tx *sql.Tx, told map[string]toldCard) (n Imported, err error) {
	known, err := knownCards(ctx, tx)
	if err != nil {
		return n, err
	}
	w, err := newCardWriter(ctx, tx)
	if err != nil {
		return n, err
	}
	for number, t := range told {
		k, ok := known[number]
		switch {
		case !ok:
			n.Added++
			err = w.add(ctx, t)
		case k.digest != t.digest || !k.open:
			n.Changed++
			err = w.change(ctx, k.citizen, t)
		}
		if err != nil {
			return n, err
		}
	}
	for number, k := range known {
		if _, ok := told[number]; ok || !k.open {
			continue
		}
		n.Closed++
		if _, err = tx.ExecContext(ctx, "UPDATE cards SET open = 0 WHERE number = ?", number); err != nil {
			return n, err
		}
	}
	return n, nil
}

type toldCard struct {
	record.Card
	digest [sha256.Size]byte
}

// digests returns the cards by number, each once.
func digests(cards []record.Card) (map[string]toldCard, error) {
	told := make(map[string]toldCard, len(cards))
	for _, c := range cards {
		if c.Number == "" {
			return nil, fmt.Errorf("%w: a card without number", ErrConflict)
		}
		text, err := json.Marshal(c)
		if err != nil {
			return nil, fmt.Errorf("dossier: card: %w", err)
		}
		t := toldCard{c, sha256.Sum256(text)}
		if before, ok := told[c.Number]; ok && before.digest != t.digest {
			return nil, fmt.Errorf("%w: one card told twice, differently", ErrConflict)
		}
		told[c.Number] = t
	}
	return told, nil
}

type knownCard struct {
	citizen string
	digest  [sha256.Size]byte
	open    bool
}

func knownCards(ctx context.Context, tx *sql.Tx) (known map[string]knownCard, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT number, citizen, digest, open FROM cards")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close(), rows.Err()) }()
	known = map[string]knownCard{}
	for rows.Next() {
		var number string
		var k knownCard
		var digest []byte
		if err := rows.Scan(&number, &k.citizen, &digest, &k.open); err != nil {
			return nil, err
		}
		copy(k.digest[:], digest)
		known[number] = k
	}
	return known, nil
}

// cardWriter holds the statements of one import.
type cardWriter struct {
	citizen, card, person, update, unlink, link *sql.Stmt
}

func newCardWriter(ctx context.Context, tx *sql.Tx) (*cardWriter, error) {
	var w cardWriter
	for stmt, query := range map[**sql.Stmt]string{
		&w.citizen: "INSERT INTO citizens (id, name, born) VALUES (?, ?, ?)",
		&w.card:    "INSERT INTO cards (number, citizen, digest, expires, open) VALUES (?, ?, ?, ?, 1)",
		&w.person:  "UPDATE citizens SET name = ?, born = ? WHERE id = ?",
		&w.update:  "UPDATE cards SET digest = ?, expires = ?, open = 1 WHERE number = ?",
		&w.unlink:  "DELETE FROM links WHERE card = ?",
		&w.link:    "INSERT INTO links (card, source, ref) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
	} {
		var err error
		if *stmt, err = tx.PrepareContext(ctx, query); err != nil {
			return nil, err
		}
	}
	return &w, nil
}

// add opens a dossier for a new card, under an identifier drawn at random.
func (w *cardWriter) add(ctx context.Context, c toldCard) error {
	citizen := rand.Text()
	if _, err := w.citizen.ExecContext(ctx, citizen, c.Name, c.Born.String()); err != nil {
		return err
	}
	if _, err := w.card.ExecContext(ctx, c.Number, citizen, c.digest[:], c.Expires.String()); err != nil {
		return err
	}
	return w.links(ctx, c)
}

func (w *cardWriter) change(ctx context.Context, citizen string, c toldCard) error {
	if _, err := w.person.ExecContext(ctx, c.Name, c.Born.String(), citizen); err != nil {
		return err
	}
	if _, err := w.update.ExecContext(ctx, c.digest[:], c.Expires.String(), c.Number); err != nil {
		return err
	}
	if _, err := w.unlink.ExecContext(ctx, c.Number); err != nil {
		return err
	}
	return w.links(ctx, c)
}

func (w *cardWriter) links(ctx context.Context, c toldCard) error {
	for source, refs := range c.Links {
		for _, ref := range slices.Compact(slices.Sorted(slices.Values(refs))) {
			if ref == "" {
				continue
			}
			if _, err := w.link.ExecContext(ctx, c.Number, source, ref); err != nil {
				return err
			}
		}
	}
	return nil
}
