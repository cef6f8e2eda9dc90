package portal

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/views"
)

// longestText is how many characters a description has at most (GeoReport v2).
const longestText = 4000

// elsewhere is the choice of a place that is not one of the citizen's
// properties.
const elsewhere = "ailleurs"

// report is what a citizen filled in about one service.
type report struct {
	service service
	homes   []record.Unit // that may be chosen as the place
	form    url.Values
	// photos are the ids of the citizen's photos that go with it, and problems
	// what is wrong with others.
	photos   []string
	problems []fieldProblem
	// said is what became of the draft.
	said string
}

// reading a report: what to send, or what is wrong with it, by field.
type checked struct {
	submit   record.Submit
	problems []fieldProblem
}

// fieldProblem is a mistake in one field, as a key of words with what they
// name.
type fieldProblem struct {
	field, key string
	pairs      []string
}

// reportForm shows the empty form of a service.
func (p *Portal) reportForm(w http.ResponseWriter, r *http.Request) error {
	s, err := p.snapshot(r)
	if err != nil {
		return err
	}
	filled, err := p.openReport(r, s)
	if err != nil {
		return err
	}
	if r.URL.Query().Has(openDraft) {
		if err := p.resume(r, s, &filled); err != nil {
			return err
		}
	}
	return p.showReport(w, r, s, http.StatusOK, filled, filled.problems)
}

// sendReport sends a request to the town, or shows the form again with what is
// wrong.
func (p *Portal) sendReport(w http.ResponseWriter, r *http.Request) error {
	s, err := p.snapshot(r)
	if err != nil {
		return err
	}
	filled, err := p.openReport(r, s)
	if err != nil {
		return err
	}
	key, err := p.readReport(w, r, s, &filled)
	if err != nil {
		return err
	}
	switch {
	case filled.form.Has(saveDraft):
		if filled.said, err = p.keepDraft(r, s, filled); err != nil {
			return err
		}
		return p.showReport(w, r, s, http.StatusOK, filled, filled.problems)
	case filled.form.Has(clickPlan + ".x"):
		filled.click()
		return p.showReport(w, r, s, http.StatusOK, filled, filled.problems)
	case filled.form.Has(removePoint):
		filled.letGo()
		return p.showReport(w, r, s, http.StatusOK, filled, filled.problems)
	case filled.form.Has(removePhoto):
		return p.showReport(w, r, s, http.StatusOK, filled, filled.problems)
	}
	got := filled.check()
	p.withPhotos(filled, &got)
	if problems := append(filled.problems, got.problems...); len(problems) > 0 {
		if !s.session.shared { // others use that computer: only what was asked for is kept
			if filled.said, err = p.keepDraft(r, s, filled); err != nil {
				return err
			}
		}
		return p.showReport(w, r, s, http.StatusUnprocessableEntity, filled, problems)
	}
	account, err := p.requester(r, s, filled.service.source)
	if err != nil {
		return err
	}
	about := p.builder(s).serviceName(filled.service)
	ctx, cancel := context.WithTimeout(r.Context(), actBudget)
	defer cancel()
	to, err := p.act(ctx, p.transaction(s, account, key, about, got.submit), filled.photos...)
	if err != nil {
		return err
	}
	if err := p.endDraft(r, s, filled); err != nil {
		p.opt.Log.Error("draft of a request that was sent stays", "err", err) // it is sent: nothing to tell the citizen
	}
	http.Redirect(w, r, to, http.StatusSeeOther) //nolint:gosec // a path of ours, with the desk's own id
	return nil
}

// readReport reads the posted form, with its photos where the town can fetch
// them, and returns the form's key.
func (p *Portal) readReport(w http.ResponseWriter, r *http.Request, s snapshot, x *report) (key string, err error) {
	sent, err := p.readPhotos(w, r)
	if err != nil {
		return "", err
	}
	r.PostForm, x.form = sent.fields, sent.fields
	if key, err = sentKey(r); err != nil || p.opt.BaseURL == "" {
		return key, err
	}
	return key, p.takePhotos(r, s.session.citizen, key, sent.photos, x)
}

// openReport finds the service at the address, and the places to choose from. A
// service that is not in the lists does not exist only where all are known.
func (p *Portal) openReport(r *http.Request, s snapshot) (report, error) {
	lists, err := p.services(r.Context(), s)
	if err != nil {
		return report{}, err
	}
	missing := errNotFound
	path := reportPath + "/" + chi.URLParam(r, "service")
	for _, l := range lists {
		if !l.known {
			missing = errUnread
		}
		for _, v := range l.services {
			if v.path() == path {
				return report{service: v, homes: p.units(s), form: url.Values{}}, nil
			}
		}
	}
	return report{}, missing
}

// units are the citizen's properties, as far as they are known.
func (p *Portal) units(s snapshot) []record.Unit {
	var list []record.Unit
	for _, source := range p.opt.Sources {
		if source.Domain == Property {
			records, _ := s.view(source.Name).Records()
			list = append(list, bodies[record.Unit](records)...)
		}
	}
	return list
}

// requester is the citizen's account for requests at a source; a citizen
// without one sends a first request under none.
func (p *Portal) requester(r *http.Request, s snapshot, source Source) (own, error) {
	links, err := p.opt.Dossier.Links(r.Context(), s.session.citizen)
	if err != nil {
		return own{}, err
	}
	for _, l := range links {
		if l.Source == source.Name {
			return own{source, record.Record{Owner: l.Ref}}, nil
		}
	}
	return own{source: source}, nil
}

