package connectortest

import (
	"context"
	"errors"
	"fmt"

	"github.com/semenligne/sem/connectors"
)

func authenticates(_ *Suite, source connectors.Source) bool { return source.Authenticate != nil }

func authenticateOp(card, pin string) op {
	return op{"authenticate", func(ctx context.Context, src connectors.Source) answer {
		ref, err := src.Authenticate.Authenticate(ctx, card, pin)
		return answer{ref: ref, err: err}
	}}
}

func authenticateRules() []rule {
	denied := func(name string, card, pin func(*Suite) string) func(context.Context, *run) []string {
		return func(ctx context.Context, r *run) []string {
			return r.with(func(b *bench) []string {
				return wantDenied(name, b.call(ctx, cleanTime, authenticateOp(card(r.suite), pin(r.suite))))
			})
		}
	}
	card := func(s *Suite) string { return s.Card }
	return []rule{
		{name: "authenticate/right", reason: "the person gets in, under the source's own name for them", applies: authenticates, check: authenticateRight},
		{
			name: "authenticate/wrong", reason: "only a positive answer lets anyone in", applies: authenticates,
			check: denied("wrong PIN", card, func(s *Suite) string { return s.WrongPIN }),
		},
		{
			name: "authenticate/unknown", reason: "an unknown card and a wrong PIN must look the same", applies: authenticates,
			check: denied("unknown card", func(s *Suite) string { return s.UnknownCard }, func(s *Suite) string { return s.PIN }),
		},
		{name: "authenticate/empty", reason: "many old systems take an empty PIN for a staff lookup and grant it", applies: authenticates, check: authenticateEmpty},
	}
}

func wantDenied(name string, a answer) []string {
	switch {
	case a.fault != "":
		return []string{name + ": " + a.fault}
	case !a.ref.IsZero() || a.err == nil:
		return []string{name + ": granted"}
	case !errors.Is(a.err, connectors.ErrDenied):
		return []string{fmt.Sprintf("%s: error %q, want ErrDenied", name, a.err)}
	}
	return nil
}

func authenticateRight(ctx context.Context, r *run) []string {
	return r.with(func(b *bench) []string {
		a := b.call(ctx, cleanTime, authenticateOp(r.suite.Card, r.suite.PIN))
		if a.fault != "" || a.err != nil || a.ref != r.suite.Authenticated {
			return []string{fmt.Sprintf("right PIN: error %v%s, the wanted person: %t", a.err, a.fault, a.ref == r.suite.Authenticated)}
		}
		return nil
	})
}

func authenticateEmpty(ctx context.Context, r *run) []string {
	return r.with(func(b *bench) []string {
		before := 0
		if b.proxy != nil {
			before = b.proxy.Connections()
		}
		out := wantDenied("empty PIN", b.call(ctx, cleanTime, authenticateOp(r.suite.Card, "")))
		out = append(out, wantDenied("empty card", b.call(ctx, cleanTime, authenticateOp("", r.suite.PIN)))...)
		if b.proxy != nil && b.proxy.Connections() > before {
			out = append(out, "the source was asked about an empty card or PIN")
		}
		return out
	})
}
