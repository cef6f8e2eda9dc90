package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"mime"
	"net/mail"
	"os"
	"path/filepath"
	"strings"

	"github.com/semenligne/sem/connectors/record"
)

// sendMail hands one message to a mail server, once, and prints the receipt as act
// does. It is a command of its own because a message goes to addresses, not to a
// person of a source.
func sendMail(ctx context.Context, t terminal, args []string) int {
	flags := flag.NewFlagSet("mail", flag.ContinueOnError)
	file := flags.String("c", "", "configuration `file`; only its sources are used")
	words, code, ok := parse(t, flags, args, 2, -1)
	if !ok {
		return code
	}
	message, err := messageOf(t.in, words[1:])
	if err != nil {
		fmt.Fprintf(t.err, "sem: mail: %v\n", err)
		return exitUsage
	}
	s, code, ok := openOne(t, *file, words[0])
	if !ok {
		return code
	}
	defer func() { _ = s.free() }()
	if s.guarded.Send == nil {
		fmt.Fprintf(t.err, "sem: %s sends no messages\n", words[0])
		return exitUsage
	}
	receipt, err := s.guarded.Send.Send(ctx, message)
	return receipted(t, words[0], message, receipt, err)
}

// messageOf makes a message of key=value words. Its errors name the key, never
// the value.
func messageOf(in io.Reader, words []string) (record.Message, error) {
	m := record.Message{ID: rand.Text(), Language: "fr"}
	texts := map[string]*string{"subject": &m.Subject, "text": &m.Text, "html": &m.HTML, "language": &m.Language, "id": &m.ID, "in_reply_to": &m.InReplyTo}
	lists := map[string]*[]mail.Address{"to": &m.To, "cc": &m.CC, "reply_to": &m.ReplyTo}
	for _, w := range words {
		key, value, found := strings.Cut(w, "=")
		switch {
		case !found:
			return m, fmt.Errorf("a word that is not key=value")
		case texts[key] != nil:
			*texts[key] = value
		case lists[key] != nil:
			address, err := mail.ParseAddress(value)
			if err != nil {
				return m, fmt.Errorf("key %s is not an address", key)
			}
			*lists[key] = append(*lists[key], *address)
		case key == "file":
			data, err := os.ReadFile(value) //nolint:gosec // the operator's own file
			if err != nil {
				return m, fmt.Errorf("file: %w", err)
			}
			m.Files = append(m.Files, record.File{Name: filepath.Base(value), Type: mime.TypeByExtension(filepath.Ext(value)), Data: data})
		default:
			return m, fmt.Errorf("unknown key; one of to, cc, reply_to, subject, text, html, language, id, in_reply_to, file")
		}
	}
	if len(m.To) == 0 || m.Subject == "" || m.Text == "" {
		return m, fmt.Errorf("to, subject and text are wanted")
	}
	if m.Text != "-" {
		return m, nil
	}
	text, err := io.ReadAll(in)
	if err != nil {
		return m, fmt.Errorf("text: %w", err)
	}
	m.Text = string(text)
	return m, nil
}
