package sip2

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/semenligne/sem/connectors"
)

// status is what the system says of itself in a 98.
type status struct {
	known       bool
	institution string // AO
	supported   string // BX: Y where the message of that position is supported
}

// Positions of messages in BX.
const (
	bxPatronStatus = 0
	bxPatronInfo   = 7
	bxItem         = 10
	bxHold         = 13
	bxRenew        = 14
)

// parseStatus reads a 98. A system that says it is off-line is unavailable.
func parseStatus(m message) (status, error) {
	if m.fixed[0] != 'Y' {
		return status{}, fmt.Errorf("system off-line: %w", connectors.ErrUnavailable)
	}
	st := status{known: true, institution: m.first("AO")}
	for _, f := range m.fields {
		if f.id == "BX" && st.supported == "" {
			st.supported = f.value // positions count: not trimmed
		}
	}
	return st, nil
}

// supports tells whether the system takes the message of a BX position. What
// it does not list it does not take: asking would kill the connection.
func (l *link) supports(position int) bool {
	if !l.status.known || !l.settings.Status {
		return true
	}
	return position < len(l.status.supported) && l.status.supported[position] == 'Y'
}

// institution is the AO to send.
func (l *link) institution() string {
	if l.settings.Institution != "" {
		return l.settings.Institution
	}
	return l.status.institution
}

// signIn logs the portal's account in and learns what the system supports.
func (l *link) signIn(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.settings.LoginTimeout.Std())
	defer cancel()
	r := bufio.NewReader(l.conn)
	login := l.settings.login()
	if login == LoginTelnet || login == LoginTelnet93 {
		if err := l.telnet(ctx, r); err != nil {
			return err
		}
	}
	go l.read(r)
	if login == Login93 || login == LoginTelnet93 {
		if err := l.login93(ctx); err != nil {
			return err
		}
	}
	if l.settings.Status {
		return l.askStatus(ctx)
	}
	return nil
}

func (l *link) login93(ctx context.Context) error {
	rq := request{code: "93", fixed: "00", want: "94", fields: []field{
		{"CN", l.settings.LoginUser}, {"CO", l.settings.LoginPassword.Reveal()},
	}}
	if l.settings.Location != "" {
		rq.fields = append(rq.fields, field{"CP", l.settings.Location})
	}
	m, err := l.exchange(ctx, rq)
	switch {
	case err != nil:
		return fmt.Errorf("login: %w", err)
	case m.fixed != "1":
		return fmt.Errorf("login: %w", connectors.ErrDenied)
	}
	return nil
}

// askStatus sends 99, the cheapest proof that the link works.
func (l *link) askStatus(ctx context.Context) error {
	m, err := l.exchange(ctx, request{code: "99", fixed: "00802.00", want: "98"})
	if err != nil {
		return fmt.Errorf("status: %w", err)
	}
	l.status, err = parseStatus(m)
	return err
}

// telnet answers the prompts of a system whose login is one of a terminal.
func (l *link) telnet(ctx context.Context, r *bufio.Reader) error {
	stop := context.AfterFunc(ctx, l.close)
	defer stop()
	for _, step := range []struct{ prompt, answer string }{
		{"login:", l.settings.LoginUser}, {"password:", l.settings.LoginPassword.Reveal()},
	} {
		if err := await(r, step.prompt); err != nil {
			return telnetError(ctx, err)
		}
		answer, err := l.settings.sendable(step.answer)
		if err != nil {
			return err
		}
		if err := l.write(ctx, append(answer, "\r\n"...)); err != nil {
			return err
		}
	}
	err := await(r, "login ok")
	for c := byte(' '); err == nil && c != '\r' && c != '\n'; { // the rest of that line is no message
		c, err = r.ReadByte()
	}
	return telnetError(ctx, err)
}

func telnetError(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, connectors.ErrDenied), errors.Is(err, connectors.ErrMalformed):
		return err
	}
	return lost(ctx, "login", err)
}

// refusesLogin tells whether an answer to name and password, in lower case, says
// no so far: by a second prompt, or in one of the words that systems have for it.
func refusesLogin(seen []byte) bool {
	for _, no := range []string{"login:", "incorrect", "invalid", "failed", "failure", "denied"} {
		if bytes.HasSuffix(seen, []byte(no)) {
			return true
		}
	}
	return false
}

// await reads until a prompt, whatever its case, or a refusal.
func await(r *bufio.Reader, prompt string) error {
	var seen []byte
	for range 4096 {
		c, err := r.ReadByte()
		if err != nil {
			return err
		}
		seen = bytes.ToLower(append(seen, c))
		switch {
		case bytes.HasSuffix(seen, []byte(prompt)):
			return nil
		case prompt == "login ok" && refusesLogin(seen):
			return fmt.Errorf("login: %w", connectors.ErrDenied)
		}
	}
	return malformed("login without a prompt")
}
