package connectortest

import (
	"context"
	"errors"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/connectortest/faultproxy"
	"github.com/semenligne/sem/connectors/record"
)

func sends(_ *Suite, source connectors.Source) bool { return source.Send != nil }

func sendOp(m record.Message) op {
	return op{"send", func(ctx context.Context, src connectors.Source) answer {
		receipt, err := src.Send.Send(ctx, m)
		return answer{receipt: receipt, err: err}
	}}
}

// messages are the suite's messages as tries: the one that is taken.
func messages(s *Suite) []try {
	return []try{{op: sendOp(s.Message), match: s.MessageMatch}}
}

func sendRules() []rule {
	return []rule{
		{name: "send/done", reason: "a message that was taken was taken once", applies: sends, check: actFault{
			tries: messages,
			modes: func(string, int64) []faultproxy.Mode { return []faultproxy.Mode{{}} },
			judge: wantDone,
		}.check},
		{name: "send/refused", reason: "a no for good is an answer: a message tried for ever blocks those behind it", applies: sends, check: actFault{
			tries: func(s *Suite) []try { return []try{{op: sendOp(s.RefusedMessage)}} },
			modes: func(string, int64) []faultproxy.Mode { return []faultproxy.Mode{{}} },
			judge: wantRefused,
		}.check},
		{name: "send/lost-reply", reason: "a message handed over and not acknowledged may have been taken: nobody sends it again blindly", applies: sends, check: actFault{
			tries: messages,
			modes: func(match string, _ int64) []faultproxy.Mode {
				return []faultproxy.Mode{{Fault: faultproxy.Swallow, Match: match}, {Fault: faultproxy.Swallow, Match: match, Silent: true}}
			},
			judge: wantUnknown,
		}.check},
		{name: "send/refuse", reason: "a message that was never handed over waits for a better time", applies: sends, check: actFault{
			tries: messages,
			modes: func(string, int64) []faultproxy.Mode { return []faultproxy.Mode{{Fault: faultproxy.Refuse}} },
			judge: wantNothing,
		}.check},
		{name: "send/fault", reason: "whatever happens on the wire, at most once and an honest end", applies: sends, check: actFault{
			tries: messages,
			modes: func(_ string, size int64) []faultproxy.Mode {
				return append(cuts(size), faultproxy.Mode{Fault: faultproxy.Hang}, faultproxy.Mode{Fault: faultproxy.Garble})
			},
			judge: wantHonest,
		}.check},
		{name: "send/canceled", reason: "a caller that is gone must not be worked for", applies: sends, check: sendCanceled},
	}
}

func wantRefused(got answer, performed int) string {
	if performed == 0 && got.err == nil && got.receipt.Outcome == record.OutcomeRefused && got.receipt.Refusal != "" {
		return ""
	}
	return ending(got, performed)
}

func sendCanceled(ctx context.Context, r *run) []string {
	return r.with(func(b *bench) []string {
		gone, cancel := context.WithCancel(ctx)
		cancel()
		got := b.call(gone, cleanTime, sendOp(r.suite.Message))
		ended := errors.Is(got.err, context.Canceled) && !errors.Is(got.err, connectors.ErrOutcomeUnknown)
		if got.fault == "" && ended && b.fake.Performed != nil && b.fake.Performed() == 0 {
			return nil
		}
		return []string{"context ended before: " + got.fault + connectors.Reason(got.err)}
	})
}
