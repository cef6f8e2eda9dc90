package portal

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

const (
	heartbeat         = 15 * time.Second
	streamsPerCitizen = 6
	writeTime         = 10 * time.Second // for one event to a slow reader
)

// streams counts live streams, so that one citizen's tabs cannot hold them all,
// and ends them when the server stops.
type streams struct {
	mu     sync.Mutex
	open   map[record.Citizen]int
	closed chan struct{}
	once   sync.Once
}

func newStreams() *streams {
	return &streams{open: map[record.Citizen]int{}, closed: make(chan struct{})}
}

func (s *streams) enter(c record.Citizen) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[c] >= streamsPerCitizen {
		return false
	}
	s.open[c]++
	return true
}

func (s *streams) leave(c record.Citizen) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[c]--; s.open[c] == 0 {
		delete(s.open, c)
	}
}

// EndStreams ends every live stream, so that a server can drain; new ones are
// refused.
func (p *Portal) EndStreams() { p.streams.once.Do(func() { close(p.streams.closed) }) }

// events tells an open page that something changed. It reads the session and
// never writes it back: a stream that outlives a sign-out must not undo it.
//
// An event says only which version there is now, of the citizen's sections and of
// those of others that the citizen may see; the page then asks for itself again,
// and shows what may be seen by then. A stream ends when its session does.
func (p *Portal) events(w http.ResponseWriter, r *http.Request) error {
	r.Header[background] = []string{"1"}
	s, err := p.sessions.look(r)
	if err != nil {
		return err
	}
	select {
	case <-p.streams.closed:
		return errShuttingDown
	default:
	}
	if !p.streams.enter(s.citizen) {
		return errManyStreams
	}
	defer p.streams.leave(s.citizen)
	rings, stop := p.bell.listen(s.citizen)
	defer stop()
	watched := newWatch(p.opt.Cache)
	defer watched.set(nil)
	moved, stopMoved := p.moved(s.citizen)
	defer stopMoved()
	turns, stopTurns := p.turns(s.citizen)
	defer stopTurns()

	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	st := stream{rc: http.NewResponseController(w), w: w}
	if err := st.send("retry: 5000\n\n"); err != nil {
		return nil // the reader is gone
	}
	last := r.Header.Get("Last-Event-ID")
	if last == "" {
		last = r.URL.Query().Get("version")
	}
	p.follow(r, s, st, last, watched, rings, moved, turns)
	return nil
}

// follow sends an event for each change until the session or the reader ends.
func (p *Portal) follow(r *http.Request, s *session, st stream, last string, watched *watch, rings, moved, turns <-chan struct{}) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	aged := time.NewTimer(0) // fires when age alone changes the page
	<-aged.C
	defer aged.Stop()
	force, first := false, true
	var due time.Time // when aged fires
	for {
		f, err := p.family(r.Context(), s.citizen, dossier.Datasets()...)
		if err != nil {
			return // the page asks again by itself
		}
		if watched.set(f.people) {
			continue
		}
		own := strconv.FormatUint(f.people[0].dashboard.Version, 10)
		version := own
		if others := f.version(); others != "" {
			version += "-" + others
		}
		if first && last == own { // a page about nobody else
			last = version
		}
		first = false
		now := p.opt.Now()
		if !due.IsZero() && !now.Before(due) { // whatever woke us first
			force = true
		}
		if force || last != version {
			if st.send(fmt.Sprintf("id: %s\nevent: changed\ndata: %s\n\n", version, version)) != nil {
				return
			}
			last = version
		}
		if due, err = p.nextTurn(r.Context(), f, now); err != nil {
			return // the page asks again by itself
		}
		aged.Reset(due.Sub(now))
		force = false
		select {
		case <-watched.changes:
		case <-rings:
		case <-moved: // a transaction is no part of the version
			force = true
		case <-turns: // nor is a ticket
			force = true
		case <-aged.C: // due
		case <-beat.C:
			if !p.sessions.alive(r.Context(), s) {
				_ = st.send("event: ended\ndata: signed_out\n\n") // the reader may be gone
				return
			}
			if st.send(": still here\n\n") != nil {
				return
			}
		case <-s.done:
			if !p.sessions.alive(r.Context(), s) {
				_ = st.send("event: ended\ndata: signed_out\n\n") // the reader may be gone
			}
			return
		case <-p.streams.closed:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// moved tells that something the citizen sent moved on; never, without a desk.
func (p *Portal) moved(citizen record.Citizen) (<-chan struct{}, func()) {
	if p.opt.Desk == nil {
		return nil, func() {}
	}
	return p.opt.Desk.Watch(citizen)
}

// turns tells that a ticket of the citizen moved on, or the queue before it;
// never, without a waiting room.
func (p *Portal) turns(citizen record.Citizen) (<-chan struct{}, func()) {
	if p.opt.WaitingRoom == nil {
		return nil, func() {}
	}
	return p.opt.WaitingRoom.Watch(citizen)
}

// stream writes events, each within a time of its own.
type stream struct {
	rc *http.ResponseController
	w  http.ResponseWriter
}

func (s stream) send(text string) error {
	if err := s.rc.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	if _, err := s.w.Write([]byte(text)); err != nil { //nolint:gosec // our own words and numbers, in a stream that is no page
		return err
	}
	return s.rc.Flush()
}
