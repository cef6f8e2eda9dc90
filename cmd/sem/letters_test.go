package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/configs"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/connectors/smtp"
	"github.com/semenligne/sem/connectors/smtp/mailpit"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/browsertest"
)

const (
	department = "voirie@pointe-aux-bouleaux.example"
	maude      = "maude@exemple.test"
)

// openPostedHouse is a calm house whose mail goes to a real mail server, and
// whose outbox tries again soon, three times in all.
func openPostedHouse(t *testing.T) (calmHouse, mailpit.Server) {
	t.Helper()
	m := mailpit.Start(t, browsertest.Need(t, "mailpit"), "sem", demoKey, "--smtp-require-starttls", "--enable-chaos")
	authority := filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(authority, m.Authority, 0o600); err != nil {
		t.Fatal(err)
	}
	c := openCalmHouse(t, func(config *configs.Config) {
		config.Outbox.Attempts, config.Outbox.RetryAtMost = 3, connectors.Duration(200*time.Millisecond)
		for i := range config.Sources {
			if s := &config.Sources[i]; s.Name == "mail" {
				s.Settings.(*smtp.Settings).Address = m.SMTP
				s.Guard.CAFile, s.Guard.Breaker.Failures = connectors.Path(authority), 100
			}
		}
	})
	return c, m
}

// mails waits until there are so many messages, and returns them with the lines
// of their texts ended as we write them.
func mails(t *testing.T, m mailpit.Server, n int) []mailpit.Message {
	t.Helper()
	eventually(t, "the mails", func() bool { return len(m.Messages(t)) >= n })
	list := m.Messages(t)
	if len(list) != n {
		t.Fatalf("%d messages, want %d: %+v", len(list), n, list)
	}
	for i := range list {
		list[i].Text = strings.ReplaceAll(list[i].Text, "\r\n", "\n")
	}
	return list
}

// to is the message to an address.
func to(t *testing.T, list []mailpit.Message, address string) mailpit.Message {
	t.Helper()
	i := slices.IndexFunc(list, func(m mailpit.Message) bool { return len(m.To) == 1 && m.To[0].Address == address })
	if i < 0 {
		t.Fatalf("nothing to %s: %+v", address, list)
	}
	return list[i]
}

// header is a line of a message as it travelled.
func header(t *testing.T, m mailpit.Server, of mailpit.Message, name string) string {
	t.Helper()
	var headers map[string][]string
	m.Get(t, "/api/v1/message/"+of.ID+"/headers", &headers)
	return strings.Join(headers[name], "|")
}

// last is what the family sent last.
func (c calmHouse) last(t *testing.T) dossier.Transaction {
	t.Helper()
	citizen, err := c.dossier.ByCard(t.Context(), c.who(t, "family").Card)
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.dossier.Transactions(t.Context(), citizen)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range list {
		if one.Follows == "" {
			return one
		}
	}
	t.Fatal("nothing was sent")
	return dossier.Transaction{}
}

