package smtp

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/semenligne/sem/connectors"
)

// Settings is how the town's mail server is reached, and as whom. Address and
// From are needed.
type Settings struct {
	Address         string            `json:"address" jsonschema:"host:port of the mail server; 587 for starttls, 465 for implicit"`
	TLS             TLS               `json:"tls,omitempty" jsonschema:"starttls: the connection turns to TLS before anything else, or nothing is sent; implicit: TLS from the first byte; none: in clear, only to this machine or with allow_clear"`
	AllowClear      bool              `json:"allow_clear,omitempty" jsonschema:"with tls: none, lets messages and the password travel in clear to another machine"`
	User            string            `json:"user,omitempty" jsonschema:"account at the mail server; without it no sign-in"`
	Password        connectors.Secret `json:"password_file,omitzero" jsonschema:"file with that account's password"`
	Helo            string            `json:"helo,omitempty" jsonschema:"the name we greet with; default: the domain of from"`
	From            From              `json:"from" jsonschema:"who the messages are from"`
	ReplyTo         string            `json:"reply_to,omitempty" jsonschema:"where answers go when the message itself does not say; {id} becomes the message's id, so that an answer finds its message: sem+{id}@ville.example"`
	MessageIDDomain string            `json:"message_id_domain,omitempty" jsonschema:"what stands after the @ of each Message-ID; default: the domain of from"`
	MaxSize         int               `json:"max_size,omitempty" jsonschema:"bytes; a larger message, as it travels with its attachments, is not sent"`
}

// From is a sender.
type From struct {
	Name    string `json:"name,omitempty" jsonschema:"shown to the reader: Ville de Pointe-aux-Bouleaux"`
	Address string `json:"address" jsonschema:"also where the mail system reports a message that could not be delivered"`
}

// TLS is how the connection is protected.
type TLS string

// The values of TLS.
const (
	TLSStart    TLS = "starttls"
	TLSImplicit TLS = "implicit"
	TLSNone     TLS = "none"
)

const (
	minSize = 16 << 10
	maxSize = 100 << 20
	// idSlot is where the message's id goes in reply_to.
	idSlot = "{id}"
)

func defaults() Settings { return Settings{TLS: TLSStart, MaxSize: 10 << 20} }

// Dials returns the mail server's address.
func (s *Settings) Dials() []string { return []string{s.Address} }

// Validate returns every mistake.
func (s *Settings) Validate() []connectors.Problem {
	return append(s.serverProblems(), s.letterProblems()...)
}

func (s *Settings) serverProblems() []connectors.Problem {
	var problems []connectors.Problem
	add := func(key, text string) { problems = append(problems, connectors.Problem{Key: key, Text: text}) }
	host, port, err := net.SplitHostPort(s.Address)
	if n, portErr := strconv.Atoi(port); err != nil || host == "" || portErr != nil || n < 1 || n > 65535 {
		add("address", "write host:port, such as courriel.ville.example:587")
	}
	switch s.TLS {
	case TLSStart, TLSImplicit:
		if s.AllowClear {
			add("allow_clear", "only for tls: none")
		}
	case TLSNone:
		if !s.AllowClear && !loopback(host) {
			add("tls", "none is for a mail server on this machine; for another one set allow_clear: true, and know that messages and the password travel in clear")
		}
	default:
		add("tls", "write one of starttls, implicit, none")
	}
	switch {
	case s.User == "" && !s.Password.IsZero():
		add("user", "missing: the password needs its account")
	case s.User != "" && s.Password.IsZero():
		add("password_file", "missing: the account needs its password")
	}
	if strings.ContainsRune(s.User, 0) {
		add("user", "holds a character that the protocol cannot carry")
	}
	if strings.ContainsRune(s.Password.Reveal(), 0) {
		add("password_file", "holds a character that the protocol cannot carry")
	}
	return problems
}

func (s *Settings) letterProblems() []connectors.Problem {
	var problems []connectors.Problem
	add := func(key, text string) { problems = append(problems, connectors.Problem{Key: key, Text: text}) }
	if from, err := readMailbox(s.From.Address); err != nil || from.utf8 {
		add("from.address", "write an address, such as ne-pas-repondre@ville.example")
	}
	if _, err := headerText(s.From.Name, maxName); err != nil {
		add("from.name", "a line of plain text, at most 200 bytes")
	}
	if s.Helo != "" && !domain(s.Helo) && !literal(s.Helo) {
		add("helo", "write this machine's name, such as sem.ville.example")
	}
	if s.MessageIDDomain != "" && !domain(s.MessageIDDomain) {
		add("message_id_domain", "write a domain, such as sem.ville.example")
	}
	if s.ReplyTo != "" {
		tagged, err := readMailbox(s.replyTo("0"))
		_, host, _ := strings.Cut(s.ReplyTo, "@")
		if err != nil || tagged.utf8 || strings.Count(s.ReplyTo, idSlot) > 1 || strings.Contains(host, idSlot) {
			add("reply_to", "write an address, with {id} at most once and before the @, such as sem+{id}@ville.example")
		}
	}
	if s.MaxSize < minSize || s.MaxSize > maxSize {
		problems = append(problems, connectors.Problemf("max_size", "write a number of bytes from %d to %d", minSize, maxSize))
	}
	return problems
}

// replyTo is the address for answers to a message.
func (s *Settings) replyTo(id string) string { return strings.ReplaceAll(s.ReplyTo, idSlot, id) }

// helo is the name we greet with.
func (s *Settings) helo() string {
	if s.Helo != "" {
		return s.Helo
	}
	return s.senderDomain()
}

// messageIDDomain stands after the @ of a Message-ID.
func (s *Settings) messageIDDomain() string {
	if s.MessageIDDomain != "" {
		return s.MessageIDDomain
	}
	return s.senderDomain()
}

func (s *Settings) senderDomain() string {
	from, err := readMailbox(s.From.Address)
	if err != nil {
		return "localhost" // Validate refused it
	}
	return from.domain
}

// loopback tells whether a host is this machine.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// literal tells whether a greeting is an address literal (RFC 5321, 4.1.3).
func literal(name string) bool {
	inner, opened := strings.CutPrefix(name, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	_, err := netip.ParseAddr(strings.TrimPrefix(inner, "IPv6:"))
	return opened && closed && err == nil
}
