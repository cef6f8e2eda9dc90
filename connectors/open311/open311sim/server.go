// Package open311sim is an Open311 GeoReport v2 server that holds an invented
// town in memory: strict by the specification where nothing else is asked for,
// and able to speak each dialect met in the field. It shares no code with the
// connector, so that one mistake cannot hide the other.
package open311sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Server is a running endpoint.
type Server struct {
	listener net.Listener
	http     *http.Server
	done     chan struct{}

	mu       sync.Mutex
	seed     Seed
	requests []*Request // oldest first
	dialect  Dialect
	fault    Fault
	calls    int
	submits  int
	next     int
}

// Start serves the town at addr ("127.0.0.1:0" for a free port) at once.
func Start(addr string, seed Seed) (*Server, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("open311sim: %w", err)
	}
	if seed.Now == nil {
		seed.Now = time.Now
	}
	s := &Server{listener: listener, seed: seed, dialect: seed.Dialect, done: make(chan struct{})}
	for _, r := range seed.Requests {
		s.requests = append(s.requests, &r)
	}
	s.http = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(listener) // ends with Close
	}()
	return s, nil
}

// Addr is the host:port that the server listens on; its base URL is
// "http://" + Addr() + "/v2".
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

// answer is a reply being made. It is written when the town's lock is free
// again, so that a slow client keeps nobody waiting.
type answer struct {
	status    int
	mediaType string
	body      []byte
	hangUp    bool // close the connection instead
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return // the client hung up
	}
	a := answer{status: http.StatusOK}
	s.answer(&a, r, body)
	if a.hangUp {
		hangUp(w)
		return
	}
	w.Header().Set("Content-Type", a.mediaType)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // the client may be gone
}

func (s *Server) answer(w *answer, r *http.Request, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	path, format, err := resource(r)
	if err != nil {
		s.fail(w, "json", http.StatusNotFound, "unknown resource, or .json or .xml is missing")
		return
	}
	if s.broken(w, r, path, format) || !s.jurisdiction(w, r, format) {
		return
	}
	if s.dialect.KeyForReads && r.Method == http.MethodGet && !s.keyed(r, r.URL.Query()) {
		s.fail(w, format, http.StatusForbidden, "api_key was missing or is not valid")
		return
	}
	switch {
	case r.Method == http.MethodPost && slices.Equal(path, []string{"requests"}):
		s.submit(w, r, body, format)
	case r.Method != http.MethodGet:
		s.fail(w, format, http.StatusBadRequest, "method not allowed here")
	default:
		s.read(w, r, path, format)
	}
}

func (s *Server) read(w *answer, r *http.Request, path []string, format string) {
	switch {
	case path[0] == "discovery" && len(path) == 1 && !s.dialect.HTMLErrors:
		s.send(w, format, s.discovery(r))
	case path[0] == "services" && len(path) == 1:
		s.send(w, format, s.serviceList())
	case path[0] == "services" && len(path) == 2 && s.hasDefinition(s.service(path[1])) && s.service(path[1]).Code != "":
		s.send(w, format, s.definition(s.service(path[1])))
	case path[0] == "requests" && len(path) == 1:
		s.list(w, r.URL.Query(), format)
	case path[0] == "requests" && len(path) == 2:
		s.one(w, r.URL.Query(), path[1], format)
	case path[0] == "tokens" && len(path) == 2:
		s.token(w, path[1], format)
	case path[0] == "servicerequestupdates" && len(path) == 1 && s.dialect.Updates:
		s.updates(w, r.URL.Query(), format)
	default:
		s.fail(w, format, http.StatusNotFound, "unknown resource")
	}
}

// resource splits /v2/a/b.json into [a b] and json, each segment unescaped by
// itself.
func resource(r *http.Request) (path []string, format string, err error) {
	escaped, ok := strings.CutPrefix(r.URL.EscapedPath(), "/v2/")
	if !ok {
		return nil, "", errors.New("outside the endpoint")
	}
	dot := strings.LastIndexByte(escaped, '.')
	if dot < 0 || escaped[dot:] != ".json" && escaped[dot:] != ".xml" {
		return nil, "", errors.New("no format")
	}
	for segment := range strings.SplitSeq(escaped[:dot], "/") {
		plain, err := url.PathUnescape(segment)
		if err != nil {
			return nil, "", err
		}
		path = append(path, plain)
	}
	return path, escaped[dot+1:], nil
}

// jurisdiction checks the jurisdiction_id where one is needed.
func (s *Server) jurisdiction(w *answer, r *http.Request, format string) bool {
	if s.seed.Jurisdiction == "" || strings.Contains(r.URL.Path, "/discovery.") {
		return true
	}
	if r.Method == http.MethodPost {
		return true // in the body; submit looks there
	}
	switch r.URL.Query().Get("jurisdiction_id") {
	case s.seed.Jurisdiction:
		return true
	case "":
		s.fail(w, format, http.StatusBadRequest, "jurisdiction_id was not provided")
	default:
		s.fail(w, format, http.StatusNotFound, "jurisdiction_id was not found")
	}
	return false
}

func (s *Server) service(code string) Service {
	for _, v := range s.seed.Services {
		if v.Code == code {
			return v
		}
	}
	return Service{}
}

func (s *Server) discovery(r *http.Request) document {
	formats := list{"format", []any{text("text/xml"), text("application/json")}}
	endpoint := object{
		{"specification", text("http://wiki.open311.org/GeoReport_v2")},
		{"url", text("http://" + r.Host + "/v2")},
		{"changeset", text(s.seed.Changeset)},
		{"type", text("test")},
		{"formats", formats},
	}
	return document{"discovery", object{
		{"changeset", text(s.seed.Changeset)},
		{"contact", text("Ville inventée, service des requêtes")},
		{"key_service", text("Demandez une clé au bureau d'accueil.")},
		{"endpoints", list{"endpoint", []any{endpoint}}},
	}}
}
