package smtpsim

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
)

// conversation is one client's.
type conversation struct {
	server *Server
	conn   net.Conn
	in     *bufio.Reader
	fault  Fault
	secure bool
	greets bool // EHLO came
	user   string
	letter *Message // since MAIL
}

// raw is the connection below TLS.
func (c *conversation) raw() net.Conn {
	if secured, ok := c.conn.(*tls.Conn); ok {
		return secured.NetConn()
	}
	return c.conn
}

func (c *conversation) write(text string) bool {
	_, err := c.conn.Write([]byte(text + "\r\n"))
	return err == nil
}

// line reads one line that ends in CR LF.
func (c *conversation) line() (string, bool) {
	line, err := c.in.ReadSlice('\n')
	if err != nil || !bytes.HasSuffix(line, []byte("\r\n")) {
		return "", false
	}
	return string(line[:len(line)-2]), true
}

func (c *conversation) talk() {
	for {
		line, ok := c.line()
		if !ok {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		verb = strings.ToUpper(verb)
		c.server.heard(verb)
		if stops, goesOn := c.intercepted(Stage(verb)); stops {
			if !goesOn {
				return
			}
			continue
		}
		if !c.obey(verb, rest) {
			return
		}
	}
}

// obey does one command and tells whether the conversation goes on.
func (c *conversation) obey(verb, rest string) bool {
	protected := c.secure || c.server.config.TLS == nil
	switch {
	case verb == "EHLO" && rest != "":
		return c.hello()
	case verb == "NOOP":
		return c.reply(NOOP, "250 2.0.0 OK")
	case verb == "RSET":
		c.letter = nil
		return c.write("250 2.0.0 OK")
	case verb == "QUIT":
		c.reply(QUIT, "221 2.0.0 Bye")
		return false
	case verb == "STARTTLS" && c.greets && !protected:
		return c.startTLS()
	case !c.greets:
		return c.write("503 5.5.1 EHLO first")
	case !protected:
		return c.write("530 5.7.0 Must issue a STARTTLS command first")
	case verb == "AUTH":
		return c.authenticate(rest)
	case c.server.config.User != "" && c.user == "":
		return c.write("530 5.7.0 Authentication required")
	case verb == "MAIL":
		return c.mail(rest)
	case verb == "RCPT":
		return c.recipient(rest)
	case verb == "DATA":
		return c.data()
	}
	return c.write("500 5.5.2 Command unknown")
}

func (c *conversation) hello() bool {
	config := c.server.config
	lines := []string{"courriel.ville.example", "PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"}
	if config.MaxSize > 0 {
		lines = append(lines, fmt.Sprintf("SIZE %d", config.MaxSize))
	}
	if !config.ASCII {
		lines = append(lines, "SMTPUTF8")
	}
	if config.TLS != nil && !c.secure {
		lines = append(lines, "STARTTLS")
	} else if config.User != "" {
		lines = append(lines, "AUTH "+strings.Join(config.Mechanisms, " "))
	}
	c.greets, c.letter = true, nil
	return c.reply(EHLO, "250-"+strings.Join(lines[:len(lines)-1], "\r\n250-")+"\r\n250 "+lines[len(lines)-1])
}

func (c *conversation) startTLS() bool {
	if c.in.Buffered() > 0 { // said in clear, to be taken as said under TLS
		return c.write("503 5.5.1 Nothing may follow STARTTLS")
	}
	if !c.reply(STARTTLS, "220 2.0.0 Ready to start TLS") {
		return false
	}
	c.conn = tls.Server(c.conn, c.server.config.TLS)
	c.in = bufio.NewReaderSize(c.conn, 4096)
	c.secure, c.greets = true, false
	return true
}

// path reads "FROM:<address> NAME=VALUE …" (RFC 5321, 4.1.2).
func path(rest, word string) (address string, params map[string]string, ok bool) {
	words := strings.Fields(rest)
	if len(words) == 0 || !strings.HasPrefix(strings.ToUpper(words[0]), word+":<") || !strings.HasSuffix(words[0], ">") {
		return "", nil, false
	}
	address = words[0][len(word)+2 : len(words[0])-1]
	params = map[string]string{}
	for _, w := range words[1:] {
		name, value, _ := strings.Cut(w, "=")
		params[strings.ToUpper(name)] = value
	}
	local, host, at := strings.Cut(address, "@")
	return address, params, at && local != "" && host != "" && !strings.ContainsAny(local+host, "<>\"@ ")
}

func (c *conversation) mail(rest string) bool {
	address, params, ok := path(rest, "FROM")
	switch size, _ := strconv.Atoi(params["SIZE"]); {
	case !ok:
		return c.write("501 5.1.7 Bad sender address")
	case c.letter != nil:
		return c.write("503 5.5.1 Sender already given")
	case !known(params, "SIZE", "BODY", "SMTPUTF8"):
		return c.write("555 5.5.4 Unsupported option")
	case !c.carries(params, address):
		return c.write("553 5.6.7 The address needs SMTPUTF8")
	case c.server.config.MaxSize > 0 && size > c.server.config.MaxSize:
		return c.write("552 5.3.4 Message too big")
	}
	c.letter = &Message{From: address, Params: params, Secure: c.secure, User: c.user}
	return c.reply(MAIL, "250 2.1.0 OK")
}

func known(params map[string]string, names ...string) bool {
	for name := range params {
		if !slices.Contains(names, name) {
			return false
		}
	}
	return true
}

// carries tells whether an address may come under the parameters of its MAIL.
func (c *conversation) carries(params map[string]string, address string) bool {
	if _, extended := params["SMTPUTF8"]; extended {
		return !c.server.config.ASCII
	}
	return ascii([]byte(address))
}

func ascii(text []byte) bool {
	return !bytes.ContainsFunc(text, func(r rune) bool { return r > 126 })
}

func (c *conversation) recipient(rest string) bool {
	address, params, ok := path(rest, "TO")
	switch {
	case c.letter == nil:
		return c.write("503 5.5.1 MAIL first")
	case !ok || !known(params):
		return c.write("501 5.1.3 Bad recipient address")
	case !c.carries(c.letter.Params, address):
		return c.write("553 5.6.7 The address needs SMTPUTF8")
	case len(c.letter.To) >= 100:
		return c.write("452 4.5.3 Too many recipients")
	case slices.Contains(c.server.config.Unknown, address):
		return c.write("550 5.1.1 <" + address + "> User unknown")
	}
	c.letter.To = append(c.letter.To, address)
	return c.reply(RCPT, "250 2.1.5 OK")
}
