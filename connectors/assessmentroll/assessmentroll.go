// Package assessmentroll reads the rôle d'évaluation foncière that Quebec's
// ministère des Affaires municipales et de l'Habitation publishes for each
// municipality as XML (répertoire des renseignements prescrits, versions 2.5
// to 2.9), or that a town exports itself: what every property is and what it is
// worth. Positions come from the ministry's GeoPackage or from a CSV.
//
// A roll is taken whole or not at all, and read in bounded memory however large
// it is. Owners, which a town's own file names, are skipped while reading and
// never copied.
package assessmentroll

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// Kind returns the kind "assessmentroll".
func Kind() connectors.Kind {
	kind := connectors.Define("assessmentroll", "assessment roll (MAMH XML)", connectors.DomainProperty, defaults, open)
	kind.MaxBody = 8 << 30 // streamed; the setting max_bytes is the roll's own limit
	return kind
}

func open(settings Settings, deps connectors.Deps) (connectors.Source, error) {
	r := &roll{settings: settings, http: deps.HTTP, log: deps.Log, turn: make(chan struct{}, 1)}
	return connectors.Source{Check: r.check, List: r, Find: r}, nil
}

// roll is an opened source. What it keeps between calls holds no person: where
// the units are in the file, and the lists of streets and points.
type roll struct {
	settings Settings
	http     *http.Client
	log      *slog.Logger

	turn   chan struct{} // held while the fields below are made or looked at
	index  *index
	of     string // the stamp that index belongs to
	tables tables
}

// check tells whether the roll is there and starts as one.
func (r *roll) check(ctx context.Context) error {
	if err := r.startsAsRoll(ctx); err != nil {
		return fmt.Errorf("assessmentroll: check: %w", err)
	}
	return nil
}

// checkSize is how much of the roll Check looks at, in bytes.
const checkSize = 64 << 10

func (r *roll) startsAsRoll(ctx context.Context) (err error) {
	var head io.Reader
	if r.settings.URL == "" {
		o, err := r.open(ctx, "")
		if err != nil {
			return err
		}
		defer o.close() //nolint:errcheck // only read
		head = o.r
	} else {
		resp, err := r.get(ctx, map[string]string{"Range": fmt.Sprintf("bytes=0-%d", checkSize-1)})
		if err != nil {
			return err
		}
		defer resp.Body.Close() //nolint:errcheck // only read
		if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusPartialContent {
			return statusError(resp.StatusCode)
		}
		head = r.guarded(ctx, resp.Body)
	}
	doc, err := openDocument(io.LimitReader(head, checkSize))
	if err != nil {
		return err
	}
	d := newDecoder(newScanner(doc.r, doc.first), elementDocument)
	if _, err := d.scanner.next(); err != nil { // nothing but the root's start can come first
		return err
	}
	return d.begin()
}

// List emits one [record.Unit] a unit, owned by its eighteen-digit matricule.
func (r *roll) List(ctx context.Context, since connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
	cursor, err := r.list(ctx, since, emit)
	if err != nil {
		return "", fmt.Errorf("assessmentroll: %w", err)
	}
	return cursor, nil
}

func (r *roll) list(ctx context.Context, since connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
	prefix, err := r.cursorPrefix()
	if err != nil {
		return "", err
	}
	before, _ := strings.CutPrefix(string(since), prefix)
	if before == string(since) {
		before = ""
	}
	o, err := r.open(ctx, before)
	if err != nil {
		return "", err
	}
	defer o.close() //nolint:errcheck // only read
	if o.unchanged {
		return since, nil
	}
	var m *mapping
	p, err := r.read(o, func(h header, u *rawUnit, matricule []byte) error {
		if m == nil {
			t, err := r.sideTables(ctx, h.municipality)
			if err != nil {
				return err
			}
			m = newMapping(r.settings, h, t)
		}
		return emit(m.unit(u, matricule))
	})
	if err != nil {
		return "", err
	}
	if o.file != nil {
		if err := r.take(ctx); err != nil {
			return "", err
		}
		r.keep(o, p)
		r.release()
	}
	if p.padded > 0 || m.unreadable > 0 {
		r.log.WarnContext(ctx, "assessment roll has odd values", "matricules_padded", p.padded, "values_unreadable", m.unreadable)
	}
	if o.stamp == "" {
		return "", nil
	}
	return connectors.Cursor(prefix + o.stamp), nil
}

// cursorPrefix stands for what a record depends on beside the roll itself.
func (r *roll) cursorPrefix() (string, error) {
	settings, err := json.Marshal(r.settings)
	if err != nil {
		return "", fmt.Errorf("settings: %w", connectors.ErrDefect)
	}
	side, err := r.sideStamp()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("1:%x:%s:", sha256.Sum256(settings), side), nil
}

// Find returns the unit of a matricule: ten or eighteen digits, or twenty-three
// with the municipality, with or without dashes and spaces.
func (r *roll) Find(ctx context.Context, who record.Ref) ([]record.Record, error) {
	rec, err := r.find(ctx, who)
	if err != nil {
		return nil, fmt.Errorf("assessmentroll: %w", err)
	}
	rec.Owner = who
	return []record.Record{rec}, nil
}

func (r *roll) find(ctx context.Context, who record.Ref) (record.Record, error) {
	q, err := parseQuery(who.Reveal())
	if err != nil {
		return record.Record{}, err
	}
	o, err := r.open(ctx, "")
	if err != nil {
		return record.Record{}, err
	}
	defer o.close() //nolint:errcheck // only read
	h, u, err := r.pick(ctx, o, q)
	if err != nil {
		return record.Record{}, err
	}
	t, err := r.sideTables(ctx, h.municipality)
	if err != nil {
		return record.Record{}, err
	}
	digits, _, err := u.matricule(nil)
	if err != nil {
		return record.Record{}, err
	}
	return newMapping(r.settings, h, t).unit(u, digits), nil
}