// TestLetterArrives: the department gets the letter with a number, and answers
// the citizen; the citizen gets a copy in the same thread, in the citizen's
// language, as plain text and in HTML.
func TestLetterArrives(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]struct{ town, receipt, html string }{
		"fr": {"Langue de la page\u00a0: français", "Votre courriel est envoyé.", "Votre message"},
		"en": {"Langue de la page\u00a0: anglais", "Your e-mail is sent.", "Your message"},
	} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			c, m := openPostedHouse(t)
			v := c.visit(t, "family")
			v.send(v.get("/"), "form:has(button[name=langue])", "langue", language)
			v.says("the letter", v.write("texte", "L’éclairage <b>manque</b>.\r\n.\r\nBcc: pirate@exemple.test"), 200, want.receipt)
			list, sent := mails(t, m, 2), c.last(t)
			number := strings.ToUpper(sent.ID[:8])

			letter, id := to(t, list, department), sent.ID+"@pointe-aux-bouleaux.example"
			if diff := cmp.Diff([]mailpit.Address{{Name: "Maude", Address: maude}}, letter.ReplyTo); diff != "" || letter.MessageID != id {
				t.Errorf("message %s, replies to (-want +got)\n%s", letter.MessageID, diff)
			}
			if !strings.HasSuffix(letter.Subject, number) || !strings.Contains(letter.Text, number) || !strings.Contains(letter.Text, want.town) || !strings.HasSuffix(letter.Text, "L’éclairage <b>manque</b>.\n.\nBcc: pirate@exemple.test\n") {
				t.Errorf("%s\n%s", letter.Subject, letter.Text)
			}
			copied := to(t, list, maude)
			html, err := goquery.NewDocumentFromReader(strings.NewReader(copied.HTML))
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range []string{copied.Text, html.Text()} {
				if !strings.Contains(text, want.receipt) || !strings.Contains(text, number) || !strings.Contains(text, "L’éclairage <b>manque</b>.") {
					t.Errorf("the copy says\n%s", text)
				}
			}
			if html.Find("b, script, img").Length() != 0 || html.Find("html").AttrOr("lang", "")[:2] != language || !strings.Contains(html.Text(), want.html) || !strings.Contains(copied.Subject, number) {
				t.Errorf("%s\n%s", copied.Subject, copied.HTML)
			}
			if got := header(t, m, copied, "In-Reply-To"); got != "<"+id+">" || header(t, m, copied, "References") != got {
				t.Errorf("the copy is in reply to %q", got)
			}
			if got := header(t, m, copied, "Content-Language"); got[:2] != language || header(t, m, copied, "Auto-Submitted") != "auto-generated" {
				t.Errorf("in %q", got)
			}
			if kind := header(t, m, copied, "Content-Type"); !strings.HasPrefix(kind, "multipart/alternative") {
				t.Errorf("the copy is %s", kind)
			}
		})
	}
}

// TestHostileLetters: whatever a name is, it stays a name, and the letter
// arrives.
func TestHostileLetters(t *testing.T) {
	t.Parallel()
	c, m := openPostedHouse(t)
	v := c.visit(t, "family")
	names := []string{
		`Maude" <pirate@exemple.test>, "`, "pirate@exemple.test,", "Maude; Bcc: pirate@exemple.test", "Bcc: pirate@exemple.test",
		"\u200fمود", strings.Repeat("É", 100), "<script>alert(1)</script>", `\"\\`,
	}
	for _, name := range names {
		v.says(name, v.write("nom", name), 200, "Votre courriel est envoyé.")
	}
	for _, m := range mails(t, m, 2*len(names)) {
		if len(m.To) != 1 || len(m.Cc)+len(m.Bcc) != 0 || m.To[0].Address != department && m.To[0].Address != maude || len(m.ReplyTo) != 1 {
			t.Errorf("to %v, copies %v %v, replies to %v", m.To, m.Cc, m.Bcc, m.ReplyTo)
		}
		if m.To[0].Address == department && m.ReplyTo[0].Address != maude {
			t.Errorf("replies go to %v", m.ReplyTo)
		}
	}
	for _, bad := range []string{"Maude\r\nBcc: pirate@exemple.test", "=?utf-8?q?=0D=0ABcc:_pirate@exemple.test?=", "\u202eeduaM\u2066", strings.Repeat("🦫", 60)} {
		v.says("nom", v.write("nom", bad), 422, "caractères qui ne peuvent pas être envoyés")
	}
	for field, bad := range map[string]string{
		"courriel": maude + "\r\nBcc: pirate@exemple.test", "sujet": "streets\r\nBcc: pirate@exemple.test", "texte": "\x00",
	} {
		v.says(field, v.write(field, bad), 422)
	}
}

