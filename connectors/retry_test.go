package connectors_test

import (
	"testing"

	"github.com/semenligne/sem/connectors"
)

func TestMayRetry(t *testing.T) {
	t.Parallel()
	if !connectors.MayRetry(t.Context()) {
		t.Error("a context without allowance limits")
	}
	left := 1
	ctx := connectors.WithRetries(t.Context(), func() bool { left--; return left >= 0 })
	if !connectors.MayRetry(ctx) || connectors.MayRetry(ctx) {
		t.Error("an allowance of one allows not just one")
	}
}
