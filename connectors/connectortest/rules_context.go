package connectortest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors/connectortest/faultproxy"
)

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
