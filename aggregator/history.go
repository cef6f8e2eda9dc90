package aggregator

import (
	"slices"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors"
)

// Attempt is one pass over a source that ended.
type Attempt struct {
	At time.Time `json:"at"` // when it began, UTC
	Result
}

// keptAttempts is how many of the latest passes are kept, and again how many of
// the latest that failed.
const keptAttempts = 50

// history keeps recent attempts. Failures have room of their own: a source
// that recovers does not push away the traces of its outage.
type history struct {
	mu             sync.Mutex
	recent, failed []Attempt // oldest first
}

func (h *history) add(a Attempt) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.recent = latest(append(h.recent, a))
	if a.Reason != connectors.ReasonOK {
		h.failed = latest(append(h.failed, a))
	}
}

func latest(attempts []Attempt) []Attempt {
	return slices.Clone(attempts[max(0, len(attempts)-keptAttempts):])
}

// list returns what is kept, newest first.
func (h *history) list() []Attempt {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := slices.Clone(h.recent)
	for _, f := range h.failed {
		if len(h.recent) == 0 || f.At.Before(h.recent[0].At) {
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b Attempt) int { return b.At.Compare(a.At) })
	return all
}
