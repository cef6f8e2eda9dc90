package portal_test

import (
	"testing"

	"github.com/semenligne/sem/portal/portaltest"
)

// settled moves the household of Busy in.
func settled(t *testing.T) func(*portaltest.House) {
	t.Helper()
	return func(h *portaltest.House) {
		if err := h.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
