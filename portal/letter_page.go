package portal

import (
	"net/http"
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/locale"
	"github.com/semenligne/sem/portal/views"
)

const letterPath = "/ecrire"

// Mail is how citizens write to the town and get receipts.
type Mail struct {
	// Source is the configured name of the source that delivers.
	Source string
	// Subjects are what one may write about, in the order of the form.
	Subjects []Subject
}

// Subject is something to write about, and the department that answers.
type Subject struct {
	// Name is stable and goes into the form: "voirie".
	Name string
	// Title by language.
	Title map[string]string
	To    mail.Address
}

// The kinds of letters.
const (
	complaint  = "plainte"
	suggestion = "suggestion"
)

// letterForm shows the empty letter.
func (p *Portal) letterForm(w http.ResponseWriter, r *http.Request) error {
	s, err := p.snapshot(r)
	if err != nil {
		return err
	}
	return p.showLetter(w, r, s, http.StatusOK, views.Letter{Kind: complaint, Name: s.session.profile.Name}, nil)
}

// sendLetter sends a complaint or a suggestion to the department of its
// subject.
func (p *Portal) sendLetter(w http.ResponseWriter, r *http.Request) error {
	s, page, err := p.sending(w, r)
	if err != nil {
		return err
	}
	get := func(field string) string { return strings.TrimSpace(r.PostForm.Get(field)) }
	letter := views.Letter{
		Key: page, Kind: get("genre"), Subject: get("sujet"), Name: get("nom"), Email: get("courriel"),
		Text: strings.ReplaceAll(get("texte"), "\r\n", "\n"),
	}
	problems := p.letterProblems(letter)
	if len(problems) > 0 {
		return p.showLetter(w, r, s, http.StatusUnprocessableEntity, letter, problems)
	}
	subject := p.opt.Mail.Subjects[p.subject(letter.Subject)]
	words := p.words[s.prefs.lang]
	about := words.T("letter.kind."+letter.Kind) + " – " + subjectTitle(subject, words)
	t := p.transaction(s, own{source: Source{Name: p.opt.Mail.Source}}, page, about, nil)
	// The number is in the letter: the same form must have the same one.
	t.ID = uuid.NewSHA1(uuid.NameSpaceOID, []byte(string(t.Citizen)+"\x00"+page)).String()
	t.Action = p.letterMessage(letter, subject, trackingNumber(t), words.Lang)
	return p.send(w, r, t)
}

// letterMessage is the mail to the department, in French: it is the town's own
// language of work, whatever the citizen reads. The letter stays as written. It
// holds nothing that would be another thing a minute later.
func (p *Portal) letterMessage(letter views.Letter, subject Subject, number, lang string) record.Message {
	w := p.words[locale.French]
	title := w.T("letter.kind."+letter.Kind) + " – " + subjectTitle(subject, w)
	return record.Message{
		To: []mail.Address{subject.To}, ReplyTo: []mail.Address{{Name: letter.Name, Address: letter.Email}},
		Subject: title + " – " + number, Language: locale.French,
		Text: w.T("letter.mail.head", "town", p.opt.Town.Name, "number", number, "name", letter.Name, "address", letter.Email, "subject", title,
			"language", w.T("letter.mail.language."+lang)) + "\n\n" + letter.Text + "\n",
	}
}

// subject is where a subject is among those of the town, -1 for none.
func (p *Portal) subject(name string) int {
	return slices.IndexFunc(p.opt.Mail.Subjects, func(s Subject) bool { return s.Name == name })
}

func subjectTitle(s Subject, w *locale.Words) string {
	if t := s.Title[w.Lang]; t != "" {
		return t
	}
	return s.Title[locale.French]
}

// letterProblems is what is wrong with a letter.
func (p *Portal) letterProblems(l views.Letter) []fieldProblem {
	var list []fieldProblem
	bad := func(field, key string) { list = append(list, fieldProblem{field: field, key: key}) }
	if l.Kind != complaint && l.Kind != suggestion {
		bad("genre", "report.problem.choice")
	}
	if p.subject(l.Subject) < 0 {
		bad("sujet", "letter.problem.subject")
	}
	switch {
	case l.Text == "":
		bad("texte", "letter.problem.text")
	case utf8.RuneCountInString(l.Text) > longestText:
		bad("texte", "report.problem.long")
	case !plainText(l.Text):
		bad("texte", "report.problem.characters")
	}
	switch {
	case l.Name == "":
		bad("nom", "letter.problem.name")
	case !mailName(l.Name):
		bad("nom", "report.problem.characters")
	}
	if !mailAddress(l.Email) {
		bad("courriel", "report.problem.email")
	}
	return list
}

// mailName tells whether a text may stand before an address: short, and nothing
// in it that a mail program would show as something else (control characters,
// turns of the direction of writing, words that look encoded).
func mailName(s string) bool {
	return utf8.ValidString(s) && len(s) <= 200 && utf8.RuneCountInString(s) <= 100 && !strings.Contains(s, "=?") && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) || '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
	})
}

// mailAddress tells whether a text is one address and nothing else.
func mailAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 200
}

func (p *Portal) showLetter(w http.ResponseWriter, r *http.Request, s snapshot, status int, letter views.Letter, problems []fieldProblem) error {
	page := views.LetterPage{Page: p.signedIn(p.page(s.prefs, letterPath)), Letter: letter, Limit: longestText}
	page.Live = false // a page that is being filled in does not change
	page.Title = page.W.T("letter.title")
	if page.Letter.Key == "" {
		page.Letter.Key = p.newFormKey()
	}
	page.Said = map[string]string{}
	for _, problem := range problems {
		page.Said[problem.field] = page.W.T(problem.key)
		page.Problems = append(page.Problems, views.Link{Href: "#" + problem.field, Text: page.W.T(problem.key)})
	}
	for i, kind := range []string{complaint, suggestion} {
		page.Kinds = append(page.Kinds, views.Option{Value: kind, Text: page.W.T("letter.kind." + kind), Chosen: letter.Kind == kind || letter.Kind == "" && i == 0})
	}
	page.Subjects = []views.Option{{Text: page.W.T("letter.subject.choose"), Chosen: letter.Subject == ""}}
	for _, subject := range p.opt.Mail.Subjects {
		page.Subjects = append(page.Subjects, views.Option{Value: subject.Name, Text: subjectTitle(subject, page.W), Chosen: subject.Name == letter.Subject})
	}
	return p.render(w, r, status, views.WriteLetter(page))
}