// TestRegistrationReceipt carries the hours for the citizen's own calendar.
func TestRegistrationReceipt(t *testing.T) {
	t.Parallel()
	c, m := openPostedHouse(t)
	v := c.visit(t, "family")
	c.until(t, v.client, "four fresh sections", allFresh)
	confirm, _ := v.booking("chorale", "Chorale de quartier")
	v.says("registration", v.send(confirm, "form[action$='/confirmer']"), 200, "L’inscription est faite.")
	receipt := to(t, mails(t, m, 1), maude)
	if len(receipt.Attachments) != 1 || receipt.Attachments[0].FileName != "activite.ics" || receipt.Attachments[0].ContentType != "text/calendar" {
		t.Fatalf("files %+v", receipt.Attachments)
	}
	file := string(m.Get(t, "/api/v1/message/"+receipt.ID+"/part/"+receipt.Attachments[0].PartID, nil))
	for _, want := range []string{"BEGIN:VEVENT", "UID:" + c.last(t).ID + "@sem", "SUMMARY;LANGUAGE=fr-CA:Chorale de quartier", "DTSTART;TZID=America/Toronto:"} {
		if !strings.Contains(file, want) {
			t.Errorf("the calendar lacks %s:\n%s", want, file)
		}
	}
}

// TestMailServerInTrouble: what is put off is sent once when the server is well
// again; what is refused for good is told and keeps its text; what nobody takes
// is parked with its text, and sent once when IT says so.
func TestMailServerInTrouble(t *testing.T) {
	t.Parallel()
	t.Run("put off", func(t *testing.T) {
		t.Parallel()
		c, m := openPostedHouse(t)
		v := c.visit(t, "family")
		m.Chaos(t, "Sender", 451)
		waiting := v.write()
		eventually(t, "a try that was put off", func() bool {
			return c.last(t).Attempts > 0 && c.last(t).State == dossier.Pending || c.last(t).State == dossier.Parked
		})
		m.Chaos(t, "", 0)
		if c.last(t).State == dossier.Parked {
			t.Skip("the machine was so slow that every attempt was over")
		}
		v.says("put off", waiting, 200, "C’est noté")
		list := mails(t, m, 2)
		to(t, list, department)
		v.says("once it was sent", v.get(waiting.path), 200, "Votre courriel est envoyé.")
	})
	t.Run("no such mailbox", func(t *testing.T) {
		t.Parallel()
		c, m := openPostedHouse(t)
		v := c.visit(t, "family")
		m.Chaos(t, "Recipient", 550)
		v.says("refused", v.write("texte", "Le pont penche."), 200, "L’adresse du service n’existe pas", "Le pont penche.")
		if kept, ok := c.last(t).Action.(record.Message); !ok || !strings.Contains(kept.Text, "Le pont penche.") || c.last(t).State != dossier.Refused {
			t.Errorf("kept %+v", c.last(t))
		}
		if n := len(m.Messages(t)); n != 0 {
			t.Errorf("%d messages", n)
		}
	})
	t.Run("not let in", func(t *testing.T) {
		t.Parallel()
		c, m := openPostedHouse(t)
		v := c.visit(t, "family")
		m.Chaos(t, "Authentication", 535)
		page := v.write("texte", "Le pont penche.")
		eventually(t, "parked", func() bool { return c.last(t).State == dossier.Parked })
		v.says("parked", v.get(page.path), 200, "Nous n’avons pas pu envoyer votre demande.", "Le pont penche.")
		m.Chaos(t, "", 0)
		if err := c.dossier.Replay(t.Context(), c.last(t).ID, "Marie", time.Now()); err != nil {
			t.Fatal(err)
		}
		v.write("texte", "Et la rue aussi.") // whoever sends something wakes the relay
		eventually(t, "both letters", func() bool {
			n := 0
			for _, one := range m.Messages(t) {
				if one.To[0].Address == department {
					n++
				}
			}
			return n == 2
		})
		v.says("replayed", v.get(page.path), 200, "Votre courriel est envoyé.")
	})
}
