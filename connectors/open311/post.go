package open311

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// postReply is a reply to a submit that can be believed.
type postReply struct {
	request request // the receipt: id or token, notice

	refused       bool
	refusal, note string
}

// post sends the submit, once. An error that is not ErrOutcomeUnknown means
// that nothing can have changed.
func (s *source) post(ctx context.Context, a attempt) (postReply, error) {
	// Half of the time is for the reply; the rest is for learning what happened
	// when it does not come.
	whole := ctx
	ctx, cancel := part(ctx, 2)
	defer cancel()
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	request, err := s.postRequest(ctx, a)
	if err != nil {
		return postReply{}, fmt.Errorf("open311: submit: address: %w", connectors.ErrRefused)
	}
	status, body, err := s.do(request)
	switch {
	case err != nil && !connected.Load():
		return postReply{}, notSent(whole, fmt.Errorf("open311: submit: not sent: %w", err))
	case err != nil:
		return postReply{}, unknown(err)
	case status >= 200 && status < 300:
		return s.readReceipt(body, a)
	case status >= 400 && status < 500:
		return readRefusal(status, body)
	}
	return postReply{}, fmt.Errorf("open311: submit: HTTP status %d: %w", status, connectors.ErrOutcomeUnknown)
}

// unknown replaces whatever the error was: after sending only one thing is sure.
func unknown(err error) error {
	return fmt.Errorf("open311: submit: reply lost (%s): %w", connectors.Reason(err), connectors.ErrOutcomeUnknown)
}

// readReceipt reads a 2xx. Whatever is odd about it leaves the outcome unknown.
func (s *source) readReceipt(body []byte, a attempt) (postReply, error) {
	odd := func(what string) (postReply, error) {
		return postReply{}, fmt.Errorf("open311: submit: %s: %w", what, connectors.ErrOutcomeUnknown)
	}
	if a.service.FollowUp == record.FollowUpNone && saysNothing(body) {
		return postReply{}, nil // as it should
	}
	items, err := s.readRequests(body)
	switch {
	case err != nil:
		return odd("receipt unreadable")
	case len(items) != 1:
		return odd("not one receipt")
	}
	r := items[0]
	switch {
	case a.account != "" && r.account != "" && r.account != a.account:
		return odd("somebody else's receipt")
	case r.ID == "" && r.Token == "" && a.service.FollowUp != record.FollowUpNone:
		return odd("a receipt with neither number nor token")
	}
	return postReply{request: r}, nil
}

// readRefusal reads a 4xx: by its meaning nothing was created.
func readRefusal(status int, body []byte) (postReply, error) {
	descriptions, listed := decodeErrors(body)
	failed := func(sentinel error) (postReply, error) {
		return postReply{}, fmt.Errorf("open311: submit: HTTP status %d: %w", status, sentinel)
	}
	refusal := postReply{refused: true, refusal: RefusalRejected, note: plain(strings.Join(descriptions, "\n"), maxText)}
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return failed(connectors.ErrDenied)
	case status == http.StatusTooManyRequests:
		return failed(connectors.ErrUnavailable)
	case status == http.StatusRequestTimeout:
		return failed(connectors.ErrOutcomeUnknown)
	case listed && status == http.StatusNotFound:
		refusal.refusal = RefusalUnknownService
	case listed:
	case status == http.StatusNotFound, status == http.StatusGone:
		return failed(connectors.ErrNotFound)
	case status == http.StatusBadRequest:
		// Also what a broken back office answers, perhaps half way.
		return failed(connectors.ErrOutcomeUnknown)
	}
	return refusal, nil
}
