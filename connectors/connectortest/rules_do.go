package connectortest

import (
	"context"
	"errors"
	"fmt"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/connectortest/faultproxy"
	"github.com/semenligne/sem/connectors/record"
)

func acts(_ *Suite, source connectors.Source) bool { return source.Do != nil }

// acts are the suite's actions as calls.
func (b *bench) acts() []op {
	var out []op
	if b.source.Do == nil {
		return nil
	}
	for _, a := range b.run.suite.Acts {
		out = append(out, actOp(a))
	}
	return out
}

func actOp(a Act) op {
	return op{a.Action.ActionName(), func(ctx context.Context, src connectors.Source) answer {
		receipt, err := src.Do.Do(ctx, a.Who, a.Action)
		return answer{receipt: receipt, err: err}
	}}
}

func doRules() []rule {
	return []rule{
		{name: "do/done", reason: "what the source did is what the receipt says", applies: acts, check: actFault{
			tries: actions,
			modes: func(string, int64) []faultproxy.Mode { return []faultproxy.Mode{{}} },
			judge: wantDone,
		}.check},
		{name: "do/lost-reply", reason: "a lost reply is neither a success nor a failure: the source is read, and nothing is sent twice", applies: acts, check: actFault{
			tries: actions,
			modes: func(match string, _ int64) []faultproxy.Mode {
				return []faultproxy.Mode{{Fault: faultproxy.Swallow, Match: match}, {Fault: faultproxy.Swallow, Match: match, Silent: true}}
			},
			judge: wantReread,
		}.check},
		{name: "do/lost-source", reason: "when the source cannot be read either, the honest word is unknown", applies: acts, check: actFault{
			tries: actions,
			modes: func(match string, _ int64) []faultproxy.Mode {
				return []faultproxy.Mode{{Fault: faultproxy.Swallow, Match: match, Dark: true}}
			},
			judge: wantUnknown,
		}.check},
		{name: "do/refuse", reason: "an action that was never sent may be tried again by the person", applies: acts, check: actFault{
			tries: actions,
			modes: func(string, int64) []faultproxy.Mode { return []faultproxy.Mode{{Fault: faultproxy.Refuse}} },
			judge: wantNothing,
		}.check},
		{name: "do/fault", reason: "whatever happens on the wire, at most once and an honest end", applies: acts, check: actFault{
			tries: actions,
			modes: func(_ string, size int64) []faultproxy.Mode {
				return append(cuts(size), faultproxy.Mode{Fault: faultproxy.Hang}, faultproxy.Mode{Fault: faultproxy.Garble})
			},
			judge: wantHonest,
		}.check},
	}
}

// try is one call that changes the fake, and the text in its request by which
// the proxy knows it.
type try struct {
	op    op
	match string
}

func actions(s *Suite) []try {
	var out []try
	for _, a := range s.Acts {
		out = append(out, try{actOp(a), a.Match})
	}
	return out
}

// actFault makes each try under modes of the proxy.
type actFault struct {
	tries func(*Suite) []try
	modes func(match string, size int64) []faultproxy.Mode
	// judge tells what is wrong, given how often the fake acted.
	judge func(got answer, performed int) string
}

func (f actFault) check(ctx context.Context, r *run) []string {
	var out []string
	for _, t := range f.tries(r.suite) {
		var size int64
		r.with(func(b *bench) []string {
			b.call(ctx, cleanTime, t.op)
			size = b.proxy.Counts().Replies
			return nil
		})
		var cases []func() []string
		for _, m := range f.modes(t.match, size) {
			cases = append(cases, func() []string { return f.act(ctx, r, t.op, m) })
		}
		out = append(out, together(cases)...)
	}
	return out
}

func (f actFault) act(ctx context.Context, r *run, o op, m faultproxy.Mode) []string {
	return r.with(func(b *bench) []string {
		if b.fake.Performed == nil {
			return []string{"the fake has no Performed"}
		}
		if err := b.proxy.Set(m); err != nil {
			return []string{err.Error()}
		}
		limit := 4 * faultTime // half of it is for reading again
		if m.Fault == "" {
			limit = cleanTime
		}
		got := b.call(ctx, limit, o)
		text := got.fault
		switch {
		case text != "":
		case m.Fault == faultproxy.Swallow && b.proxy.Counts().Swallowed == 0:
			text = "no reply was swallowed: does the match name this request?"
		default:
			text = f.judge(got, b.fake.Performed())
		}
		if text == "" {
			return nil
		}
		return []string{fmt.Sprintf("%s, source %s: %s", o.name, modeName(m), text)}
	})
}

func ending(got answer, performed int) string {
	return fmt.Sprintf("performed %d times; outcome %q, proof %q, error %v", performed, got.receipt.Outcome, got.receipt.Proof, got.err)
}

func wantDone(got answer, performed int) string {
	if performed == 1 && got.err == nil && got.receipt.Outcome == record.OutcomeDone && got.receipt.Proof != "" {
		return ""
	}
	return ending(got, performed)
}

// unknown tells whether the end is the honest "nobody can say".
func unknown(got answer) bool {
	return errors.Is(got.err, connectors.ErrOutcomeUnknown) && got.receipt.Outcome == record.OutcomeUnknown
}

func wantReread(got answer, performed int) string {
	proved := got.err == nil && got.receipt.Outcome == record.OutcomeDone && got.receipt.Proof == record.ProofReread
	if performed == 1 && (proved || unknown(got)) {
		return ""
	}
	return ending(got, performed)
}

func wantUnknown(got answer, performed int) string {
	if performed == 1 && unknown(got) {
		return ""
	}
	return ending(got, performed)
}

func wantNothing(got answer, performed int) string {
	if performed == 0 && connectors.Reason(got.err) == connectors.ReasonUnavailable && got.receipt.Outcome != record.OutcomeDone {
		return ""
	}
	return ending(got, performed)
}

// wantHonest accepts done only of what was done, and "nothing changed" only of
// what was not.
func wantHonest(got answer, performed int) string {
	done := got.err == nil && got.receipt.Outcome == record.OutcomeDone
	switch {
	case performed > 1,
		performed == 1 && !done && !unknown(got),
		performed == 0 && (done || got.err == nil && got.receipt.Outcome != record.OutcomeRefused):
		return ending(got, performed)
	}
	return ""
}
