package openactive

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors"
)

// The life of a token: given up a little early, and short when the server did
// not say.
const (
	tokenMargin  = 30 * time.Second
	tokenDefault = 5 * time.Minute
)

// tokens holds the current token of the booking server (OAuth 2.0, RFC 6749
// §4.4). The lock is a channel, so that waiting for it ends with the context.
type tokens struct {
	lock   chan struct{}
	header string // "Bearer …"
	until  time.Time
}

// token returns the Authorization header, from a new token when the last one is
// over.
func (s *source) token(ctx context.Context) (string, error) {
	select {
	case s.tokens.lock <- struct{}{}:
		defer func() { <-s.tokens.lock }()
	case <-ctx.Done():
		return "", fmt.Errorf("token: %w", ctx.Err())
	}
	if s.tokens.header != "" && time.Now().Before(s.tokens.until) {
		return s.tokens.header, nil
	}
	n, err := s.askToken(ctx)
	if err != nil {
		return "", fmt.Errorf("token: %w", err)
	}
	value := n.raw("access_token")
	if value == "" || !strings.EqualFold(n.raw("token_type"), "Bearer") {
		return "", fmt.Errorf("token: none of type Bearer in the answer: %w", connectors.ErrMalformed)
	}
	life := tokenDefault
	if seconds, err := strconv.ParseInt(n.raw("expires_in"), 10, 32); err == nil {
		life = max(0, time.Duration(seconds)*time.Second-tokenMargin)
	}
	s.tokens.header, s.tokens.until = "Bearer "+value, time.Now().Add(life)
	return s.tokens.header, nil
}

func (s *source) askToken(ctx context.Context) (node, error) {
	form := url.Values{"grant_type": {"client_credentials"}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.settings.TokenURL, strings.NewReader(form))
	if err != nil {
		return nil, fmt.Errorf("request: %w", connectors.ErrRefused)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.SetBasicAuth(url.QueryEscape(s.settings.ClientID), url.QueryEscape(s.settings.ClientSecret.Reveal()))
	resp, err := connectors.Do(s.http, req) //nolint:bodyclose // ReadBody closes it
	if err != nil {
		return nil, err
	}
	body, err := connectors.ReadBody(resp, 1<<20)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusBadRequest { // invalid_client, invalid_grant…
		return nil, fmt.Errorf("status %d: %w", resp.StatusCode, connectors.ErrDenied)
	}
	if err := connectors.StatusError(resp.StatusCode); err != nil {
		return nil, err
	}
	return decodeNode(body)
}

// forget gives up a token that the server no longer takes: the next call asks
// for a new one. It does not wait for whoever is asking already.
func (t *tokens) forget(header string) {
	select {
	case t.lock <- struct{}{}:
		if t.header == header {
			t.header = ""
		}
		<-t.lock
	default:
	}
}
