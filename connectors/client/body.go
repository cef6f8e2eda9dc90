package client

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/semenligne/sem/connectors"
)

// Text of a town packs ten- to fiftyfold; what unpacks to more than 200 times
// its size, beyond the first megabytes, was made to.
const (
	maxRatio  = 200
	ratioFrom = 4 << 20
)

// limitBody puts the limits in front of a reply's body, and unpacks it when the
// packing was our own wish.
func limitBody(ctx context.Context, resp *http.Response, unpack bool, limit int64) {
	b := &body{ctx: ctx, close: resp.Body, limit: limit, raw: counter{from: resp.Body, limit: limit}}
	b.plain = &b.raw
	if resp.ContentLength > limit && resp.Request.Method != http.MethodHead {
		b.err = tooLarge()
	}
	coding := strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding")))
	if unpack && (coding == "gzip" || coding == "x-gzip") {
		b.plain, b.packed = nil, true
		resp.Header.Del("Content-Encoding")
		resp.Header.Del("Content-Length")
		resp.ContentLength, resp.Uncompressed = -1, true
	}
	resp.Body = b
}

// body is a reply's body under limits. Its errors have a meaning.
type body struct {
	ctx    context.Context // the request's, as net/http keeps it
	close  io.Closer
	limit  int64
	raw    counter
	packed bool
	plain  io.Reader // unpacked; nil before the first Read of a packed one
	out    int64
	err    error
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if b.plain == nil {
		unpacked, err := gzip.NewReader(&b.raw)
		if err != nil {
			b.err = b.failure(err)
			return 0, b.err
		}
		b.plain = unpacked
	}
	n, err := b.plain.Read(p)
	b.out += int64(n)
	switch {
	case b.out > b.limit:
		n, b.err = 0, tooLarge()
	case b.packed && b.out > ratioFrom && b.out > maxRatio*b.raw.read:
		n, b.err = 0, fmt.Errorf("reply unpacks to over %d times its size: %w", maxRatio, connectors.ErrMalformed)
	default:
		b.err = b.failure(err)
	}
	return n, b.err
}

// Close implements io.Closer.
func (b *body) Close() error {
	if err := b.close.Close(); err != nil {
		return b.failure(err)
	}
	return nil
}

func (b *body) failure(err error) error {
	var netErr net.Error
	switch {
	case err == nil, err == io.EOF: //nolint:errorlint // io.EOF is returned bare, and must be
		return err
	case b.ctx.Err() != nil:
		return b.ctx.Err()
	case ours(err):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("reply cut off: %w", connectors.ErrMalformed)
	case errors.As(err, &netErr), errors.Is(err, syscall.ECONNRESET):
		return fmt.Errorf("reply broken off, %s: %w", describe(err), connectors.ErrUnavailable)
	}
	return fmt.Errorf("reply body garbled: %w", connectors.ErrMalformed)
}

// counter reads so many bytes at most, as they came.
type counter struct {
	from  io.Reader
	limit int64
	read  int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.read += int64(n)
	if c.read > c.limit {
		return 0, tooLarge()
	}
	return n, err
}

func tooLarge() error {
	return fmt.Errorf("reply larger than guard.max_body: %w", connectors.ErrMalformed)
}
