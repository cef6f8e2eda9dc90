package outbox

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

const (
	// lookEvery is how soon a lane notices what another process changed, such as
	// a replay from the command line.
	lookEvery = time.Minute
	// lookAgain is the pause of a lane whose work is under way or whose store is
	// out of order.
	lookAgain = time.Second
	// callAtMost bounds a call of a source; guards end theirs well before.
	callAtMost = time.Minute
)

// lane is the work for one source.
type lane struct {
	Source
	kicked chan struct{} // asks for a round soon

	mu   sync.Mutex
	busy map[string]bool // transactions that are being worked on
}

// takes tells whether the source can do such a thing at all.
func (l *lane) takes(a record.Action) bool {
	if _, ok := a.(record.Message); ok {
		return l.Source.Source.Send != nil
	}
	return a != nil && l.Source.Source.Do != nil
}

// perform has the source do it, once.
func (l *lane) perform(ctx context.Context, t dossier.Transaction) (record.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, callAtMost)
	defer cancel()
	if !l.takes(t.Action) {
		return record.Receipt{}, fmt.Errorf("outbox: source does not do this: %w", connectors.ErrRefused)
	}
	if m, ok := t.Action.(record.Message); ok {
		return l.Source.Source.Send.Send(ctx, m)
	}
	return l.Source.Source.Do.Do(ctx, t.Ref, t.Action)
}

func (l *lane) kick() {
	select {
	case l.kicked <- struct{}{}:
	default:
	}
}

func (l *lane) working() map[string]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.busy)
}

// take claims a transaction; false when there is no hand free for it.
func (l *lane) take(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.busy) >= l.Parallel {
		return false
	}
	l.busy[id] = true
	return true
}

func (l *lane) release(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.busy, id)
}

// serve makes rounds until the context ends, and returns once nothing is under
// way.
func (r *Relay) serve(ctx context.Context, l *lane) {
	var hands sync.WaitGroup
	defer hands.Wait()
	for ctx.Err() == nil {
		timer := time.NewTimer(r.round(ctx, l, &hands))
		select {
		case <-ctx.Done():
		case <-l.kicked:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// round puts hands to what is due, and returns when to look again unless
// something happens before.
func (r *Relay) round(ctx context.Context, l *lane, hands *sync.WaitGroup) time.Duration {
	// Who is worked on is asked before the store: what it says of them may be old
	// by the time it is read.
	working, now := l.working(), time.Now()
	due, err := r.o.Dossier.DueTransactions(ctx, l.Name, now, 2*l.Parallel)
	if err == nil {
		left := false
		for _, t := range due {
			if working[t.ID] || !l.take(t.ID) {
				left = true
				continue
			}
			hands.Go(func() {
				defer l.kick()
				defer l.release(t.ID)
				r.work(ctx, l, t)
			})
		}
		if left {
			return lookAgain // or sooner, when a hand is free
		}
		var next time.Time
		if next, err = r.o.Dossier.NextDue(ctx, l.Name); err == nil && !next.IsZero() {
			return min(max(next.Sub(now), lookAgain), lookEvery)
		}
	}
	if err != nil && ctx.Err() == nil {
		r.o.Log.Error("outbox not read", "source", l.Name, "err", err)
	}
	return lookEvery
}
