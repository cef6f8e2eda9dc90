// Package icalsim serves a town's calendars as a web server does. It writes
// strict iCalendar (RFC 5545) by itself and shares no code with the connector.
package icalsim

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Event is one VEVENT. Lines are further content lines, unfolded and unescaped
// by the caller: "RRULE:FREQ=WEEKLY", "EXDATE;VALUE=DATE:20261228".
type Event struct {
	Title       string
	Description string
	// Start is the value of DTSTART with its parameters: ";VALUE=DATE:20261102",
	// ";TZID=America/Toronto:20261102T070000".
	Start string
	Lines []string
}

// Seed is what the server starts with: the events of each calendar by path,
// "/secteur-a.ics".
type Seed map[string][]Event

// Fault is something wrong with the content of replies; what goes wrong on the
// wire is connectortest/faultproxy's.
type Fault string

// The faults, closed.
const (
	FaultNone     Fault = ""
	FaultError    Fault = "error"     // HTTP 500
	FaultEmpty    Fault = "empty"     // HTTP 200 without a body
	FaultHTML     Fault = "html"      // a page in the calendar's place
	FaultCharset  Fault = "charset"   // ISO 8859-1 that says nothing of it
	FaultNoEvents Fault = "no-events" // a calendar, and nothing in it
	FaultCut      Fault = "cut"       // half of the calendar, sent as if whole
	FaultRedirect Fault = "redirect"  // to another host
	FaultGone     Fault = "gone"      // HTTP 404
)

// Server is a running server of calendars.
type Server struct {
	listener net.Listener
	http     *http.Server
	done     chan struct{}
	seed     Seed

	mu    sync.Mutex
	fault Fault
	calls int
}

// Start serves the seed at addr ("127.0.0.1:0" for a free port) at once.
func Start(addr string, seed Seed) (*Server, error) {
	listener, err := net.Listen("tcp", addr) //nolint:noctx // lives until Close
	if err != nil {
		return nil, fmt.Errorf("icalsim: %w", err)
	}
	s := &Server{listener: listener, seed: seed, done: make(chan struct{})}
	s.http = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: 10 * time.Second}
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

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.calls++
	call, fault := s.calls, s.fault
	s.mu.Unlock()
	events, known := s.seed[r.URL.Path]
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if !known || fault == FaultGone {
		http.NotFound(w, r)
		return
	}
	if fault == FaultNoEvents {
		events = nil
	}
	body := write(events, call)
	switch fault {
	case FaultError:
		w.WriteHeader(http.StatusInternalServerError)
		return
	case FaultRedirect:
		http.Redirect(w, r, "http://elsewhere.example/calendar.ics", http.StatusFound)
		return
	case FaultEmpty:
		body = nil
	case FaultHTML:
		body = []byte("<!DOCTYPE html>\n<title>Calendrier</title>\n")
	case FaultCharset:
		body = latin1(body)
	case FaultCut:
		body = body[:len(body)/2]
	default:
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	_, _ = w.Write(body) // the client may be gone
}

func latin1(utf8 []byte) []byte {
	var out []byte
	for _, r := range string(utf8) {
		out = append(out, byte(r))
	}
	return out
}
