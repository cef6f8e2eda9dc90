package smtp

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail/smtp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// stage is a step of the conversation: what a reply means depends on it.
type stage string

const (
	stageGreeting  stage = "greeting"
	stageHello     stage = "EHLO"
	stageSecure    stage = "STARTTLS"
	stageLogin     stage = "AUTH"
	stageNoop      stage = "NOOP"
	stageSender    stage = "MAIL"
	stageRecipient stage = "RCPT"
	stageData      stage = "DATA"
	stageDot       stage = "end of message"
)

// The refusals, closed.
const (
	refusalMailboxUnknown = "mailbox_unknown"
	refusalMailboxFull    = "mailbox_full"
	refusalTooLarge       = "too_large"
	refusalNotAllowed     = "not_allowed"
	refusalMessage        = "message_refused"
)

const maxNote = 300 // characters of the server's words

func refused(refusal, note string) record.Receipt {
	return record.Receipt{Outcome: record.OutcomeRefused, Refusal: refusal, Note: record.Text(note, maxNote), Proof: record.ProofReply}
}

// refused gives a failure before any letter its error.
func (ss *session) refused(at stage, err error) error {
	_, err = ss.answered(at, err)
	return err
}

// answered gives a failure before the dot its meaning: nothing was taken.
func (ss *session) answered(at stage, err error) (record.Receipt, error) {
	var reply *textproto.Error
	var garbled textproto.ProtocolError
	var encoding base64.CorruptInputError
	switch {
	case errors.As(err, &reply):
		ss.quit()
		return judged(at, reply.Code, reply.Msg)
	case errors.As(err, &garbled) && ss.line.ended != nil:
		return record.Receipt{}, ss.failed(string(at), ss.line.ended)
	case errors.As(err, &garbled), errors.As(err, &encoding), errors.Is(err, smtp.ErrUnexpectedServerChallange), errors.Is(err, smtp.ErrUnexpectedServerResponse):
		return record.Receipt{}, fmt.Errorf("%s: a reply that is none: %w", at, connectors.ErrMalformed)
	}
	return record.Receipt{}, ss.failed(string(at), err)
}

// settled gives the answer to the dot its meaning. Whatever is no clear word of
// the server leaves open whether it took the message.
func (ss *session) settled(text string, err error) (record.Receipt, error) {
	var reply *textproto.Error
	code := 0
	switch {
	case err == nil && !ss.line.broken:
		code = 250
	case errors.As(err, &reply):
		code, text = reply.Code, reply.Msg
		if code < 400 && ss.line.broken { // it cannot have seen the dot, whatever it says
			code = 0
		}
	}
	if code/100 == 2 {
		ss.quit()
		return record.Receipt{Outcome: record.OutcomeDone, Reference: queueID(text), Proof: record.ProofReply}, nil
	}
	receipt, err := judged(stageDot, code, text)
	if errors.Is(err, connectors.ErrMalformed) {
		return record.Receipt{Outcome: record.OutcomeUnknown}, fmt.Errorf("%s: no clear answer: %w", stageDot, connectors.ErrOutcomeUnknown)
	}
	ss.quit()
	return receipt, err
}

// judged gives a reply that is no success its meaning (RFC 5321, 4.2; RFC 3463
// for the enhanced codes). The server's words go into a receipt's note only.
func judged(at stage, code int, text string) (record.Receipt, error) {
	nothing := func(sentinel error) (record.Receipt, error) {
		return record.Receipt{}, fmt.Errorf("%s: reply %d: %w", at, code, sentinel)
	}
	refusal := refusalOf(at, code, text)
	switch {
	case code/100 == 4:
		return nothing(connectors.ErrUnavailable)
	case code/100 != 5:
		return nothing(connectors.ErrMalformed)
	case at == stageSecure, at == stageNoop:
		return nothing(connectors.ErrUnavailable)
	case at == stageGreeting, at == stageHello, at == stageLogin, code == 530, code == 535, code == 538,
		at == stageSender && refusal != refusalTooLarge:
		return nothing(connectors.ErrDenied) // it is we who are not let in
	}
	return refused(refusal, text), nil
}

// refusalOf classes a reply of 5yz, by its enhanced code where it has one.
func refusalOf(at stage, code int, text string) string {
	switch enhanced(text) {
	case "5.3.4", "5.2.3":
		return refusalTooLarge
	case "5.2.2":
		return refusalMailboxFull
	case "5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.0", "5.2.1", "5.4.4":
		return refusalMailboxUnknown
	}
	switch class, _, _ := strings.Cut(strings.TrimPrefix(enhanced(text), "5."), "."); {
	case class == "7" && at == stageRecipient:
		return refusalNotAllowed
	case enhanced(text) != "":
		return refusalMessage
	case code == 552 && at == stageRecipient:
		return refusalMailboxFull
	case code == 552:
		return refusalTooLarge
	case at == stageRecipient && (code == 550 || code == 551 || code == 553):
		return refusalMailboxUnknown
	}
	return refusalMessage
}

// enhanced is the status code of RFC 3463 at the start of a reply's text, or "".
func enhanced(text string) string {
	first, _, _ := strings.Cut(text, " ")
	parts := strings.Split(first, ".")
	if len(parts) != 3 || parts[0] != "5" {
		return ""
	}
	for _, p := range parts {
		if n, err := strconv.Atoi(p); err != nil || n < 0 || len(p) > 3 {
			return ""
		}
	}
	return first
}

// queueID is the number under which a server says that it keeps the message, ""
// where it does not, or not in the way of Postfix, Exim, Sendmail, OpenSMTPD,
// Exchange or Mailpit.
func queueID(text string) string {
	for _, form := range []string{
		`(?i)\bqueued as ([A-Za-z0-9._-]{4,64})\b`,
		`(?i)\b(?:Internal)?Id=([A-Za-z0-9._-]{4,64})\b`,
		`^(?:2\.\d\.\d )?([A-Za-z0-9]{6,64}) Message accepted`,
	} {
		if found := regexp.MustCompile(form).FindStringSubmatch(text); found != nil {
			return found[1]
		}
	}
	return ""
}
