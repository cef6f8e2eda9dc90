// Package places reads what is where in a town from the files that towns
// publish: places such as services, schools and parks, sectors such as those of
// collections, and shapes of the map such as streets. The files are GeoJSON
// (RFC 7946, and its elder with a crs member), CSV with a position, or layers
// of a GeoPackage.
//
// A file is taken whole or not at all. What is wrong in it is named by its
// number in the file, never by its content.
package places

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/geo"
	"github.com/semenligne/sem/connectors/record"
)

// Kind returns the kind "places".
func Kind() connectors.Kind {
	return connectors.Define("places", "places, sectors and shapes of the map, in GeoJSON, CSV or GeoPackage", connectors.DomainNone, defaults, open)
}

func open(s Settings, deps connectors.Deps) (connectors.Source, error) {
	system, ok := geo.ParseSystem(s.System)
	if !ok {
		return connectors.Source{}, fmt.Errorf("places: system: %w", connectors.ErrDefect)
	}
	f := &file{settings: s, system: system, http: deps.HTTP, log: deps.Log}
	return connectors.Source{Check: f.check, List: f}, nil
}

// file is an opened source; it keeps nothing between calls.
type file struct {
	settings Settings
	system   geo.System
	http     *http.Client
	log      *slog.Logger
}

// feature is one thing of a file, before it is known what it means.
type feature struct {
	// number is its place in the file, from 1: a line of a CSV file.
	number int
	// id is the file's own name for it, or "".
	id string
	// values are its properties, by name.
	values   map[string]string
	geometry geo.Geometry
}

// check finds the beginning of what the format promises.
func (f *file) check(ctx context.Context) error {
	return f.wrapped(f.each(ctx, "", func(feature) error { return errEnough }))
}

// List emits one [record.Place], [record.Sector] or [record.Shape] for each
// thing of the file.
func (f *file) List(ctx context.Context, since connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
	cursor, err := f.list(ctx, since, emit)
	if err != nil {
		return "", f.wrapped(err)
	}
	return cursor, nil
}

// wrapped names the file of this machine that an error is about.
func (f *file) wrapped(err error) error {
	switch {
	case err == nil:
		return nil
	case f.settings.File != "":
		return fmt.Errorf("places: %s: %w", filepath.Base(string(f.settings.File)), err)
	}
	return fmt.Errorf("places: %w", err)
}

func (f *file) list(ctx context.Context, since connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
	prefix, err := f.cursorPrefix()
	if err != nil {
		return "", err
	}
	o, err := f.fetch(ctx, stampOf(since, prefix))
	if err != nil {
		return "", err
	}
	if o.unchanged {
		return since, nil
	}
	m := mapping{settings: f.settings, emit: emit, seen: map[string]told{}, fields: map[string]bool{}}
	if err := f.features(ctx, o, m.take); err != nil {
		return "", err
	}
	if err := m.finish(); err != nil {
		return "", err
	}
	if err := f.same(o); err != nil {
		return "", err
	}
	if m.twice+m.skipped+m.nowhere > 0 {
		f.log.WarnContext(ctx, "file of the map has oddities", "told_twice", m.twice, "left_out", m.skipped, "without_position", m.nowhere)
	}
	if o.stamp == "" {
		return "", nil
	}
	return connectors.Cursor(prefix + o.stamp), nil
}
