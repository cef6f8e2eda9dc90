package portal

import (
	"errors"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5/middleware"

	"github.com/semenligne/sem/portal/locale"
	"github.com/semenligne/sem/portal/signin"
	"github.com/semenligne/sem/portal/views"
)

// signInForm shows the way in.
func (p *Portal) signInForm(w http.ResponseWriter, r *http.Request) error {
	next := localPath(r.URL.Query().Get("suite"))
	if _, err := p.sessions.look(r); err == nil {
		http.Redirect(w, r, next, http.StatusSeeOther) //nolint:gosec // a path of ours, see localPath
		return nil
	}
	page := p.signInPage(r, next)
	if r.URL.Query().Has("fin") {
		page.Notice = page.W.T("signin.signedout")
		if page.Shared { // a session that ended by itself cleans up too
			w.Header().Set("Clear-Site-Data", clearAll)
		}
	}
	return p.render(w, r, http.StatusOK, views.SignIn(page))
}

func (p *Portal) signInPage(r *http.Request, next string) views.SignInPage {
	prefs := p.preferencesOf(r)
	page := views.SignInPage{Page: p.page(prefs, "/connexion"), Next: next, Shared: prefs.shared}
	page.Title = page.W.T("signin.title")
	if slices.Contains(p.domains(), Recreation) {
		page.Programme = cataloguePath
	}
	return page
}

// signIn checks a card and a PIN. A card that does not exist and a wrong PIN
// get the same answer.
func (p *Portal) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	page := p.signInPage(r, localPath(r.PostForm.Get("suite")))
	page.Shared = r.PostForm.Get("ordinateur") == "partage"
	page.Card = bareCard(r.PostForm.Get("carte"))
	pin := r.PostForm.Get("nip")
	page.CardProblem, page.PINProblem = cardProblems(page.W, page.Card, pin)
	if page.CardProblem+page.PINProblem != "" {
		p.metrics.signin.WithLabelValues(signinInvalid).Inc()
		return p.render(w, r, http.StatusUnprocessableEntity, views.SignIn(page))
	}
	citizen, err := p.signin.SignIn(r.Context(), signin.Attempt{
		Card: page.Card, PIN: pin, Addr: middleware.GetClientIPAddr(r.Context()),
	})
	if err != nil {
		status, problem, err := p.signInTrouble(w, page.W, err)
		if err != nil {
			return err
		}
		page.Problem = problem
		return p.render(w, r, status, views.SignIn(page))
	}
	if err := p.opt.Dossier.Seen(r.Context(), citizen, p.opt.Now()); err != nil {
		return err
	}
	if err := p.sessions.start(w, r, citizen, page.Shared); err != nil {
		return err
	}
	if p.opt.Toucher != nil {
		p.opt.Toucher.Touch(citizen)
	}
	p.metrics.signin.WithLabelValues(signinGranted).Inc()
	http.Redirect(w, r, page.Next, http.StatusSeeOther)
	return nil
}

// signInTrouble counts why a card and a PIN were not accepted, and tells the
// status and the words of it. An error that is no answer comes back.
func (p *Portal) signInTrouble(w http.ResponseWriter, words *locale.Words, err error) (status int, problem string, _ error) {
	var throttled signin.ThrottledError
	outcome, status := signinRefused, http.StatusUnprocessableEntity
	switch {
	case errors.Is(err, signin.ErrRefused):
		problem = words.T("signin.refused")
	case errors.As(err, &throttled):
		outcome, status = signinThrottled, http.StatusTooManyRequests
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(throttled.Wait.Seconds()))))
		problem = words.N("signin.throttled", int(math.Ceil(throttled.Wait.Minutes())))
	case errors.Is(err, signin.ErrBusy):
		outcome, status = signinBusy, http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "2")
		problem = words.T("signin.busy")
	case errors.Is(err, signin.ErrUnavailable):
		outcome, status = signinUnavailable, http.StatusServiceUnavailable
		problem = words.T("signin.unavailable")
	default:
		p.metrics.signin.WithLabelValues(signinError).Inc()
		return 0, "", err
	}
	p.metrics.signin.WithLabelValues(outcome).Inc()
	return status, problem, nil
}

// bareCard is a card number without what people put between the digits.
func bareCard(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(c rune) bool { return c == ' ' || c == '-' || c == '\u00a0' }), "")
}

// cardProblems says what is wrong with the form of a card number and a PIN.
func cardProblems(words *locale.Words, card, pin string) (cardProblem, pinProblem string) {
	if !isCard(card) {
		cardProblem = words.T("signin.card.problem")
	}
	if pin == "" || len(pin) > 64 {
		pinProblem = words.T("signin.pin.problem")
	}
	return cardProblem, pinProblem
}

// isCard tells whether a text is a card number: six digits.
func isCard(s string) bool { return len(s) == 6 && strings.Trim(s, "0123456789") == "" }

// clearAll has the browser forget what it kept, but for cookies, which are ended
// one by one.
const clearAll = `"cache", "storage"`

// signOut ends the session, here and in every open tab, and has the browser
// forget what it kept. On a computer that others use, the choices of whoever
// leaves go too.
func (p *Portal) signOut(w http.ResponseWriter, r *http.Request) error {
	shared := p.preferencesOf(r).shared
	if s, err := p.sessions.look(r); err == nil {
		shared = shared || s.shared
	}
	if err := p.sessions.end(w, r); err != nil {
		return err
	}
	if shared {
		p.keepDisplay(w, preferences{lang: locale.French, textSize: 100, shared: true})
	}
	w.Header().Set("Clear-Site-Data", clearAll)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/connexion?fin", http.StatusSeeOther)
	return nil
}
