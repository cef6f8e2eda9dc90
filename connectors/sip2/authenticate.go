package sip2

import (
	"context"
	"fmt"
	"strings"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// Authenticate has the library system check a card and its PIN, once. Both are
// proven only by BL and CQ saying Y. Everything personal in the reply, which
// comes even with a wrong PIN, is dropped here.
func (s *source) Authenticate(ctx context.Context, card, pin string) (record.Ref, error) {
	ref, err := s.authenticate(ctx, card, pin)
	if err != nil {
		return record.Ref{}, fmt.Errorf("sip2: card and PIN: %w", err)
	}
	return ref, nil
}

func (s *source) authenticate(ctx context.Context, card, pin string) (record.Ref, error) {
	if strings.TrimSpace(card) == "" || strings.TrimSpace(pin) == "" {
		return record.Ref{}, connectors.ErrDenied
	}
	for _, typed := range []string{card, pin} {
		if _, err := s.settings.sendable(typed); err != nil {
			return record.Ref{}, err
		}
	}
	ss, err := s.begin(ctx)
	if err != nil {
		return record.Ref{}, err
	}
	defer ss.end()
	m, err := ss.verify(ctx, card, pin)
	switch {
	case err != nil:
		return record.Ref{}, err
	case !m.only("BL", "Y") || !m.only("CQ", "Y"):
		return record.Ref{}, connectors.ErrDenied
	}
	return record.NewRef(m.first("AA")), nil
}

// verify asks about a card with its PIN.
func (ss *session) verify(ctx context.Context, card, pin string) (message, error) {
	rq := request{
		code: "63", fixed: ss.source.settings.Language + ss.now() + "          ", want: "64", card: card, once: true,
		fields: append(ss.who(card), field{"AD", pin}),
	}
	if !ss.link.supports(bxPatronInfo) {
		rq.code, rq.fixed, rq.want = "23", ss.source.settings.Language+ss.now(), "24"
		if !ss.link.supports(bxPatronStatus) {
			return message{}, fmt.Errorf("patron status: not supported by the system: %w", connectors.ErrRefused)
		}
	}
	if ss.source.settings.Alias {
		rq.card = ""
	}
	m, err := ss.ask(ctx, rq)
	if err == nil && m.first("AA") == "" {
		ss.drop()
		return message{}, malformed("reply about no card")
	}
	return m, err
}
