package dossier

import (
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"github.com/semenligne/sem/connectors/record"
)

// TestMigrationKeeps: a dossier of the first version keeps what it held, and
// nobody in it gets an age, a household or a choice that they did not make.
func TestMigrationKeeps(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "dossier.db")
	db, p := migrator(t, path)
	_, err := p.UpTo(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{
		"INSERT INTO citizens (id, name, language, text_size, contrast) VALUES ('c', 'Anne', 'en', 150, 'more')",
		"INSERT INTO cards (number, citizen, digest, expires, open) VALUES ('1', 'c', x'00', '', 1)",
	} {
		if _, err := db.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := OpenSQLite(path, slog.New(slog.DiscardHandler), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Profile(t.Context(), "c")
	if err != nil {
		t.Fatal(err)
	}
	want := Profile{Name: "Anne", Choices: Choices{Language: "en", TextSize: 150, Contrast: "more"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("profile (-want +got):\n%s", diff)
	}
	h, err := s.Household(t.Context(), "c")
	if err != nil || len(h.Members) != 0 {
		t.Errorf("%d members, %v", len(h.Members), err)
	}
	n, err := s.ImportCards(t.Context(), []record.Card{{Number: "1", Name: "Anne", Born: record.Date{Year: 1990, Month: 1, Day: 2}}})
	if err != nil || n != (Imported{Changed: 1}) {
		t.Errorf("%+v, %v", n, err)
	}
	if got, err = s.Profile(t.Context(), "c"); err != nil || got.Born != BornOn(record.Date{Year: 1990, Month: 1, Day: 2}) {
		t.Errorf("no birth date after the migration, %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestMigrationsGoBack: each step can be taken back and again.
func TestMigrationsGoBack(t *testing.T) {
	t.Parallel()
	db, p := migrator(t, filepath.Join(t.TempDir(), "dossier.db"))
	_, up := p.Up(t.Context())
	_, down := p.DownTo(t.Context(), 0)
	_, again := p.Up(t.Context())
	if err := errors.Join(up, down, again, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func migrator(t *testing.T, path string) (*sql.DB, *goose.Provider) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, folder, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	return db, p
}
