package aggregator

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// TestPause: a paused source is read neither by its schedule nor for a page, the
// others are, and what was due is read soon after.
func TestPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		quiet, other := newStarts(), newStarts()
		var asked atomic.Int64
		rush := every(whole("recreation", quiet.taking(time.Second)), 10*time.Minute)
		rush.Ages.FreshFor = time.Minute
		rush.Source.Find = findFunc(func(_ context.Context, who record.Ref) ([]record.Record, error) {
			asked.Add(1)
			return []record.Record{loan(who.Reveal(), "a")}, nil
		})
		h := newHouse(t, registerOf(card("1", "recreation=P1")), rush, every(whole("services", other.taking(time.Second)), 20*time.Minute))
		began := time.Now()
		h.o.Paused = func(source string) bool {
			since := time.Since(began)
			return source == "recreation" && since >= 15*time.Minute && since < 45*time.Minute
		}
		defer h.run()()
		time.Sleep(16 * time.Minute)
		before := asked.Load()
		h.Touch(citizenOf("1")) // stale by now
		time.Sleep(28 * time.Minute)
		if got := asked.Load(); got != before {
			t.Errorf("asked %d times while paused", got-before)
		}
		h.expect("1", "recreation", "stale: a")
		time.Sleep(10 * time.Minute)
		quiet.expect(t, 0, 10, 45, 50)
		other.expect(t, 0, 20, 40)
		h.expect("1", "recreation", "stale: a")
	})
}
