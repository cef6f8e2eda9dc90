package connectortest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// op is one kind of call.
type op struct {
	name string
	call func(context.Context, connectors.Source) answer
}

// answer is what came of a call.
type answer struct {
	records []record.Record
	emitted []record.Record // by List
	ref     record.Ref
	cursor  connectors.Cursor
	receipt record.Receipt
	err     error
	fault   string // panicked, or did not come back in time
}

// call makes one call with a deadline and comes back even when the call does
// not.
func (b *bench) call(ctx context.Context, limit time.Duration, o op) answer {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	done := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if p := recover(); p != nil {
				a = answer{fault: fmt.Sprintf("panicked: %v", p)}
			}
			done <- a
		}()
		a = o.call(ctx, b.source)
	}()
	select {
	case a := <-done:
		b.hear(o, a.err)
		return a
	case <-ctx.Done():
	}
	select {
	case a := <-done:
		b.hear(o, a.err)
		return a
	case <-time.After(grace):
		return answer{fault: fmt.Sprintf("did not come back within %s of the end of its context", grace)}
	}
}

// hear keeps an error for the rules that look at all of them.
func (b *bench) hear(o op, err error) {
	if err == nil {
		return
	}
	b.run.heard.add(fmt.Sprintf("error: %v", err), fmt.Sprintf("error: %+v", err))
	if text := unbounded(err); text != "" {
		b.run.odd.add(fmt.Sprintf("%s: %s in %q", o.name, text, err))
	}
}

// marshal writes records as the golden files hold them.
func marshal(records []record.Record) (string, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetIndent("", "  ")
	if records == nil {
		records = []record.Record{}
	}
	err := e.Encode(records)
	return buf.String(), err
}
