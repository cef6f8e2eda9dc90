package faultproxy_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/semenligne/sem/connectors/connectortest/faultproxy"
)

const reply = "0123456789abcdef\n"

// upstream answers every line with reply and counts the lines.
type upstream struct {
	listener net.Listener
	lines    atomic.Int64
}

func startUpstream(t *testing.T) *upstream {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u := &upstream{listener: listener}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go u.serve(conn)
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return u
}

func (u *upstream) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		u.lines.Add(1)
		if _, err := io.WriteString(conn, reply); err != nil {
			return
		}
	}
}

func startProxy(t *testing.T, to string, m faultproxy.Mode) *faultproxy.Proxy {
	t.Helper()
	p, err := faultproxy.Start(to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := p.Set(m); err != nil {
		t.Fatal(err)
	}
	return p
}

func dial(t *testing.T, p *faultproxy.Proxy) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func ask(t *testing.T, conn net.Conn, line string) {
	t.Helper()
	if _, err := io.WriteString(conn, line+"\n"); err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, conn net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(conn, got); err != nil || string(got) != want {
		t.Fatalf("read %q, %v; want %q", got[:n], err, want)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mode faultproxy.Mode
		want string // everything until the connection ends
		err  error
	}{
		"cut before the first byte": {faultproxy.Mode{Fault: faultproxy.Cut}, "", nil},
		"cut after the first byte":  {faultproxy.Mode{Fault: faultproxy.Cut, After: 1}, "0", nil},
		"cut before the last byte":  {faultproxy.Mode{Fault: faultproxy.Cut, After: int64(len(reply)) - 1}, reply[:len(reply)-1], nil},
		"cut with a reset":          {faultproxy.Mode{Fault: faultproxy.Cut, Reset: true}, "", syscall.ECONNRESET},
		"swallow":                   {faultproxy.Mode{Fault: faultproxy.Swallow}, "", nil},
		"swallow what matches":      {faultproxy.Mode{Fault: faultproxy.Swallow, Match: "ello"}, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := startUpstream(t)
			p := startProxy(t, u.listener.Addr().String(), c.mode)
			conn := dial(t, p)
			ask(t, conn, "hello")
			got, err := io.ReadAll(conn)
			if string(got) != c.want || !errors.Is(err, c.err) {
				t.Errorf("read %q, %v; want %q, %v", got, err, c.want, c.err)
			}
			if u.lines.Load() != 1 {
				t.Errorf("the source saw %d lines, want 1", u.lines.Load())
			}
		})
	}
}

