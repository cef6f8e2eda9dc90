package dossier

import (
	"database/sql"
	"errors"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"
)

// TestMigrationsGoBack: each step can be taken back and again.
func TestMigrationsGoBack(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "dossier.db"))
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
	_, up := p.Up(t.Context())
	_, down := p.DownTo(t.Context(), 0)
	_, again := p.Up(t.Context())
	if err := errors.Join(up, down, again, db.Close()); err != nil {
		t.Fatal(err)
	}
}
