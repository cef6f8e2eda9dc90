package guard

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/semenligne/sem/connectors"
)

// bulkhead bounds the calls under way and those that wait for a slot. Waiters
// get slots in the order in which they came: the runtime keeps those blocked
// on a channel in a queue.
type bulkhead struct {
	slots   chan struct{}
	waiting atomic.Int64
	queue   int64
}

func newBulkhead(parallel, queue int) *bulkhead {
	return &bulkhead{slots: make(chan struct{}, max(1, parallel)), queue: int64(queue)}
}

// acquire takes a slot, waiting for one no longer than the context lives.
func (b *bulkhead) acquire(ctx context.Context) error {
	select {
	case b.slots <- struct{}{}:
		return nil
	default:
	}
	defer b.waiting.Add(-1)
	if b.waiting.Add(1) > b.queue {
		return fmt.Errorf("queue full: %w", connectors.ErrUnavailable)
	}
	select {
	case b.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("no free slot: %w", connectors.ErrUnavailable)
	}
}

// release gives a slot back.
func (b *bulkhead) release() { <-b.slots }

// busy is the number of slots taken, by calls that their caller gave up too.
func (b *bulkhead) busy() int { return len(b.slots) }
