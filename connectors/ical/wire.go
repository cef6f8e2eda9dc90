package ical

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/semenligne/sem/connectors"
)

// read returns a calendar's bytes, at most maxSize of them.
func (s *source) read(ctx context.Context, c Calendar) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.File != "" {
		return connectors.ReadFile(c.File, maxSize)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address(c.URL), nil)
	if err != nil {
		return nil, fmt.Errorf("request: %w", connectors.ErrRefused)
	}
	req.Header.Set("Accept", "text/calendar, text/plain;q=0.5, */*;q=0.1")
	resp, err := connectors.Do(s.http, req)
	if err != nil {
		return nil, err
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return connectors.ReadBody(resp, maxSize)
	case http.StatusNotFound, http.StatusGone:
		// A calendar that is gone is an outage of the source, no person's answer.
		err = fmt.Errorf("calendar not published at this address, HTTP status %d: %w", resp.StatusCode, connectors.ErrUnavailable)
	default:
		if err = connectors.StatusError(resp.StatusCode); err == nil {
			err = malformed("HTTP status %d", resp.StatusCode)
		}
	}
	return nil, errors.Join(err, resp.Body.Close())
}
