package connectors

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// The failures, closed. A connector wraps exactly one of them, in a noun
// phrase: fmt.Errorf("sip2: patron information: %w", connectors.ErrMalformed).
// None of the wrapping text may hold a person, a secret, a query string or
// words of the source's reply.
var (
	// ErrUnavailable: the source did not answer, in time or at all, or said that
	// it is out of service. The guard may retry a read; the breaker counts it.
	ErrUnavailable = errors.New("source unavailable")
	// ErrDenied: the source does not let us, or this person, in. An answer: never
	// retried, never counted by the breaker.
	ErrDenied = errors.New("access denied")
	// ErrNotFound: the source does not know the person or thing. An answer.
	ErrNotFound = errors.New("not found")
	// ErrMalformed: the reply cannot be trusted: cut, garbled, wrong charset,
	// another person's, too large. The breaker counts it; no retry.
	ErrMalformed = errors.New("malformed reply")
	// ErrRefused: we cannot send this: an argument that the protocol cannot carry
	// or the settings do not allow. Nothing was sent. An answer.
	ErrRefused = errors.New("refused")
	// ErrOutcomeUnknown: an action was sent and nobody can say yet whether it
	// happened. Never sent again blindly. The breaker counts it.
	ErrOutcomeUnknown = errors.New("outcome unknown")
	// ErrPaused: the source is switched off by IT, or in its maintenance window.
	ErrPaused = errors.New("source paused")
	// ErrDefect: a connector broke its contract: it panicked, or returned a
	// record without key or body. Ours to mend.
	ErrDefect = errors.New("connector defect")
)

// The reasons, closed: the one label that metrics, the status page, the breaker
// and alerts share.
const (
	ReasonOK             = "ok"
	ReasonUnavailable    = "unavailable"
	ReasonDenied         = "denied"
	ReasonNotFound       = "not_found"
	ReasonMalformed      = "malformed"
	ReasonRefused        = "refused"
	ReasonOutcomeUnknown = "outcome_unknown"
	ReasonPaused         = "paused"
	ReasonDefect         = "defect"
	ReasonCanceled       = "canceled"
)

// Reasons lists every value that Reason returns.
func Reasons() []string {
	return []string{
		ReasonOK, ReasonUnavailable, ReasonDenied, ReasonNotFound, ReasonMalformed, ReasonRefused,
		ReasonOutcomeUnknown, ReasonPaused, ReasonDefect, ReasonCanceled,
	}
}

// Reason returns the bounded reason of an error of a source. A deadline is
// "unavailable"; our own caller going away is "canceled"; an error that wraps
// none of the sentinels is "defect".
func Reason(err error) string {
	var netErr net.Error
	switch {
	case err == nil:
		return ReasonOK
	case errors.Is(err, ErrOutcomeUnknown):
		return ReasonOutcomeUnknown
	case errors.Is(err, ErrDefect):
		return ReasonDefect
	case errors.Is(err, ErrPaused):
		return ReasonPaused
	case errors.Is(err, ErrDenied):
		return ReasonDenied
	case errors.Is(err, ErrNotFound):
		return ReasonNotFound
	case errors.Is(err, ErrMalformed):
		return ReasonMalformed
	case errors.Is(err, ErrRefused):
		return ReasonRefused
	case errors.Is(err, context.Canceled):
		return ReasonCanceled
	case errors.Is(err, ErrUnavailable), errors.Is(err, context.DeadlineExceeded), errors.As(err, &netErr):
		return ReasonUnavailable
	}
	return ReasonDefect
}

// Retried marks an error of a read that was already repeated below the guard,
// so that the guard does not repeat it again. A nil error stays nil.
func Retried(err error) error {
	if err == nil {
		return nil
	}
	return retriedError{err}
}

// WasRetried tells whether the error was marked by Retried.
func WasRetried(err error) bool {
	var r retriedError
	return errors.As(err, &r)
}

type retriedError struct{ error }

func (r retriedError) Unwrap() error { return r.error }

// Problem is one mistake in a source's settings.
type Problem struct {
	// Key is the setting, as written in the file: "base_url".
	Key string
	// Text says what is wrong and what to write instead; never a secret.
	Text string
}

// Problemf makes a Problem.
func Problemf(key, format string, args ...any) Problem {
	return Problem{Key: key, Text: fmt.Sprintf(format, args...)}
}
