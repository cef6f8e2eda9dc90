// Package outbox is the relay: it takes what citizens sent out of the dossier's
// outbox, has the sources do it, and stores what became of it.
//
// An attempt is noted before the source is called, so that a process that dies
// leaves a trace. What was sent and not answered is never sent again: the source
// is read until the truth is known, or a person of the town decides. Package
// dossier describes the states, [Rules] when one follows the other.
//
// Exactly once is more than anybody can promise: a mail server may take a
// message and lose its answer. What is promised is that nothing is lost, that
// nothing is sent twice unless the source was read and proved that it had not
// happened, and that what cannot be known is said to be unknown.
package outbox

import (
	"cmp"
	"context"
	"errors"
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

// ErrNoSource means that no source of this name does such a thing. Nothing was
// accepted.
var ErrNoSource = errors.New("outbox: no source does this")

// The points at which [Options.Fault] is called: each stands before or after a
// durable step or a call of a source.
const (
	FaultAccepted = "accepted" // stored, nobody works on it yet
	FaultBegin    = "begin"    // about to note an attempt
	FaultBegun    = "begun"    // noted, nothing sent yet
	FaultSent     = "sent"     // the source answered, or did not; not stored yet
	FaultLearnt   = "learnt"   // the source was read; not stored yet
	FaultSettled  = "settled"  // stored, nobody was told yet
)

// Source is one source as the relay calls it.
type Source struct {
	// Name is the configured name.
	Name string
	// Source is the opened source behind its guard: Do, Learn and Send are used.
	Source connectors.Source
	// Parallel is how many transactions are worked on at once; 0 is 2.
	Parallel int
}

// Dossier is what the relay needs of the citizens' dossier.
type Dossier interface {
	dossier.Transactions
	dossier.Queue
	Backlog(ctx context.Context) ([]dossier.Backlog, error)
}

// Options is what a [Relay] works with.
type Options struct {
	Sources []Source
	Dossier Dossier
	Rules   Rules
	// Refresh reads a citizen's section of a source again, at once, after
	// something was done there. Nil is none.
	Refresh func(ctx context.Context, source string, citizen record.Citizen)
	// Letters says which messages follow from a transaction that was just done,
	// refused or parked: receipts by mail. They are stored in the step that
	// settles it. It is not asked about what itself follows from another. Nil is
	// none.
	Letters func(t dossier.Transaction) []dossier.Transaction
	// Log hears of what needs a person of the town. Nil discards.
	Log *slog.Logger
	// Registerer receives the metrics. Nil is none.
	Registerer prometheus.Registerer
	// Fault is called at each fault point by tests that stop the process there.
	// Nil in production.
	Fault func(point string)
}

// Relay works the outbox. Its methods may be called from any goroutine, also
// before Run and after it ended.
type Relay struct {
	o        Options
	lanes    map[string]*lane
	metrics  *metrics
	watchers cache.Watchers
	versions versions
	ended    chan struct{}
}

// New makes a relay. Nothing is called before Run.
func New(o Options) (*Relay, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Fault == nil {
		o.Fault = func(string) {}
	}
	o.Rules = o.Rules.withDefaults()
	r := &Relay{o: o, lanes: map[string]*lane{}, ended: make(chan struct{})}
	for _, s := range o.Sources {
		if _, twice := r.lanes[s.Name]; twice || s.Name == "" {
			return nil, fmt.Errorf("outbox: source name %q: empty or used twice", s.Name)
		}
		if s.Source.Do == nil && s.Source.Send == nil {
			continue
		}
		s.Parallel = cmp.Or(s.Parallel, 2)
		r.lanes[s.Name] = &lane{Source: s, kicked: make(chan struct{}, 1), busy: map[string]bool{}}
	}
	var err error
	if r.metrics, err = newMetrics(o.Registerer, o.Dossier); err != nil {
		return nil, fmt.Errorf("outbox: metrics: %w", err)
	}
	return r, nil
}

// Run works the outbox until the context ends, then finishes the calls under
// way, and returns. Each source has its own lane: none waits for another. Call
// it once, and in one process only.
func (r *Relay) Run(ctx context.Context) error {
	defer close(r.ended)
	if err := r.recover(ctx); err != nil && ctx.Err() == nil {
		return fmt.Errorf("outbox: %w", err)
	}
	var wg sync.WaitGroup
	for _, l := range r.lanes {
		wg.Go(func() { r.serve(ctx, l) })
	}
	wg.Wait()
	return nil
}

// recover takes up what the last process left.
func (r *Relay) recover(ctx context.Context) error {
	n, err := r.o.Dossier.Recover(ctx, time.Now())
	if err != nil {
		return err
	}
	if n > 0 {
		r.o.Log.Warn("actions were interrupted; their sources are read to learn what happened", "count", n)
	}
	backlog, err := r.o.Dossier.Backlog(ctx)
	if err != nil {
		return err
	}
	for _, b := range backlog {
		if r.lanes[b.Source] == nil {
			r.o.Log.Warn("actions wait for a source that is not configured to act", "source", b.Source, "state", b.State, "count", b.Count)
		}
	}
	return nil
}

// Act accepts a transaction and has it attempted at once. It returns the
// transaction in the state in which it then is: settled, or as far as the
// budget, or the caller's patience, let it come. Once accepted it goes on
// whatever becomes of the caller; the error then is nil.
//
// The same citizen, key and content is the same transaction, and comes back as
// it stands. Other content is [dossier.ErrKeyReused]. Photos are drafts of the
// citizen that become the transaction's in the step that stores it. An error
// means that nothing was accepted.
func (r *Relay) Act(ctx context.Context, t dossier.Transaction, photos ...string) (dossier.Transaction, error) {
	l := r.lanes[t.Source]
	if l == nil || !l.takes(t.Action) {
		return dossier.Transaction{}, ErrNoSource
	}
	changes, stop := r.Watch(t.Citizen)
	defer stop()
	t.Accepted = time.Now()
	stored, again, err := r.o.Dossier.AcceptWithPhotos(ctx, t, photos...)
	if err != nil {
		return dossier.Transaction{}, err
	}
	r.o.Fault(FaultAccepted)
	if !again {
		r.metrics.entered(stored)
		r.tell(stored.Citizen)
	}
	l.kick()
	return r.await(ctx, stored, changes), nil
}

// await returns a transaction once nothing will happen to it within the budget.
func (r *Relay) await(ctx context.Context, t dossier.Transaction, changes <-chan struct{}) dossier.Transaction {
	end := time.Now().Add(r.o.Rules.Budget)
	ctx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	for !t.State.Final() && t.State != dossier.Parked && t.NotBefore.Before(end) {
		select {
		case <-ctx.Done():
			return t
		case <-r.ended:
			return t
		case <-changes:
		}
		now, err := r.o.Dossier.Transaction(ctx, t.Citizen, t.ID)
		if err != nil {
			return t // accepted all the same; the store's trouble shows elsewhere
		}
		t = now
	}
	return t
}

// Watch delivers a value each time a transaction of the citizen changes, until
// the returned function is called. A slow receiver misses values, never the
// last one.
func (r *Relay) Watch(citizen record.Citizen) (changes <-chan struct{}, stop func()) {
	return r.watchers.Add(citizen)
}

// Version is another number whenever a transaction of the citizen may have
// changed since it was asked for. It begins anew with the process.
func (r *Relay) Version(citizen record.Citizen) uint64 { return r.versions.of(citizen) }

// tell says that a transaction of the citizen changed.
func (r *Relay) tell(citizen record.Citizen) {
	r.versions.raise(citizen)
	r.watchers.Tell(citizen)
}

// versions counts the changes of each citizen who acted since the start.
type versions struct {
	mu    sync.Mutex
	count map[record.Citizen]uint64
}

func (v *versions) of(citizen record.Citizen) uint64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.count[citizen]
}

func (v *versions) raise(citizen record.Citizen) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.count == nil {
		v.count = map[record.Citizen]uint64{}
	}
	v.count[citizen]++
}
