package guard

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/semenligne/sem/connectors"
)

// budget holds the retries of a source to a fifth of its calls, whatever
// `retries` allows: when everything fails, repeating everything makes it worse.
type budget struct {
	mu     sync.Mutex
	tokens float64
}

const (
	budgetShare   = 0.2
	budgetReserve = 5
)

func newBudget() *budget { return &budget{tokens: budgetReserve} }

// earn counts a call.
func (b *budget) earn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(budgetReserve, b.tokens+budgetShare)
}

// take spends a retry, if one is left.
func (b *budget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// retrying runs a call, and again as often as the plan says when the source was
// unavailable. It never repeats what the HTTP client already repeated.
func retrying[T any](ctx context.Context, b *budget, p plan, run func(context.Context) (T, error)) (T, error) {
	b.earn()
	var repeated atomic.Bool // by the HTTP client
	ctx = connectors.WithRetries(ctx, func() bool {
		ok := p.rereads && b.take()
		if ok {
			repeated.Store(true)
		}
		return ok
	})
	for n := 0; ; n++ {
		v, err := run(ctx)
		again := n < p.retries && connectors.Reason(err) == connectors.ReasonUnavailable &&
			!connectors.WasRetried(err) && !repeated.Load()
		if !again || !pause(ctx, backoff(n)) || !b.take() {
			return v, err
		}
	}
}

// backoff is a full-jitter delay: anything up to a limit that doubles.
func backoff(n int) time.Duration {
	return rand.N(min(200*time.Millisecond<<n, 5*time.Second)) //nolint:gosec // jitter, not a secret
}

// pause waits, unless the wait would outlive the call.
func pause(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
