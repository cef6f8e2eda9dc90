package smtp

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

func sender() *Settings {
	s := defaults()
	s.Address, s.User, s.Password = "courriel.ville.example:587", user, connectors.NewSecret(password)
	s.From = From{Name: "Ville de Pointe-aux-Bouleaux", Address: "ne-pas-repondre@ville.example"}
	s.ReplyTo, s.MessageIDDomain = "sem+{id}@ville.example", "sem.ville.example"
	return &s
}

// full has everything that a message can have.
func full() record.Message {
	m := complaint()
	m.HTML = "<p>Bonjour, <strong>un nid-de-poule</strong>.</p>\n.\n<p>Merci — Zoé</p>"
	m.InReplyTo = "01J9ZK0000"
	m.Files = []record.File{
		{Name: "séance d’été.ics", Type: "text/calendar; method=PUBLISH; charset=utf-8", Data: []byte("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")},
		{Name: "photo.jpg", Type: "image/jpeg", Data: bytes.Repeat([]byte{0xff, 0xd8, '\n', '.', '\r'}, 1000)},
	}
	return m
}

// read is a message as net/mail and mime/multipart read it.
type read struct {
	Header mail.Header
	Parts  []part
}

type part struct {
	Type, Disposition string
	Body              string
}

func readLetter(t *testing.T, data []byte) read {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return read{m.Header, parts(t, textproto.MIMEHeader(m.Header), m.Body)}
}

// parts are the leaves of a message.
func parts(t *testing.T, h textproto.MIMEHeader, body io.Reader) []part {
	t.Helper()
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		var all []part
		r := multipart.NewReader(body, params["boundary"])
		for {
			p, err := r.NextRawPart()
			if errors.Is(err, io.EOF) {
				return all
			}
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, parts(t, p.Header, p)...)
		}
	}
	switch h.Get("Content-Transfer-Encoding") {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return []part{{h.Get("Content-Type"), h.Get("Content-Disposition"), string(text)}}
}

func TestComposed(t *testing.T) {
	t.Parallel()
	m := full()
	now := time.Date(2026, 11, 24, 14, 5, 0, 0, time.UTC)
	l, err := sender().compose(m, now)
	if err != nil {
		t.Fatal(err)
	}
	got := readLetter(t, l.data)
	decode := new(mime.WordDecoder)
	subject, err := decode.DecodeHeader(got.Header.Get("Subject"))
	if err != nil || subject != m.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	to, err := got.Header.AddressList("To")
	if err != nil || *to[0] != m.To[0] {
		t.Errorf("to %v, %v", to, err)
	}
	for header, want := range map[string]string{
		"From":             `"Ville de Pointe-aux-Bouleaux" <ne-pas-repondre@ville.example>`,
		"Date":             "Tue, 24 Nov 2026 14:05:00 +0000",
		"Message-Id":       "<01J9ZK3V7R@sem.ville.example>",
		"In-Reply-To":      "<01J9ZK0000@sem.ville.example>",
		"References":       "<01J9ZK0000@sem.ville.example>",
		"Reply-To":         "<sem+01J9ZK3V7R@ville.example>",
		"Auto-Submitted":   "auto-generated",
		"Content-Language": "fr",
		"Mime-Version":     "1.0",
		"User-Agent":       "",
		"X-Mailer":         "",
		"Bcc":              "",
	} {
		if got.Header.Get(header) != want || len(got.Header[header]) > 1 {
			t.Errorf("%s is %q, want %q once", header, got.Header[header], want)
		}
	}
	lines := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
	want := []part{
		{"text/plain; charset=UTF-8", "", lines(m.Text)},
		{"text/html; charset=UTF-8", "", lines(m.HTML)},
		{"text/calendar; charset=utf-8; method=PUBLISH", "attachment; filename*=utf-8''s%C3%A9ance%20d%E2%80%99%C3%A9t%C3%A9.ics", string(m.Files[0].Data)},
		{"image/jpeg", "attachment; filename=photo.jpg", string(m.Files[1].Data)},
	}
	if d := cmp.Diff(want, got.Parts); d != "" {
		t.Error(d)
	}
	well(t, l)
}

// TestShapes holds a message to the smallest structure that carries it.
func TestShapes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*record.Message)
		want   string
	}{
		"text":           {func(m *record.Message) { m.HTML, m.Files = "", nil }, "text/plain"},
		"text and HTML":  {func(m *record.Message) { m.Files = nil }, "multipart/alternative"},
		"text and files": {func(m *record.Message) { m.HTML = "" }, "multipart/mixed"},
		"all":            {func(*record.Message) {}, "multipart/mixed"},
	} {
		m := full()
		c.change(&m)
		l, err := sender().compose(m, time.Now())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		kind, _, err := mime.ParseMediaType(readLetter(t, l.data).Header.Get("Content-Type"))
		if err != nil || kind != c.want {
			t.Errorf("%s: %s, %v", name, kind, err)
		}
	}
}

