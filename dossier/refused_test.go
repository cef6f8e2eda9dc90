package dossier_test

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

func filled(t *testing.T, path string) {
	t.Helper()
	s, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	var cards []record.Card
	for i := range 500 {
		cards = append(cards, record.Card{Number: string(rune('A'+i%26)) + time.Duration(i).String(), Name: "Somebody"})
	}
	_, err = s.ImportCards(t.Context(), cards)
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
}

// statement runs SQL in a file behind the store's back.
func statement(t *testing.T, path, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), query)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestRefusedFiles: what is not a whole dossier of ours is an error, and stays
// as it is, byte for byte.
func TestRefusedFiles(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		spoil func(t *testing.T, path string)
		want  error
	}{
		"newer schema": {func(t *testing.T, path string) {
			statement(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
		}, dossier.ErrNewerSchema},
		"empty":        {func(t *testing.T, path string) { write(t, path, nil) }, dossier.ErrDamaged},
		"foreign text": {func(t *testing.T, path string) { write(t, path, bytes.Repeat([]byte("no dossier\n"), 1000)) }, dossier.ErrDamaged},
		"another SQLite file": {func(t *testing.T, path string) {
			write(t, path, nil)
			statement(t, path, "CREATE TABLE citizens (id TEXT)")
		}, dossier.ErrDamaged},
		"cut": {func(t *testing.T, path string) {
			if err := os.Truncate(path, 20_000); err != nil {
				t.Fatal(err)
			}
		}, dossier.ErrDamaged},
		"garbled pages": {func(t *testing.T, path string) {
			data := read(t, path)
			for i := 4096; i < len(data); i += 3 {
				data[i] ^= 0x5A
			}
			write(t, path, data)
		}, dossier.ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "dossier.db")
			filled(t, path)
			tc.spoil(t, path)
			before := read(t, path)
			s, err := open(path)
			if !errors.Is(err, tc.want) {
				t.Errorf("%v, want %v", err, tc.want)
			}
			if err == nil {
				_ = s.Close()
			}
			if !bytes.Equal(read(t, path), before) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestFolderThatIsNotThere(t *testing.T) {
	t.Parallel()
	if _, err := open(filepath.Join(t.TempDir(), "no", "dossier.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v, want os.ErrNotExist", err)
	}
}

func TestFilesAreForTheirOwnerOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a folder?with #odd & %41 name.db")
	filled(t, path)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ImportCards(t.Context(), []record.Card{{Number: "1"}}); err != nil {
		t.Error(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Error(err)
			continue
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%q has mode %o, want 600", suffix, info.Mode().Perm())
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestSettings holds the file to what durability rests on.
func TestSettings(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "dossier.db")
	s, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000",
	} {
		got, err := s.Pragma(t.Context(), pragma)
		if err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", pragma, got, err, want)
		}
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	statement(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
	if err := s.Ping(t.Context()); !errors.Is(err, dossier.ErrNewerSchema) {
		t.Errorf("ping after another program's migration: %v, want ErrNewerSchema", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("ping after close")
	}
}

// TestTwoProcesses: a command may write while the portal runs.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "dossier.db")
	portal, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	command, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	errs := make(chan error, 2)
	for _, s := range []*dossier.SQLite{portal, command} {
		go func() {
			for i := range 20 {
				if err := s.AddFailure(t.Context(), "key", time.Unix(int64(i), 0)); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	if err := errors.Join(<-errs, <-errs); err != nil {
		t.Error(err)
	}
	got, err := portal.Failures(t.Context(), "key", time.Time{})
	if err != nil || len(got) != 40 {
		t.Errorf("%d failures, %v; want 40", len(got), err)
	}
	if err := errors.Join(portal.Close(), command.Close()); err != nil {
		t.Error(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
