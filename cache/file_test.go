package cache_test

import (
	"path/filepath"
	"testing"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/cache/cachetest"
)

func TestFile(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]cache.Options{"hot": {}, "nothing stays in memory": {HotBytes: 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cachetest.Run(t, func(folder string) (cachetest.Store, error) {
				return cache.OpenFile(filepath.Join(folder, "cache.db"), o)
			})
		})
	}
}
