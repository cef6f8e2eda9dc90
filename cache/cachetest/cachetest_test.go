package cachetest_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/cache/cachetest"
	"github.com/semenligne/sem/connectors/record"
)

// defective is a good store with one defect planted.
type defective struct {
	*cache.File
	put       func(ctx context.Context, f *cache.File, c record.Citizen, s cache.Section) error
	dashboard func(ctx context.Context, f *cache.File, c record.Citizen) (cache.Dashboard, error)
	forget    func(ctx context.Context, f *cache.File, c record.Citizen) error
	watch     func(f *cache.File, c record.Citizen) (<-chan struct{}, func())
	town      func(ctx context.Context, f *cache.File, source string) (cache.Section, error)
}

func (d defective) Put(ctx context.Context, c record.Citizen, s cache.Section) error {
	if d.put != nil {
		return d.put(ctx, d.File, c, s)
	}
	return d.File.Put(ctx, c, s)
}

func (d defective) Dashboard(ctx context.Context, c record.Citizen) (cache.Dashboard, error) {
	if d.dashboard != nil {
		return d.dashboard(ctx, d.File, c)
	}
	return d.File.Dashboard(ctx, c)
}

func (d defective) Forget(ctx context.Context, c record.Citizen) error {
	if d.forget != nil {
		return d.forget(ctx, d.File, c)
	}
	return d.File.Forget(ctx, c)
}

func (d defective) Watch(c record.Citizen) (<-chan struct{}, func()) {
	if d.watch != nil {
		return d.watch(d.File, c)
	}
	return d.File.Watch(c)
}

func (d defective) Town(ctx context.Context, source string) (cache.Section, error) {
	if d.town != nil {
		return d.town(ctx, d.File, source)
	}
	return d.File.Town(ctx, source)
}

// TestKitNoticesDefects: a kit that passes everything proves nothing.
func TestKitNoticesDefects(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		defect defective
		rule   string
	}{
		"citizens share a section": {
			defective{
				put: func(ctx context.Context, f *cache.File, c record.Citizen, s cache.Section) error {
					return f.Put(ctx, c[:min(len(c), 12)], s)
				},
				dashboard: func(ctx context.Context, f *cache.File, c record.Citizen) (cache.Dashboard, error) {
					return f.Dashboard(ctx, c[:min(len(c), 12)])
				},
			}, "citizens are isolated",
		},
		"nothing is put": {
			defective{put: func(context.Context, *cache.File, record.Citizen, cache.Section) error { return nil }},
			"put replaces the whole section and no other",
		},
		"failures are lost": {
			defective{put: func(ctx context.Context, f *cache.File, c record.Citizen, s cache.Section) error {
				s.Trouble, s.TroubleSince = "", time.Time{}
				return f.Put(ctx, c, s)
			}}, "everything is found again",
		},
		"forget forgets nothing": {
			defective{forget: func(context.Context, *cache.File, record.Citizen) error { return nil }},
			"forget removes everything of one citizen",
		},
		"versions stand still": {
			defective{dashboard: func(ctx context.Context, f *cache.File, c record.Citizen) (cache.Dashboard, error) {
				d, err := f.Dashboard(ctx, c)
				d.Version = min(d.Version, 1)
				return d, err
			}}, "versions grow with every put",
		},
		"the context is ignored": {
			defective{put: func(ctx context.Context, f *cache.File, c record.Citizen, s cache.Section) error {
				return f.Put(context.WithoutCancel(ctx), c, s)
			}}, "a context that ended changes nothing",
		},
		"everybody is told": {
			defective{watch: everybody}, "watchers are told of no other citizen",
		},
		"town sections reach citizens": {
			defective{town: func(ctx context.Context, f *cache.File, source string) (cache.Section, error) {
				d, err := f.Dashboard(ctx, "citizen-anne")
				return d.Section(source), err
			}}, "town sections belong to no citizen",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := cachetest.Check(t.Context(), tc.rule, t.TempDir(), func(folder string) (cachetest.Store, error) {
				f, err := cache.OpenFile(filepath.Join(folder, "cache.db"), cache.Options{})
				d := tc.defect
				d.File = f
				return d, err
			})
			if err == nil {
				t.Errorf("not noticed by %q", tc.rule)
			}
		})
	}
}

// everybody tells every watcher of one citizen's changes.
func everybody(f *cache.File, _ record.Citizen) (<-chan struct{}, func()) {
	return f.Watch("citizen-anne")
}
