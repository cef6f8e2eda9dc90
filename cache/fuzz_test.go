package cache

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// FuzzFile opens whatever bytes: a cache comes out that works, or an error.
func FuzzFile(f *testing.F) {
	path := filepath.Join(f.TempDir(), "cache.db")
	file, err := OpenFile(path, Options{})
	if err != nil {
		f.Fatal(err)
	}
	section := Section{Source: "library"}.Succeeded(
		[]record.Record{{Key: "k", Body: record.Loan{Item: "k"}}}, time.Unix(1, 0), Ages{FreshFor: time.Hour, HideAfter: time.Hour})
	if err := errors.Join(file.Put(f.Context(), "citizen", section), file.Close()); err != nil {
		f.Fatal(err)
	}
	seed, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte{})
	f.Add(seed[:8192])
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "cache.db")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := OpenFile(path, Options{HotBytes: 1})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the first may set the file aside
			err = file.Put(t.Context(), "another", section)
		}
		if err != nil {
			t.Fatal(err)
		}
		d, err := file.Dashboard(t.Context(), "another")
		if err != nil || d.Section("library").AsOf.IsZero() {
			t.Errorf("not found again: %v", err)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
}
