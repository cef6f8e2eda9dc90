package client

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semenligne/sem/connectors"
)

func TestStall(t *testing.T) {
	t.Parallel()
	drip := func(w http.ResponseWriter, r *http.Request, pause time.Duration) {
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				_, _ = w.Write([]byte("x"))
				_ = http.NewResponseController(w).Flush()
			case <-r.Context().Done():
				return
			}
		}
	}
	for _, c := range []struct {
		name   string
		method string
		h      http.HandlerFunc
		want   error
		after  time.Duration
	}{
		{"no header", http.MethodGet, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, connectors.ErrUnavailable, 4 * time.Second},
		{"no header, posted", http.MethodPost, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, connectors.ErrUnavailable, 4 * time.Second},
		{"stops in mid-body", http.MethodGet, func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte("half"))
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, connectors.ErrUnavailable, 4 * time.Second},
		{"drips until the deadline", http.MethodGet, func(w http.ResponseWriter, r *http.Request) { drip(w, r, 3*time.Second) }, context.DeadlineExceeded, 30 * time.Second},
		{"drips too slowly", http.MethodGet, func(w http.ResponseWriter, r *http.Request) { drip(w, r, 5*time.Second) }, connectors.ErrUnavailable, 4 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := inMemory(t, Options{Stall: 4 * time.Second}, c.h)
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				began := time.Now()
				_, _, err := send(ctx, t, client, c.method, "http://a.test/", "")
				if took := time.Since(began); !errors.Is(err, c.want) || took != c.after {
					t.Errorf("%v after %s; want %v after %s", err, took, c.want, c.after)
				}
			})
		})
	}
}

// A body that is announced too large is not waited for.
func TestAnnouncedTooLarge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := inMemory(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000000000000")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		began := time.Now()
		_, _, err := send(t.Context(), t, client, http.MethodGet, "http://a.test/", "")
		if took := time.Since(began); !errors.Is(err, connectors.ErrMalformed) || took != 0 {
			t.Errorf("%v after %s; want malformed at once", err, took)
		}
	})
}

// net/http reads ahead on an idle connection. A request sent late into that
// read has the whole time for its reply.
func TestWriteStartsTheReadersClockAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		conn := &stallConn{ours, 10 * time.Second}
		read := make(chan error, 1)
		go func() {
			_, err := conn.Read(make([]byte, 1))
			read <- err
		}()
		go func() {
			<-time.After(9 * time.Second)
			_, _ = conn.Write([]byte("?"))
		}()
		if _, err := theirs.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		<-time.After(9 * time.Second)
		if _, err := theirs.Write([]byte("!")); err != nil {
			t.Fatal(err)
		}
		if err := <-read; err != nil {
			t.Errorf("the reply came 9s after the request, and was not heard: %v", err)
		}
	})
}
