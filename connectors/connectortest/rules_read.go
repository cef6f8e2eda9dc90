package connectortest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/connectortest/faultproxy"
	"github.com/semenligne/sem/connectors/record"
)

func checkRules() []rule {
	return []rule{
		{name: "check/up", reason: "a source that works must not look broken", check: checkUp},
		{name: "check/down", reason: "an outage is an outage, not a refusal", applies: onWire, check: checkDown},
		{
			name: "check/denied", reason: "wrong credentials are mended by another person than an outage", check: checkDenied,
			applies: func(s *Suite, _ connectors.Source) bool { return s.Denied != nil },
		},
	}
}

func (b *bench) checks(ctx context.Context, want string) []string {
	a := b.call(ctx, cleanTime, b.ops()[0])
	if a.fault != "" {
		return []string{"check " + a.fault}
	}
	if got := connectors.Reason(a.err); got != want {
		return []string{fmt.Sprintf("check ended %s (%v), want %s", got, a.err, want)}
	}
	return nil
}

func checkUp(ctx context.Context, r *run) []string {
	return r.with(func(b *bench) []string { return b.checks(ctx, connectors.ReasonOK) })
}

func checkDown(ctx context.Context, r *run) []string {
	return r.with(func(b *bench) []string {
		if err := b.proxy.Set(faultproxy.Mode{Fault: faultproxy.Refuse}); err != nil {
			return []string{err.Error()}
		}
		return b.checks(ctx, connectors.ReasonUnavailable)
	})
}

func checkDenied(ctx context.Context, r *run) []string {
	return r.withSettings(r.suite.Denied, func(b *bench) []string { return b.checks(ctx, connectors.ReasonDenied) })
}

func finds(_ *Suite, source connectors.Source) bool { return source.Find != nil }

func findOp(who record.Ref) op {
	return op{"find", func(ctx context.Context, src connectors.Source) answer {
		records, err := src.Find.Find(ctx, who)
		return answer{records: records, err: err}
	}}
}

func findRules() []rule {
	known := func(f func(*Suite, []record.Record) []string) func(context.Context, *run) []string {
		return func(ctx context.Context, r *run) []string {
			return r.with(func(b *bench) []string {
				a := b.call(ctx, cleanTime, findOp(r.suite.Known))
				if a.fault != "" || a.err != nil {
					return []string{fmt.Sprintf("find of a known person: %s%v", a.fault, a.err)}
				}
				return f(r.suite, a.records)
			})
		}
	}
	return []rule{
		{name: "find/known", reason: "a change of what is read must be seen in a review", applies: finds, check: known(func(s *Suite, got []record.Record) []string {
			return golden(s, s.FindGolden, got)
		})},
		{name: "find/owner", reason: "a record of somebody else must never reach a page", applies: finds, check: known(func(s *Suite, got []record.Record) []string {
			return each(got, func(rec record.Record) string {
				if rec.Owner != s.Known {
					return "owner is not the person asked for"
				}
				return ""
			})
		})},
		{name: "find/keys", reason: "notices compare two reads by key", applies: finds, check: known(func(_ *Suite, got []record.Record) []string { return keys(got) })},
		{name: "find/text", reason: "text that is not clean Unicode breaks search, sorting and pages", applies: finds, check: known(func(_ *Suite, got []record.Record) []string { return each(got, dirty) })},
		{name: "find/stable", reason: "an unchanged source must not give notices", applies: finds, check: findStable},
		{name: "find/unknown", reason: "a person who is not there is an answer, not an outage", applies: finds, check: findUnknown},
		{
			name: "find/foreign", reason: "an old system that mixes up its answers must not show one citizen another's", check: findForeign,
			applies: func(s *Suite, source connectors.Source) bool { return s.Start != nil && source.Find != nil },
		},
	}
}

// golden compares records with a file, or rewrites it under -update.
func golden(s *Suite, name string, got []record.Record) []string {
	text, err := marshal(got)
	if err != nil {
		return []string{"a record without body: " + err.Error()}
	}
	if updating() {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			return []string{err.Error()}
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		return []string{"no golden file: run go test with -update, then read it: " + err.Error()}
	}
	if len(got) == 0 {
		return []string{"no records: nothing is proved of " + s.Kind.Name}
	}
	if d := cmp.Diff(string(want), text); d != "" {
		return []string{fmt.Sprintf("differs from %s (-want +got):\n%s", name, d)}
	}
	return nil
}

func each(records []record.Record, f func(record.Record) string) []string {
	var out []string
	for i, rec := range records {
		if text := f(rec); text != "" {
			out = append(out, fmt.Sprintf("record %d: %s", i, text))
		}
	}
	return out
}

// keys wants a key and a body in every record, and no key twice in a kind.
func keys(records []record.Record) []string {
	seen := map[string]bool{}
	return each(records, func(rec record.Record) string {
		if rec.Key == "" || rec.Body == nil {
			return "no key or no body"
		}
		key := string(rec.Body.Kind()) + " " + rec.Key
		if seen[key] {
			return "key " + key + " again"
		}
		seen[key] = true
		return ""
	})
}

func dirty(rec record.Record) string {
	text, err := marshal([]record.Record{rec})
	switch {
	case err != nil:
		return err.Error()
	case !norm.NFC.IsNormalString(text):
		return "text is not in NFC: use record.Text"
	case strings.ContainsRune(text, unicode.ReplacementChar) || strings.Contains(text, `\ufffd`):
		return "text holds U+FFFD: it was read in the wrong charset"
	case strings.Contains(text, `\u0000`) || strings.ContainsAny(text, "\u202a\u202b\u202d\u202e"):
		return "text holds control characters: use record.Text"
	}
	return ""
}

func findStable(ctx context.Context, r *run) []string {
	return r.with(func(b *bench) []string {
		one, two := b.call(ctx, cleanTime, findOp(r.suite.Known)), b.call(ctx, cleanTime, findOp(r.suite.Known))
		if text := differs(one, two); text != "" {
			return []string{"two reads of an unchanged source: " + text}
		}
		return nil
	})
}

func findUnknown(ctx context.Context, r *run) []string {
	return r.with(func(b *bench) []string {
		a := b.call(ctx, cleanTime, findOp(r.suite.Unknown))
		switch {
		case a.fault != "":
			return []string{a.fault}
		case len(a.records) > 0:
			return []string{fmt.Sprintf("%d records of a person who is not there", len(a.records))}
		case a.err != nil && !errors.Is(a.err, connectors.ErrNotFound):
			return []string{fmt.Sprintf("error %q, want ErrNotFound or nothing", a.err)}
		}
		return nil
	})
}

func findForeign(ctx context.Context, r *run) []string {
	return r.with(func(b *bench) []string {
		if b.fake.Foreign == nil {
			return []string{"the fake has no Foreign: add it, or waive the rule where the protocol cannot tell"}
		}
		b.fake.Foreign()
		a := b.call(ctx, cleanTime, findOp(r.suite.Known))
		if a.fault != "" || len(a.records) > 0 || !errors.Is(a.err, connectors.ErrMalformed) {
			return []string{fmt.Sprintf("%d records and error %v%s of a reply about somebody else, want ErrMalformed", len(a.records), a.err, a.fault)}
		}
		return nil
	})
}
