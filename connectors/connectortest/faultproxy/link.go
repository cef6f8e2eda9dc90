package faultproxy

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"time"
)

// link is one connection of a client and its other half towards the source.
type link struct {
	p      *Proxy
	client net.Conn
	ctx    context.Context // ends with the link
	stop   context.CancelFunc

	mu     sync.Mutex
	server net.Conn
	asked  bool   // a request passed since the last byte of reply
	match  bool   // the last request holds Mode.Match
	tail   string // the end of the last request, where Match may begin

	// Only the goroutine of replies touches these.
	head   head
	since  <-chan struct{} // the Set that the counts below belong to
	passed int64           // bytes of reply since Set
	body   int64           // bytes of body of this reply since Set
	gone   bool            // this reply was counted as swallowed
}

func newLink(p *Proxy, client net.Conn) *link {
	ctx, stop := context.WithCancel(p.ctx)
	return &link{p: p, client: client, ctx: ctx, stop: stop}
}

// run connects to the source and pumps both ways until either side ends.
func (l *link) run() {
	defer func() {
		l.close()
		l.p.mu.Lock()
		delete(l.p.links, l)
		l.p.mu.Unlock()
	}()
	if _, _, ok := l.p.gate(l); !ok {
		return
	}
	dialer := net.Dialer{Timeout: 5 * time.Second}
	server, err := dialer.DialContext(l.ctx, "tcp", l.p.upstream)
	if err != nil {
		l.reset()
		return
	}
	l.mu.Lock()
	l.server = server
	l.mu.Unlock()
	if l.ctx.Err() != nil { // ended while dialling, before close could see it
		return
	}
	var both sync.WaitGroup
	both.Go(l.requests)
	both.Go(l.replies)
	both.Wait()
}

// close ends both halves in good order.
func (l *link) close() {
	l.stop()
	_ = l.client.Close() // the other side may have gone first
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server != nil {
		_ = l.server.Close()
	}
}

// reset ends the client's half with RST.
func (l *link) reset() {
	reset(l.client)
	l.close()
}

func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // on a dead connection there is nothing to reset
	}
	_ = conn.Close()
}

// requests pumps from the client to the source.
func (l *link) requests() {
	buf := make([]byte, 32<<10)
	for {
		n, err := l.client.Read(buf)
		if n > 0 && !l.request(buf[:n]) {
			l.close()
			return
		}
		if errors.Is(err, io.EOF) { // the client has said all: replies may still come
			if tcp, ok := l.server.(*net.TCPConn); ok {
				_ = tcp.CloseWrite()
			}
			return
		}
		if err != nil {
			l.close()
			return
		}
	}
}

func (l *link) request(chunk []byte) bool {
	m, _, ok := l.p.gate(l)
	if !ok {
		return false
	}
	l.mu.Lock()
	text := l.tail + string(chunk)
	found := strings.Contains(text, m.Match)
	l.match = found || l.match && l.asked // the rest of the same request
	l.asked = true
	l.tail = text[max(0, len(text)-len(m.Match)):]
	l.mu.Unlock()
	if _, err := l.server.Write(chunk); err != nil {
		return false
	}
	l.p.mu.Lock()
	l.p.counts.Requests += int64(len(chunk))
	l.p.mu.Unlock()
	return true
}

// replies pumps from the source to the client, through the fault.
func (l *link) replies() {
	defer l.close()
	buf := make([]byte, 32<<10)
	for {
		n, err := l.server.Read(buf)
		l.mu.Lock()
		if l.asked && n > 0 {
			l.head, l.body, l.gone, l.asked, l.tail = head{}, 0, false, false, ""
		}
		l.mu.Unlock()
		if n > 0 && !l.reply(buf[:n]) {
			return
		}
		if err != nil {
			return
		}
	}
}
