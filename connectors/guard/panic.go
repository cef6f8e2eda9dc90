package guard

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/semenligne/sem/connectors"
)

// errGone is the end of a connector that ended its goroutine, as a test's
// FailNow does.
var errGone = fmt.Errorf("connector ended its goroutine: %w", connectors.ErrDefect)

// caught runs the connector once. A panic becomes a defect, and so does an
// error that is none of the known ones, without its text, which nobody vouches
// for.
func caught[T any](ctx context.Context, g *Guard, p plan, try func(context.Context) (T, error)) (v T, err error) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		err = fmt.Errorf("connector panicked: %w", connectors.ErrDefect)
		g.watch.defect(p.op, panicText(value), string(debug.Stack()))
	}()
	v, err = try(ctx)
	if connectors.Reason(err) == connectors.ReasonDefect && !errors.Is(err, connectors.ErrDefect) {
		g.watch.defect(p.op, fmt.Sprintf("an error of no known meaning: %T", err), "")
		err = fmt.Errorf("error of no known meaning: %w", connectors.ErrDefect)
	}
	return v, err
}

// panicText names a panic without its value, which may hold a person: only the
// runtime's own words are known not to.
func panicText(value any) string {
	if err, ok := value.(runtime.Error); ok {
		return "panic: " + err.Error()
	}
	return fmt.Sprintf("panic with a %T", value)
}
