package connectors_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"testing"

	"github.com/semenligne/sem/connectors"
)

func TestReason(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, "ok"},
		{connectors.ErrUnavailable, "unavailable"},
		{fmt.Errorf("x: %w", connectors.ErrDenied), "denied"},
		{connectors.ErrNotFound, "not_found"},
		{connectors.ErrMalformed, "malformed"},
		{connectors.ErrRefused, "refused"},
		{connectors.ErrPaused, "paused"},
		{connectors.ErrDefect, "defect"},
		{context.DeadlineExceeded, "unavailable"},
		{context.Canceled, "canceled"},
		{&net.OpError{Op: "dial", Err: errors.New("x")}, "unavailable"},
		{errors.New("nobody's"), "defect"},
		// An action that was sent stays unknown whatever ended the wait.
		{errors.Join(connectors.ErrOutcomeUnknown, connectors.ErrUnavailable, context.Canceled), "outcome_unknown"},
		{connectors.Retried(connectors.ErrUnavailable), "unavailable"},
	} {
		got := connectors.Reason(c.err)
		if got != c.want {
			t.Errorf("Reason(%v) = %s; want %s", c.err, got, c.want)
		}
		if !slices.Contains(connectors.Reasons(), got) {
			t.Errorf("%s is not in Reasons", got)
		}
	}
}

func TestRetried(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("list: %w", connectors.Retried(connectors.ErrUnavailable))
	if !connectors.WasRetried(err) || !errors.Is(err, connectors.ErrUnavailable) {
		t.Errorf("%v lost its mark or its sentinel", err)
	}
	if connectors.WasRetried(connectors.ErrUnavailable) || connectors.Retried(nil) != nil {
		t.Error("an unmarked or nil error counts as retried")
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"90s": "1m30s", "36h": "36h0m0s", "2d": "2d", "48h": "2d", "500ms": "500ms"} {
		var d connectors.Duration
		if err := d.UnmarshalText([]byte(in)); err != nil || d.String() != want {
			t.Errorf("%s reads as %s, %v; want %s", in, d, err, want)
		}
	}
	for _, bad := range []string{"", "5", "-3s", "5 minutes", "1w", "-1d", "99999999d"} {
		var d connectors.Duration
		if err := d.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q reads as %s", bad, d)
		}
	}
}

func TestSecretHidesItself(t *testing.T) {
	t.Parallel()
	s := connectors.NewSecret("canary")
	text, err := s.MarshalText()
	if all := fmt.Sprintf("%v %+v %#v %s %x %q %s", s, s, s, s, s, struct{ S connectors.Secret }{s}, text); err != nil || all != "<secret> <secret> <secret> <secret> <secret> {<secret>} <secret>" {
		t.Errorf("a secret prints as %s, %v", all, err)
	}
}
