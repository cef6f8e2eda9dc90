// Package mailpit runs Mailpit, a mail server of somebody else's making, for
// tests: it takes every message, and its API tells how its own parser reads it.
package mailpit

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors/smtp/smtpsim"
)

// Server is a running Mailpit.
type Server struct {
	// SMTP is its address, and Authority the PEM of who vouches for it.
	SMTP      string
	Authority []byte

	api string
}

// Message is a message as Mailpit's own parser reads it.
type Message struct {
	ID, MessageID, Subject, Text, HTML string
	From                               Address
	To, Cc, Bcc, ReplyTo               []Address
	Attachments                        []File
}

// Address is a mailbox of a header.
type Address struct{ Name, Address string }

// File is an attachment.
type File struct{ PartID, FileName, ContentType string }

// Start runs a Mailpit, with TLS and an account, until the test ends. args are
// further flags of the program.
func Start(t *testing.T, program, user, password string, args ...string) Server {
	t.Helper()
	folder := t.TempDir()
	config, authority, err := smtpsim.Certificate("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(config.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"cert.pem": authority, "key.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), "accounts": []byte(user + ":" + password + "\n"),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := Server{SMTP: free(t), api: "http://" + free(t), Authority: authority}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	command := exec.CommandContext(ctx, program, append([]string{ //nolint:gosec // the tests' own tool
		"--smtp", s.SMTP, "--listen", s.api[len("http://"):], "--database", filepath.Join(folder, "mail.db"), "--disable-version-check", "--smtp-disable-rdns", "--smtp-strict-rfc-headers",
		"--smtp-tls-cert", filepath.Join(folder, "cert.pem"), "--smtp-tls-key", filepath.Join(folder, "key.pem"), "--smtp-auth-file", filepath.Join(folder, "accounts"),
	}, args...)...)
	if err := command.Start(); err != nil {
		stop()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = command.Wait() // killed
	})
	s.await(t)
	return s
}

// await asks again until both doors are open: there is nothing to be told by.
func (s Server) await(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		if _, err := s.ask(ctx, http.MethodGet, "/readyz", ""); err == nil {
			if conn, err := new(net.Dialer).DialContext(ctx, "tcp", s.SMTP); err == nil {
				_ = conn.Close() // it was only knocked at
				return
			}
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatal("Mailpit does not start")
		}
	}
}

func free(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return address
}

// ask calls the API over a connection of its own, so that none is left behind.
func (s Server) ask(ctx context.Context, method, path, body string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.api+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return nil, err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // it was read whole
	data, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, resp.Status)
	}
	return data, err
}

// Get asks the API; a JSON reply goes into an answer, any other is returned.
func (s Server) Get(t *testing.T, path string, into any) []byte {
	t.Helper()
	body, err := s.ask(t.Context(), http.MethodGet, path, "")
	if err == nil && into != nil {
		err = json.Unmarshal(body, into)
	}
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Messages are those that it has, oldest first, as its parser reads them.
func (s Server) Messages(t *testing.T) []Message {
	t.Helper()
	var all struct{ Messages []struct{ ID string } }
	s.Get(t, "/api/v1/messages?limit=500", &all)
	list := make([]Message, len(all.Messages))
	for i, m := range all.Messages {
		s.Get(t, "/api/v1/message/"+m.ID, &list[len(list)-1-i])
	}
	return list
}

// Chaos has a stage (Authentication, Sender or Recipient) refused with a code
// from now on; "" mends it. It wants a Mailpit with --enable-chaos.
func (s Server) Chaos(t *testing.T, stage string, code int) {
	t.Helper()
	body := "{}"
	if stage != "" {
		body = fmt.Sprintf(`{%q: {"ErrorCode": %d, "Probability": 100}}`, stage, code)
	}
	if _, err := s.ask(t.Context(), http.MethodPut, "/api/v1/chaos", body); err != nil {
		t.Fatal(err)
	}
}
