package guard

import (
	"context"
	"fmt"
	"sync"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

type finder struct{ g *Guard }

// Find asks about one person. All of the person's records, or an error.
func (f finder) Find(ctx context.Context, who record.Ref) ([]record.Record, error) {
	if who.IsZero() {
		return nil, fmt.Errorf("find: nobody to ask about: %w", connectors.ErrRefused)
	}
	records, err := call(ctx, f.g, f.g.read(opFind, f.g.cfg.Deadline), func(ctx context.Context) ([]record.Record, error) {
		records, err := f.g.src.Find.Find(ctx, who)
		if err != nil {
			return nil, err
		}
		return f.g.found(who, records)
	})
	if err != nil {
		return nil, err
	}
	return records, nil
}

type lister struct{ g *Guard }

// List hands over the whole source. emit is never called twice at a time, nor
// after List returned, whatever the connector does.
func (l lister) List(ctx context.Context, since connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
	p := l.g.read(opList, l.g.cfg.ListDeadline)
	out := &outlet{emit: emit, reading: l.g.newReading()}
	cursor, err := call(ctx, l.g, p, func(ctx context.Context) (connectors.Cursor, error) {
		cursor, err := l.g.src.List.List(ctx, since, out.record)
		return cursor, out.verdict(err)
	})
	out.close()
	if err != nil {
		if own := out.callers(); own != nil {
			return "", own
		}
		return "", err
	}
	return cursor, nil
}

// errStopped ends a List that emit's error stopped: nothing that the source did.
var errStopped = fmt.Errorf("stopped by the caller: %w", context.Canceled)

// outlet passes records on to the caller of List.
type outlet struct {
	mu      sync.Mutex
	emit    func(record.Record) error
	reading *reading
	emitted bool
	closed  bool
	spoiled error // by a record that broke the contract
	own     error // what emit returned
}

func (o *outlet) record(rec record.Record) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.closed:
		return errStopped
	case o.own != nil:
		return o.own
	case o.spoiled != nil:
		return o.spoiled
	}
	rec, err := o.reading.accept(rec)
	if err != nil {
		o.spoiled = err
		return err
	}
	o.emitted = true
	o.own = o.emit(rec)
	return o.own
}

// verdict is the error of one run of List, whatever the connector made of the
// errors it was given. A read that began to emit is not repeated.
func (o *outlet) verdict(err error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.own != nil:
		return errStopped
	case o.spoiled != nil:
		return o.spoiled
	case o.emitted:
		return connectors.Retried(err)
	}
	return err
}

// close ends the passing on, waiting for an emit under way.
func (o *outlet) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
}

func (o *outlet) callers() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.own == nil {
		return nil
	}
	return fmt.Errorf("list: %w", o.own)
}
