package dossier

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// AddPhoto implements [Photos].
func (s *SQLite) AddPhoto(ctx context.Context, p NewPhoto) (string, error) {
	if p.Key == "" || len(p.JPEG) == 0 || len(p.Thumbnail) == 0 || p.Added.IsZero() {
		return "", fmt.Errorf("dossier: photo: %w", ErrRefused)
	}
	id, digest := rand.Text(), sha256.Sum256(p.JPEG)
	known, err := s.mayAddPhoto(ctx, p, digest[:])
	if known != "" || err != nil {
		return known, err
	}
	if err := s.photos.write(id, p.JPEG); err != nil {
		return "", err
	}
	// The limits are asked again with the lock held: another photo may have come.
	err = s.transact(ctx, "photo", func(tx *sql.Tx) error {
		if known, err = photoRoom(ctx, tx, p, digest[:]); known != "" || err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO photos (id, citizen, key, digest, size, thumbnail, added) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			id, string(p.Citizen), p.Key, digest[:], len(p.JPEG), p.Thumbnail, instant(p.Added))
		return err
	})
	if err != nil || known != "" {
		// A commit whose outcome is unknown may have kept the row: then the file
		// stays, and the next sweep decides.
		if known != "" || errors.Is(err, ErrTooManyPhotos) || errors.Is(err, ErrNotFound) {
			err = errors.Join(err, s.photos.remove(id))
		}
		return known, err
	}
	return id, nil
}

// mayAddPhoto spares the disk what would be refused.
func (s *SQLite) mayAddPhoto(ctx context.Context, p NewPhoto, digest []byte) (known string, err error) {
	if known, err = photoRoom(ctx, s.read, p, digest); err != nil {
		return "", fmt.Errorf("dossier: photo: %w", err)
	}
	return known, nil
}

// querier is a connection or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// photoRoom tells whether a photo is there already, or has room.
func photoRoom(ctx context.Context, q querier, p NewPhoto, digest []byte) (known string, err error) {
	const same = "SELECT id FROM photos WHERE citizen = ? AND key = ? AND digest = ?"
	err = q.QueryRowContext(ctx, same, string(p.Citizen), p.Key, digest).Scan(&known)
	if !errors.Is(err, sql.ErrNoRows) {
		return known, err
	}
	var there bool
	var drafts, size int64
	const room = `SELECT EXISTS (SELECT 1 FROM citizens WHERE id = ?1),
		(SELECT count(*) FROM photos WHERE citizen = ?1 AND transaction_id = ''),
		(SELECT coalesce(sum(size), 0) FROM photos WHERE citizen = ?1 AND added > ?2)`
	if err := q.QueryRowContext(ctx, room, string(p.Citizen), instant(p.Added.Add(-24*time.Hour))).Scan(&there, &drafts, &size); err != nil {
		return "", err
	}
	switch {
	case !there:
		return "", ErrNotFound
	case drafts >= MaxPhotoDrafts || size+int64(len(p.JPEG)) > MaxPhotoBytes:
		return "", ErrTooManyPhotos
	}
	return "", nil
}

// AttachPhotos implements [Photos].
func (s *SQLite) AttachPhotos(ctx context.Context, citizen record.Citizen, transaction string, ids ...string) error {
	return s.transact(ctx, "photos", func(tx *sql.Tx) error {
		return attachPhotos(ctx, tx, citizen, transaction, ids)
	})
}

// attachPhotos is AttachPhotos inside a step that does more.
func attachPhotos(ctx context.Context, tx *sql.Tx, citizen record.Citizen, transaction string, ids []string) error {
	if transaction == "" {
		return ErrRefused
	}
	for i, id := range ids {
		const attach = `UPDATE photos SET place = CASE transaction_id WHEN '' THEN ?3 ELSE place END, transaction_id = ?1
			WHERE id = ?2 AND citizen = ?4 AND transaction_id IN ('', ?1)`
		if err := changeOne(ctx, tx, attach, transaction, id, i, string(citizen)); err != nil {
			return err
		}
	}
	var n int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM photos WHERE transaction_id = ?", transaction).Scan(&n); err != nil {
		return err
	}
	if n > MaxPhotos {
		return ErrTooManyPhotos
	}
	return nil
}

// PhotosOf implements [Photos].
func (s *SQLite) PhotosOf(ctx context.Context, citizen record.Citizen, transaction string) (all []Photo, err error) {
	const query = `SELECT id, transaction_id, size, added FROM photos WHERE citizen = ? AND transaction_id = ? ORDER BY place, added, id`
	err = s.rows(ctx, "photos", query, []any{string(citizen), transaction}, func(r *sql.Rows) error {
		var p Photo
		var added sql.NullInt64
		err := r.Scan(&p.ID, &p.Transaction, &p.Bytes, &added)
		p.Added = timeOf(added)
		all = append(all, p)
		return err
	})
	return all, err
}

// Picture implements [Photos].
func (s *SQLite) Picture(ctx context.Context, citizen record.Citizen, id string) ([]byte, error) {
	var name string // as the dossier has it, never as it was asked
	var digest []byte
	const query = "SELECT id, digest FROM photos WHERE citizen = ? AND id = ?"
	if err := s.row(ctx, "photo", query, []any{string(citizen), id}, &name, &digest); err != nil {
		return nil, err
	}
	return s.picture(name, digest)
}

