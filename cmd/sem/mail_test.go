package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/connectors/smtp/smtpsim"
)

// mailServer is a mail server in clear, and a configuration that has only it.
func mailServer(t *testing.T) (*smtpsim.Server, string) {
	t.Helper()
	sim, err := smtpsim.Start("127.0.0.1:0", smtpsim.Config{Unknown: []string{"personne@ville.example"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	return sim, config(t, "smtp", "address: "+sim.Addr()+", tls: none, from: {address: sem@ville.example}")
}

func TestMail(t *testing.T) {
	t.Parallel()
	sim, file := mailServer(t)
	attached := filepath.Join(t.TempDir(), "séance.ics")
	if err := os.WriteFile(attached, []byte("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a := sem(t, "Bonjour,\nceci est un essai.\n", "mail", "-c", file, "thing", "to=Zoé Légaré <zoe@ville.example>", "cc=copie@ville.example", "subject=Essai d’envoi", "text=-", "file="+attached)
	var receipt record.Receipt
	if err := json.Unmarshal([]byte(a.out), &receipt); err != nil || a.code != exitOK || receipt.Outcome != record.OutcomeDone || receipt.Reference != "SIM000001" {
		t.Fatalf("%+v, %v", a, err)
	}
	m := sim.Messages()[0]
	if !slices.Equal(m.To, []string{"zoe@ville.example", "copie@ville.example"}) || !bytes.Contains(m.Data, []byte("Subject: Essai =?utf-8?q?d=E2=80=99envoi?=\r\n")) || !bytes.Contains(m.Data, []byte("filename*=utf-8''s%C3%A9ance.ics")) {
		t.Errorf("to %v:\n%s", m.To, m.Data)
	}
}

// TestMailFails holds every failure to its outcome, and its line for people to
// no address.
func TestMailFails(t *testing.T) {
	t.Parallel()
	sim, file := mailServer(t)
	for _, c := range []struct {
		name, to, subject, outcome, word string
		fault                            smtpsim.Fault
		taken                            int
	}{
		{name: "no such mailbox", to: "personne@ville.example", subject: "Essai", outcome: "refused", word: "refused"},
		{name: "put off", to: "zoe@ville.example", subject: "Essai", fault: smtpsim.Fault{At: smtpsim.MAIL, Deed: smtpsim.Say, Reply: "451 4.3.0 Later"}, outcome: "refused", word: "unavailable"},
		{name: "silence before the text", to: "zoe@ville.example", subject: "Essai", fault: smtpsim.Fault{At: smtpsim.RCPT, Deed: smtpsim.Hang}, outcome: "refused", word: "unavailable"},
		{name: "injection", to: "zoe@ville.example", subject: "a\r\nBcc: tous@ville.example", outcome: "refused", word: "refused"},
		{name: "reply lost", to: "zoe@ville.example", subject: "Essai", fault: smtpsim.Fault{At: smtpsim.Dot, Deed: smtpsim.Drop}, outcome: "unknown", word: "outcome_unknown", taken: 1},
	} {
		before := len(sim.Messages())
		sim.SetFault(c.fault)
		a := sem(t, "", "mail", "-c", file, "thing", "to="+c.to, "subject="+c.subject, "text=Bonjour")
		if a.code != exitFailed || !strings.Contains(a.out, `"outcome":"`+c.outcome+`"`) || a.lastWord() != c.word || len(sim.Messages())-before != c.taken {
			t.Errorf("%s: %+v", c.name, a)
		}
		if strings.Contains(a.err, "ville.example") {
			t.Errorf("%s: an address in %q", c.name, a.err)
		}
	}
	for _, words := range [][]string{
		{"to=zoe@ville.example", "subject=a"},
		{"to=zoe", "subject=a", "text=a"},
		{"to=zoe@ville.example", "subject=a", "text=a", "bcc=b@ville.example"},
		{"to=zoe@ville.example", "subject=a", "text=a", "file=/nowhere"},
		{"a"},
	} {
		if a := sem(t, "", append([]string{"mail", "-c", file, "thing"}, words...)...); a.code != exitUsage || strings.Contains(a.err, "zoe") {
			t.Errorf("%v: %+v", words, a)
		}
	}
}

// TestDemoMail sends over TLS through the demo's mail source, as the file that
// the demo writes describes it.
func TestDemoMail(t *testing.T) {
	t.Parallel()
	invented, sims := smallTown(t)
	file, err := writeDemoFiles(invented, sims, t.TempDir(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	send := func() answer {
		return sem(t, "", "mail", "-c", file, "mail", "to=zoe@courriel.example", "subject=Essai", "text=Bonjour")
	}
	if a := send(); a.code != exitOK {
		t.Fatalf("%+v", a)
	}
	for mode, want := range map[string]string{"error": "unavailable", "empty": "outcome_unknown", "refuse": "unavailable"} {
		if err := sims.set("mail", mode); err != nil {
			t.Fatal(err)
		}
		if a := send(); a.lastWord() != want {
			t.Errorf("%s: %+v", mode, a)
		}
	}
	page := httptest.NewRecorder()
	sims.control().ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/mail", nil))
	if body := page.Body.String(); strings.Count(body, "From <sem@pointe-aux-bouleaux.example> to [zoe@courriel.example]") != 1 || !strings.Contains(body, "Bonjour") {
		t.Error(body)
	}
	if m := sims.mail.Messages(); len(m) != 1 || !m[0].Secure || m[0].User != "sem" {
		t.Errorf("%d messages", len(m))
	}
}
