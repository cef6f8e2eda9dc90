package client

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/semenligne/sem/connectors"
)

func packed(t *testing.T, plain io.Reader) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.Copy(w, plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// digits do not pack well.
func digits(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(strconv.Itoa(i * i))
	}
	return b.String()[:n]
}

func TestBodies(t *testing.T) {
	t.Parallel()
	const limit = 10_000
	whole := digits(limit)
	zipped := packed(t, strings.NewReader(whole))
	reply := func(body []byte, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			_, _ = w.Write(body)
		}
	}
	const gz = "Content-Encoding"
	for _, c := range []struct {
		name  string
		limit int64
		h     http.HandlerFunc
		want  error
		body  string
	}{
		{"at the limit", limit, reply([]byte(whole)), nil, whole},
		{"over it, announced", limit, reply([]byte(whole + "x")), connectors.ErrMalformed, ""},
		{"over it, in chunks", limit, func(w http.ResponseWriter, _ *http.Request) {
			for range 20 {
				_, _ = io.WriteString(w, whole[:1000])
				_ = http.NewResponseController(w).Flush()
			}
		}, connectors.ErrMalformed, ""},
		{"packed, at the limit", limit, reply(zipped, gz, "gzip"), nil, whole},
		{"packed, old name", limit, reply(zipped, gz, "x-gzip"), nil, whole},
		{"packed, unpacks over the limit", limit - 1, reply(zipped, gz, "gzip"), connectors.ErrMalformed, ""},
		{"bomb", 1 << 30, reply(packed(t, io.LimitReader(zeros{}, 16<<20)), gz, "gzip"), connectors.ErrMalformed, ""},
		{"packed and cut", limit, reply(zipped[:len(zipped)/2], gz, "gzip"), connectors.ErrMalformed, ""},
		{"packed and garbled", limit, reply(append(bytes.Clone(zipped[:len(zipped)-8]), "garbled!"...), gz, "gzip"), connectors.ErrMalformed, ""},
		{"not packed at all", limit, reply([]byte("<html>"), gz, "gzip"), connectors.ErrMalformed, ""},
		{"nothing, packed", limit, reply(nil, gz, "gzip"), nil, ""},
		{"cut off", limit, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
		}, connectors.ErrMalformed, ""},
		{"chunks cut off", limit, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, connectors.ErrMalformed, ""},
		{"chunks garbled", limit, raw200("Transfer-Encoding: chunked", "zz\r\nhello\r\n"), connectors.ErrMalformed, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, c.h)
			_, got, err := send(t.Context(), t, reach(t, Options{MaxBody: c.limit}, s.Listener.Addr().String()).HTTP, http.MethodGet, s.URL, "")
			if !errors.Is(err, c.want) || got != c.body {
				t.Errorf("%d bytes, %v; want %d bytes, %v", len(got), err, len(c.body), c.want)
			}
		})
	}
}

// raw200 answers with bytes that no http.ResponseWriter would write.
func raw200(header, body string) http.HandlerFunc {
	return rawReply("HTTP/1.1 200 OK\r\n" + header + "\r\n\r\n" + body)
}

func rawReply(reply string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, reply)
		_ = conn.Close()
	}
}

func TestRepliesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, reply string
		want        error
	}{
		{"a banner", "SSH-2.0-OpenSSH_9.6 canary\r\n", connectors.ErrMalformed},
		{"status garbled", "HTTP/1.1 2x0 canary\r\n\r\n", connectors.ErrMalformed},
		{"version garbled", "HTTP/x 200 canary\r\n\r\n", connectors.ErrMalformed},
		{"header garbled", "HTTP/1.1 200 OK\r\ncanary without colon\r\n\r\n", connectors.ErrMalformed},
		{"length garbled", "HTTP/1.1 200 OK\r\nContent-Length: canary\r\n\r\n", connectors.ErrMalformed},
		{"header without end", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("canary", 100_000), connectors.ErrMalformed},
		{"nothing", "", connectors.ErrUnavailable},
		{"cut in the header", "HTTP/1.1 200 OK\r\nX-A: can", connectors.ErrUnavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, rawReply(c.reply))
			_, _, err := send(t.Context(), t, reach(t, Options{}, s.Listener.Addr().String()).HTTP, http.MethodGet, s.URL, "")
			if !errors.Is(err, c.want) {
				t.Errorf("%v; want %v", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("the error quotes the reply: %v", err)
			}
		})
	}
}

// What the caller asked for itself is handed over as it came.
func TestOwnAcceptEncoding(t *testing.T) {
	t.Parallel()
	zipped := packed(t, strings.NewReader("roll"))
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(zipped)
	})
	client := reach(t, Options{}, s.Listener.Addr().String()).HTTP
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := connectors.Do(client, req)
	if err != nil {
		t.Fatal(err)
	}
	got, err := connectors.ReadBody(resp, 1000)
	if err != nil || !bytes.Equal(got, zipped) || resp.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("%d bytes, %v; want the packed ones", len(got), err)
	}
}
