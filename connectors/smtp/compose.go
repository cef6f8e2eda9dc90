package smtp

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	netmail "net/mail"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/wneessen/go-mail"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// The largest message, apart from its size in bytes.
const (
	maxRecipients = 100 // RFC 5321, 4.5.3.1.8: every server takes as many
	maxFiles      = 20
	maxName       = 200 // bytes of a person's name
	maxSubject    = 500 // bytes
	maxFileName   = 200 // bytes; as three times as many it still fits a line of 998
)

// letter is a message ready to travel: ASCII lines of at most 998 bytes, but
// for addresses that need SMTPUTF8.
type letter struct {
	from mailbox
	to   []mailbox // everybody who gets it, each once
	utf8 bool      // an address needs SMTPUTF8
	data []byte
}

// compose makes a letter of a message, or refuses it with ErrRefused. It checks
// everything that comes from elsewhere; go-mail then writes it.
func (s *Settings) compose(m record.Message, now time.Time) (letter, error) {
	if err := s.sound(m); err != nil {
		return letter{}, err
	}
	c := composer{settings: s, msg: mail.NewMsg(mail.WithNoDefaultUserAgent())}
	for _, step := range []func(record.Message) error{c.addresses, c.headers, c.body, c.files} {
		if err := step(m); err != nil {
			return letter{}, err
		}
	}
	c.msg.SetDateWithValue(now)
	var data bytes.Buffer
	if _, err := c.msg.WriteTo(&data); err != nil {
		return letter{}, fmt.Errorf("message that cannot be written: %w", connectors.ErrRefused)
	}
	if data.Len() > s.MaxSize {
		return letter{}, fmt.Errorf("message of %d bytes, over max_size: %w", data.Len(), connectors.ErrRefused)
	}
	c.letter.data = data.Bytes()
	return c.letter, nil
}

