package cache_test

import (
	"testing"
	"time"

	"github.com/semenligne/sem/cache"
)

func TestWeakest(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.July, 8, 12, 0, 0, 0, time.UTC)
	ages := cache.Ages{FreshFor: time.Hour, HideAfter: 3 * time.Hour}
	read := func(source string, ago time.Duration) cache.Section {
		return cache.Section{Source: source}.Succeeded(nil, now.Add(-ago), ages)
	}
	fresh, older, stale, old := read("fresh", time.Minute), read("older", 2*time.Minute), read("stale", 2*time.Hour), read("old", 4*time.Hour)
	long := cache.Section{Source: "long"}.Succeeded(nil, now.Add(-24*time.Hour), cache.Ages{FreshFor: 48 * time.Hour, HideAfter: 72 * time.Hour})
	never := cache.Section{Source: "never"}
	for name, c := range map[string]struct {
		of    []cache.Section
		want  string
		state cache.State
	}{
		"nothing":                       {nil, "", cache.Unknown},
		"one":                           {[]cache.Section{fresh}, "fresh", cache.Fresh},
		"the older of two":              {[]cache.Section{fresh, older, fresh}, "older", cache.Fresh},
		"stale before fresh":            {[]cache.Section{stale, fresh}, "stale", cache.Stale},
		"stale before an older fresh":   {[]cache.Section{long, stale}, "stale", cache.Stale},
		"unknown before all":            {[]cache.Section{fresh, old, stale}, "old", cache.Unknown},
		"never read before read by far": {[]cache.Section{old, never}, "never", cache.Unknown},
	} {
		if got := cache.Weakest(now, c.of...); got.Source != c.want || got.State != c.state {
			t.Errorf("%s: %s %s, want %s %s", name, got.Source, got.State, c.want, c.state)
		}
	}
}
