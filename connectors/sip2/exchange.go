package sip2

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors"
)

// errUnread: the system answered twice that it could not read the request (96):
// usually a message it does not support, or another charset.
var errUnread = fmt.Errorf("request that the system cannot read: %w", connectors.ErrMalformed)

// maxReplies bounds what is read, stale or odd, for one answer.
const maxReplies = 32

// exchange sends a request and returns its answer, within the message timeout.
// After any error the link must be closed: a late answer must never meet the
// next person's question.
func (l *link) exchange(ctx context.Context, rq request) (message, error) {
	body, err := l.settings.encode(rq)
	if err != nil {
		return message{}, err
	}
	within, cancel := context.WithTimeout(ctx, l.patience(ctx, rq))
	defer cancel()
	if l.unnumbered && !l.quiet() {
		return message{}, malformed("reply that nobody asked for")
	}
	l.sequence = (l.sequence + 1) % 10
	e := exchange{link: l, request: rq, raw: l.settings.sealed(body, l.sequence)}
	m, err := e.run(within)
	if errors.Is(err, context.Canceled) && ctx.Err() == nil {
		err = fmt.Errorf("reply: %w", connectors.ErrUnavailable)
	}
	return m, err
}

// patience is how long to wait for an answer. A change leaves half of what is
// left for reading what became of it.
func (l *link) patience(ctx context.Context, rq request) time.Duration {
	wait := l.settings.MessageTimeout.Std()
	if deadline, ok := ctx.Deadline(); ok && rq.changes {
		wait = min(wait, time.Until(deadline)/2)
	}
	return wait
}

// exchange is one request under way.
type exchange struct {
	link    *link
	request request
	raw     []byte
	// what was already done once
	asked, resent, restated bool
}

func (e *exchange) run(ctx context.Context) (message, error) {
	if err := e.link.write(ctx, e.raw); err != nil {
		return message{}, err
	}
	for range maxReplies {
		f, err := e.link.receive(ctx)
		if err != nil {
			return message{}, err
		}
		m, done, err := e.take(ctx, f)
		if done || err != nil {
			return m, err
		}
	}
	return message{}, malformed("more replies than questions")
}

// take judges one frame: the answer, an error, or neither, which goes on
// waiting.
func (e *exchange) take(ctx context.Context, f frame) (message, bool, error) {
	e.link.seals = e.link.seals || f.summed
	code := ""
	if len(f.body) >= 2 {
		code = string(f.body[:2])
	}
	switch {
	case code == "96" && len(f.body) == 2 && (!f.summed || f.sound):
		return message{}, false, e.unread(ctx)
	case !e.link.trusts(f):
		return message{}, false, e.askAgain(ctx)
	case code == "98" && e.request.want != "98":
		e.link.doubtful = e.link.doubtful || f.sequence < 0 || e.link.zeroes
		return message{}, false, e.newStatus(ctx, f)
	case !e.asked && e.link.stale(f):
		return message{}, false, nil
	case code != e.request.want:
		return message{}, false, malformed("reply to another request")
	}
	if e.link.unnumbered = f.sequence < 0 || e.link.zeroes; e.link.unnumbered && f.followed {
		return message{}, false, malformed("two replies to one request")
	}
	m, err := e.link.settings.parseMessage(f.body)
	if err == nil {
		err = e.request.answeredBy(m)
	}
	return m, err == nil, err
}

// stale tells whether a frame answers an earlier question, by its digit. Some
// systems write 0 in every reply: that is learnt from the status, which is
// nobody's, and holds until another digit comes.
func (l *link) stale(f frame) bool {
	switch {
	case f.sequence > 0:
		l.zeroes, l.numbers = false, true
	case f.sequence == 0 && l.sequence != 0 && !l.numbers && !f.followed && bytes.HasPrefix(f.body, []byte("98")):
		l.zeroes = true
	}
	return f.sequence >= 0 && f.sequence != l.sequence && (f.sequence != 0 || !l.zeroes)
}

// trusts tells whether a frame came over whole, as far as the settings say.
func (l *link) trusts(f frame) bool {
	switch {
	case f.sound || !l.settings.ErrorDetection || l.settings.Checksum == ChecksumOff:
		return true
	case l.settings.Checksum == ChecksumAuto:
		// A message without trailer ends with its last delimiter: what else stands
		// there may be a trailer that was garbled.
		return !f.summed && !l.seals && l.settings.complete(f.body)
	case l.settings.Checksum == ChecksumStrict:
		return false
	case !l.noted:
		l.noted = true
		l.log.Warn("reply with a wrong or missing checksum accepted")
	}
	return true
}

// unread handles 96: the same bytes once more, unless a repeat could do the
// thing twice.
func (e *exchange) unread(ctx context.Context) error {
	switch {
	case e.asked:
		return fmt.Errorf("reply garbled on a lost link: %w", connectors.ErrUnavailable)
	case e.resent || e.request.once:
		return errUnread
	}
	e.resent = true
	return e.link.write(ctx, e.raw)
}

// askAgain sends 97, which has the system repeat its last reply without doing
// anything again.
func (e *exchange) askAgain(ctx context.Context) error {
	if e.asked {
		return malformed("reply with a wrong or missing checksum, again")
	}
	e.asked = true
	return e.link.write(ctx, e.link.settings.sealed([]byte("97"), -1))
}

// newStatus handles a 98 that nobody asked for.
func (e *exchange) newStatus(ctx context.Context, f frame) error {
	m, err := e.link.settings.parseMessage(f.body)
	if err != nil {
		return err
	}
	if e.link.status, err = parseStatus(m); err != nil {
		return err
	}
	switch {
	case e.request.once:
		return nil // never sent twice: its answer may still come
	case e.restated:
		return malformed("status instead of an answer, again")
	}
	e.restated = true
	return e.link.write(ctx, e.raw)
}

// answeredBy tells whether a reply is about the person and item asked for.
func (rq request) answeredBy(m message) error {
	if rq.card != "" && !m.only("AA", rq.card) {
		return malformed("reply about another card")
	}
	if rq.item != "" && m.first("AB") != "" && !m.only("AB", rq.item) {
		return malformed("reply about another item")
	}
	return nil
}
