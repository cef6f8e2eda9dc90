package guard

import (
	"sync"

	"github.com/sony/gobreaker/v2"
)

// breakers are the breakers of one source: its reads, PIN checks and actions
// fail apart.
type breakers struct{ reads, authenticate, actions *breaker }

// newBreakers makes closed breakers. changed learns which one changed to which
// state, and the state of the worst of them; one call at a time.
func newBreakers(cfg Breaker, changed func(which string, to, worst State)) breakers {
	all := &states{now: map[string]State{}, changed: changed}
	one := func(which string) *breaker {
		return newBreaker(cfg, func(to gobreaker.State) { all.set(which, stateOf(to)) })
	}
	return breakers{reads: one("reads"), authenticate: one("authenticate"), actions: one("actions")}
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
	changed func(which string, to, worst State)

	mu  sync.Mutex
	now map[string]State
}

func (s *states) set(which string, to State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now[which] = to
	worst := Closed
	for _, one := range s.now {
		if one == Open || one == HalfOpen && worst == Closed {
			worst = one
		}
	}
	s.changed(which, to, worst)
}
