package assessmentroll

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/semenligne/sem/connectors"
)

// origin is an opened roll, not read yet.
type origin struct {
	r io.Reader
	// stamp stands for this state of the roll; "" when nothing can.
	stamp string
	// file is nil for a URL.
	file *os.File
	// unchanged is true when the source says that the stamp asked about still
	// holds; there is nothing to read then.
	unchanged bool
	close     func() error
}

// open opens the roll. stamp is that of an earlier state, or "".
func (r *roll) open(ctx context.Context, stamp string) (*origin, error) {
	if r.settings.URL != "" {
		return r.openURL(ctx, stamp)
	}
	// Opening a pipe would wait for its writer, so look before.
	if _, err := connectors.FileStamp(os.Stat(string(r.settings.File))); err != nil {
		return nil, err
	}
	f, err := os.Open(string(r.settings.File))
	if err != nil {
		return nil, connectors.FileError(err)
	}
	now, err := connectors.FileStamp(f.Stat())
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &origin{r: r.guarded(ctx, f), stamp: now, file: f, unchanged: now == stamp, close: f.Close}, nil
}

// verify tells whether the file is still what it was when it was opened: a file
// that is written anew while it is read would give a roll of two halves.
func (o *origin) verify() error {
	if o.file == nil {
		return nil
	}
	now, err := connectors.FileStamp(o.file.Stat())
	if err == nil && now != o.stamp {
		err = fmt.Errorf("file changed while it was read: %w", connectors.ErrUnavailable)
	}
	return err
}

// openURL asks for the roll, unless it is still in the state of stamp.
func (r *roll) openURL(ctx context.Context, stamp string) (*origin, error) {
	tag, modified, _ := strings.Cut(stamp, "\n")
	resp, err := r.get(ctx, map[string]string{"If-None-Match": tag, "If-Modified-Since": modified})
	if err != nil {
		return nil, err
	}
	o := &origin{r: r.guarded(ctx, resp.Body), stamp: replyStamp(resp.Header), close: resp.Body.Close}
	if resp.StatusCode == http.StatusNotModified && stamp != "" || resp.StatusCode == http.StatusOK && stamp != "" && o.stamp == stamp {
		o.unchanged = true
		return o, nil
	}
	if resp.StatusCode != http.StatusOK {
		return nil, errors.Join(statusError(resp.StatusCode), resp.Body.Close())
	}
	return o, nil
}

func (r *roll) get(ctx context.Context, header map[string]string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.settings.URL, nil)
	if err != nil {
		return nil, fmt.Errorf("request: %w", connectors.ErrRefused)
	}
	for name, value := range header {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	return connectors.Do(r.http, req)
}

// replyStamp stands for the state of a URL's content.
func replyStamp(h http.Header) string {
	tag, modified := h.Get("ETag"), h.Get("Last-Modified")
	if len(tag)+len(modified) > 512 || tag+modified == "" {
		return ""
	}
	return tag + "\n" + modified
}

// statusError returns the failure of a status other than 200. A roll that is
// not where settings say is an outage: "not found" would mean that a unit is
// not on the roll.
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

// guarded stops at the byte cap and at the end of the context, and turns what
// breaks a reading into a failure.
func (r *roll) guarded(ctx context.Context, from io.Reader) io.Reader {
	return &guardedReader{contextReader{ctx, from}, r.settings.MaxBytes}
}

type guardedReader struct {
	r    contextReader
	left int64
}

func (g *guardedReader) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.left -= int64(n)
	switch {
	case g.left < 0:
		return 0, fmt.Errorf("roll longer than max_bytes: %w", connectors.ErrMalformed)
	case err == nil || errors.Is(err, io.EOF):
		return n, err
	case g.r.ctx.Err() != nil:
		return 0, g.r.ctx.Err()
	case errors.Is(err, io.ErrUnexpectedEOF):
		return 0, fmt.Errorf("the reply is cut: %w", connectors.ErrMalformed)
	case connectors.Reason(err) == connectors.ReasonDefect:
		return 0, fmt.Errorf("reading: %w", connectors.ErrUnavailable) // its text may name the address
	}
	return 0, err
}
