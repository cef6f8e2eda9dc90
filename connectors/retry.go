package connectors

import "context"

type retryKey struct{}

// WithRetries returns a context whose call asks allow before each retry. The
// guard hands it down, so that the retries of the HTTP client below a connector
// and its own draw on one budget and never multiply.
func WithRetries(ctx context.Context, allow func() bool) context.Context {
	return context.WithValue(ctx, retryKey{}, allow)
}

// MayRetry takes one retry from the call's allowance, if there is any left. A
// context without allowance does not limit.
func MayRetry(ctx context.Context) bool {
	allow, ok := ctx.Value(retryKey{}).(func() bool)
	return !ok || allow()
}
