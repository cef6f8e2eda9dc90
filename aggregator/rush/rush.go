// Package rush lets a whole town register at once without a source noticing:
// while a window of registration is open, people take tickets in the dossier's
// waiting room, and a few places at a time are asked for in the order of turns.
//
// Those who are there at the opening are drawn by lot (see [dossier.Lots]); who
// comes later stands behind them. Nobody loses a turn by a reload, a sign-out, a
// source that is down or a restart: everything that counts is in the dossier, and
// asking twice with one ticket is asking for one place. For one session only one
// place is asked for at a time: else two answers that cross would turn the order.
package rush

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// The reasons of refused tickets beside those of sources.
const (
	// ReasonFull: the source says that no place is left, and none is undecided.
	ReasonFull = record.RefusalFull
	// ReasonClosed: the window closed before the turn came.
	ReasonClosed = "rush_closed"
)

// The points at which [Options.Fault] is called: each stands before or after a
// durable step or a call of a source.
const (
	FaultDrawn    = "drawn"    // the order is stored
	FaultAsked    = "asked"    // noted that the source is about to be asked
	FaultAnswered = "answered" // the source answered; not stored yet
	FaultHeld     = "held"     // stored, nobody was told yet
	FaultLapsed   = "lapsed"   // a place ran out; not given back yet
	FaultReleased = "released" // given back; not stored yet
)

// Window is one opening of registration at a source.
type Window struct {
	Source        string
	Opens, Closes time.Time
	// Lobby is how long before the opening people may come in.
	Lobby time.Duration
	// Parallel is how many places are asked for at once.
	Parallel int
	// Decide is how long a kept place waits for its person, at most.
	Decide time.Duration
}

// ID names the window in the dossier: another opening is another window.
func (w Window) ID() string { return w.Source + " " + w.Opens.UTC().Format(time.RFC3339) }

// On tells whether people may be in the room.
func (w Window) On(now time.Time) bool {
	return !now.Before(w.Opens.Add(-w.Lobby)) && now.Before(w.Closes)
}

// Dossier is what the engine needs of the dossier.
type Dossier interface {
	dossier.WaitingRoom
	dossier.Turns
}

// Options is what an [Engine] works with.
type Options struct {
	Windows []Window
	// Sources are the sources of the windows, by name, behind their guards.
	Sources map[string]connectors.Doer
	Dossier Dossier
	// Log hears of openings, closings and pauses. Nil discards.
	Log *slog.Logger
	// Registerer receives the metrics. Nil is none.
	Registerer prometheus.Registerer
	// Fault is called at each fault point by tests that stop the engine there. Nil
	// in production.
	Fault func(point string)
}

// Engine gives people their turns. Its methods may be called from any goroutine,
// also before Run and after it ended.
type Engine struct {
	o        Options
	rooms    map[string]*room // by window
	metrics  *metrics
	watchers cache.Watchers
}

// New makes an engine. Nothing is called before Run.
func New(o Options) (*Engine, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Fault == nil {
		o.Fault = func(string) {}
	}
	e := &Engine{o: o, rooms: map[string]*room{}}
	for _, w := range o.Windows {
		doer := o.Sources[w.Source]
		if doer == nil {
			return nil, fmt.Errorf("rush: source %q does not register anybody", w.Source)
		}
		if _, twice := e.rooms[w.ID()]; twice || w.Parallel < 1 || w.Decide <= 0 || !w.Closes.After(w.Opens) {
			return nil, fmt.Errorf("rush: window %s: twice, or without length, parallel or decide", w.ID())
		}
		e.rooms[w.ID()] = newRoom(w, doer)
	}
	var err error
	if e.metrics, err = newMetrics(o.Registerer); err != nil {
		return nil, fmt.Errorf("rush: metrics: %w", err)
	}
	return e, nil
}

// Run gives turns until the context ends, then finishes the calls under way, and
// returns. Each window has its own. Call it once, and in one process only.
func (e *Engine) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for _, r := range e.rooms {
		wg.Go(func() { e.serve(ctx, r) })
	}
	wg.Wait()
	return nil
}

// Window returns the window of a source in which people may be now.
func (e *Engine) Window(source string, now time.Time) (Window, bool) {
	for _, r := range e.rooms {
		if r.Source == source && r.On(now) {
			return r.Window, true
		}
	}
	return Window{}, false
}

// Quiet tells that a source is to be left alone by whatever can wait.
func (e *Engine) Quiet(source string) bool {
	_, on := e.Window(source, time.Now())
	return on
}

// Enter lets somebody into the room of a window that is on; see
// [dossier.WaitingRoom]. A ticket of no such window is [dossier.ErrNotFound].
func (e *Engine) Enter(ctx context.Context, t dossier.Ticket) (dossier.Ticket, error) {
	r := e.rooms[t.Window]
	now := time.Now()
	if r == nil || r.Source != t.Source || !r.On(now) {
		return dossier.Ticket{}, fmt.Errorf("rush: window: %w", dossier.ErrNotFound)
	}
	if err := e.prepare(ctx, r); err != nil {
		return dossier.Ticket{}, err
	}
	t.Arrived = now
	stored, again, err := e.o.Dossier.Enter(ctx, t)
	if err != nil {
		return dossier.Ticket{}, err
	}
	if !again {
		e.metrics.came(stored)
		r.kick()
	}
	return stored, nil
}

// Leave gives up a citizen's ticket; a place that is kept goes to the next.
func (e *Engine) Leave(ctx context.Context, citizen record.Citizen, id string) error {
	t, err := e.o.Dossier.Ticket(ctx, citizen, id)
	if err != nil {
		return err
	}
	if err := e.o.Dossier.Leave(ctx, citizen, id, time.Now()); err != nil {
		return err
	}
	t.State = dossier.TicketLeft
	e.metrics.came(t)
	e.watchers.Tell(citizen)
	if r := e.rooms[t.Window]; r != nil {
		r.kick()
	}
	return nil
}

// Watch delivers a value each time a ticket of the citizen moved, and now and
// then while others do, until the returned function is called. A slow receiver
// misses values, never the last one.
func (e *Engine) Watch(citizen record.Citizen) (changes <-chan struct{}, stop func()) {
	return e.watchers.Add(citizen)
}
