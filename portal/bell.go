package portal

import (
	"sync"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
)

// bell tells open streams that a household or a consent changed. Changes made
// by another process are noticed at the next heartbeat.
type bell struct {
	mu        sync.Mutex
	listeners map[record.Citizen]map[chan struct{}]bool
}

func newBell() *bell { return &bell{listeners: map[record.Citizen]map[chan struct{}]bool{}} }

// listen delivers a value after each ring for the citizen until stop is called.
// A slow receiver misses values, never the last one.
func (b *bell) listen(c record.Citizen) (rings <-chan struct{}, stop func()) {
	ch := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.listeners[c] == nil {
		b.listeners[c] = map[chan struct{}]bool{}
	}
	b.listeners[c][ch] = true
	return ch, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if delete(b.listeners[c], ch); len(b.listeners[c]) == 0 {
			delete(b.listeners, c)
		}
	}
}

func (b *bell) ring(citizens ...record.Citizen) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range citizens {
		for ch := range b.listeners[c] {
			wake(ch)
		}
	}
}

func wake(ch chan<- struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// watch tells of changes in the sections of a changing set of people.
type watch struct {
	cache   cache.Reader
	changes chan struct{}
	stops   map[record.Citizen]func()
}

func newWatch(c cache.Reader) *watch {
	return &watch{cache: c, changes: make(chan struct{}, 1), stops: map[record.Citizen]func(){}}
}

// set makes the people those who are watched, and tells whether somebody is
// watched anew: what changed before that went unnoticed.
func (w *watch) set(people []person) (more bool) {
	wanted := map[record.Citizen]bool{}
	for _, x := range people {
		wanted[x.citizen] = true
		if w.stops[x.citizen] == nil {
			w.stops[x.citizen] = w.start(x.citizen)
			more = true
		}
	}
	for c, stop := range w.stops {
		if !wanted[c] {
			stop()
			delete(w.stops, c)
		}
	}
	return more
}

func (w *watch) start(c record.Citizen) (stop func()) {
	changes, end := w.cache.Watch(c)
	done := make(chan struct{})
	go func() {
		defer end()
		for {
			select {
			case <-changes:
				wake(w.changes)
			case <-done:
				return
			}
		}
	}()
	return func() { close(done) }
}
