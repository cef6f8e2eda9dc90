package connectortest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

func lists(_ *Suite, source connectors.Source) bool { return source.List != nil }

func listOp(since connectors.Cursor) op {
	return op{"list", func(ctx context.Context, src connectors.Source) answer {
		var a answer
		a.cursor, a.err = src.List.List(ctx, since, func(rec record.Record) error {
			a.emitted = append(a.emitted, rec)
			return nil
		})
		return a
	}}
}

func listRules() []rule {
	whole := func(f func(*Suite, []record.Record) []string) func(context.Context, *run) []string {
		return func(ctx context.Context, r *run) []string {
			return r.with(func(b *bench) []string {
				a := b.call(ctx, cleanTime, listOp(""))
				if a.fault != "" || a.err != nil {
					return []string{fmt.Sprintf("list: %s%v", a.fault, a.err)}
				}
				return f(r.suite, a.emitted)
			})
		}
	}
	return []rule{
		{name: "list/known", reason: "a change of what is read must be seen in a review", applies: lists, check: whole(func(s *Suite, got []record.Record) []string {
			return golden(s, s.ListGolden, got)
		})},
		{name: "list/once", reason: "the receiver counts and compares by key", applies: lists, check: whole(func(_ *Suite, got []record.Record) []string { return keys(got) })},
		{name: "list/text", reason: "text that is not clean Unicode breaks search, sorting and pages", applies: lists, check: whole(func(_ *Suite, got []record.Record) []string { return each(got, dirty) })},
		{name: "list/goroutine", reason: "emit is not safe to call from elsewhere", applies: lists, check: listGoroutine},
		{name: "list/stop", reason: "the receiver stops a read that it cannot keep", applies: lists, check: listStop},
		{name: "list/cursor", reason: "unchanged means the same section, not an empty one", applies: lists, check: listCursor},
	}
}

func listGoroutine(ctx context.Context, r *run) []string {
	return r.with(func(b *bench) []string {
		elsewhere := 0
		a := b.call(ctx, cleanTime, op{"list", func(ctx context.Context, src connectors.Source) answer {
			mine := goroutine()
			_, err := src.List.List(ctx, "", func(record.Record) error {
				if goroutine() != mine {
					elsewhere++
				}
				return nil
			})
			return answer{err: err}
		}})
		if a.fault == "" && elsewhere > 0 {
			return []string{fmt.Sprintf("emit was called %d times from another goroutine", elsewhere)}
		}
		return nil
	})
}

// goroutine names the running goroutine: "goroutine 42".
func goroutine() string {
	buf := make([]byte, 64)
	name, _, _ := bytes.Cut(buf[:runtime.Stack(buf, false)], []byte(" ["))
	return string(name)
}

func listStop(ctx context.Context, r *run) []string {
	return r.with(func(b *bench) []string {
		calls := 0
		a := b.call(ctx, cleanTime, op{"list", func(ctx context.Context, src connectors.Source) answer {
			cursor, err := src.List.List(ctx, "", func(record.Record) error {
				calls++
				return errEnough
			})
			return answer{cursor: cursor, err: err}
		}})
		switch {
		case a.fault != "":
			return []string{a.fault}
		case !errors.Is(a.err, errEnough):
			return []string{fmt.Sprintf("error of emit came back as %v", a.err)}
		case calls != 1:
			return []string{fmt.Sprintf("emit was called %d times after its error", calls-1)}
		}
		return nil
	})
}

// listCursor lists again from the cursor just returned: all again, or nothing
// and the same cursor.
func listCursor(ctx context.Context, r *run) []string {
	return r.with(func(b *bench) []string {
		first := b.call(ctx, cleanTime, listOp(""))
		if first.err != nil || first.fault != "" {
			return nil // list/known says so
		}
		again := b.call(ctx, cleanTime, listOp(first.cursor))
		unchanged := len(again.emitted) == 0 && again.cursor == first.cursor && first.cursor != ""
		if again.fault != "" || again.err != nil || !unchanged && !same(first, again) {
			return []string{fmt.Sprintf("from the cursor just returned: %d of %d records, error %v%s, want all again or none and the same cursor",
				len(again.emitted), len(first.emitted), again.err, again.fault)}
		}
		return nil
	})
}
