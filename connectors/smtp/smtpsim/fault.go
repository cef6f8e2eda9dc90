package smtpsim

import (
	"net"
	"strings"
)

// Stage is where in a conversation something goes wrong.
type Stage string

// The stages, by what the client said. Text is in the midst of the message,
// Dot after all of it.
const (
	Connect  Stage = "connect"
	EHLO     Stage = "EHLO"
	STARTTLS Stage = "STARTTLS"
	AUTH     Stage = "AUTH"
	MAIL     Stage = "MAIL"
	RCPT     Stage = "RCPT"
	DATA     Stage = "DATA"
	Text     Stage = "text"
	Dot      Stage = "."
	NOOP     Stage = "NOOP"
	QUIT     Stage = "QUIT"
)

// Deed is what goes wrong.
type Deed string

// The deeds.
const (
	Say    Deed = "say"    // Reply in place of the right answer; what was asked is done if it is 2yz
	Cut    Deed = "cut"    // the connection ends, and nothing is done
	Drop   Deed = "drop"   // what was asked is done, and the connection ends without an answer
	Hang   Deed = "hang"   // silence, and nothing is done
	Garble Deed = "garble" // what was asked is done, and the answer is unreadable
)

// Fault is a thing that goes wrong in each conversation.
type Fault struct {
	At    Stage
	Deed  Deed
	Reply string // for Say: "451 4.3.0 Try again later"
}

// reply answers a stage, or does the fault's deed. It tells whether the
// conversation goes on.
func (c *conversation) reply(at Stage, text string) bool {
	if c.fault.At != at {
		return c.write(text)
	}
	switch c.fault.Deed {
	case Say:
		return c.write(c.fault.Reply)
	case Garble:
		return c.write("\x00\x9f2\x815 what?")
	case Hang:
		c.hang()
	case Cut, Drop:
		reset(c.raw())
	}
	return false
}

// intercepted tells whether what was asked must not be done, and does the
// fault's deed then.
func (c *conversation) intercepted(at Stage) (stops, goesOn bool) {
	accepts := c.fault.Deed == Say && strings.HasPrefix(c.fault.Reply, "2")
	if c.fault.At != at || c.fault.Deed == Drop || c.fault.Deed == Garble || accepts {
		return false, true
	}
	return true, c.reply(at, "")
}

// hang hears without answering until the client goes away or the server closes.
func (c *conversation) hang() {
	for {
		if _, err := c.in.Discard(1); err != nil {
			return
		}
	}
}

// reset ends a connection so that what is under way is lost.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
