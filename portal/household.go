package portal

import (
	"context"
	"net/http"

	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/locale"
	"github.com/semenligne/sem/portal/views"
)

const householdPath = "/famille"

// household is the page of who is in whose dossier and who sees what.
func (p *Portal) household(w http.ResponseWriter, r *http.Request) error {
	s, err := p.sessions.look(r)
	if err != nil {
		return err
	}
	return p.showHousehold(w, r, s, http.StatusOK, views.CardForm{})
}

// showHousehold draws the page anew each time, so that what somebody else just
// decided is in it.
func (p *Portal) showHousehold(w http.ResponseWriter, r *http.Request, s *session, status int, form views.CardForm) error {
	h, err := p.opt.Dossier.Household(r.Context(), s.citizen)
	if err != nil {
		return err
	}
	f, err := p.family(r.Context(), s.citizen, dossier.Datasets()...)
	if err != nil {
		return err
	}
	prefs := p.preferencesFor(r, s)
	b := builder{w: p.words[prefs.lang], now: p.opt.Now(), zone: p.opt.Town.Zone}
	page := views.HouseholdPage{Page: p.signedIn(p.page(prefs, householdPath)), Add: form}
	page.Title, page.Version, page.Others = b.w.T("household.title"), f.people[0].dashboard.Version, f.version()
	if key := "household.done." + r.URL.Query().Get("fait"); b.w.Has(key) {
		page.Notice = b.w.T(key)
	}
	for _, m := range h.Members {
		page.Members = append(page.Members, p.memberView(b, h, m))
	}
	if len(h.Members) == 0 {
		page.NoMembers = b.w.T("household.none")
	}
	if page.Relatives, err = p.relativesView(r.Context(), b, s, h); err != nil {
		return err
	}
	if page.Holders, page.About, err = p.holderViews(r.Context(), b, s); err != nil {
		return err
	}
	return p.render(w, r, status, views.Household(page))
}

// memberView is somebody in the citizen's dossier. The switches of a child are
// the citizen's, those of anybody else are their own.
func (p *Portal) memberView(b builder, h dossier.Household, m dossier.Member) views.HouseholdPerson {
	age := m.Born.Age(b.now, b.zone)
	v := views.HouseholdPerson{
		Handle: p.handle(h.Holder, m.Citizen), Name: m.Name, Action: householdPath + "/retirer",
		Leave: b.w.T("household.remove", "name", m.Name), LeaveMeaning: b.w.T("household.remove.meaning", "name", m.Name),
	}
	if age == dossier.AgeChild || age == dossier.AgeTeen {
		v.Details = append(v.Details, b.w.T("household.age."+string(age)))
	}
	v.Details = append(v.Details, b.w.T("household.since", "date", b.day(m.Since)))
	for _, dataset := range p.datasets() {
		d := dossier.Authorize(h.Holder, m.Citizen, dataset, h, b.now, b.zone)
		v.Consents = append(v.Consents, b.theirConsent(d, dataset, m, age == dossier.AgeChild))
	}
	return v
}

// theirConsent says whether the citizen sees a dataset of a member and why. When
// a permission ends with age, its day would tell the birth date: it is not said.
func (b builder) theirConsent(d dossier.Decision, dataset dossier.Dataset, m dossier.Member, child bool) views.Consent {
	c := views.Consent{Dataset: string(dataset), Title: b.w.T("household.data." + string(dataset)), Given: d.Allowed}
	switch {
	case d.Allowed && !agreed(m.Grants, dataset):
		c.Text = b.w.T("household.sees.parental." + string(dataset))
		if child {
			c.Button = b.w.T("household.withdraw")
		}
	case d.Allowed:
		c.Text = b.w.T("household.sees.own", "name", m.Name, "date", b.day(d.Until))
	case m.FileGone && child:
		c.Text = b.w.T("household.sees.file_gone", "name", m.Name)
	case child:
		c.Text, c.Button = b.w.T("household.sees.not"), b.w.T("household.allow")
		c.Wording = wording(b.w, dossier.Parental, dataset, m.Name)
	case d.Why == dossier.Lapsed:
		c.Text = b.w.T("household.sees.lapsed", "name", m.Name)
	default:
		c.Text = b.w.T("household.sees.decides", "name", m.Name)
	}
	return c
}

// agreed tells whether the person's own consent is among the grants.
func agreed(grants []dossier.Grant, dataset dossier.Dataset) bool {
	for _, g := range grants {
		if g.Dataset == dataset && g.Basis == dossier.Own {
			return true
		}
	}
	return false
}

// holderViews are those in whose dossier the citizen is. A child is not told: a
// parent may hold the child's card, and must not learn of the other by it.
func (p *Portal) holderViews(ctx context.Context, b builder, s *session) (list []views.HouseholdPerson, about string, err error) {
	if !s.profile.Born.DecidesAlone(b.now, b.zone) {
		return nil, b.w.T("household.holders.child"), nil
	}
	holders, err := p.opt.Dossier.Holders(ctx, s.citizen)
	if err != nil {
		return nil, "", err
	}
	for _, holder := range holders {
		theirs, err := p.opt.Dossier.Household(ctx, holder.Citizen)
		if err != nil {
			return nil, "", err
		}
		v := views.HouseholdPerson{
			Handle: p.handle(s.citizen, holder.Citizen), Name: holder.Name, Action: householdPath + "/quitter",
			Leave: b.w.T("household.leave", "name", holder.Name), LeaveMeaning: b.w.T("household.leave.meaning", "name", holder.Name),
			Details: []string{b.w.T("household.in.since", "date", b.day(holder.Since))},
		}
		for _, dataset := range p.datasets() {
			d := dossier.Authorize(holder.Citizen, s.citizen, dataset, theirs, b.now, b.zone)
			v.Consents = append(v.Consents, b.ownConsent(d, dataset, holder.Name))
		}
		list = append(list, v)
	}
	if len(list) == 0 {
		about = b.w.T("household.holders.none")
	}
	return list, about, nil
}

// ownConsent is the citizen's own switch towards a holder.
func (b builder) ownConsent(d dossier.Decision, dataset dossier.Dataset, name string) views.Consent {
	c := views.Consent{
		Dataset: string(dataset), Title: b.w.T("household.data." + string(dataset)), Given: d.Allowed,
		Text: b.w.T("household.seen.not", "name", name), Button: b.w.T("household.allow"), Wording: wording(b.w, dossier.Own, dataset, name),
	}
	if d.Allowed {
		c.Text, c.Button = b.w.T("household.seen.yes", "name", name, "date", b.day(d.Until)), b.w.T("household.withdraw")
	}
	return c
}

// wording is what somebody agrees to, as the ledger keeps it: about a child of
// that name, or towards a holder of that name.
func wording(w *locale.Words, basis dossier.GrantBasis, dataset dossier.Dataset, name string) string {
	return w.T("household.wording."+string(basis), "name", name, "data", w.T("household.data.of."+string(dataset)))
}

// datasets are those that some source here has anything of.
func (p *Portal) datasets() []dossier.Dataset {
	var list []dossier.Dataset
	for _, dataset := range dossier.Datasets() {
		for _, d := range p.domains() {
			if of, shared := d.dataset(); shared && of == dataset {
				list = append(list, dataset)
			}
		}
	}
	return list
}
