package connectors

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
)

// HostPort returns the host:port of an absolute http or https address, as
// Settings.Dials wants it. ok is false for any other address, and for one with
// a user, which belongs in a secret, or a fragment.
func HostPort(address string) (hostPort string, ok bool) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return "", false
	}
	port, known := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	if !known {
		return "", false
	}
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), port)), true
}

// Do sends an HTTP request and returns the reply, or an error that wraps one of
// the failures and holds neither the query string nor anything else of the
// URL: net/http's own errors print it whole, with the keys and addresses in it.
func Do(client *http.Client, req *http.Request) (*http.Response, error) {
	resp, err := client.Do(req) //nolint:gosec // the client dials only what the settings name
	if err == nil {
		return resp, nil
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	if Reason(err) == ReasonDefect {
		// An error of net/http that is none of ours: its text may quote the reply.
		return nil, fmt.Errorf("%s: %w", req.Method, ErrUnavailable)
	}
	return nil, fmt.Errorf("%s: %w", req.Method, err)
}

// StatusError returns the failure that an HTTP status means for a read, nil for
// 2xx. A redirect is malformed: sources are named by their final address.
func StatusError(status int) error {
	var failure error
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusProxyAuthRequired:
		failure = ErrDenied
	case status == http.StatusNotFound, status == http.StatusGone:
		failure = ErrNotFound
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500:
		failure = ErrUnavailable
	case status >= 400:
		failure = ErrRefused
	default:
		failure = ErrMalformed
	}
	return fmt.Errorf("HTTP status %d: %w", status, failure)
}

// ReadBody reads a reply's body up to limit bytes and closes it. A longer one
// is ErrMalformed; one that breaks off is the transport's error.
func ReadBody(resp *http.Response, limit int64) (body []byte, err error) {
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	body, err = io.ReadAll(io.LimitReader(resp.Body, limit+1))
	switch {
	case err != nil && (errors.Is(err, io.ErrUnexpectedEOF) || Reason(err) == ReasonDefect):
		return nil, fmt.Errorf("reply body: %w", ErrMalformed)
	case err != nil:
		return nil, fmt.Errorf("reply body: %w", err)
	case int64(len(body)) > limit:
		return nil, fmt.Errorf("reply body over %d bytes: %w", limit, ErrMalformed)
	}
	return body, nil
}
