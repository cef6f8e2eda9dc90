package sip2sim

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
)

// Server is a running library system.
type Server struct {
	config   Config
	listener net.Listener
	wait     sync.WaitGroup

	mu      sync.Mutex
	shelf   *shelf
	fault   Fault
	conns   map[net.Conn]bool
	calls   int
	heard   map[string]int // requests understood, by code
	most    int            // connections at a time
	changes int            // renewals, holds placed and cancelled
	stopped bool
}

// Start serves a library at an address; "127.0.0.1:0" takes a free port.
func Start(addr string, lib Library, config Config) (*Server, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("sip2sim: %w", err)
	}
	s := &Server{
		config: config.withDefaults(), listener: l, shelf: newShelf(lib), conns: map[net.Conn]bool{}, heard: map[string]int{},
	}
	s.wait.Go(s.accept)
	return s, nil
}

// Addr is where the server listens.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close stops the server and waits for its connections to end.
func (s *Server) Close() error {
	err := s.listener.Close()
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	s.DropConnections()
	s.wait.Wait()
	return err
}

// DropConnections closes every open connection, as an idle limit or a restart does.
func (s *Server) DropConnections() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.Close()
	}
}

// MostConnections is how many connections were open at a time, at most.
func (s *Server) MostConnections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.most
}

// SetFault turns a fault on, or with FaultNone off.
func (s *Server) SetFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Calls is how many requests were answered, readable or not.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// Heard is how many requests of a code were understood: Heard("29").
func (s *Server) Heard(code string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard[code]
}

// Renewals is how often an item was renewed since the start.
func (s *Server) Renewals(item string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shelf.renewals[item]
}

// Changes is how often anything changed: renewals, holds placed and cancelled.
func (s *Server) Changes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changes
}

// Holds is what a card has on hold: barcodes.
func (s *Server) Holds(card string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var items []string
	if p := s.shelf.patrons[card]; p != nil {
		for _, h := range p.Holds {
			items = append(items, h.Item)
		}
	}
	return items
}

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return // closed
		}
		s.mu.Lock()
		s.conns[c] = true
		s.most = max(s.most, len(s.conns))
		stopped := s.stopped
		s.mu.Unlock()
		if stopped {
			_ = c.Close()
			return
		}
		s.wait.Go(func() { s.serve(c) })
	}
}

// serve speaks on one connection until either side ends it.
func (s *Server) serve(conn net.Conn) {
	defer func() {
		s.mu.Lock()
		delete(s.conns, conn)
		s.mu.Unlock()
		_ = conn.Close()
	}()
	r := bufio.NewReader(conn)
	v := &visit{server: s, loggedIn: s.config.User == ""}
	if s.config.Telnet {
		if err := s.prompt(conn, r); err != nil {
			return
		}
		v.loggedIn = true
	}
	for {
		line, err := r.ReadBytes('\r')
		if err != nil {
			return
		}
		out, keep := v.answer(line)
		if _, err := conn.Write(out); err != nil || !keep {
			return
		}
	}
}

var errLogin = errors.New("sip2sim: login refused")

// prompt is the login of a terminal.
func (s *Server) prompt(conn net.Conn, r *bufio.Reader) error {
	var typed []string
	for _, p := range []string{"login: ", "password: "} {
		if _, err := conn.Write([]byte(p)); err != nil {
			return err
		}
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		typed = append(typed, strings.TrimRight(line, "\r\n"))
	}
	if !slices.Equal(typed, []string{s.config.User, s.config.Password}) {
		_, _ = conn.Write([]byte("Login incorrect\n"))
		return errLogin
	}
	_, err := conn.Write([]byte("Login OK.  Initiating SIP\r\n"))
	return err
}
