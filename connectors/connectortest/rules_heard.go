package connectortest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/semenligne/sem/connectors"
)

// heardRules are held against all that the other rules made the source say.
func heardRules() []rule {
	return []rule{
		{name: "errors", reason: "one bounded reason feeds breaker, metrics, alerts and status page", check: boundedErrors},
		{name: "secret", reason: "every error and log line counts as published", check: secretsKept},
	}
}

func boundedErrors(_ context.Context, r *run) []string {
	odd := r.odd.all()
	slices.Sort(odd)
	return slices.Compact(odd)
}

// errEnough is the receiver's own error, which comes back from List.
var errEnough = errors.New("the receiver has enough")

// unbounded tells why an error is not one of the sentinels or the context's
// own.
func unbounded(err error) string {
	count := 0
	for _, sentinel := range []error{
		connectors.ErrUnavailable, connectors.ErrDenied, connectors.ErrNotFound, connectors.ErrMalformed,
		connectors.ErrRefused, connectors.ErrPaused, connectors.ErrDefect,
	} {
		if errors.Is(err, sentinel) {
			count++
		}
	}
	switch {
	case errors.Is(err, connectors.ErrOutcomeUnknown), errors.Is(err, errEnough):
		return "" // whatever ended the wait may stand beside it
	case count > 1:
		return fmt.Sprintf("%d sentinels", count)
	case count == 0 && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded):
		return "no sentinel"
	}
	return ""
}

func secretsKept(_ context.Context, r *run) []string {
	var out []string
	lines := r.heard.all()
	look := func(what string, values []string) {
		for _, value := range values {
			i := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, value) })
			if i >= 0 {
				out = append(out, fmt.Sprintf("%s, %q, in %s", what, value, lines[i]))
			}
		}
	}
	look("a secret", r.suite.Secrets)
	look("a person's value", r.suite.Persons)
	return out
}
