package sip2

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors"
)

// link is one connection to the library system, used by one caller at a time.
// A goroutine reads it from login to close, so that a peer that goes away while
// the link is unused is noticed before anything is sent.
type link struct {
	settings *Settings
	log      *slog.Logger
	conn     net.Conn
	frames   chan frame    // closed when reading ended
	ended    error         // why; read after frames is closed
	closing  chan struct{} // closed by close
	once     sync.Once
	sequence int    // of the last message sent, -1 before the first
	noted    bool   // a bad checksum was logged
	seals    bool   // a checksum came, so that every reply must have one
	status   status // the system's latest 98
	// Without sequence numbers a second answer cannot be told from the next one:
	// unnumbered links must be silent before each request, and a doubtful one,
	// on which a request was repeated, is not used for another.
	unnumbered, doubtful bool
	// zeroes is set while the system writes 0 for every sequence number, and
	// numbers once it wrote another.
	zeroes, numbers bool
}

// dial opens a connection and signs in.
func (s *source) dial(ctx context.Context) (*link, error) {
	dialing, cancel := context.WithTimeout(ctx, s.settings.DialTimeout.Std())
	defer cancel()
	conn, err := s.deps.Dial(dialing, "tcp", s.settings.Address)
	if err != nil {
		return nil, lost(ctx, "connection", err)
	}
	if s.settings.TLS {
		if conn, err = s.secure(dialing, conn); err != nil {
			return nil, err
		}
	}
	l := &link{
		settings: &s.settings, log: s.deps.Log, conn: conn, sequence: -1,
		frames: make(chan frame), closing: make(chan struct{}),
	}
	if err := l.signIn(ctx); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// secure starts TLS on a connection and owns it from then on.
func (s *source) secure(ctx context.Context, conn net.Conn) (net.Conn, error) {
	config := s.deps.TLS.Clone()
	host, _, err := net.SplitHostPort(s.settings.Address)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("address: %w", connectors.ErrDefect), conn.Close())
	}
	config.ServerName = host
	secured := tls.Client(conn, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, lost(ctx, "TLS handshake", err)
	}
	return secured, nil
}

// close ends the link; it may be called more than once.
func (l *link) close() {
	l.once.Do(func() {
		close(l.closing)
		_ = l.conn.Close() // nothing is pending: every reply was read or given up
	})
}

// read feeds frames until the stream ends or the link is closed.
func (l *link) read(r *bufio.Reader) {
	defer close(l.frames)
	for {
		f, err := readFrame(r, l.settings.MaxMessage)
		if err != nil {
			l.ended = err
			return
		}
		rest, _ := r.Peek(r.Buffered()) // never more than there is: no error
		f.followed = len(bytes.Trim(rest, blank)) > 0
		select {
		case l.frames <- f:
		case <-l.closing:
			l.ended = net.ErrClosed
			return
		}
	}
}

// quiet tells whether the link is open and no late message waits in it.
func (l *link) quiet() bool {
	select {
	case <-l.frames: // closed, or something nobody asked for
		return false
	default:
		return true
	}
}

// write sends bytes before the context ends.
func (l *link) write(ctx context.Context, raw []byte) error {
	if deadline, ok := ctx.Deadline(); ok {
		if err := l.conn.SetWriteDeadline(deadline); err != nil {
			return lost(ctx, "connection", err)
		}
	}
	stop := context.AfterFunc(ctx, l.close)
	defer stop()
	if _, err := l.conn.Write(raw); err != nil {
		return lost(ctx, "sending", err)
	}
	return nil
}

// receive waits for the next frame.
func (l *link) receive(ctx context.Context) (frame, error) {
	select {
	case f, ok := <-l.frames:
		switch {
		case ok:
			return f, nil
		case errors.Is(l.ended, connectors.ErrMalformed):
			return frame{}, l.ended
		}
		return frame{}, lost(ctx, "connection", l.ended)
	case <-ctx.Done():
		return frame{}, lost(ctx, "reply", ctx.Err())
	}
}

// lost wraps the end of a conversation. The caller's own cancellation stays
// what it is; everything else, a deadline included, is the source's absence.
func lost(ctx context.Context, what string, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("%s: %w", what, context.Canceled)
	}
	for _, sentinel := range []error{connectors.ErrUnavailable, connectors.ErrRefused, connectors.ErrDenied} {
		if errors.Is(err, sentinel) { // the dialer's own answer
			return fmt.Errorf("%s: %w", what, sentinel)
		}
	}
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return fmt.Errorf("%s: no answer in time: %w", what, connectors.ErrUnavailable)
	}
	return fmt.Errorf("%s: lost: %w", what, connectors.ErrUnavailable)
}

// now is the present as the protocol writes it: 18 characters, local time.
func (s *Settings) now(zone *time.Location) string {
	mark := "    "
	if s.DateZone == DateZoneZeros {
		mark = "0000"
	}
	t := time.Now().In(zone)
	return t.Format("20060102") + mark + t.Format("150405")
}
