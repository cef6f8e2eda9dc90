package openactive

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/semenligne/sem/connectors"
)

// mediaType is the one of the Open Booking API, both ways.
const mediaType = "application/vnd.openactive.booking+json; version=1"

// maxReply bounds one reply, in bytes; the client may allow less.
const maxReply = 16 << 20

// reply is one answer of a server, whole.
type reply struct {
	status int
	body   []byte
}

// endpoint returns an address of the booking server.
func (s *source) endpoint(collection, uuid string) *url.URL {
	if uuid == "" {
		return s.booking.JoinPath(collection)
	}
	return s.booking.JoinPath(collection, uuid)
}

// getPage reads one page of a feed.
func (s *source) getPage(ctx context.Context, u *url.URL) ([]byte, error) {
	r, _, err := s.send(ctx, http.MethodGet, u, nil)
	if err != nil {
		return nil, err
	}
	if err := connectors.StatusError(r.status); err != nil {
		return nil, err
	}
	return r.body, nil
}

// send makes one call and reads the answer whole. sent tells whether the
// request may have left: false means that no connection was had.
func (s *source) send(ctx context.Context, method string, u *url.URL, body any) (r reply, sent bool, err error) {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return reply{}, false, fmt.Errorf("request: %w", connectors.ErrDefect)
		}
		content = bytes.NewReader(encoded)
	}
	var connected atomic.Bool
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	req, err := http.NewRequestWithContext(traced, method, u.String(), content)
	if err != nil {
		return reply{}, false, fmt.Errorf("request: %w", connectors.ErrRefused)
	}
	if err := s.head(ctx, req, body != nil); err != nil {
		return reply{}, false, err
	}
	resp, err := connectors.Do(s.http, req) //nolint:bodyclose // ReadBody closes it
	if err != nil {
		return reply{}, connected.Load(), err
	}
	read, err := connectors.ReadBody(resp, maxReply)
	if err != nil {
		return reply{}, true, err
	}
	if resp.StatusCode == http.StatusUnauthorized {
		s.tokens.forget(req.Header.Get("Authorization"))
	}
	return reply{resp.StatusCode, read}, true, nil
}

// head sets the request's headers. The key goes to the booking server, and to
// no other.
func (s *source) head(ctx context.Context, req *http.Request, content bool) error {
	booking := s.booking != nil && origin(req.URL) == origin(s.booking)
	req.Header.Set("Accept", "application/json, */*;q=0.5")
	if booking {
		req.Header.Set("Accept", mediaType+", application/json;q=0.9, */*;q=0.5")
	}
	if content {
		req.Header.Set("Content-Type", mediaType)
	}
	if booking && s.settings.TokenURL != "" {
		token, err := s.token(ctx)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", token)
		return nil
	}
	if !s.settings.APIKey.IsZero() && (booking || s.booking == nil) {
		key := s.settings.APIKey.Reveal()
		if scheme := s.settings.scheme(); scheme != "none" {
			key = scheme + " " + key
		}
		req.Header.Set(s.settings.AuthHeader, key)
	}
	return nil
}

// half returns a context that ends when half of the time left is over, so that
// the other half remains for learning what happened.
func half(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(deadline)/2)
}
