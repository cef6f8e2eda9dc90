package cache

import (
	"container/list"
	"hash/maphash"
	"sync"

	"github.com/semenligne/sem/connectors/record"
)

// hot keeps the dashboards looked at last, decoded, up to a number of bytes.
// A decoded section is taken to weigh twice its bytes at rest.
type hot struct {
	limit int64

	mu    sync.Mutex
	bytes int64
	order *list.List // of *hotEntry, the latest used in front
	index map[record.Citizen]*list.Element

	// loading serialises, by citizen, what moves between file and memory, so
	// that a slow load never overwrites a newer section.
	loading [64]sync.Mutex
	seed    maphash.Seed
}

type hotEntry struct {
	citizen   record.Citizen
	dashboard Dashboard
	sizes     map[string]int64 // at rest, by source
	bytes     int64
}

func newHot(limit int64) *hot {
	return &hot{limit: limit, order: list.New(), index: map[record.Citizen]*list.Element{}, seed: maphash.MakeSeed()}
}

// load claims a citizen until the returned function is called.
func (h *hot) load(citizen record.Citizen) (done func()) {
	lock := &h.loading[maphash.String(h.seed, string(citizen))%uint64(len(h.loading))]
	lock.Lock()
	return lock.Unlock
}

func (h *hot) get(citizen record.Citizen) (Dashboard, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	element, ok := h.index[citizen]
	if !ok {
		return Dashboard{}, false
	}
	h.order.MoveToFront(element)
	return element.Value.(*hotEntry).dashboard, true
}

// put remembers a dashboard just read from the file.
func (h *hot) put(citizen record.Citizen, d Dashboard, sizes map[string]int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(citizen)
	e := &hotEntry{citizen: citizen, dashboard: d, sizes: sizes}
	h.index[citizen] = h.order.PushFront(e)
	h.weigh(e)
}

// replace changes one section of a dashboard that is in memory; others are
// read from the file when somebody asks.
func (h *hot) replace(citizen record.Citizen, source string, size int64, change func(Dashboard) Dashboard) {
	h.mu.Lock()
	defer h.mu.Unlock()
	element, ok := h.index[citizen]
	if !ok {
		return
	}
	e := element.Value.(*hotEntry)
	e.dashboard = change(e.dashboard)
	e.sizes[source] = size
	h.weigh(e)
}

func (h *hot) drop(citizen record.Citizen) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(citizen)
}

func (h *hot) clear() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.order.Init()
	clear(h.index)
	h.bytes = 0
}

// weigh counts an entry again and lets go of the longest unused beyond the
// limit.
func (h *hot) weigh(e *hotEntry) {
	const overhead = 512
	h.bytes -= e.bytes
	e.bytes = overhead
	for _, size := range e.sizes {
		e.bytes += 2 * size
	}
	h.bytes += e.bytes
	for h.bytes > h.limit {
		h.remove(h.order.Back().Value.(*hotEntry).citizen)
	}
}

func (h *hot) remove(citizen record.Citizen) {
	element, ok := h.index[citizen]
	if !ok {
		return
	}
	h.bytes -= h.order.Remove(element).(*hotEntry).bytes
	delete(h.index, citizen)
}
