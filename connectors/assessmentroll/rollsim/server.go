package rollsim

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// Fault is something wrong with what the server says; faults of the wire are
// made elsewhere.
type Fault string

// The faults.
const (
	FaultNone    Fault = ""
	FaultError   Fault = "error"   // HTTP 500
	FaultMissing Fault = "missing" // HTTP 404
	FaultDenied  Fault = "denied"  // HTTP 403
	FaultEmpty   Fault = "empty"   // HTTP 200 without a byte
	FaultHollow  Fault = "hollow"  // a well-formed roll without units
	FaultHTML    Fault = "html"    // a web page with HTTP 200
	FaultCharset Fault = "charset" // windows-1252 bytes under a declaration of UTF-8
	FaultCut     Fault = "cut"     // ends in the middle of a unit, with the right length
	FaultForeign Fault = "foreign" // the roll of another municipality
	FaultTwice   Fault = "twice"   // every matricule stands there twice
)

// Server serves one roll at every path, with ETag, Last-Modified and ranges.
type Server struct {
	http     *http.Server
	listener net.Listener
	roll     atomic.Pointer[[]byte]
	fault    atomic.Value // Fault
	calls    atomic.Int64
}

// Published is the date that the server gives its rolls.
func Published() time.Time { return time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC) }

// Start serves a roll on addr, such as "127.0.0.1:0", at once.
func Start(addr string, roll Roll) (*Server, error) {
	s := &Server{}
	s.fault.Store(FaultNone)
	if err := s.SetRoll(roll); err != nil {
		return nil, err
	}
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("rollsim: %w", err)
	}
	s.listener = listener
	s.http = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: 10 * time.Second}
	go s.http.Serve(listener) //nolint:errcheck // returns when Close is called
	return s, nil
}

// SetRoll serves another roll from now on.
func (s *Server) SetRoll(roll Roll) error {
	var b bytes.Buffer
	if _, err := roll.WriteTo(&b); err != nil {
		return fmt.Errorf("rollsim: %w", err)
	}
	content := b.Bytes()
	s.roll.Store(&content)
	return nil
}

// Addr is the host and port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// URL is where the roll is.
func (s *Server) URL() string { return "http://" + s.Addr() + "/role/RL" + Municipality + "_2026.xml" }

// Calls is the number of requests that came in.
func (s *Server) Calls() int { return int(s.calls.Load()) }

// SetFault makes every answer wrong in one way; FaultNone heals.
func (s *Server) SetFault(f Fault) { s.fault.Store(f) }

// Close stops serving.
func (s *Server) Close() error { return s.http.Close() }

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.calls.Add(1)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	fault, _ := s.fault.Load().(Fault)
	switch fault {
	case FaultError:
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	case FaultMissing:
		http.NotFound(w, r)
		return
	case FaultDenied:
		http.Error(w, "forbidden", http.StatusForbidden)
		return
	case FaultEmpty:
		w.WriteHeader(http.StatusOK)
		return
	default: // the content is wrong, if anything
	}
	content := spoiled(*s.roll.Load(), fault)
	w.Header().Set("Content-Type", "text/xml")
	if fault == FaultHTML {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
	}
	w.Header().Set("ETag", fmt.Sprintf("\"%x\"", sha256.Sum256(content)))
	http.ServeContent(w, r, "", Published(), bytes.NewReader(content))
}

// spoiled returns the content as a fault leaves it.
func spoiled(roll []byte, fault Fault) []byte {
	first, last := bytes.Index(roll, []byte("<RLUEx>")), bytes.LastIndex(roll, []byte("</RLUEx>"))
	if first < 0 {
		return roll
	}
	last += len("</RLUEx>")
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	switch fault {
	case FaultHollow:
		return join(roll[:first], roll[last:])
	case FaultHTML:
		return []byte("<!DOCTYPE html><html><body><p>Le site est en maintenance.</body></html>")
	case FaultCharset:
		named := bytes.Replace(roll, []byte("</RL0103>"), []byte("</RL0103><RL0106A>cédé</RL0106A>"), 1)
		spoiled, err := charmap.Windows1252.NewEncoder().Bytes(named)
		if err != nil {
			return named
		}
		return spoiled
	case FaultCut:
		return roll[:first+(last-first)/2]
	case FaultForeign:
		return bytes.Replace(roll, []byte("<RLM01A>"+Municipality), []byte("<RLM01A>99002"), 1)
	case FaultTwice:
		return join(roll[:last], roll[first:])
	default:
		return roll
	}
}
