package connectortest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/connectortest/faultproxy"
	"github.com/semenligne/sem/connectors/record"
)

func learns(_ *Suite, source connectors.Source) bool { return source.Learn != nil }

// learnOp asks what became of an action.
func learnOp(who record.Ref, action record.Action, sent time.Time) op {
	return op{"learn " + action.ActionName(), func(ctx context.Context, src connectors.Source) answer {
		receipt, err := src.Learn.Learn(ctx, who, action, sent)
		return answer{receipt: receipt, err: err}
	}}
}

func learnRules() []rule {
	return []rule{
		{name: "learn/lost-reply", reason: "a process that died is no reason to lose what a citizen sent, nor to do it twice", applies: learns, check: learning{
			act: true, mode: func(a Act) faultproxy.Mode {
				return faultproxy.Mode{Fault: faultproxy.Swallow, Match: a.Match, Dark: true}
			}, judge: wantLearned,
		}.check},
		{name: "learn/not-sent", reason: "what was never sent did not happen, and asking does not make it happen", applies: learns, check: learning{
			judge: wantNotDone,
		}.check},
		{name: "learn/another", reason: "an older record, or one like it, must not pass for what was sent last", applies: learns, check: learning{
			act: true, another: true, judge: wantNotTaken,
		}.check},
		{
			name: "learn/foreign", reason: "an old system that mixes up its answers must not confirm one citizen's action by another's",
			applies: func(s *Suite, source connectors.Source) bool { return learns(s, source) && s.Known != record.Ref{} },
			check:   learning{act: true, foreign: true, judge: wantForeign}.check,
		},
		{name: "learn/fault", reason: "half a list proves nothing about what is not in it", applies: learns, check: learnFaults},
	}
}

// learning has each action done, or not, and then asks a source opened afresh
// what became of it, as after a crash.
type learning struct {
	act bool
	// mode of the proxy while the action is done; nil disturbs nothing.
	mode func(a Act) faultproxy.Mode
	// another asks about another action than was done, sent later.
	another bool
	// foreign has the fake mix up people before it is asked.
	foreign bool
	// judge tells what is wrong, given how often the fake acted.
	judge func(a Act, got answer, performed int) string
}

func (l learning) check(ctx context.Context, r *run) []string {
	var cases []func() []string
	for i, a := range r.suite.Acts {
		if l.another && a.Another == nil {
			continue
		}
		cases = append(cases, func() []string { return r.with(func(b *bench) []string { return l.one(ctx, b, i) }) })
	}
	return together(cases)
}

func (l learning) one(ctx context.Context, b *bench, i int) []string {
	a := b.run.suite.Acts[i]
	sent := time.Now()
	if b.fake.Performed == nil {
		return []string{"the fake has no Performed"}
	}
	if l.act {
		if text := b.perform(ctx, i, l.mode); text != "" {
			return []string{text}
		}
	}
	if l.foreign {
		if b.fake.Foreign == nil {
			return []string{"the fake has no Foreign: add it, or waive learn/foreign"}
		}
		b.fake.Foreign()
	}
	action := a.Action
	if l.another {
		action, sent = a.Another, sent.Add(time.Hour)
	}
	o := learnOp(a.Who, action, sent)
	got := b.call(ctx, cleanTime, o)
	text := got.fault
	if text == "" {
		text = l.judge(a, got, b.fake.Performed())
	}
	if text == "" {
		return nil
	}
	return []string{o.name + ": " + text}
}

// perform has an action done under a mode of the proxy, and opens the source
// afresh. It tells why that was not possible.
func (b *bench) perform(ctx context.Context, i int, mode func(Act) faultproxy.Mode) string {
	limit := cleanTime
	if mode != nil {
		limit = 4 * faultTime
		if err := b.proxy.Set(mode(b.run.suite.Acts[i])); err != nil {
			return err.Error()
		}
	}
	b.call(ctx, limit, b.acts()[i])
	if b.fake.Performed == nil || b.fake.Performed() != 1 {
		return "the action was not performed once: see the rules of Do"
	}
	if err := b.proxy.Set(faultproxy.Mode{}); err != nil {
		return err.Error()
	}
	if err := b.open(b.run.suite.Settings(b.proxy.Addr())); err != nil {
		return err.Error()
	}
	return ""
}

