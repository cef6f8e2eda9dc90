package assessmentroll

import (
	"errors"
	"io"
	"runtime"
	"testing"

	"github.com/semenligne/sem/connectors/assessmentroll/rollsim"
)

// TestMemory streams a roll of 300 MB through a pipe and looks at the heap all
// along: only the index may grow, by sixteen bytes a unit. The bench program
// measures the resident set of a whole process, up to 1 GB and more.
func TestMemory(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("streams 300 MB and measures the heap: not under -short, not under -race")
	}
	const units, limit = 240_000, 32 << 20
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	from, to := io.Pipe()
	written := make(chan int64, 1)
	go func() {
		n, err := rollsim.Roll{Units: rollsim.Generate(3, units), Owners: true}.WriteTo(to)
		written <- n
		to.CloseWithError(errors.Join(err))
	}()
	r := &roll{settings: defaults()}
	m := newMapping(r.settings, header{municipality: rollsim.Municipality}, tables{})
	seen, peak := 0, uint64(0)
	p, err := r.read(&origin{r: from}, func(_ header, u *rawUnit, matricule []byte) error {
		m.unit(u, matricule)
		if seen++; seen%5000 == 0 {
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapAlloc-min(before.HeapAlloc, now.HeapAlloc))
		}
		return nil
	})
	if err != nil || p.index.units != units {
		t.Fatalf("%d units, error %v", p.index.units, err)
	}
	if n := <-written; n < 300e6 {
		t.Errorf("only %d bytes streamed", n)
	}
	if peak > limit || peak == 0 {
		t.Errorf("heap grew by %d bytes, want at most %d", peak, limit)
	}
	t.Logf("heap grew by %d KiB at most", peak>>10)
}
