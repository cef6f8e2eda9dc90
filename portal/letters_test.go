package portal_test

import (
	"net/http"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/portaltest"
)

func TestLetterGoesToItsDepartment(t *testing.T) {
	t.Parallel()
	_, b, effects := sentBy(t)
	key := b.get("/ecrire").form("/ecrire", "cle")[0]
	got := b.post("/ecrire", "cle", key, "genre", "plainte", "sujet", "voirie", "nom", "Maude Roy", "courriel", "maude@exemple.test", "texte", "Le trottoir est glacé.\r\nMerci.")
	if got.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d\n%s", got.StatusCode, got.at("main"))
	}
	sent := effects()[0]
	m, ok := sent.Action.(record.Message)
	if !ok || sent.Source != "courriel" {
		t.Fatalf("sent %T by %q", sent.Action, sent.Source)
	}
	if diff := cmp.Diff([]mail.Address{{Address: "voirie@pointe-aux-erables.example"}}, m.To); diff != "" {
		t.Errorf("to (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]mail.Address{{Name: "Maude Roy", Address: "maude@exemple.test"}}, m.ReplyTo); diff != "" {
		t.Errorf("answers go to (-want +got)\n%s", diff)
	}
	number := strings.ToUpper(sent.ID[:8])
	if m.Subject != "Une plainte – Rues et trottoirs – "+number || !strings.Contains(m.Text, number) || !strings.HasSuffix(m.Text, "\n\nLe trottoir est glacé.\nMerci.\n") {
		t.Errorf("subject %q, text\n%s", m.Subject, m.Text)
	}
}

func TestLetterIsCorrected(t *testing.T) {
	t.Parallel()
	_, b, effects := sentBy(t)
	good := map[string]string{"cle": "lettercorrected1", "genre": "plainte", "sujet": "voirie", "nom": "Maude", "courriel": "maude@exemple.test", "texte": "Bonjour."}
	for field, values := range map[string][]string{
		"genre": {"", "menace"}, "sujet": {"", "mairie"}, "texte": {"", " \r\n ", "\x07", strings.Repeat("a", 4001)},
		"nom":      {"", "Maude\r\nBcc: tous@exemple.test", strings.Repeat("a", 101)},
		"courriel": {"", "maude", "maude@exemple.test\r\nBcc: tous@exemple.test", "a@b.test, c@d.test", "Maude <maude@exemple.test>"},
	} {
		for _, value := range values {
			var pairs []string
			for name, v := range good {
				if name == field {
					v = value
				}
				pairs = append(pairs, name, v)
			}
			got := b.post("/ecrire", pairs...)
			if got.StatusCode != http.StatusUnprocessableEntity || got.html.Find("#problemes a[href='#"+field+"']").Length() != 1 {
				t.Errorf("%s %q: status %d\n%s", field, value, got.StatusCode, got.at("#problemes"))
			}
		}
	}
	if n := len(effects()); n != 0 {
		t.Errorf("%d letters were sent", n)
	}
}

func TestReceipts(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	now := portaltest.Now()
	letters := func(t dossier.Transaction) []dossier.Transaction {
		t.ID, t.Citizen, t.Source, t.Accepted = "5b0a17de-0000-4000-8000-000000000001", "c", "requetes", now
		return p.Letters(t, "fr", now)
	}
	submit := record.Submit{ServiceCode: "NIDPOULE", Email: "maude@exemple.test"}
	done := letters(dossier.Transaction{Action: submit, About: "Nid-de-poule", State: dossier.Done, Receipt: record.Receipt{
		Reference: "26-11000", Records: []record.Record{{Key: "r", Body: record.Request{ID: "26-11000"}}},
	}})
	if len(done) != 1 {
		t.Fatalf("%d mails", len(done))
	}
	m := done[0].Action.(record.Message)
	if m.To[0].Address != "maude@exemple.test" || m.InReplyTo != "5b0a17de-0000-4000-8000-000000000001" || !strings.Contains(m.Text, "26-11000") || !strings.Contains(m.Text, "24 novembre 2026") || !strings.Contains(m.Subject, "5B0A17DE") {
		t.Errorf("receipt %+v", m)
	}
	if html := m.HTML; !strings.Contains(html, "26-11000") || strings.Contains(html, "src=") || strings.Contains(html, "<script") {
		t.Errorf("in HTML\n%s", html)
	}
	if done[0].Source != "courriel" || done[0].Citizen != "c" {
		t.Errorf("by %q for %q", done[0].Source, done[0].Citizen)
	}
	if again := p.Letters(done[0], "fr", now); len(again) != 0 {
		t.Errorf("a receipt has a receipt: %+v", again)
	}

	start := time.Date(2027, time.January, 16, 15, 0, 0, 0, time.UTC)
	booked := letters(dossier.Transaction{Action: record.Register{Email: "maude@exemple.test", GivenName: "Maude"}, State: dossier.Done, Receipt: record.Receipt{
		Records: []record.Record{{Key: "r", Body: record.Registration{ID: "R-9", Name: "Cirque", Place: "Centre Marie-Gérin", Status: record.RegistrationConfirmed, Start: start, End: start.Add(time.Hour)}}},
	}})
	files := booked[0].Action.(record.Message).Files
	if len(files) != 1 || !strings.Contains(string(files[0].Data), "DTSTART;TZID=America/Toronto:20270116T100000") {
		t.Errorf("calendar %q", files)
	}

	letter := letters(dossier.Transaction{Action: record.Message{
		ReplyTo: []mail.Address{{Address: "maude@exemple.test"}}, Text: "Bonjour <img src=x onerror=alert(1)>\n",
	}, State: dossier.Done})[0].Action.(record.Message)
	if !strings.Contains(letter.HTML, "&lt;img") || !strings.Contains(letter.Text, "Bonjour <img src=x onerror=alert(1)>") {
		t.Errorf("the copy of a letter\n%s\n%s", letter.Text, letter.HTML)
	}

	for name, silent := range map[string]dossier.Transaction{
		"no address":         {Action: record.Submit{}, State: dossier.Done},
		"a bad address":      {Action: record.Submit{Email: "x\r\nBcc: y@z.test"}, State: dossier.Done},
		"not settled":        {Action: submit, State: dossier.Checking},
		"no mail for a loan": {Action: record.Renew{Item: "1"}, State: dossier.Done},
	} {
		if got := letters(silent); len(got) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if parked := letters(dossier.Transaction{Action: submit, State: dossier.Parked}); len(parked) != 1 || !strings.Contains(parked[0].Action.(record.Message).Text, "Une personne de la Ville") {
		t.Errorf("parked: %+v", parked)
	}
}
