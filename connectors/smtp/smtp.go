// Package smtp delivers mail by SMTP (RFC 5321): submission to the town's own
// mail server, over TLS, with a report that says exactly what became of it.
//
// What the server answers to the dot that ends a message is the one thing that
// counts. Before the dot left, nothing was taken; after it, a reply that is lost
// or unreadable is an unknown outcome, and the message is not sent again.
package smtp

import (
	"context"
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// Kind returns the kind "smtp".
func Kind() connectors.Kind {
	return connectors.Define("smtp", "mail by SMTP", connectors.DomainNone, defaults, open)
}

func open(settings Settings, deps connectors.Deps) (connectors.Source, error) {
	s := &source{settings: settings, deps: deps}
	return connectors.Source{Check: s.check, Send: s}, nil
}

// source is an opened mail server. Each call has a connection of its own.
type source struct {
	settings Settings
	deps     connectors.Deps
}

// Send delivers a message to all its recipients or to none.
//
// Everything before the message's text has half of the time that the context
// leaves, and the text another quarter, so that a server that hangs there is
// known to have taken nothing while there is still time to say so. The rest is
// for the reply.
func (s *source) Send(ctx context.Context, message record.Message) (record.Receipt, error) {
	now := time.Now()
	letter, err := s.settings.compose(message, now)
	if err != nil {
		return record.Receipt{}, named(err)
	}
	session, err := s.begin(ctx, share(ctx, now, 2))
	if err != nil {
		return record.Receipt{}, named(err)
	}
	defer session.close()
	receipt, err := session.deliver(letter, share(ctx, now, 3))
	return receipt, named(err)
}

// share is when so many quarters of what the context leaves are over; zero
// without a deadline.
func share(ctx context.Context, now time.Time, quarters int) time.Time {
	end, ok := ctx.Deadline()
	if !ok {
		return time.Time{}
	}
	return now.Add(end.Sub(now) * time.Duration(quarters) / 4)
}

// check proves that the server is up and lets us in.
func (s *source) check(ctx context.Context) error {
	end, _ := ctx.Deadline()
	session, err := s.begin(ctx, end)
	if err != nil {
		return named(err)
	}
	defer session.close()
	if err := session.client.Noop(); err != nil {
		_, err = session.answered(stageNoop, err)
		return named(err)
	}
	session.quit()
	return nil
}

// named says whose error it is; nil stays nil.
func named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("smtp: %w", err)
}
