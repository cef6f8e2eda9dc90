package connectortest

import (
	"bytes"
	"context"
	"fmt"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/connectortest/faultproxy"
)

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
	addr := ""
	if b.proxy != nil {
		if err := b.proxy.Set(m); err != nil {
			return []string{err.Error()}
		}
		addr = b.proxy.Addr()
	}
	mine := &bench{run: b.run, logs: b.logs}
	var err error
	pprof.Do(ctx, pprof.Labels("connectortest", label), func(ctx context.Context) {
		if err = mine.open(b.run.suite.Settings(addr)); err != nil {
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
	var stack string
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
