package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/semenligne/sem/connectors"
)

const (
	firstWait     = 200 * time.Millisecond
	longestWait   = 5 * time.Second
	maxRetryAfter = 10 * time.Second
)

// attempts decides about the repeats of one request.
type attempts struct {
	rt   *roundTripper
	made int           // so far, the first included
	wait time.Duration // before the next
}

// client makes the go-retryablehttp client of one request, so that the decision
// and the wait are taken together.
func (a *attempts) client() *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: a.rt.kept, CheckRedirect: noRedirect},
		Logger:       nil,
		RetryMax:     a.rt.retries,
		CheckRetry:   a.again,
		Backoff:      func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return a.wait },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
}

// again decides whether to repeat, and after which wait.
func (a *attempts) again(ctx context.Context, resp *http.Response, failed error) (bool, error) {
	a.made++
	hopeful := failed != nil && passing(failed) || failed == nil && overloaded(resp.StatusCode)
	hopeful = hopeful && ctx.Err() == nil
	if !hopeful || a.made > a.rt.retries {
		return false, nil
	}
	a.wait = backoff(a.made)
	if asked, ok := retryAfter(resp, time.Now()); ok {
		a.wait = min(asked, maxRetryAfter)
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= a.wait {
		return false, nil
	}
	if !connectors.MayRetry(ctx) {
		return false, nil
	}
	a.rt.log.Debug("reading again", "attempt", a.made, "wait", a.wait)
	return true, nil
}

func overloaded(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// backoff is a full-jitter delay: anything up to a limit that doubles.
func backoff(made int) time.Duration {
	return rand.N(min(firstWait<<made, longestWait)) //nolint:gosec // jitter, not a secret
}

// retryAfter reads how long the server asks to wait (RFC 9110, 10.2.3): seconds
// or a date.
func retryAfter(resp *http.Response, now time.Time) (time.Duration, bool) {
	if resp == nil {
		return 0, false
	}
	value := strings.TrimSpace(resp.Header.Get("Retry-After"))
	seconds, err := strconv.ParseUint(value, 10, 31)
	if err == nil || errors.Is(err, strconv.ErrRange) { // then it is the largest
		return time.Duration(seconds) * time.Second, true
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return max(0, date.Sub(now)), true
}
