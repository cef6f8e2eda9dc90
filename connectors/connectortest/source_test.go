package connectortest_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// lineSource is a connector to lineFake that is clean but for one defect.
type lineSource struct {
	address, key string
	defect       string
	deps         connectors.Deps
	reads        atomic.Int64
	busy         atomic.Int64
	closed       atomic.Bool
	stop         chan struct{}
}

func (s *lineSource) has(defect string) bool { return s.defect == defect }

func openLine(address, key, defect string, deps connectors.Deps) (connectors.Source, error) {
	s := &lineSource{address: address, key: key, defect: defect, deps: deps, stop: make(chan struct{})}
	if s.has("dials on open") {
		if conn, err := deps.Dial(context.Background(), "tcp", address); err == nil {
			_ = conn.Close()
		}
	}
	return connectors.Source{Check: s.check, Find: s, List: s, Do: s, Learn: s, Send: s, Authenticate: s, Close: s.close}, nil
}

func (s *lineSource) close() error {
	if s.closed.Swap(true) && s.has("second Close panics") {
		panic("close of closed source")
	}
	return nil
}

func (s *lineSource) check(ctx context.Context) error {
	text, err := s.ask(ctx, "status")
	switch {
	case s.has("check asks nobody"):
		return nil
	case s.has("check never up") && text == "ok":
		return fmt.Errorf("line: status: %w", connectors.ErrUnavailable)
	case errors.Is(err, errNotSent) && s.has("down is denied") && ctx.Err() == nil:
		return fmt.Errorf("line: status: %w", connectors.ErrDenied)
	case err != nil:
		return err
	case text == "denied" && s.has("denied is down"):
		return fmt.Errorf("line: status: %w", connectors.ErrUnavailable)
	}
	return word(text, "ok")
}

// word wants one reply, and knows the refusals.
func word(text, want string) error {
	switch text {
	case want:
		return nil
	case "denied":
		return fmt.Errorf("line: %w", connectors.ErrDenied)
	case "nobody":
		return fmt.Errorf("line: %w", connectors.ErrNotFound)
	}
	return fmt.Errorf("line: reply: %w", connectors.ErrMalformed)
}

func (s *lineSource) Find(ctx context.Context, who record.Ref) ([]record.Record, error) {
	n := s.reads.Add(1)
	defer s.busy.Add(-1)
	if s.busy.Add(1) > 1 && s.has("one call at a time") {
		return nil, fmt.Errorf("line: busy: %w", connectors.ErrUnavailable)
	}
	s.tell(who)
	text, err := s.ask(ctx, "find "+who.Reveal())
	if err != nil {
		if s.has("errors swallowed") {
			return nil, nil
		}
		if s.has("records beside an error") && errors.Is(err, connectors.ErrMalformed) {
			return []record.Record{{Key: "k1", Owner: who, Body: record.Other{}}}, err
		}
		return nil, err
	}
	if text == "nobody" && s.has("nobody is an outage") {
		return nil, fmt.Errorf("line: %w", connectors.ErrUnavailable)
	}
	if err := word(text, text); err != nil {
		return nil, err
	}
	if text == "nobody" {
		err := fmt.Errorf("line: find: %w", connectors.ErrNotFound)
		if s.has("secret in an error") {
			err = fmt.Errorf("line: find with %s: %w", s.key, connectors.ErrNotFound)
		}
		if s.has("two sentinels") {
			err = errors.Join(err, connectors.ErrMalformed)
		}
		return nil, err
	}
	if s.has("half a reply is one") && text[len(text)-1] != '}' {
		text = `{"who":"W1","items":[]}`
	}
	reply, err := decodeLine(text)
	if err != nil {
		return nil, err
	}
	if reply.Who != who.Reveal() && !s.has("foreign reply accepted") {
		return nil, fmt.Errorf("line: another person: %w", connectors.ErrMalformed)
	}
	out := s.records(reply, who)
	if s.has("keys move") {
		out[0].Key = fmt.Sprint(n)
	}
	return out, nil
}

// tell logs, or leaves something behind, as a defect asks.
func (s *lineSource) tell(who record.Ref) {
	switch s.defect {
	case "person in a log line":
		s.deps.Log.Debug("find", "who", who.Reveal())
	case "loud":
		s.deps.Log.Info("found")
	case "goroutine left":
		go func() { <-s.stop }()
	}
}

func (s *lineSource) records(reply lineReply, owner record.Ref) []record.Record {
	var out []record.Record
	for _, item := range reply.Items {
		key, title := item.Key, record.Text(item.Title, 100)
		switch s.defect {
		case "same key":
			key = "k1"
		case "another owner":
			if !owner.IsZero() {
				owner = record.NewRef("W2")
			}
		case "text not in NFC":
			title = "Clo\u0302ture"
		case "no records":
			continue
		}
		out = append(out, record.Record{Key: key, Owner: owner, Body: record.Other{Title: title}})
	}
	return out
}

func (s *lineSource) List(ctx context.Context, since connectors.Cursor, emit func(record.Record) error) (connectors.Cursor, error) {
	text, err := s.ask(ctx, "list")
	if err != nil {
		return "", err
	}
	if err := word(text, text); err != nil {
		return "", err
	}
	reply, err := decodeLine(text)
	if err != nil {
		return "", err
	}
	if since != "" && s.has("empty from a cursor") {
		return "c2", nil
	}
	for _, rec := range s.records(reply, record.Ref{}) {
		err := s.emit(rec, emit)
		if err != nil && !s.has("emit goes on") {
			return "", fmt.Errorf("line: list: %w", err)
		}
	}
	return "c1", nil
}

func (s *lineSource) emit(rec record.Record, emit func(record.Record) error) error {
	if !s.has("emit from a goroutine") {
		return emit(rec)
	}
	done := make(chan error)
	go func() { done <- emit(rec) }()
	return <-done
}

func (s *lineSource) Authenticate(ctx context.Context, card, pin string) (record.Ref, error) {
	if pin == "" && s.has("empty PIN granted") {
		return record.NewRef("W1"), nil
	}
	if (card == "" || pin == "") && !s.has("empty PIN asked") {
		return record.Ref{}, fmt.Errorf("line: %w", connectors.ErrDenied)
	}
	text, err := s.ask(ctx, fmt.Sprintf("auth %s %s", card, pin))
	if err != nil {
		return record.Ref{}, err
	}
	switch {
	case text == "denied" && card == "C100" && pin != "" && s.has("wrong PIN granted"):
		return record.NewRef("W1"), nil
	case text == "denied" && card != "C100" && s.has("unknown card not found"):
		return record.Ref{}, fmt.Errorf("line: %w", connectors.ErrNotFound)
	case text == "granted W1" && s.has("another person granted"):
		return record.NewRef("W2"), nil
	}
	if err := word(text, "granted W1"); err != nil {
		return record.Ref{}, err
	}
	return record.NewRef("W1"), nil
}
