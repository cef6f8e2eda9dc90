package portal

import (
	"context"
	"errors"
	"net/http"
	"regexp"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/views"
)

const calendarsPath = "/calendriers"

// myCalendars is the page of the citizen's private calendars.
func (p *Portal) myCalendars(w http.ResponseWriter, r *http.Request) error {
	s, err := p.sessions.look(r)
	if err != nil {
		return err
	}
	return p.showCalendars(w, r, s, http.StatusOK, views.NewCalendar{})
}

// showCalendars draws the page. A calendar that was just made has its address on
// it, this once.
func (p *Portal) showCalendars(w http.ResponseWriter, r *http.Request, s *session, status int, made views.NewCalendar) error {
	f, err := p.family(r.Context(), s.citizen, calendarDatasets()...)
	if err != nil {
		return err
	}
	all, err := p.opt.Dossier.Calendars(r.Context(), s.citizen)
	if err != nil {
		return err
	}
	names, err := p.names(r.Context(), s)
	if err != nil {
		return err
	}
	prefs := p.preferencesFor(r, s)
	b := builder{w: p.words[prefs.lang], now: p.opt.Now(), zone: p.opt.Town.Zone}
	page := views.CalendarsPage{Page: p.signedIn(p.page(prefs, calendarsPath)), Made: made, Wording: b.w.T("calendars.wording")}
	page.Title, page.Live = b.w.T("calendars.title"), false
	if p.opt.Schedules != nil {
		page.Collections = b.w.T("calendars.wording.collections")
	}
	if key := "calendars.done." + r.URL.Query().Get("fait"); b.w.Has(key) {
		page.Notice = b.w.T(key)
	}
	page.Whose = b.calendarChoices(f)
	for _, c := range all {
		if !c.Revoked.IsZero() || !c.Ends.IsZero() && !b.now.Before(c.Ends) {
			continue
		}
		page.Calendars = append(page.Calendars, b.calendarView(c, names[c.Person]))
	}
	return p.render(w, r, status, views.Calendars(page))
}

// names are those of the citizen and of every member, seen or not.
func (p *Portal) names(ctx context.Context, s *session) (map[record.Citizen]string, error) {
	h, err := p.opt.Dossier.Household(ctx, s.citizen)
	if err != nil {
		return nil, err
	}
	names := map[record.Citizen]string{s.citizen: s.profile.Name}
	for _, m := range h.Members {
		names[m.Citizen] = m.Name
	}
	return names, nil
}

// everybody is the choice of the whole household.
const everybody = "famille"

// calendarChoices are whose calendar may be made.
func (b builder) calendarChoices(f family) []views.Choice {
	list := []views.Choice{{Value: everybody, Text: b.w.T("calendars.everybody")}}
	if len(f.people) == 1 {
		list = nil
	}
	for i, x := range f.people {
		text := x.name
		if i == 0 {
			text = b.w.T("calendars.me")
		}
		list = append(list, views.Choice{Value: x.handle, Text: text})
	}
	list[0].Chosen = true
	return list
}

func (b builder) calendarView(c dossier.Calendar, name string) views.CalendarView {
	v := views.CalendarView{
		ID: c.ID, Title: b.w.T("calendars.of", "name", name),
		Created: b.w.T("calendars.created", "date", b.day(c.Created)), Used: b.w.T("calendars.unused"),
	}
	switch c.Person {
	case "":
		v.Title = b.w.T("calendars.of.everybody")
	case c.Owner:
		v.Title = b.w.T("calendars.of.me")
	}
	if c.Collections {
		v.Created += " " + b.w.T("calendars.with.collections")
	}
	if !c.LastUsed.IsZero() {
		v.Used = b.w.T("calendars.used", "time", b.w.Moment(c.LastUsed, b.now))
	}
	return v
}

// newCalendar makes a private calendar and shows its address, this once.
func (p *Portal) newCalendar(w http.ResponseWriter, r *http.Request) error {
	s, err := p.change(w, r)
	if err != nil {
		return err
	}
	whose, err := p.calendarPerson(r.Context(), s, r.PostForm.Get("qui"))
	if err != nil {
		return err
	}
	words := p.words[p.with(p.preferencesFor(r, s), dossier.Choices{Language: r.PostForm.Get("langue")}).lang]
	c := dossier.Calendar{Owner: s.citizen, Person: whose, Wording: words.T("calendars.wording"), Language: words.Lang, Created: p.opt.Now()}
	if p.opt.Schedules != nil && r.PostForm.Get("collectes") == "oui" {
		c.Collections = true
		c.Wording += " " + words.T("calendars.wording.collections")
	}
	token, err := p.opt.Dossier.CreateCalendar(r.Context(), c)
	if errors.Is(err, dossier.ErrRefused) {
		return p.showCalendars(w, r, s, http.StatusUnprocessableEntity, views.NewCalendar{Problem: words.T("calendars.many")})
	} else if err != nil {
		return notThere(err)
	}
	return p.showCalendars(w, r, s, http.StatusOK, views.NewCalendar{Address: p.origin(r) + "/agenda/" + token + ".ics"})
}

// calendarPerson is whose calendar a form asks for; "" is the household's.
func (p *Portal) calendarPerson(ctx context.Context, s *session, handle string) (record.Citizen, error) {
	if handle == everybody {
		return "", nil
	}
	f, err := p.family(ctx, s.citizen, calendarDatasets()...)
	if err != nil {
		return "", err
	}
	if handle == "" {
		handle = myself
	}
	chosen, err := f.choose(handle)
	if err != nil {
		return "", err
	}
	return chosen[0].citizen, nil
}

// origin is where this portal is: as the town configured it, else as the request
// reached it, when that is the plain name of a host; else "", and the address
// that follows is a path. No forwarded header is believed. It only stands on the
// page of whoever asked, which is kept for nobody.
func (p *Portal) origin(r *http.Request) string {
	switch {
	case p.opt.BaseURL != "":
		return p.opt.BaseURL
	case !plainHost.MatchString(r.Host):
		return ""
	case p.opt.Insecure:
		return "http://" + r.Host
	}
	return "https://" + r.Host
}

// plainHost is a name or an address with or without a port, and nothing that
// could turn a link elsewhere.
var plainHost = regexp.MustCompile(`^([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?$`)

// endCalendar revokes one of the citizen's calendars.
func (p *Portal) endCalendar(w http.ResponseWriter, r *http.Request) error {
	s, err := p.change(w, r)
	if err != nil {
		return err
	}
	if err := p.opt.Dossier.RevokeCalendar(r.Context(), s.citizen, r.PostForm.Get("agenda"), p.opt.Now()); err != nil {
		return notThere(err)
	}
	http.Redirect(w, r, calendarsPath+"?fait=ended", http.StatusSeeOther)
	return nil
}