// check reads the form as strictly as the town will.
func (x report) check() checked {
	var c checked
	bad := func(field, key string) { c.problems = append(c.problems, fieldProblem{field: field, key: key}) }
	get := func(field string) string { return strings.TrimSpace(x.form.Get(field)) }
	c.submit = record.Submit{ServiceCode: x.service.Code, Description: strings.ReplaceAll(get("texte"), "\r\n", "\n"), Phone: clip(get("telephone"), 40)}
	x.checkPlace(&c, bad)
	switch {
	case utf8.RuneCountInString(c.submit.Description) > longestText:
		bad("texte", "report.problem.long")
	case !plainText(c.submit.Description):
		bad("texte", "report.problem.characters")
	case c.submit.Description == "" && len(x.questions()) == 0:
		bad("texte", "report.problem.text")
	}
	for _, a := range x.questions() {
		answers, key := readAnswers(a, x.form[questionName(a)])
		if key != "" {
			bad(questionName(a), key)
		}
		if len(answers) > 0 {
			if c.submit.Attributes == nil {
				c.submit.Attributes = map[string][]string{}
			}
			c.submit.Attributes[a.Code] = answers
		}
	}
	if address := get("courriel"); address != "" {
		if !mailAddress(address) {
			bad("courriel", "report.problem.email")
		}
		c.submit.Email = address
	}
	return c
}

// checkPlace reads where it is: one of the citizen's properties, or an address.
func (x report) checkPlace(c *checked, bad func(field, key string)) {
	where, address := x.form.Get("lieu"), strings.TrimSpace(x.form.Get("adresse"))
	if n := slices.IndexFunc(x.homes, func(u record.Unit) bool { return brief(u.Matricule) == where }); n >= 0 {
		home := x.homes[n]
		c.submit.Point = home.Point
		if len(home.Addresses) > 0 {
			c.submit.Address = home.Addresses[0].Text
		}
		return
	}
	if where == onPlan {
		c.submit.Point = x.point()
	}
	switch {
	case c.submit.Point != nil && address == "":
	case address == "" && where == elsewhere:
		bad("adresse", "report.problem.address")
	case address == "":
		bad("lieu", "report.problem.place")
	case utf8.RuneCountInString(address) > 200 || !plainText(address) || strings.Contains(address, "\n"):
		bad("adresse", "report.problem.characters")
	}
	c.submit.Address = address
}

// plainText tells whether a text has no control characters but line breaks and
// tabs.
func plainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f })
}

// showReport shows the form as it was filled in.
func (p *Portal) showReport(w http.ResponseWriter, r *http.Request, s snapshot, status int, x report, problems []fieldProblem) error {
	b := p.builder(s)
	page := b.reportForm(x, problems)
	page.Page = p.signedIn(p.page(s.prefs, x.service.path()))
	page.Live = false // a page that is being filled in does not change
	page.Title, page.Key = page.Heading, p.newFormKey()
	if key := x.form.Get(keyField); key != "" {
		page.Key = key
	}
	page.Said = x.said
	if p.opt.Places == nil {
		page.Plan = nil
	}
	page.TakesPhotos, page.Photos = p.opt.BaseURL != "", b.photoList(x.photos)
	f, err := p.family(r.Context(), s.session.citizen, dossier.Requests)
	if err != nil {
		return err
	}
	page.Nearby = b.nearby(f, p.opt.Sources, x)
	return p.render(w, r, status, views.ReportForm(page))
}

// reportForm draws the form.
func (b builder) reportForm(x report, problems []fieldProblem) views.ReportFormPage {
	get := x.form.Get
	page := views.ReportFormPage{
		Heading: b.serviceName(x.service), Description: x.service.Description, Limit: longestText,
		Address: get("adresse"), Text: get("texte"), Email: get("courriel"), Phone: get("telephone"),
		FollowUp: b.w.T("report.follow." + followUp(x.service.FollowUp)),
	}
	said := map[string]string{}
	for _, problem := range problems {
		text := b.w.T(problem.key, problem.pairs...)
		page.Problems = append(page.Problems, views.Link{Href: "#" + problem.field, Text: text})
		if problem.field == photoFiles {
			page.PhotoProblems = append(page.PhotoProblems, text)
		}
		said[problem.field] = text
	}
	page.PlaceProblem, page.AddressProblem = said["lieu"], said["adresse"]
	page.TextProblem, page.EmailProblem = said["texte"], said["courriel"]
	for _, home := range x.homes {
		name := brief(home.Matricule)
		page.Places = append(page.Places, views.Option{Value: name, Text: b.address(home), Chosen: get("lieu") == name})
	}
	if page.Plan = b.clickable(x); page.Plan != nil && page.Plan.Point != "" {
		page.Places = append(page.Places, views.Option{Value: onPlan, Text: page.Plan.Chosen, Chosen: get("lieu") == onPlan})
	}
	if len(x.homes) > 0 {
		page.Places = append(page.Places, views.Option{Value: elsewhere, Text: b.w.T("report.elsewhere"), Chosen: get("lieu") == elsewhere})
	}
	for _, a := range x.service.Attributes {
		q := b.question(a, x.form[questionName(a)])
		q.Problem = said[q.Name]
		page.Questions = append(page.Questions, q)
	}
	return page
}

// followUp is what the citizen may expect, in the keys of words.
func followUp(f record.FollowUp) string {
	switch f {
	case record.FollowUpNow, record.FollowUpLater, record.FollowUpNone:
		return string(f)
	}
	return string(record.FollowUpLater)
}
