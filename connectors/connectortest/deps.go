package connectortest

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors"
)

// newDeps makes what a source works with: like the real thing it dials only
// what the settings named and follows no redirect, but it never repeats a call,
// so that each fault is met once.
func newDeps(dials []string, log *slog.Logger) (connectors.Deps, func() error) {
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		if !slices.Contains(dials, address) {
			return nil, fmt.Errorf("dial: an address that Dials does not name: %w", connectors.ErrRefused)
		}
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil && ctx.Err() == nil {
			return nil, fmt.Errorf("dial: %w", connectors.ErrUnavailable)
		}
		return conn, err
	}
	transport := &http.Transport{DialContext: dial, TLSHandshakeTimeout: 5 * time.Second}
	client := &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	deps := connectors.Deps{Log: log, HTTP: client, Dial: dial, TLS: &tls.Config{MinVersion: tls.VersionTLS12}}
	return deps, func() error { transport.CloseIdleConnections(); return nil }
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
