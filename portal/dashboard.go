package portal

import (
	"net/http"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

// dashboard is the first page: what needs the person, then a card a source.
func (p *Portal) dashboard(w http.ResponseWriter, r *http.Request) error {
	return p.personal(w, r, "/", func(s snapshot) (*finished, error) {
		return finish(r.Context(), views.Dashboard(p.dashboardPage(s)), "text/html; charset=utf-8")
	})
}

func (p *Portal) dashboardPage(s snapshot) views.DashboardPage {
	words := p.words[s.prefs.lang]
	page := views.DashboardPage{Page: p.signedIn(p.page(s.prefs, "/"))}
	page.Title, page.Version = words.T("dashboard.title"), s.dashboard.Version
	page.Greeting = words.T("dashboard.greeting", "name", s.session.profile.Name)
	if s.session.profile.Name == "" {
		page.Greeting = words.T("dashboard.greeting.nameless")
	}
	page.Today = words.T("dashboard.today", "date", words.WeekdayDate(record.DateOf(s.now.In(p.opt.Town.Zone)), s.now))
	b := builder{w: words, now: s.now, zone: p.opt.Town.Zone}
	var todo []urgent
	for _, source := range p.opt.Sources {
		v := s.view(source.Name)
		page.Cards = append(page.Cards, b.card(source, v))
		if records, known := v.Records(); known {
			todo = append(todo, b.todo(source, records)...)
		}
		if !b.reliable(v) {
			page.Unchecked = append(page.Unchecked, b.title(source))
		}
	}
	page.Todo = firstOf(todo)
	switch len(page.Unchecked) {
	case 0:
		page.NothingTodo = words.T("todo.none")
	case len(p.opt.Sources): // nothing could be looked at: nothing is said
	default:
		page.NothingTodo = words.T("todo.none.known")
	}
	return page
}
