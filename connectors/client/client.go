// Package client makes what a source reaches its system with: an HTTP client,
// a dialer and a TLS configuration, all under one allow-list.
//
// The HTTP client is go-retryablehttp over net/http, with their traps closed:
//
//   - Only GET and HEAD are repeated: after a connection failure, 429, 500, 502,
//     503 or 504, with full jitter; Retry-After is obeyed up to a cap; a wait
//     that would outlive the request's deadline is not begun. Each repeat is
//     taken from the call's allowance: connectors.MayRetry.
//   - Anything else is sent at most once. net/http by itself repeats requests on
//     a kept connection that turns out dead (with Idempotency-Key a POST too), so
//     these travel on a connection of their own, which is never kept.
//   - Redirects are not followed: the 3xx is the reply.
//   - Proxies of the environment are ignored, cookies are not kept, HTTP is 1.1.
//   - A reply's body is limited, as it came and as it unpacked, and so is the ratio
//     of the two; over it is connectors.ErrMalformed.
//   - A connection on which no byte moves for Options.Stall is given up, before the
//     header and in mid-body: connectors.ErrUnavailable.
//   - A host and port must be among Options.Dials, and the address it resolves to
//     must not be special unless Options.DialAllow says so; else
//     connectors.ErrRefused. The check is made on the address being dialled.
//
// Errors wrap one sentinel of package connectors, or are the context's own, and
// hold neither URL nor words of the reply. But http.Client wraps whatever a
// transport returns in a *url.Error that prints the whole URL; no transport can
// prevent it. Connectors therefore send with connectors.Do, which takes that
// wrapping off again.
package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"time"
)

// Options say how a source is reached. The zero value of a field is its
// default.
type Options struct {
	// Log gets a debug line for each repeated request. Nil discards.
	Log *slog.Logger
	// Dials are the host:port pairs that may be dialled, and the only ones.
	Dials []string
	// DialAllow are the special addresses that may be dialled all the same:
	// loopback, link-local, metadata, multicast, unspecified.
	DialAllow []netip.Prefix
	// CAFile is a PEM file of authorities trusted besides the system's.
	CAFile string
	// Stall is how long a connection may stay without a byte; 30 s by default.
	Stall time.Duration
	// MaxBody is the largest body in bytes; 32 MiB by default.
	MaxBody int64
	// Retries is how often a GET or HEAD is repeated at most.
	Retries int
}

const (
	defaultStall   = 30 * time.Second
	defaultMaxBody = 32 << 20
	maxHeader      = 256 << 10
	idleConns      = 4
)

// DialFunc opens a connection, as net.Dialer.DialContext does.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// Transport is what connectors.Deps is filled with.
type Transport struct {
	// HTTP is for connectors.Do.
	HTTP *http.Client
	// Dial opens a raw TCP connection under the same allow-list. The caller sets
	// its deadlines: no stall is watched on it.
	Dial DialFunc
	// TLS verifies peers, TLS 1.2 and up. Clone it before setting ServerName.
	TLS *tls.Config
	// Close drops idle connections. Those in use end with their requests.
	Close func() error
}

// New makes a Transport. It reads the CA file and connects to nothing.
func New(o Options) (Transport, error) {
	d, err := newDialer(o)
	if err != nil {
		return Transport{}, err
	}
	return assemble(o, d.dial)
}

// assemble builds the transport on a dialer.
func assemble(o Options, dial DialFunc) (Transport, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Stall <= 0 {
		o.Stall = defaultStall
	}
	if o.MaxBody <= 0 {
		o.MaxBody = defaultMaxBody
	}
	roots, err := authorities(o.CAFile)
	if err != nil {
		return Transport{}, err
	}
	secure := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	rt := &roundTripper{
		log: o.Log, retries: o.Retries, maxBody: o.MaxBody,
		kept: newHTTP(o, dial, secure.Clone()),
		once: newHTTP(o, dial, secure.Clone()),
	}
	rt.once.DisableKeepAlives = true
	return Transport{
		HTTP: &http.Client{Transport: rt, CheckRedirect: noRedirect},
		Dial: raw(dial),
		TLS:  secure,
		Close: func() error {
			rt.kept.CloseIdleConnections()
			rt.once.CloseIdleConnections()
			return nil
		},
	}, nil
}

func newHTTP(o Options, dial DialFunc, secure *tls.Config) *http.Transport {
	return &http.Transport{
		Proxy:                  nil,
		DialContext:            watched(dial, o.Stall),
		TLSClientConfig:        secure,
		TLSHandshakeTimeout:    o.Stall,
		DisableCompression:     true, // unpacked here, under the limits
		MaxIdleConns:           idleConns,
		MaxIdleConnsPerHost:    idleConns,
		IdleConnTimeout:        o.Stall / 2, // before an idle connection looks stalled
		MaxResponseHeaderBytes: maxHeader,
	}
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// authorities are the system's and those of a file.
func authorities(file string) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("client: the system's certificate authorities: %w", err)
	}
	if file == "" {
		return pool, nil
	}
	pem, err := os.ReadFile(file) //nolint:gosec // the administrator's own file
	if err != nil {
		return nil, fmt.Errorf("client: ca_file: %w", err)
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("client: ca_file: no PEM certificate in it")
	}
	return pool, nil
}
