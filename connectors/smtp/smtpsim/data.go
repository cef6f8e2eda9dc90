package smtpsim

import (
	"bytes"
	"strings"
)

const (
	maxLine = 1000 // RFC 5321, 4.5.3.1.6, with CR LF
	maxKept = 200 << 20
	cutAt   = 1 << 10 // where a fault in the midst of the text strikes
)

// data takes the text of a message.
func (c *conversation) data() bool {
	if c.letter == nil || len(c.letter.To) == 0 {
		return c.write("503 5.5.1 RCPT first")
	}
	if !c.reply(DATA, "354 End with a dot on a line of its own") {
		return false
	}
	if c.fault.At == DATA {
		return true // whatever it said, it was no 354
	}
	text, wrong, ok := c.text()
	if !ok {
		return false
	}
	c.server.heard(".")
	letter := *c.letter
	c.letter = nil
	letter.Data = text
	if stops, goesOn := c.intercepted(Dot); stops {
		return goesOn
	}
	if wrong == "" && c.tooLarge(len(text)) {
		wrong = "552 5.3.4 Message too big"
	}
	if wrong != "" {
		return c.write(wrong)
	}
	return c.reply(Dot, "250 2.0.0 Ok: queued as "+c.server.keep(letter))
}

func (c *conversation) tooLarge(size int) bool {
	return c.server.config.MaxSize > 0 && size > c.server.config.MaxSize
}

// text reads until the dot. What is wrong with it is answered after the dot. It
// is not ok when the client went away before.
func (c *conversation) text() (text []byte, wrong string, ok bool) {
	var b bytes.Buffer
	_, extended := c.letter.Params["SMTPUTF8"]
	for {
		line, err := c.in.ReadSlice('\n')
		switch {
		case err != nil:
			return nil, "", false
		case bytes.Equal(line, []byte(".\r\n")):
			return b.Bytes(), wrong, true
		case !bytes.HasSuffix(line, []byte("\r\n")) || bytes.Count(line, []byte("\r")) > 1:
			wrong = "554 5.6.0 Bare CR or LF"
		case len(line) > maxLine:
			wrong = "554 5.6.0 Line too long"
		case !ascii(line) && !extended && !strings.EqualFold(c.letter.Params["BODY"], "8BITMIME"):
			wrong = "554 5.6.1 Eight bits without BODY=8BITMIME"
		}
		b.Write(bytes.TrimPrefix(line, []byte(".")))
		if b.Len() > maxKept {
			return nil, "", false
		}
		if c.fault.At == Text && b.Len() > cutAt {
			return nil, "", c.reply(Text, "")
		}
	}
}
