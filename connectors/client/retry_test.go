package client

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semenligne/sem/connectors"
)

func TestRepeats(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, method string
		status       int
		want         int
	}{
		{"busy", http.MethodGet, 429, 3},
		{"broken", http.MethodGet, 500, 3},
		{"gateway", http.MethodGet, 502, 3},
		{"out of service", http.MethodHead, 503, 3},
		{"gateway slow", http.MethodGet, 504, 3},
		{"not implemented", http.MethodGet, 501, 1},
		{"fine", http.MethodGet, 200, 1},
		{"denied", http.MethodGet, 401, 1},
		{"not found", http.MethodGet, 404, 1},
		{"posted", http.MethodPost, 503, 1},
		{"put", http.MethodPut, 503, 1},
		{"patched", http.MethodPatch, 429, 1},
		{"deleted", http.MethodDelete, 502, 1},
		{"options", http.MethodOptions, 502, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var calls atomic.Int32
				client := inMemory(t, Options{Retries: 2}, func(w http.ResponseWriter, _ *http.Request) {
					calls.Add(1)
					w.WriteHeader(c.status)
				})
				status, _, err := send(t.Context(), t, client, c.method, "http://a.test/", "")
				if err != nil || status != c.status {
					t.Errorf("%d, %v; want the last reply as it is", status, err)
				}
				if int(calls.Load()) != c.want {
					t.Errorf("%d requests; want %d", calls.Load(), c.want)
				}
			})
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	date := func(s int) string { // in the bubble's time
		return time.Now().Add(time.Duration(s) * time.Second).UTC().Format(http.TimeFormat)
	}
	for _, c := range []struct {
		name     string
		header   func() string
		deadline time.Duration
		calls    int32
		from, to time.Duration
	}{
		{"obeyed", func() string { return "3" }, time.Minute, 2, 3 * time.Second, 3 * time.Second},
		{"a date", func() string { return date(4) }, time.Minute, 2, 4 * time.Second, 4 * time.Second},
		{"an hour is capped", func() string { return "3600" }, time.Minute, 2, maxRetryAfter, maxRetryAfter},
		{"a century is capped", func() string { return "31557600000000000000000" }, time.Minute, 2, maxRetryAfter, maxRetryAfter},
		{"past the deadline: not waited for", func() string { return "8" }, 5 * time.Second, 1, 0, 0},
		{"rubbish: own jitter", func() string { return "soon" }, time.Minute, 2, 0, 2 * firstWait},
		{"a past date", func() string { return date(-60) }, time.Minute, 2, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var calls atomic.Int32
				client := inMemory(t, Options{Retries: 1}, func(w http.ResponseWriter, _ *http.Request) {
					calls.Add(1)
					w.Header().Set("Retry-After", c.header())
					w.WriteHeader(http.StatusTooManyRequests)
				})
				ctx, cancel := context.WithTimeout(t.Context(), c.deadline)
				defer cancel()
				began := time.Now()
				status, _, err := send(ctx, t, client, http.MethodGet, "http://a.test/", "")
				if took := time.Since(began); err != nil || status != 429 || took < c.from || took > c.to {
					t.Errorf("%d, %v after %s; want 429 after %s to %s", status, err, took, c.from, c.to)
				}
				if calls.Load() != c.calls {
					t.Errorf("%d requests; want %d", calls.Load(), c.calls)
				}
			})
		})
	}
}

// The guard's allowance is asked once for each repeat, and obeyed.
func TestAllowance(t *testing.T) {
	t.Parallel()
	for _, allowed := range []int{0, 1, 2} {
		t.Run(strconv.Itoa(allowed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				calls, asked := 0, 0
				client := inMemory(t, Options{Retries: 2}, func(w http.ResponseWriter, _ *http.Request) {
					calls++
					w.WriteHeader(http.StatusServiceUnavailable)
				})
				ctx := connectors.WithRetries(t.Context(), func() bool {
					asked++
					return asked <= allowed
				})
				if _, _, err := send(ctx, t, client, http.MethodGet, "http://a.test/", ""); err != nil {
					t.Error(err)
				}
				if calls != 1+allowed || asked > 2 {
					t.Errorf("%d requests, asked %d times; want %d requests", calls, asked, 1+allowed)
				}
			})
		})
	}
}

