// Package faultproxy stands on the wire between a connector and its source and
// makes it fail in the ways networks and old servers do. It knows no protocol,
// but where the head of an HTTP reply ends, so that one set of faults serves
// all of them.
package faultproxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"
)

// Proxy forwards TCP connections to one upstream address. Its methods may be
// called from any goroutine.
type Proxy struct {
	upstream string
	addr     string
	running  sync.WaitGroup
	stop     context.CancelFunc
	ctx      context.Context // ends with Close

	mu       sync.Mutex
	listener net.Listener // nil while refusing and when closed
	mode     Mode
	changed  chan struct{} // closed by the next Set
	passed   int64         // bytes of reply since Set
	links    map[*link]struct{}
	counts   Counts
}

// Counts is what went through a proxy since it started.
type Counts struct {
	// Connections accepted.
	Connections int
	// Requests and Replies are bytes passed towards the source and back, those
	// that a fault made up included.
	Requests, Replies int64
	// Swallowed replies.
	Swallowed int
}

// Start listens on a free port of 127.0.0.1 and forwards to upstream
// (host:port), which need not be up yet.
func Start(upstream string) (*Proxy, error) {
	ctx, stop := context.WithCancel(context.Background())
	p := &Proxy{
		upstream: upstream, ctx: ctx, stop: stop,
		changed: make(chan struct{}), links: map[*link]struct{}{},
	}
	if err := p.listen("127.0.0.1:0"); err != nil {
		stop()
		return nil, err
	}
	p.addr = p.listener.Addr().String()
	return p, nil
}

// Addr is the host:port to give the connector.
func (p *Proxy) Addr() string { return p.addr }

// Connections is the number of connections accepted so far.
func (p *Proxy) Connections() int { return p.Counts().Connections }

// Counts returns what went through so far.
func (p *Proxy) Counts() Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts
}

// Mode returns the present mode.
func (p *Proxy) Mode() Mode {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mode
}

// Set switches the mode, for connections that are open too. Its one error is
// that the port could not be opened again after Refuse: while it was closed
// another program took it.
func (p *Proxy) Set(m Mode) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil {
		return fmt.Errorf("fault proxy: %w", net.ErrClosed)
	}
	if m.Fault == Refuse {
		p.refuse()
	} else if p.listener == nil {
		if err := p.listen(p.addr); err != nil {
			return err
		}
	}
	p.mode, p.passed = m, 0
	close(p.changed)
	p.changed = make(chan struct{})
	return nil
}

// Close ends every connection and waits until nothing is left running. A
// second Close does nothing.
func (p *Proxy) Close() error {
	p.stop()
	p.mu.Lock()
	p.refuse()
	p.mu.Unlock()
	p.running.Wait()
	return nil
}

// refuse closes the listener and resets what is open. The caller holds mu.
func (p *Proxy) refuse() {
	if p.listener != nil {
		_ = p.listener.Close() // nothing to do about it
		p.listener = nil
	}
	for l := range p.links {
		l.reset()
	}
}

// listen opens the port and accepts on it. The caller holds mu, or nobody else
// knows the proxy yet. A port just closed can stay busy for a moment.
func (p *Proxy) listen(addr string) error {
	var config net.ListenConfig
	var listener net.Listener
	var err error
	for range 100 {
		listener, err = config.Listen(p.ctx, "tcp", addr)
		if !errors.Is(err, syscall.EADDRINUSE) {
			break
		}
		select {
		case <-p.ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
	if err != nil {
		return fmt.Errorf("fault proxy: %w", err)
	}
	p.listener = listener
	p.running.Go(func() { p.accept(listener) })
	return nil
}

func (p *Proxy) accept(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return // closed by refuse
		}
		p.mu.Lock()
		p.counts.Connections++
		if p.listener != listener { // accepted while the door closed
			p.mu.Unlock()
			reset(conn)
			continue
		}
		l := newLink(p, conn)
		p.links[l] = struct{}{}
		p.running.Go(l.run)
		p.mu.Unlock()
	}
}

// gate returns the mode in force, after waiting while it is Hang. It is not ok
// when the link ended meanwhile.
func (p *Proxy) gate(l *link) (m Mode, changed <-chan struct{}, ok bool) {
	for {
		p.mu.Lock()
		m, changed = p.mode, p.changed
		p.mu.Unlock()
		if m.Fault != Hang {
			return m, changed, l.ctx.Err() == nil
		}
		select {
		case <-changed:
		case <-l.ctx.Done():
			return m, changed, false
		}
	}
}

// swallowed counts a dropped reply and goes dark when the mode says so.
func (p *Proxy) swallowed(m Mode) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts.Swallowed++
	if m.Dark && p.mode == m {
		p.mode = Mode{Fault: Hang}
		close(p.changed)
		p.changed = make(chan struct{})
	}
}
