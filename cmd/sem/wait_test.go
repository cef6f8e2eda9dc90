package main

import (
	"context"
	"testing"
	"time"
)

// eventually asks a real program again, at short intervals, until it answers
// as wanted; there is nothing to be told by.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("%s: never", what)
		}
	}
}
