package aggregator

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// TestReread: a section is read again however fresh it is, and an older question
// that is answered later does not undo it.
func TestReread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		h := newHouse(t, registerOf(card("1", "library=P1")),
			person("library", func(_ context.Context, who record.Ref) ([]record.Record, error) {
				n := calls.Add(1)
				if n == 2 {
					time.Sleep(5 * time.Second) // what it says was true when it was asked
				}
				return []record.Record{loan(who.Reveal(), fmt.Sprint(n))}, nil
			}))
		defer h.run()()
		h.Touch(citizenOf("1"))
		synctest.Wait()
		h.expect("1", "library", "fresh: 1")
		time.Sleep(10 * time.Minute)
		h.Touch(citizenOf("1"))
		synctest.Wait()
		time.Sleep(time.Second)
		h.Reread(t.Context(), "library", citizenOf("1"))
		h.expect("1", "library", "fresh: 3")
		time.Sleep(10 * time.Second)
		h.expect("1", "library", "fresh: 3")
		h.Reread(t.Context(), "else", citizenOf("1")) // no such source: nothing to do
		if n := calls.Load(); n != 3 {
			t.Errorf("%d calls, want 3", n)
		}
	})
}