// settled tells whether an outcome is a proof, and says where it comes from.
func settled(got answer, outcome record.Outcome, refusal string) bool {
	r := got.receipt
	return got.err == nil && r.Outcome == outcome && r.Refusal == refusal && r.Proof == record.ProofReread
}

func unsettled(got answer) bool {
	return got.err == nil && got.receipt.Outcome == record.OutcomeUnknown && got.receipt.Proof == ""
}

// owned tells whether there are records, and all belong to somebody.
func owned(got answer, who record.Ref) bool {
	for _, rec := range got.receipt.Records {
		if rec.Owner != who {
			return false
		}
	}
	return true
}

func wantLearned(a Act, got answer, performed int) string {
	done := settled(got, record.OutcomeDone, "") && (len(got.receipt.Records) > 0 || a.Leaves) && owned(got, a.Who)
	if performed == 1 && done {
		return ""
	}
	return ending(got, performed)
}

func wantNotDone(_ Act, got answer, performed int) string {
	if performed == 0 && (settled(got, record.OutcomeRefused, record.NotDone) || unsettled(got)) {
		return ""
	}
	return ending(got, performed)
}

func wantNotTaken(_ Act, got answer, performed int) string {
	if performed == 1 && (settled(got, record.OutcomeRefused, record.NotDone) || unsettled(got)) {
		return ""
	}
	return ending(got, performed)
}

func wantForeign(_ Act, got answer, performed int) string {
	refused := got.err != nil && got.receipt.Outcome == "" && len(got.receipt.Records) == 0
	if performed == 1 && (refused || unsettled(got) && len(got.receipt.Records) == 0) {
		return ""
	}
	return ending(got, performed)
}

// learnFaults has each action done and breaks the wire while the source is
// asked about it: the answer is the same as without the fault, or an error.
func learnFaults(ctx context.Context, r *run) []string {
	var out []string
	for i := range r.suite.Acts {
		clean, size, text := learnUnder(ctx, r, i, faultproxy.Mode{})
		if text != "" || clean.err != nil {
			continue // other rules say so
		}
		var cases []func() []string
		for _, m := range append(cuts(size), faultproxy.Mode{Fault: faultproxy.Garble}) {
			cases = append(cases, func() []string {
				got, _, text := learnUnder(ctx, r, i, m)
				if text == "" {
					text = sameOrFailed(clean, got)
				}
				if text == "" {
					return nil
				}
				return []string{fmt.Sprintf("learn %s, %s: %s", r.suite.Acts[i].Action.ActionName(), modeName(m), text)}
			})
		}
		out = append(out, together(cases)...)
	}
	return out
}

// learnUnder has an action done, and asks what became of it under a mode of the
// proxy. size is that of the replies.
func learnUnder(ctx context.Context, r *run, i int, m faultproxy.Mode) (got answer, size int64, text string) {
	failed := r.with(func(b *bench) []string {
		sent, a := time.Now(), r.suite.Acts[i]
		if text := b.perform(ctx, i, nil); text != "" {
			return []string{text}
		}
		before := b.proxy.Counts().Replies
		if err := b.proxy.Set(m); err != nil {
			return []string{err.Error()}
		}
		got = b.call(ctx, 3*faultTime, learnOp(a.Who, a.Action, sent))
		size = b.proxy.Counts().Replies - before
		return nil
	})
	return got, size, got.fault + strings.Join(failed, "; ")
}

func sameOrFailed(clean, got answer) string {
	reason := connectors.Reason(got.err)
	failed := (reason == connectors.ReasonUnavailable || reason == connectors.ReasonMalformed) &&
		got.receipt.Outcome == "" && len(got.receipt.Records) == 0
	if failed || got.err == nil && got.receipt.Outcome == clean.receipt.Outcome && got.receipt.Refusal == clean.receipt.Refusal {
		return ""
	}
	return ending(got, 1)
}
