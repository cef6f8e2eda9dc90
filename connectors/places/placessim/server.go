// Package placessim is a web server of a town's open data: files of places,
// sectors and streets, as GeoJSON and CSV. It shares no code with the
// connector.
package placessim

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/text/encoding"
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
	FaultHTML    Fault = "html"    // a web page with HTTP 200
	FaultHollow  Fault = "hollow"  // a file in order, with nothing in it
	FaultCharset Fault = "charset" // windows-1252 where UTF-8 is promised
	FaultCut     Fault = "cut"     // ends half way, with the right length
)

// Files are contents by path, such as "/lieux.geojson".
type Files map[string]string

// Server serves files, with ETag, Last-Modified and ranges.
type Server struct {
	http     *http.Server
	listener net.Listener
	files    atomic.Pointer[Files]
	fault    atomic.Value // Fault
	calls    atomic.Int64
}

// Published is the date that the server gives its files.
func Published() time.Time { return time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC) }

// Start serves files on addr, such as "127.0.0.1:0", at once.
func Start(addr string, files Files) (*Server, error) {
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("placessim: %w", err)
	}
	s := &Server{listener: listener}
	s.fault.Store(FaultNone)
	s.files.Store(&files)
	s.http = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: 10 * time.Second}
	go s.http.Serve(listener) //nolint:errcheck // returns when Close is called
	return s, nil
}

// SetFiles serves other files from now on.
func (s *Server) SetFiles(files Files) { s.files.Store(&files) }

// Addr is the host and port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Calls is the number of requests that came in.
func (s *Server) Calls() int { return int(s.calls.Load()) }

// SetFault makes every answer wrong in one way; FaultNone heals.
func (s *Server) SetFault(f Fault) { s.fault.Store(f) }

// Close stops serving.
func (s *Server) Close() error { return s.http.Close() }

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.calls.Add(1)
	fault, _ := s.fault.Load().(Fault)
	content, found := (*s.files.Load())[r.URL.Path]
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	case fault == FaultError:
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	case fault == FaultMissing || !found:
		http.NotFound(w, r)
		return
	case fault == FaultDenied:
		http.Error(w, "forbidden", http.StatusForbidden)
		return
	case fault == FaultEmpty:
		w.WriteHeader(http.StatusOK)
		return
	}
	content = spoiled(content, fault)
	w.Header().Set("Content-Type", contentType(r.URL.Path, fault))
	w.Header().Set("ETag", fmt.Sprintf("\"%x\"", sha256.Sum256([]byte(content))))
	http.ServeContent(w, r, "", Published(), bytes.NewReader([]byte(content)))
}

func contentType(name string, fault Fault) string {
	switch {
	case fault == FaultHTML:
		return "text/html; charset=utf-8"
	case path.Ext(name) == ".csv":
		return "text/csv; charset=utf-8"
	}
	return "application/geo+json"
}

// spoiled returns the content as a fault leaves it.
func spoiled(content string, fault Fault) string {
	switch fault {
	case FaultHTML:
		return "<!DOCTYPE html><html><body><p>Le site est en maintenance.</body></html>"
	case FaultHollow:
		if header, _, table := strings.Cut(content, "\n"); table && !strings.HasPrefix(content, "{") {
			return header + "\n"
		}
		return Collection()
	case FaultCharset:
		narrow, err := encoding.ReplaceUnsupported(charmap.Windows1252.NewEncoder()).String(content)
		if err != nil {
			return "\xFF"
		}
		return narrow
	case FaultCut:
		return content[:len(content)/2]
	default:
		return content
	}
}
