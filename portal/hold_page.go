package portal

import (
	"net/http"
	"strings"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

const holdPath = "/bibliotheque/reserver"

// longestItem is how many characters the number of an item has at most.
const longestItem = 64

// holdForm asks which item to keep. The library's own catalogue may lead here
// with the number of the item or of the title in the address.
func (p *Portal) holdForm(w http.ResponseWriter, r *http.Request) error {
	s, err := p.snapshot(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	return p.showHold(w, r, s, http.StatusOK, views.HoldForm{Item: clip(q.Get("document"), longestItem), Title: clip(q.Get("titre"), longestItem)})
}

func (p *Portal) showHold(w http.ResponseWriter, r *http.Request, s snapshot, status int, form views.HoldForm) error {
	page := views.HoldPage{Page: p.signedIn(p.page(s.prefs, holdPath)), Form: form}
	page.Live = false // a page that is being filled in does not change
	page.Title = page.W.T("hold.title")
	page.Form.Key = p.newFormKey()
	return p.render(w, r, status, views.PlaceHold(page))
}

// placeHold sends the hold to the library where the citizen has an account.
func (p *Portal) placeHold(w http.ResponseWriter, r *http.Request) error {
	s, page, err := p.sending(w, r)
	if err != nil {
		return err
	}
	form := views.HoldForm{Item: strings.TrimSpace(r.PostForm.Get("document")), Title: strings.TrimSpace(r.PostForm.Get("titre"))}
	action := record.PlaceHold{Item: form.Item}
	if form.Item == "" {
		action.Title = form.Title
	}
	if problem := itemProblem(form); problem != "" {
		form.Problem = p.words[s.prefs.lang].T(problem)
		return p.showHold(w, r, s, http.StatusUnprocessableEntity, form)
	}
	account, err := p.account(r, s, Library)
	if err != nil {
		return err
	}
	about := pick(form.Item != "", form.Item, form.Title)
	return p.send(w, r, p.transaction(s, account, formKey(page, about), about, action))
}

// itemProblem says what is wrong with the number of an item.
func itemProblem(form views.HoldForm) string {
	number := pick(form.Item != "", form.Item, form.Title)
	switch {
	case number == "":
		return "hold.problem.empty"
	case len(number) > longestItem || strings.ContainsFunc(number, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "hold.problem.long"
	}
	return ""
}

// account is the first account that the citizen has in a domain, as the card
// registry says; without one there is nobody to act for.
func (p *Portal) account(r *http.Request, s snapshot, d Domain) (own, error) {
	links, err := p.opt.Dossier.Links(r.Context(), s.session.citizen)
	if err != nil {
		return own{}, err
	}
	for _, source := range p.opt.Sources {
		for _, l := range links {
			if source.Domain == d && l.Source == source.Name {
				return own{source, record.Record{Owner: l.Ref}}, nil
			}
		}
	}
	return own{}, errNoAccount
}

// clip shortens what came in an address.
func clip(s string, most int) string {
	if len(s) > most {
		return ""
	}
	return s
}
