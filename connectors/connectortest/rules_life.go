package connectortest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/connectortest/faultproxy"
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
	a, errA := marshal(slices.Concat(one.records, one.emitted))
	b, errB := marshal(slices.Concat(two.records, two.emitted))
	return errA == nil && errB == nil && a == b && one.ref == two.ref
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

// leaves looks for goroutines that outlive their source. They are known by a
// profiler label, which goroutines inherit, so that tests running beside this
// one do not matter.
func leaves(ctx context.Context, r *run) []string {
	cases := []faultproxy.Mode{{}}
	if r.suite.Start != nil {
		cases = append(cases, faultproxy.Mode{Fault: faultproxy.Hang}, faultproxy.Mode{Fault: faultproxy.Cut, After: 8})
	}
	var out []string
	for i, m := range cases {
		name := fmt.Sprintf("%p/%d", r, i)
		out = append(out, r.with(func(b *bench) []string { return b.leak(ctx, m, name) })...)
	}
	return out
}

func (b *bench) leak(ctx context.Context, m faultproxy.Mode, label string) []string {
	settings := b.run.suite.Settings("")
	if b.proxy != nil {
		if err := b.proxy.Set(m); err != nil {
			return []string{err.Error()}
		}
		settings = b.run.suite.Settings(b.proxy.Addr())
	}
	mine := &bench{run: b.run, logs: b.logs}
	var err error
	pprof.Do(ctx, pprof.Labels("connectortest", label), func(ctx context.Context) {
		if err = mine.open(settings); err != nil {
			return
		}
		for _, o := range mine.ops() {
			mine.call(ctx, faultTime/2, o)
		}
		err = mine.end()
	})
	if err != nil && m.Fault == "" {
		return []string{err.Error()}
	}
	stack := strconv.Quote(label)
	for range 30 {
		if stack = labelled(label); stack == "" {
			return nil
		}
		wait(ctx, 100*time.Millisecond)
	}
	return []string{fmt.Sprintf("left running after Close, source %s: %s", modeName(m), stack)}
}

// labelled returns the stacks of goroutines that carry a label.
func labelled(label string) string {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return err.Error()
	}
	var out []string
	for group := range strings.SplitSeq(profile.String(), "\n\n") {
		if strings.Contains(group, strconv.Quote(label)) {
			out = append(out, group)
		}
	}
	return strings.Join(out, "\n")
}

func canceled(ctx context.Context, r *run) []string {
	return r.with(func(b *bench) []string {
		gone, cancel := context.WithCancel(ctx)
		cancel()
		var out []string
		for _, o := range append(b.ops(), b.acts()...) {
			a := b.call(gone, cleanTime, o)
			if text := wantCanceled(a); text != "" {
				out = append(out, fmt.Sprintf("%s, context ended before: %s", o.name, text))
			}
		}
		if b.fake.Performed != nil && b.fake.Performed() > 0 {
			out = append(out, "an action was performed for a caller that was gone")
		}
		return out
	})
}

func wantCanceled(a answer) string {
	switch {
	case a.fault != "":
		return a.fault
	case a.err == nil:
		return "no error"
	case !errors.Is(a.err, context.Canceled):
		return fmt.Sprintf("error %q is not context.Canceled", a.err)
	case len(a.records) > 0:
		return fmt.Sprintf("%d records beside the error", len(a.records))
	}
	return ""
}

// canceledUnderWay ends the context while the source is silent.
func canceledUnderWay(ctx context.Context, r *run) []string {
	var out []string
	r.with(func(b *bench) []string {
		if err := b.proxy.Set(faultproxy.Mode{Fault: faultproxy.Hang}); err != nil {
			out = append(out, err.Error())
			return nil
		}
		for _, o := range b.ops() {
			going, cancel := context.WithCancel(ctx)
			time.AfterFunc(100*time.Millisecond, cancel)
			if text := wantCanceled(b.call(going, cleanTime, o)); text != "" {
				out = append(out, fmt.Sprintf("%s, context ended while the source was silent: %s", o.name, text))
			}
			cancel()
		}
		return nil
	})
	return out
}
