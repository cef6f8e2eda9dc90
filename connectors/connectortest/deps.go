package connectortest

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/client"
)

// newDeps makes what a source works with, as in production but for one thing:
// nothing is repeated, so that each fault is met once.
func newDeps(dials []string, log *slog.Logger) (connectors.Deps, func() error, error) {
	t, err := client.New(client.Options{
		Log: log, Dials: dials, MaxBody: 8 << 20, Stall: 10 * time.Second,
		DialAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
	})
	if err != nil {
		return connectors.Deps{}, nil, err
	}
	return connectors.Deps{Log: log, HTTP: t.HTTP, Dial: t.Dial, TLS: t.TLS}, t.Close, nil
}

// logTo makes a logger whose lines are heard, without the time, whose digits
// could be those of a PIN.
func logTo(h *heard) *slog.Logger {
	return slog.New(slog.NewTextHandler(h, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
}

// heard gathers errors and log lines. It is the writer of a text log handler,
// which writes a line at a time.
type heard struct {
	above *heard // hears everything too

	mu    sync.Mutex
	lines []string
}

func (h *heard) Write(line []byte) (int, error) {
	h.add(strings.TrimSuffix(string(line), "\n"))
	return len(line), nil
}

func (h *heard) add(lines ...string) {
	if h.above != nil {
		h.above.add(lines...)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, line := range lines {
		h.lines = append(h.lines, localPort().ReplaceAllString(line, "127.0.0.1:port"))
	}
}

// localPort finds the ports of this run, whose digits could be those of a PIN.
func localPort() *regexp.Regexp { return regexp.MustCompile(`127\.0\.0\.1:\d+`) }

func (h *heard) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.lines)
}

// heardRules are held against all that the other rules made the source say.
func heardRules() []rule {
	return []rule{{
		name:   "secret",
		reason: "every error and log line counts as published",
		check: func(_ context.Context, r *run) []string {
			var out []string
			for what, values := range map[string][]string{"a secret": r.suite.Secrets, "a person's value": r.suite.Persons} {
				for _, value := range values {
					i := slices.IndexFunc(r.heard.all(), func(line string) bool { return strings.Contains(line, value) })
					if i >= 0 {
						out = append(out, fmt.Sprintf("%s, %q, in %s", what, value, r.heard.all()[i]))
					}
				}
			}
			slices.Sort(out)
			return out
		},
	}}
}
