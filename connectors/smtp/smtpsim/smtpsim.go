// Package smtpsim is a mail server that keeps what it is given in memory: for
// the demo and for tests. It is strict where real servers are (RFC 5321, 3207,
// 4954, 1870, 6152, 6531) and shares no code with the connector.
package smtpsim

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
)

// Config is how the server behaves.
type Config struct {
	// User and Password are wanted before mail when User is set.
	User, Password string
	// Mechanisms are offered for signing in; nil is PLAIN and LOGIN.
	Mechanisms []string
	// TLS is offered by STARTTLS, and then wanted before anything else; with
	// Implicit it is spoken from the first byte. Nil is no TLS.
	TLS      *tls.Config
	Implicit bool
	// MaxSize is announced and held to, in bytes; 0 is no limit.
	MaxSize int
	// ASCII leaves out SMTPUTF8.
	ASCII bool
	// Unknown are mailboxes that do not exist here.
	Unknown []string
}

// Message is a message that was taken.
type Message struct {
	From string
	To   []string
	// Params are those of MAIL: SIZE, BODY, SMTPUTF8.
	Params map[string]string
	// Data is the message as it came, without the transparency dots.
	Data []byte
	// Secure tells that it came over TLS, User who signed in.
	Secure bool
	User   string
}

// Server is a running mail server.
type Server struct {
	config   Config
	listener net.Listener
	ctx      context.Context
	stop     context.CancelFunc
	wait     sync.WaitGroup

	mu       sync.Mutex
	open     map[net.Conn]struct{}
	fault    Fault
	messages []Message
	calls    []string
	changed  chan struct{} // closed at the next call or message
}

// Start listens on an address; port 0 is any.
func Start(addr string, c Config) (*Server, error) {
	if c.Mechanisms == nil {
		c.Mechanisms = []string{"PLAIN", "LOGIN"}
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("smtpsim: %w", err)
	}
	s := &Server{config: c, listener: listener, open: map[net.Conn]struct{}{}, changed: make(chan struct{})}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.wait.Go(s.accept)
	return s, nil
}

// Addr is the server's host:port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close ends the server and every conversation.
func (s *Server) Close() error {
	s.stop()
	err := s.listener.Close()
	s.mu.Lock()
	for conn := range s.open {
		_ = conn.Close()
	}
	s.mu.Unlock()
	s.wait.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// SetFault makes every conversation from now on go wrong; the zero Fault mends it.
func (s *Server) SetFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Messages are those that were taken, in order.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Heard are the commands, in order, without their arguments; the dot that ended
// a message is ".".
func (s *Server) Heard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Calls is the number of commands heard.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}

// Await waits until a condition on Heard or Messages holds.
func (s *Server) Await(ctx context.Context, condition func() bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if condition() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("smtpsim: %w", ctx.Err())
		}
	}
}

func (s *Server) heard(verb string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, verb)
	s.tell()
}

// tell wakes those who wait; mu is held.
func (s *Server) tell() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// keep takes responsibility for a message and returns its number.
func (s *Server) keep(m Message) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
	s.tell()
	return fmt.Sprintf("SIM%06d", len(s.messages))
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return // closed
		}
		s.mu.Lock()
		s.open[conn] = struct{}{}
		fault := s.fault
		s.mu.Unlock()
		if s.ctx.Err() != nil {
			_ = conn.Close()
			return
		}
		s.wait.Go(func() {
			s.serve(conn, fault)
			_ = conn.Close()
			s.mu.Lock()
			delete(s.open, conn)
			s.mu.Unlock()
		})
	}
}

// serve speaks with one client until it leaves.
func (s *Server) serve(raw net.Conn, fault Fault) {
	c := &conversation{server: s, conn: raw, fault: fault}
	if s.config.TLS != nil && s.config.Implicit {
		c.conn, c.secure = tls.Server(raw, s.config.TLS), true
	}
	c.in = bufio.NewReaderSize(c.conn, 4096)
	if c.reply(Connect, "220 courriel.ville.example ESMTP") {
		c.talk()
	}
}
