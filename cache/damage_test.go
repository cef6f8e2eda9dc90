package cache_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	bolt "go.etcd.io/bbolt"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
)

const people = 60

func citizen(i int) record.Citizen { return record.Citizen(fmt.Sprintf("citizen-%03d", i)) }

// section of a citizen, of about a page, that names the citizen.
func section(i int) cache.Section {
	var records []record.Record
	for n := range 6 {
		records = append(records, record.Record{
			Key: fmt.Sprintf("%d-%d", i, n), Source: "library",
			Body: record.Loan{Item: fmt.Sprintf("%d", i), Title: strings.Repeat("title ", 20)},
		})
	}
	ages := cache.Ages{FreshFor: time.Hour, HideAfter: 2 * time.Hour}
	return cache.Section{Source: "library"}.Succeeded(records, time.Now(), ages)
}

func filled(t *testing.T, path string) {
	t.Helper()
	file := open(t, path, cache.Options{})
	for i := range people {
		if err := file.Put(t.Context(), citizen(i), section(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, path string, o cache.Options) *cache.File {
	t.Helper()
	file, err := cache.OpenFile(path, o)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// survey reads everyone: a section is the citizen's own and whole, or unknown.
func survey(t *testing.T, file *cache.File) (known int) {
	t.Helper()
	for i := range people {
		d, err := file.Dashboard(t.Context(), citizen(i))
		if err != nil {
			t.Fatal(err)
		}
		records, ok := d.Section("library").At(time.Now()).Records()
		if !ok {
			continue
		}
		known++
		want, _ := section(i).At(time.Now()).Records()
		if diff := cmp.Diff(want, records, cmp.AllowUnexported(record.Ref{})); diff != "" {
			t.Errorf("citizen %d reads something else (-want +got):\n%s", i, diff)
		}
	}
	return known
}

// refill proves that the cache works again.
func refill(t *testing.T, file *cache.File) {
	t.Helper()
	for i := range people {
		if err := file.Put(t.Context(), citizen(i), section(i)); err != nil {
			t.Fatal(err)
		}
	}
	if known := survey(t, file); known != people {
		t.Errorf("%d sections after writing %d", known, people)
	}
}

func TestDamagedFileIsBegunAnew(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(t *testing.T, path string){
		"foreign text": func(t *testing.T, path string) { overwrite(t, path, []byte("this is no cache\n")) },
		"empty":        func(t *testing.T, path string) { overwrite(t, path, nil) },
		"zeros":        func(t *testing.T, path string) { overwrite(t, path, make([]byte, 1<<16)) },
		"cut to a page": func(t *testing.T, path string) {
			if err := os.Truncate(path, 4096); err != nil {
				t.Fatal(err)
			}
		},
		"cut in half": func(t *testing.T, path string) {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(path, info.Size()/2); err != nil {
				t.Fatal(err)
			}
		},
		"both metas": func(t *testing.T, path string) {
			patch(t, path, func(b []byte) { copy(b, bytes.Repeat([]byte{0xA5}, 8192)) })
		},
		"a figure in a section": func(t *testing.T, path string) {
			patch(t, path, func(b []byte) {
				copy(b, bytes.ReplaceAll(b, []byte("title title"), []byte("title tidle")))
			})
		},
		"a page that holds itself": func(t *testing.T, path string) {
			patch(t, path, func(b []byte) {
				found := false
				for id := range uint64(len(b) / 4096) {
					page := b[4096*id:]
					if binary.NativeEndian.Uint64(page) == id && binary.NativeEndian.Uint16(page[8:]) == 1 { // a branch
						binary.NativeEndian.PutUint64(page[16+8:], id)
						found = true
					}
				}
				if !found {
					t.Fatal("no branch page")
				}
			})
		},
		"another database of the same engine": func(t *testing.T, path string) {
			overwrite(t, path, nil)
			db, err := bolt.Open(path, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			err = db.Update(func(tx *bolt.Tx) error { _, err := tx.CreateBucket([]byte("sem-cache-2")); return err })
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "cache.db")
			filled(t, path)
			damage(t, path)
			var log bytes.Buffer
			file := open(t, path, cache.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
			survey(t, file)
			refill(t, file)
			if err := file.Close(); err != nil {
				t.Error(err)
			}
			if n := strings.Count(log.String(), "set aside"); n > 1 {
				t.Errorf("told %d times: %s", n, log.String())
			}
			again := open(t, path, cache.Options{})
			if known := survey(t, again); known != people {
				t.Errorf("%d sections found again, want %d", known, people)
			}
			if err := again.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestGarbledPages overwrites pages at random, before opening and while open:
// whatever is lost, nobody reads somebody else's, and the cache goes on.
func TestGarbledPages(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "cache.db")
			filled(t, path)
			random := rand.New(rand.NewPCG(seed, 7))
			garble := func() {
				patch(t, path, func(b []byte) {
					for range 1 + random.IntN(3) {
						page := 4096 * random.IntN(len(b)/4096)
						n := 1 + random.IntN(4096)
						for i := range n {
							b[page+i] = byte(random.Uint32())
						}
					}
				})
			}
			if seed%2 == 0 {
				garble()
			}
			file := open(t, path, cache.Options{HotBytes: 1})
			if seed%2 == 1 {
				garble()
			}
			survey(t, file)
			for i := range people { // may meet the damage, and set it aside
				if err := file.Put(t.Context(), citizen(i), section(i)); err != nil {
					t.Log("put:", err)
				}
			}
			refill(t, file)
			if err := file.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestFileCutWhileOpen: memory that is mapped and gone is a fault, not an end.
func TestFileCutWhileOpen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cache.db")
	filled(t, path)
	file := open(t, path, cache.Options{HotBytes: 1})
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	if known := survey(t, file); known != 0 {
		t.Errorf("%d sections read from nothing", known)
	}
	refill(t, file)
	if err := file.Close(); err != nil {
		t.Error(err)
	}
}

func TestFileHeldByAnother(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cache.db")
	first := open(t, path, cache.Options{})
	if second, err := cache.OpenFile(path, cache.Options{}); err == nil {
		_ = second.Close()
		t.Error("opened twice")
	}
	refill(t, first)
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path + ".broken"); err == nil {
		t.Error("a file in use was set aside")
	}
}

// TestClockSetBack: versions grow even where the clock is behind the file.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cache.db")
	filled(t, path)
	synctest.Test(t, func(t *testing.T) { // the bubble begins in the year 2000
		file := open(t, path, cache.Options{})
		before, err := file.Dashboard(t.Context(), citizen(1))
		if err != nil {
			t.Fatal(err)
		}
		if err := file.Put(t.Context(), citizen(1), section(1)); err != nil {
			t.Fatal(err)
		}
		after, err := file.Dashboard(t.Context(), citizen(1))
		if err != nil {
			t.Fatal(err)
		}
		if after.Version <= before.Version {
			t.Errorf("version %d after %d", after.Version, before.Version)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestFolderThatIsNotThere(t *testing.T) {
	t.Parallel()
	if _, err := cache.OpenFile(filepath.Join(t.TempDir(), "no", "cache.db"), cache.Options{}); err == nil {
		t.Error("no error")
	}
}

func overwrite(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// patch changes bytes of a file in place, under whoever has it open.
func patch(t *testing.T, path string, change func([]byte)) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	change(data)
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.WriteAt(data, 0)
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestFullDisk: a write that fails changes nothing, and reads go on.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cache.db")
	file := open(t, path, cache.Options{HotBytes: 1, FileBytes: 1 << 18})
	stored := 0
	var err error
	for ; err == nil; stored++ {
		if stored == 100_000 {
			t.Fatal("the bound does not hold")
		}
		err = file.Put(t.Context(), citizen(stored), section(stored))
	}
	stored-- // the last one failed
	for range 3 {
		if err := file.Put(t.Context(), citizen(stored), section(stored)); err == nil {
			t.Fatal("written beyond the bound")
		}
		for i := range stored + 1 {
			d, err := file.Dashboard(t.Context(), citizen(i))
			if err != nil {
				t.Fatal(err)
			}
			_, known := d.Section("library").At(time.Now()).Records()
			if known != (i < stored) {
				t.Fatalf("citizen %d of %d: known %t", i, stored, known)
			}
		}
	}
	if err := file.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path + ".broken"); err == nil {
		t.Error("a full disk was taken for damage")
	}
}

func TestMetricsSurviveReopening(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cache.db")
	filled(t, path)
	reg := prometheus.NewPedanticRegistry()
	file := open(t, path, cache.Options{Registerer: reg})
	expect := func(want string) {
		t.Helper()
		const head = "# HELP sem_dashboards Citizens who have at least one section in the cache.\n# TYPE sem_dashboards gauge\n"
		if err := testutil.GatherAndCompare(reg, strings.NewReader(head+"sem_dashboards "+want+"\n"), "sem_dashboards"); err != nil {
			t.Error(err)
		}
	}
	expect(fmt.Sprint(people))
	if err := file.Forget(t.Context(), citizen(3)); err != nil {
		t.Fatal(err)
	}
	expect(fmt.Sprint(people - 1))
	if err := file.Close(); err != nil {
		t.Error(err)
	}
}

func BenchmarkDashboard(b *testing.B) {
	file, err := cache.OpenFile(filepath.Join(b.TempDir(), "cache.db"), cache.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for i := range people {
		if err := file.Put(b.Context(), citizen(i), section(i)); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("hot", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := file.Dashboard(b.Context(), "citizen-007"); err != nil {
					b.Error(err)
				}
			}
		})
	})
	b.Run("put", func(b *testing.B) {
		s := section(7)
		for b.Loop() {
			if err := file.Put(b.Context(), "citizen-007", s); err != nil {
				b.Error(err)
			}
		}
	})
	if err := file.Close(); err != nil {
		b.Error(err)
	}
}
