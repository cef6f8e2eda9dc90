package places

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/semenligne/sem/connectors"
)

// origin is a file of the map as it was found.
type origin struct {
	// content is all of it, but nil for a GeoPackage, which is read in place.
	content []byte
	// stamp stands for this state; "" when nothing can.
	stamp string
	// unchanged is true when the state asked about still holds.
	unchanged bool
}

// cursorPrefix stands for what records depend on beside the file.
func (f *file) cursorPrefix() (string, error) {
	settings, err := json.Marshal(f.settings)
	if err != nil {
		return "", fmt.Errorf("settings: %w", connectors.ErrDefect)
	}
	return fmt.Sprintf("1:%x:", sha256.Sum256(settings)), nil
}

// stampOf returns the file's state of a cursor, "" when settings have changed.
func stampOf(since connectors.Cursor, prefix string) string {
	stamp, ok := strings.CutPrefix(string(since), prefix)
	if !ok {
		return ""
	}
	return stamp
}

// fetch reads the file, unless it is still in the state of stamp.
func (f *file) fetch(ctx context.Context, stamp string) (origin, error) {
	if f.settings.URL != "" {
		return f.fetchURL(ctx, stamp)
	}
	o, err := f.stat()
	if err != nil || o.stamp == stamp || f.settings.Format == FormatGeoPackage {
		o.unchanged = err == nil && o.stamp == stamp
		return o, err
	}
	opened, err := os.Open(string(f.settings.File))
	if err != nil {
		return origin{}, connectors.FileError(err)
	}
	defer opened.Close() //nolint:errcheck // only read
	o.content, err = io.ReadAll(io.LimitReader(opened, f.settings.MaxBytes+1))
	if err != nil {
		return origin{}, connectors.FileError(err)
	}
	if int64(len(o.content)) > f.settings.MaxBytes {
		return origin{}, fmt.Errorf("file longer than max_bytes: %w", connectors.ErrMalformed)
	}
	return o, f.same(o)
}

// stat returns the state of the file on disk.
func (f *file) stat() (origin, error) {
	stamp, err := connectors.FileStamp(os.Stat(string(f.settings.File)))
	return origin{stamp: stamp}, err
}

// same tells whether a file on disk is still what it was when it was looked at.
func (f *file) same(o origin) error {
	if f.settings.URL != "" {
		return nil
	}
	now, err := f.stat()
	if err == nil && now.stamp != o.stamp {
		err = fmt.Errorf("file changed while it was read: %w", connectors.ErrUnavailable)
	}
	return err
}

func (f *file) fetchURL(ctx context.Context, stamp string) (origin, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.settings.URL, nil)
	if err != nil {
		return origin{}, fmt.Errorf("request: %w", connectors.ErrRefused)
	}
	tag, modified, _ := strings.Cut(stamp, "\n")
	for name, value := range map[string]string{"If-None-Match": tag, "If-Modified-Since": modified} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	resp, err := connectors.Do(f.http, req) //nolint:bodyclose // ReadBody closes it
	if err != nil {
		return origin{}, err
	}
	body, err := connectors.ReadBody(resp, f.settings.MaxBytes)
	switch {
	case err != nil:
		return origin{}, err
	case resp.StatusCode == http.StatusNotModified && stamp != "":
		return origin{stamp: stamp, unchanged: true}, nil
	case resp.StatusCode != http.StatusOK:
		return origin{}, statusError(resp.StatusCode)
	}
	o := origin{content: body}
	if tag, modified = resp.Header.Get("ETag"), resp.Header.Get("Last-Modified"); tag+modified != "" && len(tag)+len(modified) <= 512 {
		o.stamp = tag + "\n" + modified
	}
	o.unchanged = stamp != "" && o.stamp == stamp
	return o, nil
}

// statusError returns the failure of a status other than 200. A file that is
// not where settings say is an outage: there is nobody to be "not found".
func statusError(status int) error {
	err := connectors.StatusError(status)
	switch {
	case err == nil:
		return fmt.Errorf("HTTP status %d instead of 200: %w", status, connectors.ErrMalformed)
	case errors.Is(err, connectors.ErrNotFound):
		return fmt.Errorf("HTTP status %d: %w", status, connectors.ErrUnavailable)
	}
	return err
}
