package portal

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5/middleware"

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
	}
	return p.render(w, r, http.StatusOK, views.SignIn(page))
}

func (p *Portal) signInPage(r *http.Request, next string) views.SignInPage {
	page := views.SignInPage{Page: p.page(p.preferencesOf(r), "/connexion"), Next: next}
	page.Title = page.W.T("signin.title")
	return page
}

// signIn checks a card and a PIN. A card that does not exist and a wrong PIN
// get the same answer.
func (p *Portal) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	page := p.signInPage(r, localPath(r.PostForm.Get("suite")))
	page.Card = strings.Join(strings.FieldsFunc(r.PostForm.Get("carte"), func(c rune) bool { return c == ' ' || c == '-' || c == '\u00a0' }), "")
	pin := r.PostForm.Get("nip")
	if !isCard(page.Card) {
		page.CardProblem = page.W.T("signin.card.problem")
	}
	if pin == "" || len(pin) > 64 {
		page.PINProblem = page.W.T("signin.pin.problem")
	}
	if page.CardProblem+page.PINProblem != "" {
		p.metrics.signin.WithLabelValues(signinInvalid).Inc()
		return p.render(w, r, http.StatusUnprocessableEntity, views.SignIn(page))
	}
	citizen, err := p.signin.SignIn(r.Context(), signin.Attempt{
		Card: page.Card, PIN: pin, Addr: middleware.GetClientIPAddr(r.Context()),
	})
	if err != nil {
		return p.signInRefused(w, r, page, err)
	}
	if err := p.opt.Dossier.Seen(r.Context(), citizen, p.opt.Now()); err != nil {
		return err
	}
	if err := p.sessions.start(w, r, citizen); err != nil {
		return err
	}
	if p.opt.Toucher != nil {
		p.opt.Toucher.Touch(citizen)
	}
	p.metrics.signin.WithLabelValues(signinGranted).Inc()
	http.Redirect(w, r, page.Next, http.StatusSeeOther)
	return nil
}

func (p *Portal) signInRefused(w http.ResponseWriter, r *http.Request, page views.SignInPage, err error) error {
	var throttled signin.ThrottledError
	outcome, status := signinRefused, http.StatusUnprocessableEntity
	switch {
	case errors.Is(err, signin.ErrRefused):
		page.Problem = page.W.T("signin.refused")
	case errors.As(err, &throttled):
		outcome, status = signinThrottled, http.StatusTooManyRequests
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(throttled.Wait.Seconds()))))
		page.Problem = page.W.N("signin.throttled", int(math.Ceil(throttled.Wait.Minutes())))
	case errors.Is(err, signin.ErrBusy):
		outcome, status = signinBusy, http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "2")
		page.Problem = page.W.T("signin.busy")
	case errors.Is(err, signin.ErrUnavailable):
		outcome, status = signinUnavailable, http.StatusServiceUnavailable
		page.Problem = page.W.T("signin.unavailable")
	default:
		p.metrics.signin.WithLabelValues(signinError).Inc()
		return err
	}
	p.metrics.signin.WithLabelValues(outcome).Inc()
	return p.render(w, r, status, views.SignIn(page))
}

// isCard tells whether a text is a card number: six digits.
func isCard(s string) bool { return len(s) == 6 && strings.Trim(s, "0123456789") == "" }

// signOut ends the session, here and in every open tab, and has the browser
// forget what it kept.
func (p *Portal) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := p.sessions.end(w, r); err != nil {
		return err
	}
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/connexion?fin", http.StatusSeeOther)
	return nil
}
