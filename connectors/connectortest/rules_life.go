package connectortest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors"
)

func onWire(s *Suite, _ connectors.Source) bool { return s.Start != nil }

func lifeRules() []rule {
	return []rule{
		{name: "open/offline", reason: "a source that is down never stops the start", applies: onWire, check: opensOffline},
		{name: "quiet", reason: "a log that speaks when all is well hides the line that matters", check: quiet},
		{name: "concurrent", reason: "the guard calls a source from several goroutines (run with -race)", check: concurrent},
		{name: "close/twice", reason: "shutdown paths meet; a second Close is harmless", applies: canClose, check: closesTwice},
		{name: "close/leak", reason: "a goroutine left behind for each call fills the memory in a week", check: leaves},
		{name: "ctx/canceled", reason: "a caller that is gone must not be worked for", check: canceled},
		{name: "ctx/under-way", reason: "shutdown waits for the calls under way", applies: onWire, check: canceledUnderWay},
	}
}

func canClose(_ *Suite, source connectors.Source) bool { return source.Close != nil }

func opensOffline(ctx context.Context, r *run) []string {
	return r.with(func(b *bench) []string {
		wait(ctx, 100*time.Millisecond) // for a dial in the background
		if n := b.proxy.Connections(); n > 0 {
			return []string{fmt.Sprintf("%d connections before the first call", n)}
		}
		return nil
	})
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// ops are the reads that the source can do, with the person and card known.
func (b *bench) ops() []op {
	s, out := b.run.suite, []op{}
	out = append(out, op{"check", func(ctx context.Context, src connectors.Source) answer {
		return answer{err: src.Check(ctx)}
	}})
	if b.source.Find != nil {
		out = append(out, findOp(s.Known))
	}
	if b.source.List != nil {
		out = append(out, listOp(""))
	}
	if b.source.Authenticate != nil {
		out = append(out, authenticateOp(s.Card, s.PIN))
	}
	if b.source.Learn != nil {
		out = append(out, learnOp(s.Acts[0].Who, s.Acts[0].Action, time.Now()))
	}
	return out
}

func quiet(ctx context.Context, r *run) []string {
	return r.with(func(b *bench) []string {
		var out []string
		for _, o := range b.ops() {
			b.call(ctx, cleanTime, o)
		}
		for _, line := range b.logs.all() {
			if !strings.HasPrefix(line, "level=DEBUG ") {
				out = append(out, "log line "+line)
			}
		}
		return out
	})
}

// concurrent makes every read several times at once and wants equal answers.
func concurrent(ctx context.Context, r *run) []string {
	return r.with(func(b *bench) []string {
		var out []string
		for _, o := range b.ops() {
			answers := make([]answer, 8)
			var all sync.WaitGroup
			for i := range answers {
				all.Go(func() { answers[i] = b.call(ctx, cleanTime, o) })
			}
			all.Wait()
			for _, a := range answers {
				if text := differs(answers[0], a); text != "" {
					out = append(out, fmt.Sprintf("%s, eight at once: %s", o.name, text))
					break
				}
			}
		}
		return out
	})
}

// differs tells how two answers that should be equal are not.
func differs(one, two answer) string {
	if one.fault != "" || two.fault != "" {
		return one.fault + two.fault
	}
	if connectors.Reason(one.err) != connectors.Reason(two.err) {
		return fmt.Sprintf("one ended %s, another %s", connectors.Reason(one.err), connectors.Reason(two.err))
	}
	if !same(one, two) {
		return "answers differ"
	}
	return ""
}

// same tells whether two answers carry the same.
func same(one, two answer) bool {
	a, errA := marshal(slices.Concat(one.records, one.emitted, one.receipt.Records))
	b, errB := marshal(slices.Concat(two.records, two.emitted, two.receipt.Records))
	return errA == nil && errB == nil && a == b && one.ref == two.ref && one.receipt.Outcome == two.receipt.Outcome
}

func closesTwice(_ context.Context, r *run) []string {
	return r.with(func(b *bench) []string {
		last := len(b.undo) - 1 // the source's own, which end must not call a third time
		b.undo = b.undo[:last]
		var out []string
		for _, which := range []string{"first", "second"} {
			if err := closeSource(b.source); err != nil {
				out = append(out, fmt.Sprintf("%s Close: %v", which, err))
			}
		}
		return out
	})
}
