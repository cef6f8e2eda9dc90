package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

const (
	// maxHeard bounds what a server may say in one conversation, its certificates
	// included.
	maxHeard = 256 << 10
	// goodbye is the longest wait for the answer to QUIT: all is settled by then.
	goodbye = time.Second
)

// line is a connection that hears no more than maxHeard and remembers how it
// ended.
type line struct {
	net.Conn
	heard  int
	ended  error // of the last read: the client takes half a line for a whole one
	broken bool  // something could not be sent
}

func (l *line) Read(p []byte) (int, error) {
	if l.heard >= maxHeard {
		return 0, fmt.Errorf("more than %d bytes of replies: %w", maxHeard, connectors.ErrMalformed)
	}
	n, err := l.Conn.Read(p[:min(len(p), maxHeard-l.heard)])
	l.heard += n
	l.ended = err
	return n, err
}

func (l *line) Write(p []byte) (int, error) {
	n, err := l.Conn.Write(p)
	l.broken = l.broken || err != nil
	return n, err
}

// session is one conversation, signed in.
type session struct {
	ctx    context.Context // of the one call that it serves
	line   *line
	client *smtp.Client
	stop   func() bool
}

// begin connects, turns to TLS and signs in, until an instant at most.
func (s *source) begin(ctx context.Context, until time.Time) (*session, error) {
	dialing := ctx
	if !until.IsZero() {
		limited, cancel := context.WithDeadline(ctx, until)
		defer cancel()
		dialing = limited
	}
	conn, err := s.deps.Dial(dialing, "tcp", s.settings.Address)
	ss := &session{ctx: ctx}
	if err != nil {
		return nil, ss.failed("connection", err)
	}
	ss.line = &line{Conn: conn}
	ss.stop = context.AfterFunc(ctx, func() { _ = conn.Close() }) // nothing is lost that counts
	ss.until(until)
	if err := s.greet(ss); err != nil {
		ss.close()
		return nil, err
	}
	return ss, nil
}

// greet brings a connection to where mail may be sent.
func (s *source) greet(ss *session) error {
	host, _, err := net.SplitHostPort(s.settings.Address)
	if err != nil {
		return fmt.Errorf("address: %w", connectors.ErrDefect) // Validate accepted it
	}
	secure := s.deps.TLS.Clone()
	secure.ServerName = host
	var conn net.Conn = ss.line
	if s.settings.TLS == TLSImplicit {
		conn = tls.Client(ss.line, secure)
	}
	if ss.client, err = smtp.NewClient(conn, host); err != nil {
		return ss.refused(stageGreeting, err)
	}
	if err := ss.client.Hello(s.settings.helo()); err != nil {
		return ss.refused(stageHello, err)
	}
	if s.settings.TLS == TLSStart {
		if offered, _ := ss.client.Extension("STARTTLS"); !offered {
			return fmt.Errorf("no STARTTLS offered, and nothing is sent in clear: %w", connectors.ErrUnavailable)
		}
		if err := ss.client.StartTLS(secure); err != nil {
			return ss.refused(stageSecure, err)
		}
	}
	return s.signIn(ss, host)
}

// signIn authenticates by PLAIN (RFC 4616), or by LOGIN where a server knows
// nothing better. TLS protects both.
func (s *source) signIn(ss *session, host string) error {
	if s.settings.User == "" {
		return nil
	}
	_, offered := ss.client.Extension("AUTH")
	auth := smtp.PlainAuth("", s.settings.User, s.settings.Password.Reveal(), host, s.settings.TLS == TLSNone)
	switch mechanisms := " " + strings.ToUpper(offered) + " "; {
	case strings.Contains(mechanisms, " PLAIN "):
	case strings.Contains(mechanisms, " LOGIN "):
		auth = smtp.LoginAuth(s.settings.User, s.settings.Password.Reveal(), host, s.settings.TLS == TLSNone)
	default:
		return fmt.Errorf("neither PLAIN nor LOGIN offered: %w", connectors.ErrDenied)
	}
	if err := ss.client.Auth(auth); err != nil {
		return ss.refused(stageLogin, err)
	}
	return nil
}

