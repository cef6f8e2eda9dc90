package portal

import (
	"errors"
	"net/http"
	"net/url"
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
	font     bool // the one for dyslexia
	reduced  bool // fewer bytes
	// shared is a computer that others use after: a short session, and nothing
	// kept. It belongs to the browser, not to the citizen.
	shared bool
}

// preferencesOf reads the cookie of the browser: what holds before signing in.
func (p *Portal) preferencesOf(r *http.Request) preferences {
	prefs := preferences{lang: locale.French, textSize: 100}
	c, err := r.Cookie(p.displayCookie())
	if err != nil {
		return prefs
	}
	part := strings.Split(c.Value, ".")
	if len(part) < 3 {
		return prefs
	}
	part = append(part, "", "", "")
	size, _ := strconv.Atoi(part[1]) // 0 is no size and changes nothing
	prefs = p.with(prefs, dossier.Choices{
		Language: part[0], TextSize: size, Contrast: part[2], Font: part[3], ReducedData: part[4] == reducedData,
	})
	prefs.shared = part[5] == sharedComputer
	return prefs
}

// preferencesFor are the citizen's own, or the browser's when the citizen never
// chose.
func (p *Portal) preferencesFor(r *http.Request, s *session) preferences {
	prefs := p.preferencesOf(r)
	if own := s.profile.Choices; own != (dossier.Choices{}) {
		prefs = p.with(preferences{lang: locale.French, textSize: 100}, own)
	}
	prefs.shared = s.shared
	return prefs
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
	prefs.contrast, prefs.font, prefs.reduced = c.Contrast == moreContrast, c.Font == dyslexiaFont, c.ReducedData
	return prefs
}

// The values of choices, in the dossier and in the cookie.
const (
	moreContrast   = "more"
	dyslexiaFont   = "dyslexia"
	reducedData    = "reduced"
	sharedComputer = "shared"
)

// choices is the form of preferences that the dossier keeps.
func (f preferences) choices() dossier.Choices {
	return dossier.Choices{
		Language: f.lang, TextSize: f.textSize, ReducedData: f.reduced,
		Contrast: either(f.contrast, moreContrast), Font: either(f.font, dyslexiaFont),
	}
}

// either is the value of something that is chosen, "" of what is not.
func either(chosen bool, value string) string {
	if chosen {
		return value
	}
	return ""
}

func (p *Portal) displayCookie() string {
	if p.opt.Insecure {
		return "sem_affichage"
	}
	return "__Host-sem_affichage"
}

// display keeps one change of how pages are shown: in the dossier when somebody
// is signed in, and in the browser, unless others use it.
func (p *Portal) display(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	s, err := p.sessions.look(r)
	if err != nil && !errors.Is(err, errSignedOut) {
		return err
	}
	prefs := p.preferencesOf(r)
	if s != nil {
		prefs = p.preferencesFor(r, s)
	}
	prefs = p.changedBy(prefs, r.PostForm)
	if s != nil {
		if err := p.opt.Dossier.SaveChoices(r.Context(), s.citizen, prefs.choices()); err != nil {
			return err
		}
		if err := p.sessions.refresh(r.Context(), s); err != nil {
			return err
		}
	}
	if s == nil || !s.shared {
		p.keepDisplay(w, prefs)
	}
	http.Redirect(w, r, localPath(r.PostForm.Get("retour")), http.StatusSeeOther) //nolint:gosec // a path of ours, see localPath
	return nil
}

// changedBy applies what a form says and leaves the rest.
func (p *Portal) changedBy(prefs preferences, form url.Values) preferences {
	size, _ := strconv.Atoi(form.Get("taille")) // 0 changes nothing
	c := prefs.choices()
	c.Language, c.TextSize = form.Get("langue"), size
	if v := form.Get("contraste"); v != "" {
		c.Contrast = either(v == "plus", moreContrast)
	}
	if v := form.Get("police"); v != "" {
		c.Font = either(v == "dyslexie", dyslexiaFont)
	}
	if v := form.Get("donnees"); v != "" {
		c.ReducedData = v == "reduites"
	}
	prefs = p.with(prefs, c)
	if v := form.Get("ordinateur"); v != "" {
		prefs.shared = v == "partage"
	}
	return prefs
}

// keepDisplay writes the cookie of the browser.
func (p *Portal) keepDisplay(w http.ResponseWriter, prefs preferences) {
	c := prefs.choices()
	parts := []string{
		c.Language, strconv.Itoa(c.TextSize), c.Contrast, c.Font, either(prefs.reduced, reducedData), either(prefs.shared, sharedComputer),
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure but in the demonstration over http
		Name: p.displayCookie(), Value: strings.Join(parts, "."),
		Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: !p.opt.Insecure, SameSite: http.SameSiteLaxMode,
	})
}

// readForm reads a small form.
func readForm(w http.ResponseWriter, r *http.Request) error { return readFormOf(w, r, 16<<10) }

// readFormOf reads a form of at most so many bytes.
func readFormOf(w http.ResponseWriter, r *http.Request, limit int64) error {
	r.Body = http.MaxBytesReader(w, r.Body, limit)
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
	const plain = "abcdefghijklmnopqrstuvwxyz0123456789-"
	path, query, _ := strings.Cut(s, "?")
	if strings.Trim(query, plain+"=&") != "" {
		return "/"
	}
	for part := range strings.SplitSeq(path[1:], "/") {
		if part == "" && path != "/" || strings.Trim(part, plain) != "" {
			return "/"
		}
	}
	if strings.HasPrefix(s, "/api/") {
		return "/"
	}
	return s
}
