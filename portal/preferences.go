package portal

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/locale"
)

// preferences are how pages are shown to somebody.
type preferences struct {
	lang     string
	textSize int
	contrast bool
}

// preferencesOf reads the cookie of the browser: what holds before signing in.
func (p *Portal) preferencesOf(r *http.Request) preferences {
	prefs := preferences{lang: locale.French, textSize: 100}
	c, err := r.Cookie(p.displayCookie())
	if err != nil {
		return prefs
	}
	part := strings.Split(c.Value, ".")
	if len(part) != 3 {
		return prefs
	}
	size, _ := strconv.Atoi(part[1]) // 0 is no size and changes nothing
	return p.with(prefs, dossier.Choices{Language: part[0], TextSize: size, Contrast: part[2]})
}

// preferencesFor are the citizen's own, or the browser's when the citizen never
// chose.
func (p *Portal) preferencesFor(r *http.Request, s *session) preferences {
	if own := s.profile.Choices; own != (dossier.Choices{}) {
		return p.with(preferences{lang: locale.French, textSize: 100}, own)
	}
	return p.preferencesOf(r)
}

// with applies those choices that are known and allowed here.
func (p *Portal) with(prefs preferences, c dossier.Choices) preferences {
	if c.Language == locale.French || c.Language == locale.English && p.opt.Town.English {
		prefs.lang = c.Language
	}
	switch c.TextSize {
	case 100, 125, 150, 200:
		prefs.textSize = c.TextSize
	}
	prefs.contrast = c.Contrast == moreContrast
	return prefs
}

const moreContrast = "more"

// choices is the form of preferences that is kept.
func (f preferences) choices() dossier.Choices {
	c := dossier.Choices{Language: f.lang, TextSize: f.textSize}
	if f.contrast {
		c.Contrast = moreContrast
	}
	return c
}

func (p *Portal) displayCookie() string {
	if p.opt.Insecure {
		return "sem_affichage"
	}
	return "__Host-sem_affichage"
}

// display keeps one change of language, text size or contrast, in the dossier
// when somebody is signed in and in the browser always.
func (p *Portal) display(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	s, err := p.sessions.look(r)
	prefs := p.preferencesOf(r)
	if err == nil {
		prefs = p.preferencesFor(r, s)
	}
	size, _ := strconv.Atoi(r.PostForm.Get("taille")) // 0 changes nothing
	c := prefs.choices()
	switch r.PostForm.Get("contraste") {
	case "plus":
		c.Contrast = moreContrast
	case "normal":
		c.Contrast = ""
	}
	c = p.with(p.with(prefs, c), dossier.Choices{Language: r.PostForm.Get("langue"), TextSize: size, Contrast: c.Contrast}).choices()
	if s != nil {
		if err := p.opt.Dossier.SaveChoices(r.Context(), s.citizen, c); err != nil {
			return err
		}
		if err := p.sessions.refresh(r.Context(), s); err != nil {
			return err
		}
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure but in the demonstration over http
		Name: p.displayCookie(), Value: c.Language + "." + strconv.Itoa(c.TextSize) + "." + c.Contrast,
		Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: !p.opt.Insecure, SameSite: http.SameSiteLaxMode,
	})
	http.Redirect(w, r, localPath(r.PostForm.Get("retour")), http.StatusSeeOther) //nolint:gosec // a path of ours, see localPath
	return nil
}

// readForm reads a small form.
func readForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	if err := r.ParseForm(); err != nil {
		return errBadForm
	}
	return nil
}

// localPath returns a path of this portal, "/" for anything that is not plainly
// one: a redirect never leads elsewhere.
func localPath(s string) string {
	if !strings.HasPrefix(s, "/") || len(s) > 200 {
		return "/"
	}
	for part := range strings.SplitSeq(s[1:], "/") {
		if part == "" && s != "/" || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return "/"
		}
	}
	if strings.HasPrefix(s, "/api/") {
		return "/"
	}
	return s
}
