package rush

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/dossier"
)

const (
	// lookEvery is how soon a room notices that a transaction was settled while
	// somebody waits for it, and idleEvery whatever else nobody told it.
	lookEvery, idleEvery = time.Second, 5 * time.Second
	// probeEvery is how often a session whose last places are kept is asked again:
	// places that other counters keep run out too.
	probeEvery = 30 * time.Second
	// tellEvery is how often everybody who waits is told that the queue moved.
	tellEvery = 10 * time.Second
)

// room is one window at work. What counts is in the dossier; what is here may be
// forgotten.
type room struct {
	Window
	doer   connectors.Doer
	kicked chan struct{} // asks for a round soon

	mu   sync.Mutex
	busy map[string]string // sessions of the tickets that are worked on, by ID
	// shut are sessions that have no place to give at the moment.
	shut map[string]shut
	// freed counts the places given back, by session: an answer from before is old.
	freed map[string]int
	// tries counts odd answers to one ticket; see [Engine.trouble].
	tries    map[string]int
	failures int // in a row
	rests    time.Time
	why      string
	told     time.Time
	looked   time.Time
}

// shut is how long a session is passed over. Undecided tells that places of ours
// may come free: once all are decided on, the source is asked again before.
type shut struct {
	until     time.Time
	undecided bool
}

func newRoom(w Window, doer connectors.Doer) *room {
	return &room{
		Window: w, doer: doer, kicked: make(chan struct{}, 1),
		busy: map[string]string{}, shut: map[string]shut{}, freed: map[string]int{}, tries: map[string]int{},
	}
}

func (r *room) kick() {
	select {
	case r.kicked <- struct{}{}:
	default:
	}
}

// take claims a ticket; false when no hand is free, or somebody works on it or
// asks for its session.
func (r *room) take(t dossier.Ticket, alone bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.busy) >= r.Parallel || r.busy[t.ID] != "" || alone && slices.Contains(slices.Collect(maps.Values(r.busy)), t.Action.Session) {
		return false
	}
	r.busy[t.ID] = t.Action.Session
	return true
}

func (r *room) done(t dossier.Ticket) {
	r.mu.Lock()
	delete(r.busy, t.ID)
	r.mu.Unlock()
	r.kick()
}

// passedOver are the sessions that nobody is to be asked for now.
func (r *room) passedOver(now time.Time) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	sessions := slices.Collect(maps.Values(r.busy))
	for s, is := range r.shut {
		if is.until.After(now) {
			sessions = append(sessions, s)
		}
	}
	return sessions
}

// undecided are the shut sessions that may open early, once every lookEvery.
func (r *room) undecided(now time.Time) (sessions []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.looked) < lookEvery {
		return nil
	}
	r.looked = now
	for s, is := range r.shut {
		if is.undecided && is.until.After(now) {
			sessions = append(sessions, s)
		}
	}
	return sessions
}

// close passes a session over for a while.
func (r *room) close(session string, is shut) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shut[session] = is
}

// open has a session asked for again.
func (r *room) open(session string, freed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.shut, session)
	if freed {
		r.freed[session]++
	}
}

// nap is how long there is nothing to do unless something happens before.
func (r *room) nap(now time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	for s, is := range r.shut {
		if !is.until.After(now) {
			delete(r.shut, s)
		}
	}
	if len(r.shut) > 0 || r.rests.After(now) {
		return lookEvery
	}
	return idleEvery
}

func (r *room) freedOf(session string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.freed[session]
}

// resting tells whether the source is left alone, until when and why.
func (r *room) resting(now time.Time) (until time.Time, why string, yes bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rests, r.why, r.rests.After(now)
}

// rest leaves the source alone for longer each time.
func (r *room) rest(why string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures++
	r.why, r.rests = why, now.Add(min(restFirst<<min(r.failures-1, 8), restMost))
}

func (r *room) recovered() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures, r.why, r.rests = 0, "", time.Time{}
}

// tried counts an odd answer to a ticket.
func (r *room) tried(id string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tries[id]++
	return r.tries[id]
}

// due tells whether everybody who waits is to be told that the queue moved.
func (r *room) due(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.told) < tellEvery {
		return false
	}
	r.told = now
	return true
}

// prepare commits to the seed of the draw, once.
func (e *Engine) prepare(ctx context.Context, r *room) error {
	seed := make([]byte, 32)
	_, _ = rand.Read(seed) // never fails
	_, err := e.o.Dossier.PrepareDraw(ctx, r.ID(), seed, time.Now())
	return err
}
