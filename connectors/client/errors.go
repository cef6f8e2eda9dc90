package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"

	"github.com/semenligne/sem/connectors"
)

// failure gives an error of net and net/http its meaning, in our own words:
// theirs quote addresses, URLs and replies.
func failure(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		// Not errors.Is: net's own time-outs pass for the context's.
		return ctx.Err()
	case ours(err):
		return plainest(err)
	case malformed(err):
		return fmt.Errorf("HTTP reply that is none: %w", connectors.ErrMalformed)
	}
	return fmt.Errorf("%s: %w", describe(err), connectors.ErrUnavailable)
}

// ours tells whether the error carries a meaning already.
func ours(err error) bool {
	return errors.Is(err, connectors.ErrRefused) || errors.Is(err, connectors.ErrMalformed) || errors.Is(err, connectors.ErrUnavailable)
}

// plainest takes off what net and net/http wrapped around our own error; a
// url.Error would print the URL.
func plainest(err error) error {
	var op *net.OpError
	var target *url.Error
	switch {
	case errors.As(err, &op):
		return plainest(op.Err)
	case errors.As(err, &target):
		return plainest(target.Err)
	}
	return err
}

// malformed tells whether the peer spoke, but not HTTP. net/http exports no
// type for most of it; its words are the only sign.
func malformed(err error) bool {
	text := err.Error()
	return strings.Contains(text, "malformed") || strings.Contains(text, "response headers exceeded") ||
		strings.Contains(text, "too many 1xx") || strings.Contains(text, "bad Content-Length") ||
		strings.Contains(text, "unsupported transfer encoding")
}

func describe(err error) string {
	var dns *net.DNSError
	var netErr net.Error
	switch {
	case certificate(err) != "":
		return certificate(err)
	case noTLS(err):
		return "no TLS on this port"
	case errors.As(err, new(tls.AlertError)):
		return "TLS refused by the peer"
	case errors.As(err, &dns) && dns.IsNotFound:
		return "host name unknown"
	case errors.As(err, &dns):
		return "name resolution"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "connection closed by the peer"
	case errors.As(err, &netErr) && netErr.Timeout():
		return "no byte in time"
	}
	return "connection failed"
}

// certificate says what is wrong with the peer's certificate, "" when nothing.
func certificate(err error) string {
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, new(x509.HostnameError)):
		return "certificate is for another host"
	case errors.As(err, new(x509.UnknownAuthorityError)):
		return "certificate of an unknown authority; where that is meant, name its file in guard.ca_file"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "certificate expired or not yet valid"
	case errors.As(err, new(*tls.CertificateVerificationError)):
		return "certificate not accepted"
	}
	return ""
}

// passing tells whether the same request may find the source in better health.
func passing(err error) bool {
	return !ours(err) && !malformed(err) && certificate(err) == "" && !noTLS(err)
}

// noTLS tells whether the peer answered a TLS hello with something else; when
// it is HTTP, net/http has an error of its own for it, without a type.
func noTLS(err error) bool {
	return errors.As(err, new(tls.RecordHeaderError)) || strings.Contains(err.Error(), "HTTP response to HTTPS client")
}
