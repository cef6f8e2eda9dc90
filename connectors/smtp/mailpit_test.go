package smtp

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/connectors/smtp/mailpit"
	"github.com/semenligne/sem/portal/browsertest"
)

// startMailpit runs Mailpit with our account.
func startMailpit(t *testing.T, args ...string) mailpit.Server {
	t.Helper()
	return mailpit.Start(t, browsertest.Need(t, "mailpit"), user, password, args...)
}

func sendingTo(t *testing.T, m mailpit.Server, mode TLS, secret string) connectors.Source {
	t.Helper()
	s := *sender()
	s.Address, s.TLS, s.User, s.Password = m.SMTP, mode, user, connectors.NewSecret(secret)
	return opened(t, s, m.Authority)
}

// TestMailpit sends to a real mail server, by both sorts of TLS, and compares
// what its parser and Python's read with what was meant.
func TestMailpit(t *testing.T) {
	t.Parallel()
	for mode, args := range map[TLS][]string{TLSStart: {"--smtp-require-starttls"}, TLSImplicit: {"--smtp-require-tls"}} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			m := startMailpit(t, args...)
			if err := sendingTo(t, m, mode, password).Check(within(t, time.Minute)); err != nil {
				t.Error(err)
			}
			if err := sendingTo(t, m, mode, "wrong").Check(within(t, time.Minute)); connectors.Reason(err) != connectors.ReasonDenied {
				t.Errorf("wrong password: %v", err)
			}
			meant := full()
			receipt, err := sendingTo(t, m, mode, password).Send.Send(within(t, time.Minute), meant)
			if err != nil || receipt.Outcome != record.OutcomeDone || receipt.Reference == "" {
				t.Fatalf("%+v, %v", receipt, err)
			}
			var got mailpit.Message
			m.Get(t, "/api/v1/message/"+receipt.Reference, &got)
			lines := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
			want := mailpit.Message{
				ID:        receipt.Reference,
				MessageID: "01J9ZK3V7R@sem.ville.example", Subject: meant.Subject, Text: lines(meant.Text), HTML: lines(meant.HTML),
				From: mailpit.Address{Name: "Ville de Pointe-aux-Bouleaux", Address: "ne-pas-repondre@ville.example"},
				To:   []mailpit.Address{{Name: meant.To[0].Name, Address: department}}, Cc: []mailpit.Address{{Name: "Zoé Légaré", Address: citizen}},
				Bcc: []mailpit.Address{}, ReplyTo: []mailpit.Address{{Name: "", Address: "sem+01J9ZK3V7R@ville.example"}},
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
				if data := m.Get(t, "/api/v1/message/"+receipt.Reference+"/part/"+f.PartID, nil); !bytes.Equal(data, meant.Files[i].Data) {
					t.Errorf("%s: %d bytes, want %d", f.FileName, len(data), len(meant.Files[i].Data))
				}
			}
			python(t, m.Get(t, "/api/v1/message/"+receipt.Reference+"/raw", nil), meant)
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
	source := sendingTo(t, m, TLSStart, password)
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
		m.Chaos(t, c.trigger, c.code)
		receipt, err := source.Send.Send(within(t, time.Minute), full())
		if got := connectors.Reason(err); got != c.reason || receipt.Refusal != c.refusal || receipt.Outcome != outcome(c.reason, c.refusal) {
			t.Errorf("%s %d: %s, %+v, %v", c.trigger, c.code, got, receipt, err)
		}
		if n := len(m.Messages(t)); c.trigger != "" && n != 0 || c.trigger == "" && n != 1 {
			t.Errorf("%s %d: the server has %d messages", c.trigger, c.code, n)
		}
	}
}
