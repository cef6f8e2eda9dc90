package dossier

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver named "sqlite"
)

var (
	// ErrNewerSchema means that the dossier was written by a newer version of the program.
	ErrNewerSchema = errors.New("dossier: schema newer than this program")
	// ErrDamaged means that the file is not a dossier, or not a whole one any
	// more. It is never replaced: restore it from a backup.
	ErrDamaged = errors.New("dossier: file damaged")
	// ErrConflict means that a card registry says two different things of one card.
	ErrConflict = errors.New("dossier: registry contradicts itself")
)

//go:embed migrations/*.sql
var migrations embed.FS

// applicationID marks a SQLite file as a dossier ("SEM1").
const applicationID = 0x53454d31

// SQLite is the embedded dossier: one SQLite file in WAL mode with
// synchronous=FULL, so that what a method reported as done survives a loss of
// power. One connection writes, a few read. Safe for any number of goroutines;
// another process may open the same file.
type SQLite struct {
	write, read *sql.DB
	zone        *time.Location
	target      int64 // schema version of this program
	photos      photoFiles
}

var _ Store = (*SQLite)(nil)

// OpenSQLite opens the dossier at a path, brings its schema up to date, and
// checks the whole file. A missing file begins a new dossier; a damaged,
// foreign or newer one is an error. Zone is the town's: a card is valid until
// the end of its last day there. The log hears of a new dossier and of
// migrations.
func OpenSQLite(path string, log *slog.Logger, zone *time.Location) (*SQLite, error) {
	created, err := prepare(path)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	if !created {
		if err := check(ctx, path); err != nil {
			return nil, err
		}
	}
	s := &SQLite{zone: zone}
	if s.photos, err = openPhotoFiles(path); err != nil {
		return nil, err
	}
	if s.write, err = sql.Open("sqlite", dsn(path, "_txlock", "immediate")); err != nil {
		return nil, errors.Join(fmt.Errorf("dossier: %w", err), s.photos.close())
	}
	s.write.SetMaxOpenConns(1)
	if s.read, err = sql.Open("sqlite", dsn(path, "_pragma", "query_only(1)")); err != nil {
		return nil, errors.Join(fmt.Errorf("dossier: %w", err), s.write.Close(), s.photos.close())
	}
	s.read.SetMaxOpenConns(8)
	s.read.SetMaxIdleConns(8)
	if err := s.migrate(ctx, log); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if created {
		log.Info("new dossier begun")
	}
	return s, nil
}

// prepare creates a missing file for its owner only, and keeps others out of
// an old one.
func prepare(path string) (created bool, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) //nolint:gosec // the operator's own path
	if err == nil {
		return true, file.Close()
	}
	if !errors.Is(err, os.ErrExist) {
		return false, fmt.Errorf("dossier: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return false, fmt.Errorf("dossier: %w", err)
	}
	if info.Size() == 0 {
		return false, fmt.Errorf("%w: empty file; restore it, or remove it to begin anew", ErrDamaged)
	}
	if info.Mode().Perm()&0o077 != 0 {
		if err := os.Chmod(path, 0o600); err != nil {
			return false, fmt.Errorf("dossier: %w", err)
		}
	}
	return false, nil
}

// dsn names the file and how a connection works with it, beside more of a
// parameter.
func dsn(path, parameter, value string) string {
	q := url.Values{"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"}}
	q.Add(parameter, value)
	return uri(path, q)
}

func uri(path string, q url.Values) string {
	return (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: q.Encode()}).String()
}

