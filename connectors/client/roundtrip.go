package client

import (
	"log/slog"
	"net/http"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/semenligne/sem/connectors"
)

// roundTripper sends a read as often as allowed and anything else once.
type roundTripper struct {
	log     *slog.Logger
	retries int
	maxBody int64
	kept    *http.Transport // for reads: connections are kept
	once    *http.Transport // for the rest: each on a fresh connection
}

// RoundTrip implements http.RoundTripper.
func (rt *roundTripper) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	req = req.Clone(ctx)
	unpack := askGzip(req)
	var resp *http.Response
	var err error
	if repeatable(req) {
		a := &attempts{rt: rt}
		resp, err = a.client().Do(&retryablehttp.Request{Request: req})
		err = failure(ctx, err)
		if a.made > 1 {
			err = connectors.Retried(err)
		}
	} else {
		resp, err = rt.once.RoundTrip(req)
		err = failure(ctx, err)
	}
	if err != nil {
		return nil, err
	}
	limitBody(ctx, resp, unpack, rt.maxBody)
	return resp, nil
}

// repeatable tells whether a request is a plain read.
func repeatable(req *http.Request) bool {
	return (req.Method == http.MethodGet || req.Method == http.MethodHead) && (req.Body == nil || req.Body == http.NoBody)
}

// askGzip asks for a packed reply where the caller did not say otherwise, and
// tells whether it did.
func askGzip(req *http.Request) bool {
	if req.Method == http.MethodHead || req.Header.Get("Accept-Encoding") != "" || req.Header.Get("Range") != "" {
		return false
	}
	req.Header.Set("Accept-Encoding", "gzip")
	return true
}
