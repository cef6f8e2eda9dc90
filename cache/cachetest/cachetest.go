// Package cachetest holds every cache store to what package cache promises.
package cachetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
)

// Store is a cache under test.
type Store interface {
	cache.Reader
	cache.Writer
	Close() error
}

// Open opens the store of a folder: a second Open of the same folder, after
// Close, finds what the first one held.
type Open func(folder string) (Store, error)

// Rule is one promise.
type Rule struct {
	Name  string
	check func(ctx context.Context, s *bench) error
}

// Rules returns every promise.
func Rules() []Rule {
	return []Rule{
		{"a citizen never written has an empty dashboard, unknown", neverWritten},
		{"put replaces the whole section and no other", wholeSection},
		{"a read section keeps its own copy", immutable},
		{"citizens are isolated", isolation},
		{"nobody is not a citizen", nobody},
		{"town sections belong to no citizen", townApart},
		{"forget removes everything of one citizen", forget},
		{"versions grow with every put", versions},
		{"watchers are told of each change, the last one surely", watch},
		{"watchers are told of no other citizen", watchApart},
		{"a context that ended changes nothing", ended},
		{"everything is found again", reopen},
		{"versions grow across a restart", reopenVersions},
		{"concurrent use", concurrent},
	}
}

// Run checks every rule as a subtest.
func Run(t *testing.T, open Open) {
	t.Helper()
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			t.Parallel()
			if err := rule.run(t.Context(), open, t.TempDir()); err != nil {
				t.Error(err)
			}
		})
	}
}

// Check returns how a store breaks one rule, nil when it keeps it.
func Check(ctx context.Context, rule, folder string, open Open) error {
	for _, r := range Rules() {
		if r.Name == rule {
			return r.run(ctx, open, folder)
		}
	}
	return nil
}

func (r Rule) run(ctx context.Context, open Open, folder string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	b := &bench{open: open, folder: folder}
	if err := b.reopen(); err != nil {
		return err
	}
	defer func() {
		if closed := b.Close(); err == nil {
			err = closed
		}
	}()
	return r.check(ctx, b)
}

// bench is an open store that a rule may close and open again.
type bench struct {
	Store
	open   Open
	folder string
}

// reopen closes the store, when it is open, and opens it again.
func (b *bench) reopen() error {
	if b.Store != nil {
		if err := b.Close(); err != nil {
			return fmt.Errorf("close: %w", err)
		}
	}
	s, err := b.open(b.folder)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	b.Store = s
	return nil
}

const (
	anne  record.Citizen = "citizen-anne"
	bruno record.Citizen = "citizen-bruno"
	// prefix of another citizen's id: a careless key would mix them up.
	annex record.Citizen = "citizen-annex"
)

func ages() cache.Ages { return cache.Ages{FreshFor: time.Minute, HideAfter: time.Hour} }

func day() time.Time { return time.Date(2026, time.November, 24, 15, 4, 5, 678, time.UTC) }

func loan(key string) record.Record {
	return record.Record{
		Key: key, Owner: record.NewRef("patron-" + key), Source: "library", ReadAt: day(),
		Body: record.Loan{Item: key, Title: "Titre « " + key + " » à l’été"},
	}
}

// section of a source, read with the loans of these keys.
func section(source string, keys ...string) cache.Section {
	records := []record.Record{}
	for _, key := range keys {
		records = append(records, loan(key))
	}
	return cache.Section{Source: source}.Succeeded(records, day(), ages())
}

// same compares what may be said of two sections, records included.
func same(got, want cache.Section) error {
	if diff := cmp.Diff(said(want), said(got), cmpopts.EquateEmpty()); diff != "" {
		return fmt.Errorf("section of %s (-want +got):\n%s", want.Source, diff)
	}
	return nil
}

func said(s cache.Section) any {
	view := s.At(s.AsOf.Add(time.Second))
	records, known := view.Records()
	out := struct {
		Source, Trouble string
		Version         uint64
		AsOf, Since     time.Time
		Ages            cache.Ages
		State           cache.State
		Known, Followed bool
		Records         []string
	}{s.Source, s.Trouble, s.Version, s.AsOf, s.TroubleSince, s.Ages, view.State, known, view.Followed(day()), nil}
	for _, r := range records {
		text, err := r.MarshalJSON()
		out.Records = append(out.Records, fmt.Sprint(string(text), err, view.Change(r, day())))
	}
	return out
}

func expect(ctx context.Context, s cache.Reader, citizen record.Citizen, want ...cache.Section) error {
	d, err := s.Dashboard(ctx, citizen)
	if err != nil {
		return fmt.Errorf("dashboard: %w", err)
	}
	for _, w := range want {
		if err := same(d.Section(w.Source), w); err != nil {
			return err
		}
	}
	return nil
}

func putAll(ctx context.Context, s cache.Writer, citizen record.Citizen, sections ...cache.Section) error {
	for _, section := range sections {
		if err := s.Put(ctx, citizen, section); err != nil {
			return fmt.Errorf("put: %w", err)
		}
	}
	return nil
}

// group runs the functions together and returns the first error.
func group(fns ...func() error) error {
	var wg sync.WaitGroup
	errs := make(chan error, len(fns))
	for _, fn := range fns {
		wg.Go(func() { errs <- fn() })
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
