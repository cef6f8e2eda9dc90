package aggregator_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/semenligne/sem/aggregator"
	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// small is a source of two kinds of capability.
type small struct{ records []record.Record }

func (s small) List(_ context.Context, _ connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
	for _, r := range s.records {
		if err := emit(r); err != nil {
			return "", err
		}
	}
	return "", nil
}

func (s small) Find(_ context.Context, who record.Ref) ([]record.Record, error) {
	var found []record.Record
	for _, r := range s.records {
		if r.Owner == who {
			found = append(found, r)
		}
	}
	if found == nil {
		return nil, fmt.Errorf("small: %w", connectors.ErrNotFound)
	}
	return found, nil
}

// TestRealStores takes the way of a citizen through both real stores: a card,
// a sign-in, a page view, news on the page.
func TestRealStores(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	folder := t.TempDir()
	registry := prometheus.NewPedanticRegistry()
	file, err := cache.OpenFile(filepath.Join(folder, "cache.db"), cache.Options{Log: logger, Registerer: registry})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	people, err := dossier.OpenSQLite(filepath.Join(folder, "dossier.db"), logger, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = people.Close() }()

	ages := cache.Ages{FreshFor: time.Hour, HideAfter: 24 * time.Hour}
	book := record.Record{Key: "b1", Owner: record.NewRef("PATRON-7"), Body: record.Loan{Item: "b1", Title: "Secret Title"}}
	a, err := aggregator.New(aggregator.Options{
		Cache: file, Dossier: people, Log: logger, Registerer: registry,
		Sources: []aggregator.Source{
			{Name: "cards", Cards: true, Ages: ages, Source: connectors.Source{List: small{[]record.Record{{
				Key: "100001", Body: record.Card{Number: "100001", Name: "Anne Bérubé", Links: map[string][]string{"library": {"PATRON-7"}}},
			}}}}},
			{Name: "library", Ages: ages, Source: connectors.Source{Find: small{[]record.Record{book}}}},
			{Name: "services", Ages: ages, Source: connectors.Source{List: small{[]record.Record{{Key: "s1", Body: record.Service{Code: "s1"}}}}}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if r, err := a.Refresh(ctx, "cards"); err != nil || r.Cards.Added != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	citizen, err := people.ByCard(ctx, "100001")
	if err != nil {
		t.Fatal(err)
	}
	if err := people.Seen(ctx, citizen, time.Now()); err != nil {
		t.Fatal(err)
	}
	changes, stop := file.Watch(citizen)
	defer stop()
	running, end := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- a.Run(running) }()
	a.Touch(citizen)
	select {
	case <-changes:
	case <-ctx.Done():
		t.Fatal("no news")
	}
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	d, err := file.Dashboard(ctx, citizen)
	if err != nil {
		t.Fatal(err)
	}
	records, known := d.Section("library").At(time.Now()).Records()
	if !known || len(records) != 1 || records[0].Key != "b1" {
		t.Errorf("%d records, known %t", len(records), known)
	}
	for _, private := range []string{"PATRON-7", "100001", "Anne", "Secret", string(citizen)} {
		if strings.Contains(log.String(), private) {
			t.Errorf("the log tells %q: %s", private, log.String())
		}
	}
	if problems, err := testutil.GatherAndLint(registry); err != nil || len(problems) > 0 {
		t.Errorf("metrics: %v, %v", problems, err)
	}
}
