package openactive_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/openactive"
	"github.com/semenligne/sem/connectors/openactive/openactivesim"
)

// tap stands between the connector and a server: it notes every call, and its
// hook may answer, fail or hang in the server's place.
type tap struct {
	next http.RoundTripper
	// hook returns nil, nil to let a call through. n counts the calls of the same
	// name, from 1.
	hook func(name string, n int, req *http.Request) (*http.Response, error)

	mu     sync.Mutex
	calls  map[string]int
	order  []string
	bodies []string
}

// callName is "PUT orders", "GET orders", "PUT order-quotes" and so on.
func callName(req *http.Request) string {
	parts := strings.Split(strings.Trim(req.URL.Path, "/"), "/")
	if len(parts) > 1 && parts[0] == "booking" {
		return req.Method + " " + parts[1]
	}
	return req.Method + " feed"
}

func (p *tap) RoundTrip(req *http.Request) (*http.Response, error) {
	name := callName(req)
	body := ""
	if req.Body != nil {
		b, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		body = string(b)
		req = req.Clone(req.Context())
		req.Body = io.NopCloser(strings.NewReader(body))
	}
	p.mu.Lock()
	if p.calls == nil {
		p.calls = map[string]int{}
	}
	p.calls[name]++
	n := p.calls[name]
	if name != "GET feed" {
		p.order = append(p.order, name)
		p.bodies = append(p.bodies, body)
	}
	p.mu.Unlock()
	if p.hook != nil {
		if resp, err := p.hook(name, n, req); resp != nil || err != nil {
			return resp, err
		}
	}
	return p.next.RoundTrip(req)
}

func (p *tap) count(name string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[name]
}

// answer makes a reply of the booking server.
func answer(req *http.Request, status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Request: req, Body: io.NopCloser(strings.NewReader(body))}
}

// oops is an OpenBookingError.
func oops(req *http.Request, status int, typ string) *http.Response {
	return answer(req, status, `{"@context":"https://openactive.io/","@type":"`+typ+`","description":"Désolé."}`)
}

// errLost is what a dropped connection looks like.
var errLost = &net.OpError{Op: "read", Net: "tcp", Err: io.ErrUnexpectedEOF}

// open opens a source on the tap.
func (p *tap) open(t *testing.T, change ...func(*openactive.Settings)) connectors.Source {
	t.Helper()
	settings := openactive.Kind().Settings().(*openactive.Settings)
	for _, f := range change {
		f(settings)
	}
	if problems := settings.Validate(); len(problems) > 0 {
		t.Fatal(problems)
	}
	src, err := openactive.Kind().Open(settings, connectors.Deps{Log: slog.New(slog.DiscardHandler), HTTP: &http.Client{Transport: p}})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// tapped opens a source on the simulator, through a tap.
func tapped(t *testing.T, sim *openactivesim.Server, hook func(name string, n int, req *http.Request) (*http.Response, error), change ...func(*openactive.Settings)) (connectors.Source, *tap) {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	p := &tap{next: transport, hook: hook}
	return p.open(t, append([]func(*openactive.Settings){reaching(sim.Addr())}, change...)...), p
}

// reaching sets what reaches a simulator.
func reaching(addr string) func(*openactive.Settings) {
	return func(s *openactive.Settings) {
		base := "http://" + addr
		s.Feeds = []string{base + "/rpde/sessions", base + "/rpde/series", base + "/rpde/courses"}
		s.BookingURL, s.APIKey = base+"/booking", connectors.NewSecret(key)
	}
}

// sentThenLost pretends that a connection was had and the request went into it.
func sentThenLost(req *http.Request) error {
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	return errLost
}

// hanging opens a source on a script whose PUT orders never answers: wait is
// called with its context.
func hanging(t *testing.T, s *script, wait func(context.Context)) connectors.Source {
	t.Helper()
	p := &tap{next: s, hook: func(_ string, _ int, req *http.Request) (*http.Response, error) {
		if req.Method == http.MethodPut && strings.Contains(req.URL.Path, "/orders/") {
			_ = sentThenLost(req)
			wait(req.Context())
			return nil, req.Context().Err()
		}
		return nil, nil
	}}
	return p.open(t, func(s *openactive.Settings) { s.BookingURL = "https://loisirs.exemple.test/api" })
}
