package client

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/semenligne/sem/connectors"
)

func TestSpecialAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"10.1.2.3": "", "172.16.0.9": "", "192.168.1.1": "", "100.64.0.1": "", "fd12:3456::1": "", "203.0.113.9": "", "2001:db8::1": "",
		"127.0.0.1": "loopback", "127.8.8.8": "loopback", "::1": "loopback", "::ffff:127.0.0.1": "loopback", "::127.0.0.1": "loopback",
		"64:ff9b::7f00:1": "loopback",
		"169.254.169.254": "metadata", "::ffff:169.254.169.254": "metadata", "::ffff:a9fe:a9fe": "metadata", "64:ff9b::a9fe:a9fe": "metadata",
		"fd00:ec2::254": "metadata", "100.100.100.200": "metadata", "168.63.129.16": "metadata",
		"169.254.1.1": "link-local", "fe80::1": "link-local", "fe80::1%eth0": "link-local",
		"0.0.0.0": "unspecified", "0.1.2.3": "unspecified", "::": "unspecified", "::ffff:0.0.0.0": "unspecified",
		"224.0.0.1": "multicast", "ff02::1": "multicast", "255.255.255.255": "multicast",
	} {
		if got := special(plain(netip.MustParseAddr(address))); got != want {
			t.Errorf("%s is %q; want %q", address, got, want)
		}
	}
}

func TestDialAllowList(t *testing.T) {
	t.Parallel()
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	address := s.Listener.Addr().String()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, network string
		dials         []string
		allow         []netip.Prefix
		dial          string
		want          error
	}{
		{"named and allowed", "tcp", []string{address}, loopback(), address, nil},
		{"another way to write it", "tcp", []string{"[::ffff:127.0.0.1]:" + port}, loopback(), address, nil},
		{"upper case, trailing dot", "tcp4", []string{"LocalHost.:" + port}, loopback(), "localhost:" + port, nil},
		{"not named", "tcp", []string{"127.0.0.1:1"}, loopback(), address, connectors.ErrRefused},
		{"nothing named", "tcp", nil, loopback(), address, connectors.ErrRefused},
		{"named, special", "tcp", []string{address}, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, address, connectors.ErrRefused},
		{"named, special by name", "tcp4", []string{"localhost:" + port}, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, "localhost:" + port, connectors.ErrRefused},
		{"not TCP", "udp", []string{address}, loopback(), address, connectors.ErrRefused},
		{"a socket file", "unix", []string{address}, loopback(), "/run/secret.sock", connectors.ErrRefused},
		{"nobody listens", "tcp", []string{"127.0.0.1:1"}, loopback(), "127.0.0.1:1", connectors.ErrUnavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tr := reach(t, Options{DialAllow: c.allow}, c.dials...)
			conn, err := tr.Dial(t.Context(), c.network, c.dial)
			if !errors.Is(err, c.want) {
				t.Errorf("%v; want %v", err, c.want)
			}
			if err == nil {
				_ = conn.Close()
			} else if strings.Contains(err.Error(), "127.0.0.1") {
				t.Errorf("the error names the address: %v", err)
			}
		})
	}
}

func TestPolicyRefusalSaysWhatToAdd(t *testing.T) {
	t.Parallel()
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	tr := reach(t, Options{DialAllow: []netip.Prefix{}, Retries: 3}, s.Listener.Addr().String())
	_, _, err := send(t.Context(), t, tr.HTTP, http.MethodGet, s.URL+"/?key=canary", "")
	if !errors.Is(err, connectors.ErrRefused) || connectors.WasRetried(err) || !strings.Contains(err.Error(), "guard.dial_allow") {
		t.Errorf("%v; want refused, not repeated, naming guard.dial_allow", err)
	}
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("the error holds the query: %v", err)
	}
}

func TestBadAddressesInSettings(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "ils.test", ":443", "ils.test:"} {
		if _, err := New(Options{Dials: []string{bad}}); err == nil {
			t.Errorf("%q is taken for host:port", bad)
		}
	}
}

// A name that resolves to a public address when somebody looks and to the
// machine itself when we dial gets nowhere: the dialled address is what counts.
func TestRebinding(t *testing.T) {
	t.Parallel()
	var hits atomic.Int32
	s := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	host := "rebind.test:" + port
	d, err := newDialer(Options{Dials: []string{host}, DialAllow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	if err != nil {
		t.Fatal(err)
	}
	names := nameServer(t, [4]byte{127, 0, 0, 1})
	d.net.Resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", names)
	}}
	tr, err := assemble(Options{}, d.dial)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := send(t.Context(), t, tr.HTTP, http.MethodGet, "http://"+host, ""); !errors.Is(err, connectors.ErrRefused) || hits.Load() != 0 {
		t.Errorf("%v, %d requests; want refused, none", err, hits.Load())
	}
	// The same name is reached where loopback is allowed: the name server works.
	d.allow = loopback()
	if _, _, err := send(t.Context(), t, tr.HTTP, http.MethodGet, "http://"+host, ""); err != nil || hits.Load() != 1 {
		t.Errorf("%v, %d requests; want one", err, hits.Load())
	}
	_ = tr.Close()
}

// nameServer answers every question for an IPv4 address with one address.
func nameServer(t *testing.T, a [4]byte) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = conn.Close(); <-done })
	go func() {
		defer close(done)
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.Additionals = true, nil
			if q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: &dnsmessage.AResource{A: a}}}
			}
			reply, err := m.Pack()
			if err != nil {
				continue
			}
			_, _ = conn.WriteTo(reply, from)
		}
	}()
	return conn.LocalAddr().String()
}

func TestRedirectsAreReplies(t *testing.T) {
	t.Parallel()
	var hits atomic.Int32
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		w.Header().Set("Location", "http://169.254.169.254/latest/meta-data/")
		w.WriteHeader(http.StatusFound)
	})
	client := reach(t, Options{Retries: 2}, s.Listener.Addr().String()).HTTP
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		hits.Store(0)
		status, _, err := send(t.Context(), t, client, method, s.URL, "")
		if status != http.StatusFound || err != nil || hits.Load() != 1 {
			t.Errorf("%s: %d, %v, %d requests; want 302 as the reply to one", method, status, err, hits.Load())
		}
		if !errors.Is(connectors.StatusError(status), connectors.ErrMalformed) {
			t.Error("a redirect is not malformed")
		}
	}
}

func TestProxiesOfTheEnvironmentAreIgnored(t *testing.T) {
	t.Parallel()
	rt, ok := reach(t, Options{}).HTTP.Transport.(*roundTripper)
	if !ok || rt.kept.Proxy != nil || rt.once.Proxy != nil {
		t.Error("a transport may use a proxy")
	}
}
