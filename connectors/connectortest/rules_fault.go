package connectortest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/connectortest/faultproxy"
)

// maxRead is how much of a reply without end a source may swallow, and how much
// the proxy's buffers hide, before it counts as filling the memory.
const maxRead = 24 << 20

func faultRules() []rule {
	down := []string{connectors.ReasonUnavailable}
	odd := []string{connectors.ReasonUnavailable, connectors.ReasonMalformed}
	return []rule{
		{
			name: "fault/refuse", reason: "a source that is off is unavailable, and nothing is known about the person", applies: onWire,
			check: wireFault{modes: one(faultproxy.Mode{Fault: faultproxy.Refuse}), reasons: down}.check,
		},
		{
			name: "fault/hang", reason: "a source that is silent keeps nobody longer than the deadline", applies: onWire,
			check: wireFault{modes: one(faultproxy.Mode{Fault: faultproxy.Hang}), reasons: down, checks: true}.check,
		},
		{
			name: "fault/slow", reason: "a deadline is for the whole answer, not for each byte", applies: onWire,
			check: wireFault{modes: one(faultproxy.Mode{Fault: faultproxy.Slow, Every: 200 * time.Millisecond}), reasons: down, checks: true}.check,
		},
		{
			name: "fault/cut", reason: "half an answer shown as a whole one tells a citizen that there is nothing", applies: onWire,
			check: wireFault{modes: cuts, reasons: odd, whole: true, time: 3 * faultTime}.check,
		},
		{
			name: "fault/garble", reason: "a garbled answer must not reach a page", applies: onWire,
			check: wireFault{modes: garbles, reasons: odd, time: 3 * faultTime}.check,
		},
		{
			name: "fault/flip", reason: "a checksum that is not looked at protects nobody", check: wireFault{modes: flips, reasons: odd, whole: true, time: 3 * faultTime}.check,
			applies: func(s *Suite, _ connectors.Source) bool { return s.Start != nil && s.Integrity },
		},
		{
			name: "fault/oversized", reason: "one broken source must not fill the memory of all", applies: onWire,
			check: wireFault{modes: oversized, reasons: odd, whole: true, time: 3 * faultTime}.check,
		},
	}
}

// wireFault tries each read of a source under modes of the proxy.
type wireFault struct {
	// modes for a reply of so many bytes.
	modes func(size int64) []faultproxy.Mode
	// reasons that the error may have.
	reasons []string
	// whole accepts an answer that is the same as without the fault: what was
	// lost carried nothing.
	whole bool
	// checks tells that Check must notice too.
	checks bool
	// time is the deadline; 0 is faultTime. It is longer where a sane source ends
	// long before, so that a busy machine changes nothing.
	time time.Duration
}

func one(m faultproxy.Mode) func(int64) []faultproxy.Mode {
	return func(int64) []faultproxy.Mode { return []faultproxy.Mode{m} }
}

// cuts are a place in each class: before and after the first byte, in the
// fixed part or head, around the middle, before the last byte.
func cuts(size int64) []faultproxy.Mode {
	places := []int64{0, 1, 16, size / 4, size / 2, size * 3 / 4, size - 1}
	slices.Sort(places)
	var modes []faultproxy.Mode
	for _, at := range slices.Compact(places) {
		if at >= 0 && at < size {
			modes = append(modes, faultproxy.Mode{Fault: faultproxy.Cut, After: at, Total: true})
		}
	}
	return append(modes, faultproxy.Mode{Fault: faultproxy.Cut, After: size / 2, Total: true, Reset: true})
}

func garbles(size int64) []faultproxy.Mode {
	return []faultproxy.Mode{{Fault: faultproxy.Garble}, {Fault: faultproxy.Garble, After: 8, Count: size / 2}}
}

func flips(size int64) []faultproxy.Mode {
	var modes []faultproxy.Mode
	for _, at := range []int64{2, size / 8, size / 4, size / 2} {
		modes = append(modes, faultproxy.Mode{Fault: faultproxy.Garble, After: at, Count: 1})
	}
	return modes
}

func oversized(size int64) []faultproxy.Mode {
	return []faultproxy.Mode{{Fault: faultproxy.Oversized}, {Fault: faultproxy.Oversized, After: size / 4}}
}

func modeName(m faultproxy.Mode) string {
	switch m.Fault {
	case faultproxy.Cut, faultproxy.Garble, faultproxy.Oversized:
		return fmt.Sprintf("%s after %d bytes", m.Fault, m.After)
	case "":
		return string(faultproxy.OK)
	default:
		return string(m.Fault)
	}
}

func (w wireFault) check(ctx context.Context, r *run) []string {
	var cases []func() []string
	r.with(func(b *bench) []string {
		for i := range b.ops() {
			if i > 0 || w.checks { // the first is Check
				cases = append(cases, func() []string { return w.read(ctx, r, i) })
			}
		}
		return nil
	})
	return together(cases)
}

// read tries one read: first without fault, to learn the answer and its size,
// then under each mode with a source of its own.
func (w wireFault) read(ctx context.Context, r *run, i int) []string {
	var clean answer
	var size int64
	if failed := r.with(func(b *bench) []string {
		clean = b.call(ctx, cleanTime, b.ops()[i])
		size = b.proxy.Counts().Replies
		return nil
	}); len(failed) > 0 || clean.err != nil || clean.fault != "" {
		return nil // other rules say so
	}
	var cases []func() []string
	for _, m := range w.modes(size) {
		cases = append(cases, func() []string {
			return r.with(func(b *bench) []string {
				if err := b.proxy.Set(m); err != nil {
					return []string{err.Error()}
				}
				o := b.ops()[i]
				text := w.judge(clean, b.call(ctx, max(w.time, faultTime), o))
				if n := b.proxy.Counts().Replies; text == "" && n > maxRead {
					text = fmt.Sprintf("%d MiB read of a reply without end", n>>20)
				}
				if text == "" {
					return nil
				}
				return []string{fmt.Sprintf("%s, %s of %d: %s", o.name, modeName(m), size, text)}
			})
		})
	}
	return together(cases)
}

// judge tells what is wrong with an answer under a fault.
func (w wireFault) judge(clean, got answer) string {
	switch {
	case got.fault != "":
		return got.fault
	case got.err == nil && w.whole && same(clean, got):
		return ""
	case got.err == nil:
		return fmt.Sprintf("no error, %d records, outcome %q", len(got.records)+len(got.emitted), got.receipt.Outcome)
	case len(got.records)+len(got.receipt.Records) > 0 || got.cursor != "" || !got.ref.IsZero() || got.receipt.Outcome != "":
		return fmt.Sprintf("%d records, a cursor, a person or an outcome beside the error", len(got.records)+len(got.receipt.Records))
	case !slices.Contains(w.reasons, connectors.Reason(got.err)):
		return fmt.Sprintf("error %q is %s, want %v", got.err, connectors.Reason(got.err), w.reasons)
	}
	return ""
}
