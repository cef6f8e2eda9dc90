package connectortest

import (
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
		Log: log, Dials: dials, MaxBody: 4 << 20, Stall: 10 * time.Second,
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