// deliver sends a letter; its text must be gone at an instant.
func (ss *session) deliver(l letter, textBy time.Time) (record.Receipt, error) {
	if sizeLimit := ss.sizeLimit(); sizeLimit > 0 && len(l.data) > sizeLimit {
		ss.quit()
		return refused(refusalTooLarge, ""), nil
	}
	if l.utf8 {
		if offered, _ := ss.client.Extension("SMTPUTF8"); !offered {
			ss.quit()
			return record.Receipt{}, fmt.Errorf("an address that this server cannot carry (SMTPUTF8): %w", connectors.ErrRefused)
		}
	}
	if err := ss.client.Mail(ss.sender(l)); err != nil {
		return ss.answered(stageSender, err)
	}
	for _, to := range l.to {
		// All or nobody: what was said is forgotten with QUIT (RFC 5321, 4.1.1.10).
		if err := ss.client.Rcpt("<" + to.String() + ">"); err != nil {
			return ss.answered(stageRecipient, err)
		}
	}
	text, err := ss.client.Data()
	if err != nil {
		return ss.answered(stageData, err)
	}
	ss.until(textBy)
	if _, err := text.Write(l.data); err != nil {
		return record.Receipt{}, ss.failed("message text", err) // the dot was not sent
	}
	if err := ss.ctx.Err(); err != nil {
		return record.Receipt{}, ss.failed("message text", err)
	}
	end, _ := ss.ctx.Deadline()
	ss.until(end)
	reply := ""
	err = text.Close()
	if closed, ok := text.(*smtp.DataCloser); ok {
		reply = closed.ServerResponse()
	}
	return ss.settled(reply, err)
}

// sender is the parameter of MAIL. The client adds BODY and, unless told to
// skip it, SMTPUTF8; SIZE (RFC 1870) is ours to add.
func (ss *session) sender(l letter) string {
	ss.client.SkipSMTPUTF8(!l.utf8)
	if offered, _ := ss.client.Extension("SIZE"); offered {
		return fmt.Sprintf("<%s> SIZE=%d", l.from, len(l.data))
	}
	return fmt.Sprintf("<%s>", l.from)
}

// sizeLimit is the largest message that the server takes, 0 where it does not say.
func (ss *session) sizeLimit() int {
	_, size := ss.client.Extension("SIZE")
	n, err := strconv.Atoi(size)
	if err != nil {
		return 0
	}
	return n
}

// until bounds what follows; the zero time does not.
func (ss *session) until(t time.Time) {
	if err := ss.line.SetDeadline(t); err != nil {
		_ = ss.line.Close() // what follows fails at once
	}
}

// quit takes leave. Whatever comes of it changes nothing any more.
func (ss *session) quit() {
	leave := time.Now().Add(goodbye)
	if end, ok := ss.ctx.Deadline(); ok && end.Before(leave) {
		leave = end
	}
	ss.until(leave)
	if ss.client != nil {
		_ = ss.client.Quit()
	}
}

// close ends the connection.
func (ss *session) close() {
	ss.stop()
	_ = ss.line.Close()
}

// failed wraps the end of a conversation before anything was taken. The
// caller's own cancellation stays what it is; everything else that is no word
// of the server, a deadline included, is its absence.
func (ss *session) failed(what string, err error) error {
	if errors.Is(ss.ctx.Err(), context.Canceled) {
		return fmt.Errorf("%s: %w", what, context.Canceled)
	}
	for _, sentinel := range []error{connectors.ErrUnavailable, connectors.ErrRefused, connectors.ErrDenied, connectors.ErrMalformed} {
		if errors.Is(err, sentinel) { // the dialer's own answer, or the line's
			return fmt.Errorf("%s: %w", what, sentinel)
		}
	}
	var timeout net.Error
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return fmt.Errorf("%s: a certificate that is not trusted: %w", what, connectors.ErrUnavailable)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("%s: no answer in time: %w", what, connectors.ErrUnavailable)
	}
	return fmt.Errorf("%s: lost: %w", what, connectors.ErrUnavailable)
}
