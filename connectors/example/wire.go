package example

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/semenligne/sem/connectors"
)

// get reads one page whole. Its errors hold no URL: the holder is in it.
func (s *source) get(ctx context.Context, page string, query url.Values) (body []byte, err error) {
	address := strings.TrimRight(s.BaseURL, "/") + "/" + page
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("request: %w", connectors.ErrRefused)
	}
	req.Header.Set("Authorization", "Bearer "+s.Key.Reveal())
	req.Header.Set("Accept", "application/json")
	resp, err := connectors.Do(s.http, req)
	if err != nil {
		return nil, err
	}
	if err := connectors.StatusError(resp.StatusCode); err != nil {
		return nil, errors.Join(err, resp.Body.Close())
	}
	return connectors.ReadBody(resp, s.MaxSize)
}
