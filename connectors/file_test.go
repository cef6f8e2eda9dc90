package connectors_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors"
)

func TestFileStamp(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a")
	stamp := func(content string, at time.Time) string {
		t.Helper()
		if err := errors.Join(os.WriteFile(path, []byte(content), 0o600), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
		s, err := connectors.FileStamp(os.Stat(path))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	noon := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	first := stamp("un", noon)
	if stamp("un", noon) != first || stamp("deux", noon) == first || stamp("un", noon.Add(time.Millisecond)) == first {
		t.Error("a stamp stays when the file changes, or changes when it stays")
	}
	for _, other := range []string{path + "b", t.TempDir()} {
		if _, err := connectors.FileStamp(os.Stat(other)); !errors.Is(err, connectors.ErrUnavailable) || strings.Contains(err.Error(), other) {
			t.Errorf("error %v", err)
		}
	}
}

func TestFileError(t *testing.T) {
	t.Parallel()
	for cause, want := range map[error]error{
		fs.ErrNotExist: connectors.ErrUnavailable, fs.ErrPermission: connectors.ErrDenied, fs.ErrInvalid: connectors.ErrUnavailable, fs.ErrClosed: connectors.ErrUnavailable,
	} {
		if err := connectors.FileError(&fs.PathError{Op: "open", Path: "canari", Err: cause}); !errors.Is(err, want) || strings.Contains(err.Error(), "canari") {
			t.Errorf("%v is %v", cause, err)
		}
	}
}

func TestReadFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, []byte("1234"), 0o600); err != nil {
		t.Fatal(err)
	}
	if body, err := connectors.ReadFile(connectors.Path(path), 4); err != nil || string(body) != "1234" {
		t.Errorf("%q, %v", body, err)
	}
	for want, c := range map[error]struct {
		path  string
		limit int64
	}{connectors.ErrMalformed: {path, 3}, connectors.ErrUnavailable: {path + "b", 4}} {
		if body, err := connectors.ReadFile(connectors.Path(c.path), c.limit); body != nil || !errors.Is(err, want) || strings.Contains(err.Error(), c.path) {
			t.Errorf("%q, %v; want %v", body, err, want)
		}
	}
}

func TestHostPort(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://ville.example/a?b": "ville.example:443", "http://ville.example": "ville.example:80", "https://[::1]:8443/": "[::1]:8443",
		"ftp://ville.example": "", "https://u:p@ville.example": "", "https://ville.example/#a": "", "ville.example": "", "": "", ":": "",
	} {
		if got, ok := connectors.HostPort(address); got != want || ok != (want != "") {
			t.Errorf("HostPort(%q) = %q, %t; want %q", address, got, ok, want)
		}
	}
}
