// Package tabular reads a town's card registry from a CSV file that another
// system exports: who holds a Carte citoyen, and under which identifiers the
// town's other systems know the same person.
//
// The file is taken whole or not at all. A row that is shifted, a card that
// appears twice, a cut end, a wrong charset: each makes the whole file
// [connectors.ErrMalformed], with the line and never the value.
package tabular

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// Kind returns the kind "tabular".
func Kind() connectors.Kind {
	return connectors.Define("tabular", "card registry in a CSV file", connectors.DomainNone, defaults, open)
}

func open(settings Settings, _ connectors.Deps) (connectors.Source, error) {
	r := registry{settings}
	return connectors.Source{Check: r.check, List: r}, nil
}

// registry is an opened card registry; it keeps nothing between calls.
type registry struct{ settings Settings }

// check opens the file and finds its columns.
func (r registry) check(ctx context.Context) error {
	f, err := r.open()
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("tabular: %w", err)
	}
	_, err = newTable(f, r.settings)
	return err
}

// List emits one [record.Card] a row, owned by its card number. The cursor
// stands for the file's size and time of change, and for the settings.
func (r registry) List(ctx context.Context, since connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
	f, err := r.open()
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // only read
	before, err := f.Stat()
	if err != nil {
		return "", fileError(err)
	}
	cursor, err := r.cursor(before)
	if err != nil {
		return "", err
	}
	if since == cursor {
		return since, nil
	}
	if err := r.rows(ctx, f, emit); err != nil {
		return "", err
	}
	after, err := f.Stat()
	if err != nil {
		return "", fileError(err)
	}
	if after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return "", fmt.Errorf("tabular: file changed while it was read: %w", connectors.ErrUnavailable)
	}
	return cursor, nil
}

func (r registry) rows(ctx context.Context, f *os.File, emit func(record.Record) error) error {
	t, err := newTable(f, r.settings)
	if err != nil {
		return err
	}
	m := newMapping(r.settings, t.columns)
	lines := map[string]int{} // card number → line
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("tabular: %w", err)
		}
		row, line, err := t.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		card, err := m.card(row)
		if err != nil {
			return malformed("line %d: %v", line, err)
		}
		if first, seen := lines[card.Number]; seen {
			return malformed("line %d: the same card as on line %d", line, first)
		}
		if len(lines) == r.settings.MaxRows {
			return malformed("line %d: more than %d rows", line, r.settings.MaxRows)
		}
		lines[card.Number] = line
		if err := emit(record.Record{Key: card.Number, Owner: record.NewRef(card.Number), Body: card}); err != nil {
			return fmt.Errorf("tabular: record of line %d: %w", line, err)
		}
	}
}

// open opens the file when it is there and finished.
func (r registry) open() (*os.File, error) {
	// Opening a pipe would wait for its writer, so look before.
	if info, err := os.Stat(string(r.settings.File)); err != nil || !info.Mode().IsRegular() {
		return nil, fileError(err)
	}
	f, err := os.Open(string(r.settings.File))
	if err != nil {
		return nil, fileError(err)
	}
	if err := r.finished(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// finished tells whether f is a whole export, as far as settings can say.
func (r registry) finished(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return fileError(err)
	}
	if r.settings.Marker == "" {
		return nil
	}
	marker, err := os.Stat(string(r.settings.Marker))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("tabular: export not finished, no marker file: %w", connectors.ErrUnavailable)
	case err != nil:
		return fileError(err)
	case marker.ModTime().Before(info.ModTime()):
		return fmt.Errorf("tabular: export not finished, marker older than the file: %w", connectors.ErrUnavailable)
	}
	return nil
}

// cursor stands for a file's state and for how it is read.
func (r registry) cursor(info fs.FileInfo) (connectors.Cursor, error) {
	settings, err := json.Marshal(r.settings)
	if err != nil {
		return "", fmt.Errorf("tabular: settings: %w", connectors.ErrDefect)
	}
	return connectors.Cursor(fmt.Sprintf("1:%d:%d:%x", info.Size(), info.ModTime().UnixNano(), sha256.Sum256(settings))), nil
}

// fileError returns the failure of a file; no error is one that is no file.
func fileError(err error) error {
	switch {
	case err == nil:
		return fmt.Errorf("tabular: not a regular file: %w", connectors.ErrUnavailable)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("tabular: no such file: %w", connectors.ErrUnavailable)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("tabular: file may not be read: %w", connectors.ErrDenied)
	}
	return fmt.Errorf("tabular: file: %w", connectors.ErrUnavailable)
}

// malformed makes an error about the file's content; args never hold any of it.
func malformed(format string, args ...any) error {
	return fmt.Errorf("tabular: %s: %w", fmt.Sprintf(format, args...), connectors.ErrMalformed)
}
