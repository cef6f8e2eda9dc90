package guard

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/semenligne/sem/connectors"
)

// breaker leaves a failing source alone for a while. It opens after a number
// of failed calls in a row, however far apart, or when half of the recent
// calls failed.
type breaker struct {
	gate   *gobreaker.TwoStepCircuitBreaker[any]
	recent window
}

// newBreaker makes a closed breaker. changed is called under its lock.
func newBreaker(cfg Breaker, changed func(to gobreaker.State)) *breaker {
	b := &breaker{recent: window{size: max(20, 2*cfg.Failures)}}
	rest := cfg.Rest.Std()
	b.gate = gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
		// By chance up to a quarter longer, so that the sources that one failure
		// took down are not all tried again at the same moment.
		Timeout: rest + rand.N(rest/4+1), //nolint:gosec // jitter, not a secret
		ReadyToTrip: func(c gobreaker.Counts) bool {
			return int(c.ConsecutiveFailures) >= cfg.Failures || b.recent.failing(2*cfg.Failures)
		},
		OnStateChange: func(_ string, _, to gobreaker.State) {
			b.recent.clear()
			changed(to)
		},
		IsSuccessful: answered,
		IsExcluded:   func(err error) bool { return connectors.Reason(err) == connectors.ReasonCanceled },
	})
	return b
}

// allow asks whether a call may go through; done must be told how it ended.
func (b *breaker) allow() (done func(error), err error) {
	tell, err := b.gate.Allow()
	if err != nil {
		return nil, fmt.Errorf("breaker %s: %w", b.gate.State(), connectors.ErrUnavailable)
	}
	return func(err error) {
		if connectors.Reason(err) != connectors.ReasonCanceled {
			b.recent.add(answered(err), time.Now())
		}
		tell(err)
	}, nil
}

// answered tells whether the source did its part: a refusal, a "not found" and
// a wrong PIN are answers.
func answered(err error) bool {
	switch connectors.Reason(err) {
	case connectors.ReasonUnavailable, connectors.ReasonMalformed, connectors.ReasonOutcomeUnknown, connectors.ReasonDefect:
		return false
	}
	return true
}

// window remembers how the last calls ended, none older than five minutes.
type window struct {
	size int

	mu    sync.Mutex
	calls []ended
}

type ended struct {
	at time.Time
	ok bool
}

func (w *window) add(ok bool, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, ended{now, ok})
	for len(w.calls) > w.size || now.Sub(w.calls[0].at) > 5*time.Minute {
		w.calls = w.calls[1:]
	}
}

// failing tells whether at least half of the calls failed, and there were
// enough of them to say so.
func (w *window) failing(enough int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	failed := 0
	for _, c := range w.calls {
		if !c.ok {
			failed++
		}
	}
	return len(w.calls) >= enough && 2*failed >= len(w.calls)
}

func (w *window) clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = nil
}