// check refuses what is not a whole dossier, without writing anything to it.
func check(ctx context.Context, path string) (err error) {
	db, err := sql.Open("sqlite", uri(path, url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(5000)"}}))
	if err != nil {
		return fmt.Errorf("dossier: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var id int64
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if id != applicationID {
		return fmt.Errorf("%w: not a dossier", ErrDamaged)
	}
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: quick_check", ErrDamaged)
	}
	return nil
}

func (s *SQLite) migrate(ctx context.Context, log *slog.Logger) error {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("dossier: migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, s.write, folder,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("dossier: migrations: %w", err)
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("dossier: schema version: %w", err)
	}
	if s.target = target; current > target {
		return fmt.Errorf("%w: it has version %d, this program knows %d; run the program that wrote it", ErrNewerSchema, current, target)
	}
	done, err := p.Up(ctx)
	if err != nil {
		return fmt.Errorf("dossier: migrations: %w", err)
	}
	if current > 0 && len(done) > 0 {
		log.Info("dossier migrated", "from", current, "to", target)
	}
	return nil
}

// Ping implements [Store].
func (s *SQLite) Ping(ctx context.Context) error {
	var version int64
	const query = "SELECT max(version_id) FROM goose_db_version WHERE is_applied = 1"
	if err := s.read.QueryRowContext(ctx, query).Scan(&version); err != nil {
		return fmt.Errorf("dossier: %w", err)
	}
	switch {
	case version > s.target:
		return ErrNewerSchema
	case version < s.target:
		return fmt.Errorf("dossier: schema version %d, want %d", version, s.target)
	}
	return nil
}

// Close implements [Store].
func (s *SQLite) Close() error {
	if err := errors.Join(s.read.Close(), s.write.Close(), s.photos.close()); err != nil {
		return fmt.Errorf("dossier: close: %w", err)
	}
	return nil
}

// exec writes and tells how many rows changed.
func (s *SQLite) exec(ctx context.Context, what, query string, args ...any) (int64, error) {
	r, err := s.write.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, fmt.Errorf("dossier: %s: %w", what, err)
	}
	n, err := r.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("dossier: %s: %w", what, err)
	}
	return n, nil
}

// execOne writes one row that must exist.
func (s *SQLite) execOne(ctx context.Context, what, query string, args ...any) error {
	n, err := s.exec(ctx, what, query, args...)
	if err == nil && n == 0 {
		return fmt.Errorf("dossier: %s: %w", what, ErrNotFound)
	}
	return err
}

// transact writes all or nothing.
func (s *SQLite) transact(ctx context.Context, what string, write func(*sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err == nil {
		if err = write(tx); err == nil {
			err = tx.Commit()
		}
		if undone := tx.Rollback(); !errors.Is(undone, sql.ErrTxDone) {
			err = errors.Join(err, undone)
		}
	}
	if err != nil {
		return fmt.Errorf("dossier: %s: %w", what, err)
	}
	return nil
}

// changeOne writes, inside a transaction, one row that must exist.
func changeOne(ctx context.Context, tx *sql.Tx, query string, args ...any) error {
	r, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	n, err := r.RowsAffected()
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return err
}

// found makes ErrNotFound of a row that is not there.
func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// row reads one row; none is ErrNotFound.
func (s *SQLite) row(ctx context.Context, what, query string, args []any, into ...any) error {
	if err := found(s.read.QueryRowContext(ctx, query, args...).Scan(into...)); err != nil {
		return fmt.Errorf("dossier: %s: %w", what, err)
	}
	return nil
}

// rows calls each for every row.
func (s *SQLite) rows(ctx context.Context, what, query string, args []any, each func(*sql.Rows) error) (err error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("dossier: %s: %w", what, err)
	}
	defer func() {
		if err = errors.Join(err, rows.Close(), rows.Err()); err != nil {
			err = fmt.Errorf("dossier: %s: %w", what, err)
		}
	}()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return nil
}

// instant is how a time is stored; the zero time sorts before all others.
func instant(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// orNull is instant, with NULL for the zero time.
func orNull(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: instant(t), Valid: !t.IsZero()}
}

// timeOf reads what instant wrote; NULL is the zero time.
func timeOf(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.Unix(0, n.Int64).UTC()
}
