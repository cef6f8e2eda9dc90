// Package openactivesim is an invented town's recreation system: a publisher of
// OpenActive feeds (RPDE 1.0) and a booking server (Open Booking API 1.0) that
// holds seats, leases, orders and, as an extension, waiting lists. It is strict
// about what it is sent and keeps its state in memory.
//
// Every address that it writes starts with the host that the request named,
// unless the seed sets another base, so that it works behind a proxy.
package openactivesim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Server is a running simulator.
type Server struct {
	http     *http.Server
	listener net.Listener
	served   chan error

	mu    sync.Mutex
	town  *town
	fault Fault
	calls int
}

// Start serves the seed's town on an address, such as "127.0.0.1:0", at once.
func Start(addr string, seed Seed) (*Server, error) {
	t, err := newTown(seed)
	if err != nil {
		return nil, fmt.Errorf("openactivesim: seed: %w", err)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("openactivesim: %w", err)
	}
	s := &Server{listener: l, town: t, served: make(chan error, 1)}
	s.http = &http.Server{Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { s.served <- s.http.Serve(l) }()
	return s, nil
}

// Addr is host:port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close ends the server and waits until it is gone.
func (s *Server) Close() error {
	err := s.http.Close()
	if e := <-s.served; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}

// Calls is the number of requests answered.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// Orders is the number of orders that the town holds.
func (s *Server) Orders() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.town.orders)
}

// SeatsTaken is the number of confirmed places in a session or course, by the
// seed's ID.
func (s *Server) SeatsTaken(id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.town.events[id]; e != nil {
		return s.town.taken(e)
	}
	return 0
}

// Changes is the number of bookings and cancellations carried out for brokers.
func (s *Server) Changes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.town.changes
}

// Leases is the number of quotes that hold seats now.
func (s *Server) Leases() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, l := range s.town.leases {
		if l.expires.After(s.town.now()) {
			n++
		}
	}
	return n
}

// Update changes a session or course as the town's staff would: the event is
// handed over by the seed's ID, and published again.
func (s *Server) Update(id string, change func(*Event)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.town.events[id]
	if e == nil {
		return fmt.Errorf("openactivesim: no event %q", id)
	}
	change(e)
	s.town.touch(e)
	return nil
}

// Delete withdraws a session or course: its feed says so with a tombstone.
func (s *Server) Delete(id string) error {
	return s.Update(id, func(e *Event) { e.deleted = true })
}

// CancelOrder cancels every place of an order as the town's staff would, with a
// message for the person.
func (s *Server) CancelOrder(uuid, message string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.town.orders[uuid]
	if o == nil {
		return fmt.Errorf("openactivesim: no order %q", uuid)
	}
	for _, i := range o.items {
		i.status, i.message = "SellerCancelled", message
		s.town.promote(i.event)
	}
	s.town.touchOrder(o)
	return nil
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /rpde/{feed}", s.feed)
	mux.HandleFunc("GET /booking/orders-rpde", s.booking(s.ordersFeed))
	mux.HandleFunc("PUT /booking/order-quote-templates/{uuid}", s.booking(s.quote(false)))
	mux.HandleFunc("PUT /booking/order-quotes/{uuid}", s.booking(s.quote(true)))
	mux.HandleFunc("DELETE /booking/order-quotes/{uuid}", s.booking(s.release))
	mux.HandleFunc("PUT /booking/orders/{uuid}", s.booking(s.book))
	mux.HandleFunc("GET /booking/orders/{uuid}", s.booking(s.status))
	mux.HandleFunc("PATCH /booking/orders/{uuid}", s.booking(s.patch))
	mux.HandleFunc("DELETE /booking/orders/{uuid}", s.booking(s.undo))
	return s.count(s.faulty(mux))
}

// count counts a request once it was answered, in whatever way.
func (s *Server) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			s.mu.Lock()
			s.calls++
			s.mu.Unlock()
		}()
		next.ServeHTTP(w, r)
	})
}

// booking lets only holders of the key in.
func (s *Server) booking(next func(http.ResponseWriter, *http.Request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		switch {
		case s.town.key == "" || bearer && token == s.town.key:
			next(w, r)
		case !bearer:
			fail(w, http.StatusForbidden, "NoAPITokenError", "A token is required.")
		default:
			fail(w, http.StatusUnauthorized, "InvalidAPITokenError", "The token is not valid.")
		}
	}
}

// host is the beginning of every address that a client calls.
func host(r *http.Request) string { return "http://" + r.Host }

// base is the beginning of every @id.
func (s *Server) base(r *http.Request) string {
	if s.town.base != "" {
		return s.town.base
	}
	return host(r)
}
