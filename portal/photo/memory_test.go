package photo

import (
	"bytes"
	"compress/bzip2"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMemoryIsShared: who does not fit waits, and gives up with its context.
func TestMemoryIsShared(t *testing.T) {
	t.Parallel()
	c := NewCleaner(DefaultLimits())
	if err := c.memory.Acquire(t.Context(), DefaultLimits().Memory); err != nil {
		t.Fatal(err)
	}
	file := jpegOf(t, corners(64, 64))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := c.Clean(ctx, bytes.NewReader(file)); err == nil || ctx.Err() == nil {
		t.Errorf("%v while there is no memory", err)
	}
	c.memory.Release(DefaultLimits().Memory)
	if _, err := c.Clean(t.Context(), bytes.NewReader(file)); err != nil {
		t.Error(err)
	}
}

// TestManyAtOnceStayWithinMemory sends big photos at once and watches the heap
// from inside the decoders' own allocations.
func TestManyAtOnceStayWithinMemory(t *testing.T) { //nolint:paralleltest // it measures the heap of the process
	limits := DefaultLimits()
	limits.Memory = 128 << 20
	c := NewCleaner(limits)
	file := pngOf(t, image.NewRGBA(image.Rect(0, 0, 4000, 3500))) // 56 MB of pixels each
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	done := make(chan struct{})
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			if _, err := c.Clean(t.Context(), bytes.NewReader(file)); err != nil {
				t.Error(err)
			}
		})
	}
	go func() { all.Wait(); close(done) }()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	var most uint64
	for {
		select {
		case <-tick.C:
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc-min(now.HeapAlloc, before.HeapAlloc))
			continue
		case <-done:
		}
		break
	}
	// Garbage that is not collected yet counts too: at most as much again.
	if unlimited := uint64(6 * 56 << 20); most > 2*uint64(limits.Memory) || most >= unlimited {
		t.Errorf("%d MiB at most", most>>20)
	}
	t.Logf("6 photos of 14 megapixels: %d MiB of heap at most", most>>20)
}

// samples are photos of other programs: Go's own and those of the WebP package.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, query := range [][]string{{"env", "GOROOT"}, {"list", "-m", "-f", "{{.Dir}}", "golang.org/x/image"}} {
		out, err := exec.CommandContext(t.Context(), "go", query...).Output()
		if err != nil {
			t.Fatal(err)
		}
		folder := strings.TrimSpace(string(out))
		for _, pattern := range []string{"src/image/testdata/*.jpeg", "src/image/testdata/*.png", "src/image/png/testdata/pngsuite/*.png", "testdata/*.webp"} {
			names, err := filepath.Glob(filepath.Join(folder, pattern))
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				if all[filepath.Base(name)], err = os.ReadFile(name); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return all
}

// TestPhotosOfOthers: progressive, CMYK, greyscale, interlaced, 16 bits,
// palette, lossy and lossless are all read.
func TestPhotosOfOthers(t *testing.T) {
	t.Parallel()
	all := samples(t)
	for _, must := range []string{
		"video-001.progressive.jpeg", "video-001.cmyk.jpeg", "video-001.rgb.jpeg", "video-005.gray.jpeg", "basn6a16.png", "basn3p08.png",
		"tux.lossless.webp", "yellow_rose.lossy-with-alpha.webp", "video-001.lossy.webp",
	} {
		if all[must] == nil {
			t.Errorf("%s is not there", must)
		}
	}
	c := NewCleaner(DefaultLimits())
	read := 0
	for name, file := range all {
		p, err := c.Clean(t.Context(), bytes.NewReader(file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		picture(t, p.JPEG)
		picture(t, p.Thumbnail)
		read++
	}
	if read < 60 {
		t.Errorf("%d photos only", read)
	}
	// A file whose tables need far more memory than its bytes.
	folder, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/image").Output()
	if err != nil {
		t.Fatal(err)
	}
	packed, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(folder)), "testdata", "large-huffman-index.lossless.webp.bz2"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Clean(t.Context(), bzip2.NewReader(bytes.NewReader(packed))); err != nil {
		if _, ok := errors.AsType[Error](err); !ok {
			t.Error(err)
		}
	}
}

// TestColours: what those photos show is what we show.
func TestColours(t *testing.T) {
	t.Parallel()
	all := samples(t)
	for name, reference := range map[string]string{
		"video-001.jpeg": "video-001.png", "video-001.progressive.jpeg": "video-001.png", "video-001.cmyk.jpeg": "video-001.cmyk.png",
		"video-001.rgb.jpeg": "video-001.png", "video-001.lossy.webp": "video-001.png",
	} {
		want := picture(t, clean(t, all[reference]).JPEG)
		got := picture(t, clean(t, all[name]).JPEG)
		if got.Bounds() != want.Bounds() {
			t.Fatalf("%s: %v, want %v", name, got.Bounds(), want.Bounds())
		}
		var off, n int64
		for y := range got.Bounds().Dy() {
			for x := range got.Bounds().Dx() {
				r, g, b, _ := got.At(x, y).RGBA()
				r2, g2, b2, _ := want.At(x, y).RGBA()
				for _, d := range []int64{int64(r) - int64(r2), int64(g) - int64(g2), int64(b) - int64(b2)} {
					off, n = off+max(d, -d), n+1
				}
			}
		}
		if mean := off / n >> 8; mean > 12 {
			t.Errorf("%s: colours off by %d of 255 on average", name, mean)
		}
	}
}

// TestZlibBomb: pixels beyond the size that the header tells are not kept.
func TestZlibBomb(t *testing.T) {
	t.Parallel()
	file := pngOf(t, image.NewGray(image.Rect(0, 0, 6000, 6000))) // 36 MB of zeros in few bytes
	small := pngOf(t, image.NewGray(image.Rect(0, 0, 2, 2)))
	bomb := append(bytes.Clone(small[:33]), file[33:]...) // says 2×2
	c := NewCleaner(DefaultLimits())
	var err error
	allocated := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			_, err = c.Clean(context.Background(), bytes.NewReader(bomb))
		}
	}).AllocedBytesPerOp()
	if !errors.Is(err, ErrDamaged) || allocated > 4<<20 {
		t.Errorf("%v and %d bytes allocated", err, allocated)
	}
}

func FuzzClean(f *testing.F) {
	for _, file := range samples(f) {
		if len(file) < 8<<10 {
			f.Add(file)
		}
	}
	f.Add(chunk(pngOf(f, corners(3, 5)), "eXIf", exif(binary.BigEndian, 6)[6:]))
	f.Add(segment(jpegOf(f, corners(9, 7)), 0xe1, exif(binary.BigEndian, 8)))
	limits := DefaultLimits()
	limits.Pixels, limits.Bytes = 1<<20, 1<<20
	c := NewCleaner(limits)
	f.Fuzz(func(t *testing.T, file []byte) {
		p, err := c.Clean(t.Context(), bytes.NewReader(file))
		if err != nil {
			if _, ok := errors.AsType[Error](err); !ok || p.JPEG != nil {
				t.Fatalf("%v with %d bytes", err, len(p.JPEG))
			}
			return
		}
		if m := picture(t, p.JPEG); m.Bounds().Dx() != p.Width || m.Bounds().Dy() != p.Height {
			t.Fatalf("%v, not %d×%d", m.Bounds(), p.Width, p.Height)
		}
		again, err := c.Clean(t.Context(), io.LimitReader(bytes.NewReader(p.JPEG), limits.Bytes))
		if err != nil || again.Width != p.Width || again.Height != p.Height {
			t.Fatalf("what was made is not a photo: %v", err)
		}
	})
}
