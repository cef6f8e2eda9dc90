package guard

import (
	"sync"

	"github.com/sony/gobreaker/v2"
)

// breakers are the breakers of one source: its reads, PIN checks and actions
// fail apart.
type breakers struct{ reads, authenticate, actions *breaker }

func newBreakers(cfg Breaker, changed func(worst, to State)) breakers {
	states := &states{}
	one := func(i int) *breaker {
		return newBreaker(cfg, func(_, to gobreaker.State) {
			changed(states.set(i, stateOf(to)), stateOf(to))
		})
	}
	return breakers{reads: one(0), authenticate: one(1), actions: one(2)}
}

// State is the state of a breaker.
type State string

// The states, closed, from best to worst.
const (
	Closed   State = "closed"
	HalfOpen State = "half_open" // one call is let through to see
	Open     State = "open"
)

func stateOf(s gobreaker.State) State {
	switch s {
	case gobreaker.StateOpen:
		return Open
	case gobreaker.StateHalfOpen:
		return HalfOpen
	case gobreaker.StateClosed:
	}
	return Closed
}

// states remembers the last state that each breaker told, for the one state
// that a source has in the metrics: that of its worst breaker.
type states struct {
	mu  sync.Mutex
	now [3]State
}

func (s *states) set(i int, to State) (worst State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now[i] = to
	worst = Closed
	for _, one := range s.now {
		if one == Open || one == HalfOpen && worst == Closed {
			worst = one
		}
	}
	return worst
}
