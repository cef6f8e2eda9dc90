package open311

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/semenligne/sem/connectors"
)

// maxReply is the largest reply that is read, in bytes.
const maxReply = 16 << 20

// address makes the URL of a resource. Each segment is escaped by itself, so
// that an id may hold slashes, colons and spaces.
func (s *source) address(query url.Values, segments ...string) string {
	var b strings.Builder
	b.WriteString(s.base)
	for _, segment := range segments {
		b.WriteString("/" + url.PathEscape(segment))
	}
	b.WriteString("." + s.Format)
	if s.Jurisdiction != "" {
		query.Set("jurisdiction_id", s.Jurisdiction)
	}
	if len(query) > 0 {
		b.WriteString("?" + query.Encode())
	}
	return b.String()
}

// get reads a resource and returns the body of a 2xx.
func (s *source) get(ctx context.Context, what string, query url.Values, segments ...string) ([]byte, error) {
	if s.KeyOnReads && s.KeyIn == keyParameter {
		query.Set("api_key", s.Key.Reveal())
	}
	return s.getURL(ctx, what, s.address(query, segments...))
}

func (s *source) getURL(ctx context.Context, what, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("open311: %s: address: %w", what, connectors.ErrRefused)
	}
	if s.KeyOnReads && strings.HasPrefix(address, s.base) {
		s.keyHeader(request)
	}
	status, body, err := s.do(request)
	if err == nil {
		err = readStatus(status, body)
	}
	if err != nil {
		return nil, fmt.Errorf("open311: %s: %w", what, err)
	}
	return body, nil
}

// keyHeader puts the key in a header, where the settings want it there.
func (s *source) keyHeader(request *http.Request) {
	switch {
	case s.Key.IsZero():
	case s.KeyIn == keyBearer:
		request.Header.Set("Authorization", "Bearer "+s.Key.Reveal())
	case s.KeyIn == keyHeader:
		request.Header.Set(s.KeyHeader, s.Key.Reveal())
	}
}

// do sends a request and reads the whole reply.
func (s *source) do(request *http.Request) (status int, body []byte, err error) {
	response, err := connectors.Do(s.http, request) //nolint:bodyclose // ReadBody closes it
	if err != nil {
		return 0, nil, err
	}
	body, err = connectors.ReadBody(response, maxReply)
	return response.StatusCode, body, err
}

// readStatus is what a status means on a read. A 400 covers both "you asked
// wrongly" and "our back office is down"; only the first comes with a proper
// error list.
func readStatus(status int, body []byte) error {
	if status == http.StatusBadRequest {
		if _, ok := decodeErrors(body); !ok {
			return fmt.Errorf("HTTP status %d without an error list: %w", status, connectors.ErrUnavailable)
		}
	}
	return connectors.StatusError(status)
}
