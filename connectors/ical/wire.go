package ical

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"

	"github.com/semenligne/sem/connectors"
)

// read returns a calendar's bytes, at most maxSize of them.
func (s *source) read(ctx context.Context, c Calendar) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.File != "" {
		return readFile(string(c.File))
	}
	u, ok := address(c.URL)
	if !ok {
		return nil, fmt.Errorf("address: %w", connectors.ErrRefused)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
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

func readFile(name string) (body []byte, err error) {
	// Opening a pipe would wait for its writer, so look before.
	info, err := os.Stat(name)
	if err != nil {
		return nil, fileError(err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("not a regular file: %w", connectors.ErrUnavailable)
	}
	f, err := os.Open(name) //nolint:gosec // the administrator's own setting
	if err != nil {
		return nil, fileError(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	body, err = io.ReadAll(io.LimitReader(f, maxSize+1))
	switch {
	case err != nil:
		return nil, fileError(err)
	case len(body) > maxSize:
		return nil, malformed("file over %d bytes", maxSize)
	}
	return body, nil
}

func fileError(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("no such file: %w", connectors.ErrUnavailable)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("file may not be read: %w", connectors.ErrDenied)
	}
	return fmt.Errorf("file: %w", connectors.ErrUnavailable)
}
