// Package examplesim is the invented permit system: it shares no code with the
// connector, so that one mistake cannot hide the other.
package examplesim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Permit is one permit as the system holds it. Dates are 2006-01-02, the fee is
// a decimal amount, State is D, E or R.
type Permit struct {
	Number  string `json:"number"`
	Type    string `json:"type"`
	State   string `json:"state"`
	Place   string `json:"place,omitempty"`
	Issued  string `json:"issued,omitempty"`
	Expires string `json:"expires,omitempty"`
	Fee     string `json:"fee,omitempty"`
}

// Seed is what the system starts with.
type Seed struct {
	// Key is the API key that lets in.
	Key string
	// Holders have permits, or an empty list.
	Holders map[string][]Permit
}

// Fault is something wrong with the content of replies; what goes wrong on the
// wire is connectortest/faultproxy's.
type Fault string

// The faults, closed.
const (
	FaultNone    Fault = ""
	FaultError   Fault = "error"   // HTTP 500
	FaultEmpty   Fault = "empty"   // HTTP 200 without a body
	FaultCharset Fault = "charset" // ISO 8859-1 that says nothing of it
	FaultForeign Fault = "foreign" // the reply about somebody else
)

// Server is a running permit system.
type Server struct {
	listener net.Listener
	http     *http.Server
	done     chan struct{}

	mu    sync.Mutex
	seed  Seed
	fault Fault
	calls int
}

// Start serves the seed at addr ("127.0.0.1:0" for a free port) at once.
func Start(addr string, seed Seed) (*Server, error) {
	listener, err := net.Listen("tcp", addr) //nolint:noctx // lives until Close
	if err != nil {
		return nil, fmt.Errorf("examplesim: %w", err)
	}
	s := &Server{listener: listener, seed: seed, done: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", s.status)
	mux.HandleFunc("GET /permits", s.permits)
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(listener) // ends with Close
	}()
	return s, nil
}

// Addr is the host:port that the server listens on.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close stops the server and its connections.
func (s *Server) Close() error {
	err := s.http.Close()
	<-s.done
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Calls is the number of requests answered.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// SetFault turns a fault on, or off with FaultNone.
func (s *Server) SetFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

func (s *Server) status(w http.ResponseWriter, r *http.Request) {
	s.answer(w, r, map[string]string{"service": "permits"})
}

func (s *Server) permits(w http.ResponseWriter, r *http.Request) {
	holder := r.URL.Query().Get("holder")
	s.mu.Lock()
	permits, known := s.seed.Holders[holder]
	if s.fault == FaultForeign {
		holder = "H-OTHER"
	}
	s.mu.Unlock()
	if !known {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if permits == nil {
		permits = []Permit{}
	}
	s.answer(w, r, map[string]any{"holder": holder, "permits": permits})
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, reply any) {
	s.mu.Lock()
	s.calls++
	fault, key := s.fault, s.seed.Key
	s.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer "+key {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	body, err := json.Marshal(reply)
	switch {
	case err != nil || fault == FaultError:
		w.WriteHeader(http.StatusInternalServerError)
		return
	case fault == FaultEmpty:
		body = nil
	case fault == FaultCharset:
		body = latin1(body)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // the client may be gone
}

func latin1(utf8 []byte) []byte {
	var out []byte
	for _, r := range string(utf8) {
		out = append(out, byte(r))
	}
	return out
}