// TestSwitch walks one open connection through the modes.
func TestSwitch(t *testing.T) {
	t.Parallel()
	u := startUpstream(t)
	p := startProxy(t, u.listener.Addr().String(), faultproxy.Mode{})
	conn := dial(t, p)
	set := func(m faultproxy.Mode) {
		t.Helper()
		if err := p.Set(m); err != nil {
			t.Fatal(err)
		}
	}
	ask(t, conn, "one")
	expect(t, conn, reply)

	set(faultproxy.Mode{Fault: faultproxy.Garble, After: 2, Count: 1})
	ask(t, conn, "two")
	expect(t, conn, reply[:2]+string(reply[2]^0x15)+reply[3:])

	set(faultproxy.Mode{Fault: faultproxy.Hang})
	ask(t, conn, "three")
	if err := conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	var netErr net.Error
	if n, err := conn.Read(make([]byte, 1)); n > 0 || !errors.As(err, &netErr) || !netErr.Timeout() {
		t.Fatalf("%d bytes and %v of a hanging source", n, err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	set(faultproxy.Mode{Fault: faultproxy.Swallow, Match: "four"})
	expect(t, conn, reply) // what was held back
	ask(t, conn, "three and a half")
	expect(t, conn, reply)
	ask(t, conn, "four")
	if n, err := conn.Read(make([]byte, 1)); n > 0 || !errors.Is(err, io.EOF) {
		t.Fatalf("%d bytes and %v of a swallowed reply", n, err)
	}
	if got := p.Counts(); got.Swallowed != 1 || got.Connections != 1 || got.Replies != 4*int64(len(reply)) {
		t.Errorf("counts %+v", got)
	}
	if u.lines.Load() != 5 {
		t.Errorf("the source saw %d lines, want 5", u.lines.Load())
	}
}

func TestRefuseAndReopen(t *testing.T) {
	t.Parallel()
	u := startUpstream(t)
	p := startProxy(t, u.listener.Addr().String(), faultproxy.Mode{})
	conn := dial(t, p)
	ask(t, conn, "one")
	expect(t, conn, reply)
	if err := p.Set(faultproxy.Mode{Fault: faultproxy.Refuse}); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("open connection: %v, want a reset", err)
	}
	if _, err := net.Dial("tcp", p.Addr()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("new connection: %v, want refused", err)
	}
	if err := p.Set(faultproxy.Mode{}); err != nil {
		t.Fatal(err)
	}
	conn = dial(t, p)
	ask(t, conn, "two")
	expect(t, conn, reply)
}

// TestTotal cuts the second reply, on whichever connection it comes.
func TestTotal(t *testing.T) {
	t.Parallel()
	u := startUpstream(t)
	p := startProxy(t, u.listener.Addr().String(), faultproxy.Mode{Fault: faultproxy.Cut, After: int64(len(reply)) + 3, Total: true})
	first := dial(t, p)
	ask(t, first, "one")
	expect(t, first, reply)
	second := dial(t, p)
	ask(t, second, "two")
	if got, err := io.ReadAll(second); string(got) != reply[:3] || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestDark(t *testing.T) {
	t.Parallel()
	u := startUpstream(t)
	p := startProxy(t, u.listener.Addr().String(), faultproxy.Mode{Fault: faultproxy.Swallow, Dark: true})
	conn := dial(t, p)
	ask(t, conn, "one")
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Fatalf("swallowed reply: %v", err)
	}
	if p.Mode().Fault != faultproxy.Hang {
		t.Errorf("mode %+v after a swallowed reply, want hang", p.Mode())
	}
}

func TestSlow(t *testing.T) {
	t.Parallel()
	u := startUpstream(t)
	p := startProxy(t, u.listener.Addr().String(), faultproxy.Mode{Fault: faultproxy.Slow, Every: time.Hour})
	conn := dial(t, p)
	ask(t, conn, "one")
	expect(t, conn, reply[:1])
	if got := p.Counts().Replies; got != 1 {
		t.Errorf("%d bytes passed in the first interval", got)
	}
	if err := p.Set(faultproxy.Mode{}); err != nil {
		t.Fatal(err)
	}
	expect(t, conn, reply[1:])
}

func TestOversizedLine(t *testing.T) {
	t.Parallel()
	u := startUpstream(t)
	p := startProxy(t, u.listener.Addr().String(), faultproxy.Mode{Fault: faultproxy.Oversized, After: 4})
	conn := dial(t, p)
	ask(t, conn, "one")
	expect(t, conn, reply[:4]+strings.Repeat(" ", 1<<20))
}

// TestClose leaves nothing running, whatever is under way.
func TestClose(t *testing.T) {
	ignore := goleak.IgnoreCurrent()
	u := startUpstream(t)
	for _, fault := range []faultproxy.Fault{faultproxy.OK, faultproxy.Hang, faultproxy.Slow, faultproxy.Oversized, faultproxy.Swallow, faultproxy.Refuse} {
		p, err := faultproxy.Start(u.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		conn := dial(t, p)
		if err := p.Set(faultproxy.Mode{Fault: fault, Every: time.Hour, Silent: true}); err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, "one\n") // may be refused
		for range 2 {
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		}
		if err := p.Set(faultproxy.Mode{}); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Set after Close: %v", err)
		}
		_ = conn.Close()
	}
	_ = u.listener.Close()
	goleak.VerifyNone(t, ignore)
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ok", "refuse", "hang", "cut", "slow", "garble", "oversized", "swallow"} {
		if m, err := faultproxy.Parse(name); err != nil || string(m.Fault) != name {
			t.Errorf("Parse(%q) = %+v, %v", name, m, err)
		}
	}
	if _, err := faultproxy.Parse("error"); err == nil {
		t.Error("a content fault is no wire fault")
	}
}

// TestUpstreamDown: a source that is not there looks like a reset.
func TestUpstreamDown(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", startProxy(t, addr, faultproxy.Mode{}).Addr())
	if err == nil { // the reset may also come first
		_, err = conn.Read(make([]byte, 1))
		_ = conn.Close()
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("error %v, want a reset", err)
	}
}
