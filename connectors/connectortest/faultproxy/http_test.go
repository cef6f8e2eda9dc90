package faultproxy_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/semenligne/sem/connectors/connectortest/faultproxy"
)

// TestHTTP leaves the head of HTTP replies whole, on a connection that is kept.
func TestHTTP(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, reply)
	}))
	t.Cleanup(server.Close)
	p := startProxy(t, strings.TrimPrefix(server.URL, "http://"), faultproxy.Mode{})
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}
	get := func(limit int64) (length int64, body string) {
		t.Helper()
		resp, err := client.Get("http://" + p.Addr())
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(io.LimitReader(resp.Body, limit))
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Fatal(err)
		}
		return resp.ContentLength, string(data)
	}
	if _, body := get(1 << 10); body != reply {
		t.Errorf("body %q", body)
	}
	if err := p.Set(faultproxy.Mode{Fault: faultproxy.Garble, After: 1}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, body := get(1 << 10); body[:1] != reply[:1] || body[1] != reply[1]^0x15 || body[16] != '\n'^0x15 {
			t.Errorf("garbled body %q", body)
		}
	}
	if n := p.Connections(); n != 1 {
		t.Errorf("%d connections, want 1 that is kept", n)
	}
	if err := p.Set(faultproxy.Mode{Fault: faultproxy.Oversized, After: 8}); err != nil {
		t.Fatal(err)
	}
	length, body := get(1 << 20)
	if length != 1<<40 || body != reply[:8]+strings.Repeat(" ", 1<<20-8) {
		t.Errorf("announced %d bytes; body begins %q", length, body[:20])
	}
}