// sound refuses what cannot be a message, before any work is done on it.
func (s *Settings) sound(m record.Message) error {
	size := len(m.Text) + len(m.HTML)
	for _, f := range m.Files {
		size += len(f.Data)
	}
	why := ""
	switch {
	case size > s.MaxSize:
		why = "larger than max_size"
	case len(m.To) == 0:
		why = "to nobody"
	case len(m.To)+len(m.CC) > maxRecipients, len(m.ReplyTo) > maxRecipients:
		why = "to too many"
	case len(m.Files) > maxFiles:
		why = "with too many files"
	case strings.TrimSpace(m.Text) == "":
		why = "without text"
	case !plain(m.Text), !plain(m.HTML):
		why = "with text that is no UTF-8 or holds NUL"
	case m.Language != "" && !regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$`).MatchString(m.Language):
		why = "in a language that is none"
	default:
		return nil
	}
	return fmt.Errorf("message %s: %w", why, connectors.ErrRefused)
}

func plain(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

type composer struct {
	settings *Settings
	msg      *mail.Msg
	letter   letter
}

func (c *composer) addresses(m record.Message) error {
	s := c.settings
	if len(m.ReplyTo) == 0 && s.ReplyTo != "" {
		m.ReplyTo = []netmail.Address{{Address: s.replyTo(m.ID)}}
	}
	for _, field := range []struct {
		header mail.AddrHeader
		list   []netmail.Address
	}{
		{mail.HeaderFrom, []netmail.Address{{Name: s.From.Name, Address: s.From.Address}}},
		{mail.HeaderTo, m.To},
		{mail.HeaderCc, m.CC},
		{mail.HeaderReplyTo, m.ReplyTo},
	} {
		var written []*netmail.Address
		for _, a := range field.list {
			box, err := readMailbox(a.Address)
			if err != nil {
				return fmt.Errorf("%s: %w", field.header, err)
			}
			name, err := headerText(a.Name, maxName)
			if err != nil {
				return fmt.Errorf("%s: name: %w", field.header, err)
			}
			written = append(written, &netmail.Address{Name: name, Address: box.String()})
			c.address(field.header, box)
		}
		if len(written) > 0 {
			c.msg.SetAddrHeaderFromMailAddress(field.header, written...)
		}
	}
	return nil
}

// address puts an address on the envelope.
func (c *composer) address(header mail.AddrHeader, box mailbox) {
	c.letter.utf8 = c.letter.utf8 || box.utf8
	switch {
	case header == mail.HeaderFrom:
		c.letter.from = box
	case header != mail.HeaderReplyTo && !slices.Contains(c.letter.to, box):
		c.letter.to = append(c.letter.to, box)
	}
}

func (c *composer) headers(m record.Message) error {
	subject, err := headerText(m.Subject, maxSubject)
	if err == nil {
		subject, err = encoded(subject)
	}
	if err != nil {
		return fmt.Errorf("subject: %w", err)
	}
	id, err := c.messageID(m.ID)
	if err != nil {
		return fmt.Errorf("message id: %w", err)
	}
	c.msg.SetGenHeader(mail.HeaderMessageID, id)
	c.msg.SetGenHeader(mail.HeaderSubject, subject)
	c.msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: answered by people only
	if m.Language != "" {
		c.msg.SetGenHeader(mail.HeaderContentLang, m.Language)
	}
	if m.InReplyTo == "" {
		return nil
	}
	answered, err := c.messageID(m.InReplyTo)
	if err != nil {
		return fmt.Errorf("id of the message answered: %w", err)
	}
	c.msg.SetGenHeader(mail.HeaderInReplyTo, answered)
	c.msg.SetGenHeader("References", answered)
	return nil
}

// encoded writes text in encoded words (RFC 2047), only where it must. Encoded
// as a whole its first word would fill a line of its own, which leaves the line
// of the header's name empty; some readers take the fold for a space then.
func encoded(text string) (string, error) {
	words := strings.Split(text, " ")
	for i, w := range words {
		encoding := mime.QEncoding.Encode("utf-8", w)
		if encoding != w && i+1 < len(words) && mime.QEncoding.Encode("utf-8", words[i+1]) != words[i+1] {
			// The space between two encoded words does not count: it goes inside.
			encoding = mime.QEncoding.Encode("utf-8", w+" ")
		}
		words[i] = encoding
	}
	joined := strings.Join(words, " ")
	if shown, err := new(mime.WordDecoder).DecodeHeader(joined); err != nil || shown != text {
		return "", fmt.Errorf("something like an encoded word: %w", connectors.ErrRefused)
	}
	return joined, nil
}

// messageID is the Message-ID of one of our messages: the same each time.
func (c *composer) messageID(id string) (string, error) {
	box, err := readMailbox(id + "@" + c.settings.messageIDDomain())
	if err != nil || box.utf8 {
		return "", fmt.Errorf("characters that have no place in it: %w", connectors.ErrRefused)
	}
	return "<" + box.String() + ">", nil
}

func (c *composer) body(m record.Message) error {
	c.msg.SetBodyString(mail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		c.msg.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	}
	return nil
}

func (c *composer) files(m record.Message) error {
	var files []*mail.File
	for _, f := range m.Files {
		name, err := headerText(f.Name, maxFileName)
		if err != nil || name == "" || strings.ContainsAny(name, `/\`) {
			return fmt.Errorf("file name: empty, a path, or characters that have no place in it: %w", connectors.ErrRefused)
		}
		contentType, err := fileType(f.Type)
		if err != nil {
			return err
		}
		files = append(files, &mail.File{
			Name: name,
			Header: textproto.MIMEHeader{
				"Content-Type":              {contentType},
				"Content-Disposition":       {mime.FormatMediaType("attachment", map[string]string{"filename": name})}, // RFC 2231
				"Content-Transfer-Encoding": {mail.EncodingB64.String()},
			},
			Writer: func(w io.Writer) (int64, error) {
				n, err := w.Write(f.Data)
				return int64(n), err
			},
		})
	}
	c.msg.SetAttachments(files)
	return nil
}

// fileType writes a media type in the one way of RFC 2045. A message or a
// multipart in a file would need an encoding of its own: refused.
func fileType(given string) (string, error) {
	if given == "" {
		return "application/octet-stream", nil
	}
	name, params, err := mime.ParseMediaType(given)
	written := mime.FormatMediaType(name, params)
	if err != nil || written == "" || len(written) > maxFileName || !strings.Contains(name, "/") ||
		strings.HasPrefix(name, "multipart/") || strings.HasPrefix(name, "message/") {
		return "", fmt.Errorf("file type: not the media type of a file: %w", connectors.ErrRefused)
	}
	return written, nil
}
