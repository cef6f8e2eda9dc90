package connectors_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/semenligne/sem/connectors"
)

func TestStatusError(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]error{
		200: nil, 204: nil, 101: connectors.ErrMalformed, 301: connectors.ErrMalformed, 304: connectors.ErrMalformed,
		400: connectors.ErrRefused, 422: connectors.ErrRefused, 401: connectors.ErrDenied, 403: connectors.ErrDenied, 407: connectors.ErrDenied,
		404: connectors.ErrNotFound, 410: connectors.ErrNotFound, 408: connectors.ErrUnavailable, 425: connectors.ErrUnavailable,
		429: connectors.ErrUnavailable, 500: connectors.ErrUnavailable, 503: connectors.ErrUnavailable, 599: connectors.ErrUnavailable,
	} {
		if err := connectors.StatusError(status); !errors.Is(err, want) {
			t.Errorf("%d is %v; want %v", status, err, want)
		}
	}
}

func TestReadBody(t *testing.T) {
	t.Parallel()
	cut := io.MultiReader(strings.NewReader("half"), errorReader{io.ErrUnexpectedEOF})
	for _, c := range []struct {
		name string
		body io.Reader
		want error
		text string
	}{
		{"at the limit", strings.NewReader("12345"), nil, "12345"},
		{"over it", strings.NewReader("123456"), connectors.ErrMalformed, ""},
		{"cut off", cut, connectors.ErrMalformed, ""},
		{"of no known meaning", errorReader{errors.New("canary")}, connectors.ErrMalformed, ""},
		{"unavailable", errorReader{connectors.ErrUnavailable}, connectors.ErrUnavailable, ""},
	} {
		got, err := connectors.ReadBody(&http.Response{Body: io.NopCloser(c.body)}, 5)
		if !errors.Is(err, c.want) || string(got) != c.text {
			t.Errorf("%s: %q, %v; want %q, %v", c.name, got, err, c.text, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: the error quotes another: %v", c.name, err)
		}
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

// A plain client's own errors print the URL; Do's do not.
func TestDoHidesTheURL(t *testing.T) {
	t.Parallel()
	client := &http.Client{Transport: failing{}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://ils.test/?key=canary", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Do(req); err == nil || !strings.Contains(err.Error(), "canary") {
		t.Fatalf("the trap is gone: %v", err)
	}
	_, err = connectors.Do(client, req)
	if !errors.Is(err, connectors.ErrUnavailable) || strings.Contains(err.Error(), "canary") {
		t.Errorf("%v; want unavailable without the key", err)
	}
}

type failing struct{}

func (failing) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("malformed reply: canary")
}
