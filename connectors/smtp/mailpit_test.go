package smtp

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
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/connectors/smtp/smtpsim"
	"github.com/semenligne/sem/portal/browsertest"
)

// mailpit is a running mail server of somebody else's making, and its API.
type mailpit struct {
	smtp, api string
	authority []byte
}

// startMailpit runs Mailpit, over TLS and with an account, until the test ends.
func startMailpit(t *testing.T, args ...string) mailpit {
	t.Helper()
	program := browsertest.Need(t, "mailpit")
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
	m := mailpit{smtp: free(t), api: free(t), authority: authority}
	ctx, stop := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, program, append([]string{
		"--smtp", m.smtp, "--listen", m.api, "--database", filepath.Join(folder, "mail.db"), "--disable-version-check", "--smtp-disable-rdns", "--smtp-strict-rfc-headers",
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
	again := time.NewTicker(20 * time.Millisecond) // there is nothing to be told by
	defer again.Stop()
	starting := within(t, time.Minute)
	for {
		resp, err := api().Get("http://" + m.api + "/readyz")
		if err == nil {
			resp.Body.Close()
			if conn, err := net.Dial("tcp", m.smtp); err == nil {
				conn.Close()
				return m
			}
		}
		select {
		case <-again.C:
		case <-starting.Done():
			t.Fatal("Mailpit does not start")
		}
	}
}

// api keeps no connection, so that none is left behind.
func api() *http.Client { return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} }

func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (m mailpit) source(t *testing.T, mode TLS, secret string) connectors.Source {
	t.Helper()
	s := *sender()
	s.Address, s.TLS, s.User, s.Password = m.smtp, mode, user, connectors.NewSecret(secret)
	return opened(t, s, m.authority)
}

// get asks the API; a JSON reply goes into an answer, any other is returned.
func (m mailpit) get(t *testing.T, path string, into any) []byte {
	t.Helper()
	resp, err := api().Get("http://" + m.api + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", path, resp.Status, err)
	}
	if into != nil {
		if err := json.Unmarshal(body, into); err != nil {
			t.Fatal(err)
		}
	}
	return body
}

// count is how many messages Mailpit has.
func (m mailpit) count(t *testing.T) int {
	var all struct {
		Total int `json:"total"`
	}
	m.get(t, "/api/v1/messages", &all)
	return all.Total
}

type mailpitAddress struct{ Name, Address string }

// mailpitMessage is a message as Mailpit's own parser reads it.
type mailpitMessage struct {
	MessageID, Subject, Text, HTML string
	From                           mailpitAddress
	To, Cc, Bcc, ReplyTo           []mailpitAddress
	Attachments                    []struct{ PartID, FileName, ContentType string }
}

// TestMailpit sends to a real mail server, by both sorts of TLS, and compares
// what its parser and Python's read with what was meant.
func TestMailpit(t *testing.T) {
	t.Parallel()
	for mode, args := range map[TLS][]string{TLSStart: {"--smtp-require-starttls"}, TLSImplicit: {"--smtp-require-tls"}} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			m := startMailpit(t, args...)
			if err := m.source(t, mode, password).Check(within(t, time.Minute)); err != nil {
				t.Error(err)
			}
			if err := m.source(t, mode, "wrong").Check(within(t, time.Minute)); connectors.Reason(err) != connectors.ReasonDenied {
				t.Errorf("wrong password: %v", err)
			}
			meant := full()
			receipt, err := m.source(t, mode, password).Send.Send(within(t, time.Minute), meant)
			if err != nil || receipt.Outcome != record.OutcomeDone || receipt.Reference == "" {
				t.Fatalf("%+v, %v", receipt, err)
			}
			var got mailpitMessage
			m.get(t, "/api/v1/message/"+receipt.Reference, &got)
			lines := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
			want := mailpitMessage{
				MessageID: "01J9ZK3V7R@sem.ville.example", Subject: meant.Subject, Text: lines(meant.Text), HTML: lines(meant.HTML),
				From: mailpitAddress{"Ville de Pointe-aux-Bouleaux", "ne-pas-repondre@ville.example"},
				To:   []mailpitAddress{{meant.To[0].Name, department}}, Cc: []mailpitAddress{{"Zoé Légaré", citizen}},
				Bcc: []mailpitAddress{}, ReplyTo: []mailpitAddress{{"", "sem+01J9ZK3V7R@ville.example"}},
			}
			files := got.Attachments
			got.Attachments = nil
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
			if len(files) != 2 || files[0].FileName != meant.Files[0].Name || files[0].ContentType != "text/calendar" {
				t.Fatalf("files %+v", files)
			}
			for i, f := range files {
				if data := m.get(t, "/api/v1/message/"+receipt.Reference+"/part/"+f.PartID, nil); !bytes.Equal(data, meant.Files[i].Data) {
					t.Errorf("%s: %d bytes, want %d", f.FileName, len(data), len(meant.Files[i].Data))
				}
			}
			python(t, m.get(t, "/api/v1/message/"+receipt.Reference+"/raw", nil), meant)
		})
	}
}