func TestConnectionFailuresAreRepeatedAndMarked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		client := inMemory(t, Options{Retries: 2}, func(http.ResponseWriter, *http.Request) {
			calls++
			panic(http.ErrAbortHandler)
		})
		_, _, err := send(t.Context(), t, client, http.MethodGet, "http://a.test/", "")
		if !errors.Is(err, connectors.ErrUnavailable) || !connectors.WasRetried(err) || calls != 3 {
			t.Errorf("%v after %d requests; want unavailable, marked, after 3", err, calls)
		}
	})
}

func TestCancellationEndsTheWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := inMemory(t, Options{Retries: 1}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "9")
			w.WriteHeader(http.StatusServiceUnavailable)
		})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(2*time.Second, cancel)
		began := time.Now()
		_, _, err := send(ctx, t, client, http.MethodGet, "http://a.test/", "")
		if took := time.Since(began); !errors.Is(err, context.Canceled) || took != 2*time.Second {
			t.Errorf("%v after %s; want canceled after 2s", err, took)
		}
	})
}

// A connection that dies under a request is where net/http repeats by itself:
// shown first on its own client, then refused by ours.
func TestWritesAreSentOnce(t *testing.T) {
	t.Parallel()
	ways := []struct{ name, method, body, key string }{
		{"post", http.MethodPost, "a=1", ""},
		{"post with key", http.MethodPost, "a=1", "k1"},
		{"put with key", http.MethodPut, "a=1", "k1"},
		{"patch with key", http.MethodPatch, "a=1", "k1"},
		{"delete", http.MethodDelete, "", ""},
		{"delete with key", http.MethodDelete, "", "k1"},
	}
	try := func(t *testing.T, client *http.Client, url string, way struct{ name, method, body, key string }) error {
		t.Helper()
		if _, _, err := send(t.Context(), t, client, way.method, url+"/well", way.body); err != nil {
			t.Fatal(err) // leaves a kept connection, where they are kept
		}
		req, err := http.NewRequestWithContext(t.Context(), way.method, url, strings.NewReader(way.body))
		if err != nil {
			t.Fatal(err)
		}
		if way.key != "" {
			req.Header.Set("Idempotency-Key", way.key)
		}
		resp, err := connectors.Do(client, req)
		if err == nil {
			_, err = connectors.ReadBody(resp, 1000)
		}
		return err
	}
	start := func(t *testing.T) (string, *atomic.Int32, string) {
		var writes atomic.Int32
		s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/well" {
				writes.Add(1)
				panic(http.ErrAbortHandler) // the connection is closed without a reply
			}
		})
		return s.URL, &writes, s.Listener.Addr().String()
	}
	t.Run("net/http does repeat", func(t *testing.T) {
		t.Parallel()
		url, writes, _ := start(t)
		plain := &http.Client{Transport: &http.Transport{}}
		defer plain.CloseIdleConnections()
		if err := try(t, plain, url, ways[1]); err == nil || writes.Load() != 2 {
			t.Skipf("net/http sent it %d times, %v: the trap is gone, and the fresh connections may go too", writes.Load(), err)
		}
	})
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			url, writes, address := start(t)
			err := try(t, reach(t, Options{Retries: 5}, address).HTTP, url, way)
			if !errors.Is(err, connectors.ErrUnavailable) || connectors.WasRetried(err) || writes.Load() != 1 {
				t.Errorf("sent %d times, %v; want once, unavailable", writes.Load(), err)
			}
		})
	}
}

func FuzzRetryAfter(f *testing.F) {
	now := time.Date(2026, 12, 15, 8, 0, 0, 0, time.UTC)
	for _, s := range []string{"", "120", "-1", "9999999999", "Tue, 15 Dec 2026 08:00:30 GMT", "Tuesday"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		wait, ok := retryAfter(&http.Response{Header: http.Header{"Retry-After": {s}}}, now)
		if wait < 0 || !ok && wait != 0 {
			t.Errorf("%q waits %s, %t", s, wait, ok)
		}
	})
}
