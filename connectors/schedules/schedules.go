// Package schedules reads the rules by which a town collects and waters, from
// one file that the town keeps: YAML with all there is, or a CSV of collections
// alone. It hands over the rules; which days they come to is worked out by
// aggregator/collection and aggregator/watering.
//
// A file with a mistake is held back whole, and all its mistakes are told at
// once.
package schedules

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// Kind returns the kind "schedules".
func Kind() connectors.Kind {
	return connectors.Define("schedules", "collection and watering rules in a file of the town", connectors.DomainNone, defaults, open)
}

// Limits of a rule file.
const (
	maxSize  = 2 << 20
	maxRules = 2000
)

func open(s Settings, _ connectors.Deps) (connectors.Source, error) {
	r := rules{s}
	return connectors.Source{Check: r.check, List: r}, nil
}

type rules struct{ Settings }

// check reads the file as List does.
func (r rules) check(ctx context.Context) error {
	_, err := r.List(ctx, "", func(record.Record) error { return nil })
	return err
}

// List emits the streams and the rules. The cursor stands for the file's content
// and the settings.
func (r rules) List(ctx context.Context, since connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
	if err := ctx.Err(); err != nil {
		return "", fmt.Errorf("schedules: %w", err)
	}
	body, err := connectors.ReadFile(r.File, maxSize)
	if err != nil {
		return "", fmt.Errorf("schedules: %w", err)
	}
	settings, err := json.Marshal(r.Settings)
	if err != nil {
		return "", fmt.Errorf("schedules: settings: %w", connectors.ErrDefect)
	}
	cursor := connectors.Cursor(fmt.Sprintf("1:%x:%x", sha256.Sum256(body), sha256.Sum256(settings)))
	if since == cursor {
		return since, nil
	}
	records, err := r.records(body)
	if err != nil {
		return "", fmt.Errorf("schedules: %w", err)
	}
	for _, rec := range records {
		if err := emit(rec); err != nil {
			return "", fmt.Errorf("schedules: record: %w", err)
		}
	}
	return cursor, nil
}

// records reads and checks a file's content.
func (r rules) records(body []byte) ([]record.Record, error) {
	var t town
	var err error
	if r.format() == "csv" {
		t, err = fromCSV(body, r.Charset)
	} else {
		t, err = fromYAML(body)
	}
	if err != nil {
		return nil, err
	}
	t.hours(record.Hours{OutAfter: r.OutAfter, OutBefore: r.OutBefore, Until: r.Until})
	if problems := t.problems(); len(problems) > 0 {
		return nil, malformed("%s", strings.Join(problems, "; "))
	}
	return t.records(), nil
}

// malformed makes an error about the file's content, by line or place in a list.
func malformed(format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), connectors.ErrMalformed)
}