// pythonRead prints a message as Python's email package reads it, with every
// defect that it finds.
const pythonRead = `
import email, email.policy, json, sys
m = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
defects = [repr(d) for p in m.walk() for d in p.defects] + [repr(d) for p in m.walk() for v in p.values() for d in getattr(v, "defects", [])]
print(json.dumps({
  "Headers": {k: str(m[k]) for k in m.keys() if k not in ("Received", "Return-Path", "Date", "Content-Type")},
  "Text": m.get_body(("plain",)).get_content(), "HTML": m.get_body(("html",)).get_content(),
  "Files": [{"Name": p.get_filename(), "Type": p.get_content_type(), "Method": p.get_param("method"), "Size": len(p.get_payload(decode=True))} for p in m.iter_attachments()],
  "Defects": defects}))
`

type pythonMessage struct {
	Headers    map[string]string
	Text, HTML string
	Files      []pythonFile
	Defects    []string
}

type pythonFile struct {
	Name, Type string
	Method     *string
	Size       int
}

func python(t *testing.T, raw []byte, meant record.Message) {
	t.Helper()
	command := exec.CommandContext(t.Context(), browsertest.Need(t, "python3"), "-c", pythonRead)
	command.Stdin = bytes.NewReader(raw)
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got pythonMessage
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	method := "PUBLISH"
	want := pythonMessage{
		Headers: map[string]string{
			"From":           "Ville de Pointe-aux-Bouleaux <ne-pas-repondre@ville.example>",
			"To":             `"Travaux publics, « voirie »" <travaux@ville.example>`,
			"Cc":             "Zoé Légaré <zoe.legare@courriel.example>",
			"Reply-To":       "sem+01J9ZK3V7R@ville.example",
			"Subject":        meant.Subject,
			"Message-ID":     "<01J9ZK3V7R@sem.ville.example>",
			"In-Reply-To":    "<01J9ZK0000@sem.ville.example>",
			"References":     "<01J9ZK0000@sem.ville.example>",
			"Auto-Submitted": "auto-generated", "Content-Language": "fr", "MIME-Version": "1.0",
		},
		Text: meant.Text, HTML: meant.HTML,
		Files: []pythonFile{
			{meant.Files[0].Name, "text/calendar", &method, len(meant.Files[0].Data)},
			{"photo.jpg", "image/jpeg", nil, len(meant.Files[1].Data)},
		},
		Defects: []string{},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestMailpitChaos lets a real server refuse, for now and for good, at each
// stage that it can.
func TestMailpitChaos(t *testing.T) {
	t.Parallel()
	m := startMailpit(t, "--smtp-require-starttls", "--enable-chaos")
	source := m.source(t, TLSStart, password)
	for _, c := range []struct {
		trigger string
		code    int
		reason  string
		refusal string
	}{
		{"Authentication", 454, "unavailable", ""},
		{"Authentication", 535, "denied", ""},
		{"Sender", 451, "unavailable", ""},
		{"Sender", 550, "denied", ""},
		{"Recipient", 451, "unavailable", ""},
		{"Recipient", 550, "ok", "mailbox_unknown"},
		{"", 0, "ok", ""},
	} {
		body := "{}"
		if c.trigger != "" {
			body = fmt.Sprintf(`{%q: {"ErrorCode": %d, "Probability": 100}}`, c.trigger, c.code)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://"+m.api+"/api/v1/chaos", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := api().Do(request)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("chaos: %v, %v", resp, err)
		}
		resp.Body.Close()
		receipt, err := source.Send.Send(within(t, time.Minute), full())
		if got := connectors.Reason(err); got != c.reason || receipt.Refusal != c.refusal || receipt.Outcome != outcome(c.reason, c.refusal) {
			t.Errorf("%s %d: %s, %+v, %v", c.trigger, c.code, got, receipt, err)
		}
		if n := m.count(t); c.trigger != "" && n != 0 || c.trigger == "" && n != 1 {
			t.Errorf("%s %d: the server has %d messages", c.trigger, c.code, n)
		}
	}
}
