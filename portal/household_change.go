package portal

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5/middleware"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/signin"
	"github.com/semenligne/sem/portal/views"
)

// consentYears is how long the consent of somebody who decides alone lasts.
const consentYears = 1

// change reads a form of somebody who is signed in.
func (p *Portal) change(w http.ResponseWriter, r *http.Request) (*session, error) {
	s, err := p.sessions.look(r)
	if err != nil {
		return nil, err
	}
	return s, readForm(w, r)
}

// changed leads back to the household with a word on what was done, and tells
// the open pages of those concerned.
func (p *Portal) changed(w http.ResponseWriter, r *http.Request, done string, concerned ...record.Citizen) error {
	p.bell.ring(concerned...)
	http.Redirect(w, r, householdPath+"?fait="+done, http.StatusSeeOther)
	return nil
}

// addMember puts somebody into the citizen's dossier by their card and PIN,
// under the same limits as a sign-in. It opens no session for them and shows
// nothing of them but the name.
func (p *Portal) addMember(w http.ResponseWriter, r *http.Request) error {
	s, err := p.change(w, r)
	if err != nil {
		return err
	}
	words := p.words[p.preferencesFor(r, s).lang]
	form := views.CardForm{Card: bareCard(r.PostForm.Get("carte"))}
	pin := r.PostForm.Get("nip")
	form.CardProblem, form.PINProblem = cardProblems(words, form.Card, pin)
	if form.CardProblem+form.PINProblem != "" {
		p.metrics.signin.WithLabelValues(signinInvalid).Inc()
		return p.showHousehold(w, r, s, http.StatusUnprocessableEntity, form)
	}
	member, err := p.signin.SignIn(r.Context(), signin.Attempt{Card: form.Card, PIN: pin, Addr: middleware.GetClientIPAddr(r.Context())})
	if err != nil {
		status, problem, err := p.signInTrouble(w, words, err)
		if err != nil {
			return err
		}
		form.Problem = problem
		return p.showHousehold(w, r, s, status, form)
	}
	p.metrics.signin.WithLabelValues(signinGranted).Inc()
	if member == s.citizen {
		form.Problem = words.T("household.add.self")
		return p.showHousehold(w, r, s, http.StatusUnprocessableEntity, form)
	}
	if err := p.opt.Dossier.AddMember(r.Context(), s.citizen, member, p.opt.Now()); err != nil {
		return err
	}
	return p.changed(w, r, "added", s.citizen, member)
}

// removeMember takes somebody out of the citizen's dossier.
func (p *Portal) removeMember(w http.ResponseWriter, r *http.Request) error {
	s, err := p.change(w, r)
	if err != nil {
		return err
	}
	m, err := p.member(r, s)
	if err != nil {
		return err
	}
	if err := p.opt.Dossier.RemoveMember(r.Context(), s.citizen, m.Citizen, p.opt.Now()); err != nil {
		return notThere(err)
	}
	return p.changed(w, r, "removed", s.citizen, m.Citizen)
}

// leaveHolder takes the citizen out of somebody's dossier.
func (p *Portal) leaveHolder(w http.ResponseWriter, r *http.Request) error {
	s, err := p.change(w, r)
	if err != nil {
		return err
	}
	holder, err := p.holder(r, s)
	if err != nil {
		return err
	}
	if err := p.opt.Dossier.RemoveMember(r.Context(), holder.Citizen, s.citizen, p.opt.Now()); err != nil {
		return notThere(err)
	}
	return p.changed(w, r, "left", s.citizen, holder.Citizen)
}

// consent turns one switch: about a child in the citizen's dossier, or about
// the citizen towards a holder.
func (p *Portal) consent(w http.ResponseWriter, r *http.Request) error {
	s, err := p.change(w, r)
	if err != nil {
		return err
	}
	now := p.opt.Now()
	words := p.words[p.with(p.preferencesFor(r, s), dossier.Choices{Language: r.PostForm.Get("langue")}).lang]
	g := dossier.Grant{Dataset: dossier.Dataset(r.PostForm.Get("donnees")), Language: words.Lang, At: now}
	name := ""
	switch r.PostForm.Get("de") {
	case "theirs":
		m, err := p.member(r, s)
		if err != nil {
			return err
		}
		g.Person, g.Viewer, g.Basis, name = m.Citizen, s.citizen, dossier.Parental, m.Name
	case "mine":
		holder, err := p.holder(r, s)
		if err != nil {
			return err
		}
		g.Person, g.Viewer, g.Basis, name = s.citizen, holder.Citizen, dossier.Own, holder.Name
		g.Until = now.AddDate(consentYears, 0, 0)
	default:
		return errNotFound
	}
	done := "withdrawn"
	if r.PostForm.Get("sens") == "oui" {
		done, g.Wording = "allowed", wording(words, g.Basis, g.Dataset, name)
		err = p.opt.Dossier.GiveConsent(r.Context(), g)
	} else {
		err = p.opt.Dossier.WithdrawConsent(r.Context(), g.Person, g.Viewer, g.Dataset, now)
	}
	if err != nil {
		return notThere(err)
	}
	return p.changed(w, r, done, g.Person, g.Viewer)
}

// member finds, by the handle in a form, somebody in the citizen's dossier.
func (p *Portal) member(r *http.Request, s *session) (dossier.Member, error) {
	h, err := p.opt.Dossier.Household(r.Context(), s.citizen)
	if err != nil {
		return dossier.Member{}, err
	}
	for _, m := range h.Members {
		if p.handle(s.citizen, m.Citizen) == r.PostForm.Get("personne") {
			return m, nil
		}
	}
	return dossier.Member{}, errNotFound
}

// holder finds, by the handle in a form, one in whose dossier the citizen is.
func (p *Portal) holder(r *http.Request, s *session) (dossier.Holder, error) {
	if !s.profile.Born.DecidesAlone(p.opt.Now(), p.opt.Town.Zone) {
		return dossier.Holder{}, errNotFound
	}
	holders, err := p.opt.Dossier.Holders(r.Context(), s.citizen)
	if err != nil {
		return dossier.Holder{}, err
	}
	for _, h := range holders {
		if p.handle(s.citizen, h.Citizen) == r.PostForm.Get("personne") {
			return h, nil
		}
	}
	return dossier.Holder{}, errNotFound
}

// notThere makes what the dossier does not have, or does not allow, a page that
// does not exist.
func notThere(err error) error {
	if errors.Is(err, dossier.ErrNotFound) || errors.Is(err, dossier.ErrRefused) {
		return errNotFound
	}
	return err
}