// well tells what no message may have: a line that is too long or has bare CR
// or LF, a byte of eight bits, a line of blanks among the headers.
func well(t *testing.T, l letter) {
	t.Helper()
	header := true
	for line := range strings.SplitAfterSeq(string(l.data), "\n") {
		text, ended := strings.CutSuffix(line, "\r\n")
		if line != "" && (!ended || strings.ContainsAny(text, "\r\n")) {
			t.Fatalf("a line without CR LF: %q", line)
		}
		if len(text) > 998 || !l.utf8 && strings.ContainsFunc(text, func(r rune) bool { return r > '~' || r < ' ' && r != '\t' }) {
			t.Fatalf("a line that cannot travel: %q", text)
		}
		header = header && text != ""
		if header && strings.TrimSpace(text) == "" {
			t.Fatalf("a line of blanks among the headers")
		}
	}
}

// TestRefusedMessages holds what is no message, or more than one, to a refusal
// that does not repeat it.
func TestRefusedMessages(t *testing.T) {
	t.Parallel()
	to := func(address string) func(*record.Message) {
		return func(m *record.Message) { m.To[0].Address = address }
	}
	for name, change := range map[string]func(*record.Message){
		"nobody":                 func(m *record.Message) { m.To = nil },
		"a crowd":                func(m *record.Message) { m.To = make([]mail.Address, 101) },
		"no text":                func(m *record.Message) { m.Text = " \n" },
		"text that is no UTF-8":  func(m *record.Message) { m.Text = "Caf\xe9" },
		"NUL in HTML":            func(m *record.Message) { m.HTML = "a\x00b" },
		"too large":              func(m *record.Message) { m.Text = strings.Repeat("a", 11<<20) },
		"too large once encoded": func(m *record.Message) { m.Text = strings.Repeat("é", 2<<20) },
		"subject with CR LF":     func(m *record.Message) { m.Subject = "a\r\nBcc: b@c.example" },
		"subject with LF":        func(m *record.Message) { m.Subject = "a\nBcc: b@c.example" },
		"subject with NUL":       func(m *record.Message) { m.Subject = "a\x00" },
		"subject with NEL":       func(m *record.Message) { m.Subject = "a\u0085b" },
		"subject with LS":        func(m *record.Message) { m.Subject = "a\u2028b" },
		"subject turned":         func(m *record.Message) { m.Subject = "a\u202eb" },
		"subject too long":       func(m *record.Message) { m.Subject = strings.Repeat("a", 501) },
		"subject encoded":        func(m *record.Message) { m.Subject = "=?utf-8?q?=0D=0ABcc:?=" },
		"name with CR":           func(m *record.Message) { m.To[0].Name = "a\rb" },
		"name encoded":           func(m *record.Message) { m.CC[0].Name = "=?utf-8?b?YQ==?=" },
		"reply name with LF":     func(m *record.Message) { m.ReplyTo = []mail.Address{{Name: "a\n", Address: "a@b.example"}} },
		"id with LF":             func(m *record.Message) { m.ID = "a\nb" },
		"id with >":              func(m *record.Message) { m.ID = "a>b" },
		"no id":                  func(m *record.Message) { m.ID = "" },
		"answered id with space": func(m *record.Message) { m.InReplyTo = "a b" },
		"language":               func(m *record.Message) { m.Language = "fr\r\nX: y" },
		"file without name":      func(m *record.Message) { m.Files[0].Name = "" },
		"file by path":           func(m *record.Message) { m.Files[0].Name = "../a" },
		"file turned":            func(m *record.Message) { m.Files[0].Name = "facture-\u202efdp.exe" },
		"file with LF":           func(m *record.Message) { m.Files[0].Name = "a\nb" },
		"file type with LF":      func(m *record.Message) { m.Files[0].Type = "text/plain;\r\n x=\"\r\nX: y\"" },
		"file type of a message": func(m *record.Message) { m.Files[0].Type = "message/rfc822" },
		"file type of parts":     func(m *record.Message) { m.Files[0].Type = "multipart/mixed; boundary=a" },
		"file type of nothing":   func(m *record.Message) { m.Files[0].Type = "text" },
		"many files":             func(m *record.Message) { m.Files = make([]record.File, 21) },
		"two addresses":          to("a@b.example, c@d.example"),
		"address in brackets":    to("<a@b.example>"),
		"address that closes":    to("a@b.example> NOTIFY=NEVER <x"),
		"address with space":     to("a b@c.example"),
		"address with CR LF":     to("a@b.example\r\nRCPT TO:<c@d.example>"),
		"address quoted":         to(`"a b"@c.example`),
		"address of a route":     to("@x.example:a@b.example"),
		"address by number":      to("a@[127.0.0.1]"),
		"address without domain": to("a@"),
		"address without name":   to("@b.example"),
		"address with comment":   to("a(b)@c.example"),
		"address with two dots":  to("a..b@c.example"),
		"domain with dash":       to("a@-b.example"),
		"domain with dots":       to("a@b..example"),
		"address with NBSP":      to("a\u00a0b@c.example"),
		"address turned":         to("a\u202eb@c.example"),
		"long local part":        to(strings.Repeat("a", 65) + "@b.example"),
	} {
		m := full()
		change(&m)
		if l, err := sender().compose(m, time.Now()); !errors.Is(err, connectors.ErrRefused) || l.data != nil {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), "example") || strings.Contains(err.Error(), "Bcc") {
			t.Errorf("%s: the error repeats what it refuses: %v", name, err)
		}
	}
}