// picture reads a file and holds it to what it was.
func (s *SQLite) picture(id string, digest []byte) ([]byte, error) {
	file, err := s.photos.read(id)
	if err != nil {
		return nil, err
	}
	if got := sha256.Sum256(file); !bytes.Equal(got[:], digest) {
		return nil, ErrPhotoLost
	}
	return file, nil
}

// Thumbnail implements [Photos].
func (s *SQLite) Thumbnail(ctx context.Context, citizen record.Citizen, id string) (file []byte, err error) {
	err = s.row(ctx, "photo", "SELECT thumbnail FROM photos WHERE citizen = ? AND id = ?", []any{string(citizen), id}, &file)
	return file, err
}

// SharePhoto implements [Photos].
func (s *SQLite) SharePhoto(ctx context.Context, citizen record.Citizen, id, token string, until time.Time) error {
	if len(token) != tokenLength || until.IsZero() {
		return fmt.Errorf("dossier: photo: %w", ErrRefused)
	}
	hash := tokenHash(token)
	return s.execOne(ctx, "photo", "UPDATE photos SET hash = ?, shared = ? WHERE citizen = ? AND id = ?",
		hash[:], instant(until), string(citizen), id)
}

// SharedPhoto implements [Photos].
func (s *SQLite) SharedPhoto(ctx context.Context, token string, now time.Time) ([]byte, error) {
	hash := tokenHash(token)
	kept := make([]byte, sha256.Size) // compared with when there is no such photo
	var id string
	var digest []byte
	var until sql.NullInt64
	err := s.read.QueryRowContext(ctx, "SELECT id, digest, hash, shared FROM photos WHERE hash = ?", hash[:]).Scan(&id, &digest, &kept, &until)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("dossier: photo: %w", err)
	}
	if same := subtle.ConstantTimeCompare(kept, hash[:]) == 1; !same || !now.Before(timeOf(until)) {
		return nil, fmt.Errorf("dossier: photo: %w", ErrNotFound)
	}
	return s.picture(id, digest)
}

// DropPhoto implements [Photos].
func (s *SQLite) DropPhoto(ctx context.Context, citizen record.Citizen, id string) error {
	n, err := s.dropPhotos(ctx, "citizen = ? AND id = ? AND transaction_id = ''", string(citizen), id)
	if err == nil && n == 0 {
		return fmt.Errorf("dossier: photo: %w", ErrNotFound)
	}
	return err
}

// DropPhotos implements [Photos].
func (s *SQLite) DropPhotos(ctx context.Context, transaction string) (int, error) {
	return s.dropPhotos(ctx, "transaction_id = ? AND transaction_id <> ''", transaction)
}

// dropPhotos removes photos, then their files. which is a constant of ours.
func (s *SQLite) dropPhotos(ctx context.Context, which string, args ...any) (int, error) {
	rows, err := s.write.QueryContext(ctx, "DELETE FROM photos WHERE "+which+" RETURNING id", args...) //nolint:gosec // conditions of this file only
	if err != nil {
		return 0, fmt.Errorf("dossier: photos: %w", err)
	}
	var ids []string
	for rows.Next() {
		var id string
		if err = rows.Scan(&id); err != nil {
			break
		}
		ids = append(ids, id)
	}
	if err := errors.Join(err, rows.Err(), rows.Close()); err != nil {
		return 0, fmt.Errorf("dossier: photos: %w", err)
	}
	for _, id := range ids {
		err = errors.Join(err, s.photos.remove(id))
	}
	return len(ids), err
}

// SweepPhotos implements [Photos].
func (s *SQLite) SweepPhotos(ctx context.Context, now time.Time) (found Swept, err error) {
	found.Drafts, err = s.dropPhotos(ctx, "transaction_id = '' AND added <= ?", instant(now.Add(-PhotoDraftAge)))
	if err != nil {
		return found, err
	}
	const ended = `transaction_id IN (SELECT id FROM transactions WHERE state IN ('refused', 'dropped') AND settled <= ? OR state = 'done' AND settled <= ?)`
	if found.Ended, err = s.dropPhotos(ctx, ended, instant(now.Add(-PhotoDraftAge)), instant(now.Add(-PhotoAge))); err != nil {
		return found, err
	}
	files, err := s.photos.list() // before the rows: a file that comes in between is not there yet
	if err != nil {
		return found, err
	}
	err = s.rows(ctx, "photos", "SELECT id FROM photos", nil, func(r *sql.Rows) error {
		var id string
		if err := r.Scan(&id); err != nil {
			return err
		}
		if _, ok := files[id]; !ok && !s.photos.has(id) {
			found.Lost++
		}
		delete(files, id)
		return nil
	})
	if err != nil {
		return found, err
	}
	for id, written := range files {
		if now.Sub(written) >= time.Hour {
			found.Orphans++
			err = errors.Join(err, s.photos.remove(id))
		}
	}
	return found, err
}
