package openactivesim

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
)

// Fault is a way in which the server's answers go wrong. What goes wrong on the
// wire itself (refuse, hang, cut, garble, slow) is a proxy's business.
type Fault string

// The faults.
const (
	FaultNone    Fault = ""
	FaultError   Fault = "error"   // 500 to everything
	FaultEmpty   Fault = "empty"   // feeds are empty and at their end, orders are empty objects
	FaultForeign Fault = "foreign" // an order asked for is answered with another one
	FaultHTML    Fault = "html"    // 200 and a web page
	FaultCharset Fault = "charset" // ISO-8859-1 where UTF-8 is due
	FaultDrift   Fault = "drift"   // members renamed
	// FaultLost does what a booking or cancellation asks, and drops the connection
	// instead of answering.
	FaultLost Fault = "lost"
)

// SetFault sets the fault of all answers from now on.
func (s *Server) SetFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

func (s *Server) faulty(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		fault := s.fault
		s.mu.Unlock()
		switch fault {
		case FaultNone, FaultForeign:
			next.ServeHTTP(w, r)
		case FaultError:
			http.Error(w, "internal error", http.StatusInternalServerError)
		case FaultHTML:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte("<!doctype html><title>Maintenance</title><p>Revenez plus tard."))
		case FaultEmpty:
			s.empty(w, r)
		case FaultLost:
			if !changes(r) {
				next.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler) // net/http's own way to drop a connection
		default:
			distort(w, r, next, fault)
		}
	})
}

// changes tells a booking or a cancellation from quotes and reads.
func changes(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/booking/orders/") && (r.Method == http.MethodPut || r.Method == http.MethodPatch)
}

func (s *Server) empty(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/rpde/") || strings.HasSuffix(r.URL.Path, "/orders-rpde") {
		write(w, http.StatusOK, "application/json", object{"next": host(r) + r.URL.RequestURI(), "items": []object{}})
		return
	}
	write(w, http.StatusOK, mediaType, object{})
}

// distort answers as usual, then spoils the text.
func distort(w http.ResponseWriter, r *http.Request, next http.Handler, fault Fault) {
	good := httptest.NewRecorder()
	next.ServeHTTP(good, r)
	body := good.Body.Bytes()
	if fault == FaultCharset {
		body = latin1(body)
	} else {
		body = []byte(strings.NewReplacer(`"items"`, `"elements"`, `"orderedItem"`, `"lines"`, `"orderItemStatus"`, `"state"`).Replace(string(body)))
	}
	maps.Copy(w.Header(), good.Header())
	w.WriteHeader(good.Code)
	_, _ = w.Write(body)
}

// latin1 writes every character below 256 as one byte.
func latin1(utf8 []byte) []byte {
	var b []byte
	for _, r := range string(utf8) {
		if r < 256 {
			b = append(b, byte(r))
		} else {
			b = append(b, '?')
		}
	}
	return b
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