// TestAddresses holds what is accepted to how it travels.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"zoe.legare+sem@courriel.example": "zoe.legare+sem@courriel.example",
		"Zoe@Courriel.Example":            "Zoe@courriel.example",
		"zoe@québec.example":              "zoe@xn--qubec-csa.example",
		"o'neil@courriel.example":         "o'neil@courriel.example",
		"éloïse@courriel.example":         "éloïse@courriel.example",
		"root@localhost":                  "root@localhost",
	} {
		if box, err := readMailbox(given); err != nil || box.String() != want || box.utf8 != strings.HasPrefix(given, "é") {
			t.Errorf("%s: %v, %v", given, box, err)
		}
	}
	m := complaint()
	m.CC = append(m.CC, m.CC[0], mail.Address{Address: department})
	l, err := sender().compose(m, time.Now())
	if err != nil || len(l.to) != 2 {
		t.Errorf("%d recipients of two, %v", len(l.to), err)
	}
}

// FuzzCompose holds every message, whatever is in it, to the headers and the
// recipients that it should have, and no other.
func FuzzCompose(f *testing.F) {
	f.Add("01J9", "Zoé", "a@b.example", "Objet", "Texte", "<p>Texte", "a.ics", "text/calendar; method=PUBLISH", "fr")
	f.Add("a", "=?utf-8?q?a?=", "a@b.example>\r\nRCPT TO:<c@d", "a\r\nBcc: x@y.example", ".\r\n.\nFrom a", "\r", "a\"; x=\"b", "a/b; c=\"\r\n\"", "")
	f.Add("a", "a  b", "é@b", strings.Repeat("a  ", 160), "\r\n\r\n", "", strings.Repeat("é", 99), "", "en-CA")
	allowed := map[string]bool{}
	for _, h := range []string{
		"From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-Id", "In-Reply-To", "References", "Auto-Submitted",
		"Content-Language", "Content-Type", "Content-Transfer-Encoding", "Mime-Version",
	} {
		allowed[h] = true
	}
	f.Fuzz(func(t *testing.T, id, name, address, subject, text, html, file, kind, language string) {
		changes := []func(*record.Message){
			func(m *record.Message) { m.ID, m.InReplyTo = id, id },
			func(m *record.Message) { m.To[0].Name, m.CC[0].Name = name, name },
			func(m *record.Message) { m.To[0].Address = address },
			func(m *record.Message) { m.Subject = subject },
			func(m *record.Message) { m.Text, m.HTML = text, html },
			func(m *record.Message) { m.Files[0].Name = file },
			func(m *record.Message) { m.Files[0].Type = kind },
			func(m *record.Message) { m.Language = language },
		}
		everything := full()
		for _, change := range changes {
			one := full()
			change(&one)
			change(&everything)
			composed(t, one, allowed)
		}
		composed(t, everything, allowed)
	})
}

// composed composes a message and compares what others read in it.
func composed(t *testing.T, m record.Message, allowed map[string]bool) {
	t.Helper()
	l, err := sender().compose(m, time.Now())
	if errors.Is(err, connectors.ErrRefused) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	well(t, l)
	head, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(l.data))).ReadMIMEHeader()
	if err != nil {
		t.Fatal(err)
	}
	for h, values := range head {
		if !allowed[h] || len(values) != 1 {
			t.Fatalf("header %s: %q", h, values)
		}
	}
	got := readLetter(t, l.data)
	spaced := func(s string) string {
		return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " ")
	}
	shown, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
	if err != nil || shown != spaced(m.Subject) {
		t.Fatalf("subject %q, want %q: %v", shown, spaced(m.Subject), err)
	}
	for _, h := range []string{"From", "To", "Cc", "Reply-To"} {
		list, err := got.Header.AddressList(h)
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %v, %v", h, list, err)
		}
		if h == "To" && (list[0].Name != spaced(m.To[0].Name) || list[0].Address != l.to[0].String()) {
			t.Fatalf("to %q <%s>, want %q <%s>", list[0].Name, list[0].Address, m.To[0].Name, l.to[0])
		}
	}
	if last := got.Parts[len(got.Parts)-1]; len(l.to) > 2 || last.Body != string(m.Files[1].Data) {
		t.Fatalf("%d recipients, %d parts", len(l.to), len(got.Parts))
	}
}
