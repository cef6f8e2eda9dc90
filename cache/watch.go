package cache

import (
	"sync"

	"github.com/semenligne/sem/connectors/record"
)

// Watchers are who wants to know of a citizen's changes. The zero value is
// ready.
type Watchers struct {
	mu sync.Mutex
	by map[record.Citizen]map[chan struct{}]struct{}
}

// Add delivers a value each time something of the citizen's changes, until stop
// is called. A slow receiver misses values, never the last one.
func (w *Watchers) Add(citizen record.Citizen) (changes <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.by == nil {
		w.by = map[record.Citizen]map[chan struct{}]struct{}{}
	}
	if w.by[citizen] == nil {
		w.by[citizen] = map[chan struct{}]struct{}{}
	}
	w.by[citizen][c] = struct{}{}
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.by[citizen], c)
		if len(w.by[citizen]) == 0 {
			delete(w.by, citizen)
		}
	}
}

// Tell delivers a value to whoever watches the citizen. It never waits: a
// receiver that has a value waiting will look anyway.
func (w *Watchers) Tell(citizen record.Citizen) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.by[citizen] {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
