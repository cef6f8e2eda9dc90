package portal

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

// dashboard is the first page: what needs the person, then a card a source.
func (p *Portal) dashboard(w http.ResponseWriter, r *http.Request) error {
	shot, err := p.snapshot(r)
	if err != nil {
		return err
	}
	other, err := p.besideDashboard(r.Context(), shot)
	if err != nil {
		return err
	}
	return p.personalBeside(w, r, shot, "/", other, func(s snapshot) (*finished, error) {
		page, err := p.dashboardPage(r.Context(), s)
		if err != nil {
			return nil, err
		}
		return finish(r.Context(), views.Dashboard(page), htmlType)
	})
}

// besideDashboard is what the dashboard shows of the whole town: what closes
// soon, and the calendars.
func (p *Portal) besideDashboard(ctx context.Context, s snapshot) (beside, error) {
	programme, err := p.programme(ctx)
	if err != nil {
		return beside{}, err
	}
	version := besideTown(programme, s.now).version
	if p.opt.Desk != nil {
		open, err := p.tickets(ctx, s.session.citizen)
		if err != nil {
			return beside{}, err
		}
		version += ticketsVersion(open) + " " + strconv.FormatUint(p.opt.Desk.Version(s.session.citizen), 10)
	}
	return p.besideCalendars(ctx, s, version)
}

func (p *Portal) dashboardPage(ctx context.Context, s snapshot) (views.DashboardPage, error) {
	words := p.words[s.prefs.lang]
	page := views.DashboardPage{Page: p.signedIn(p.page(s.prefs, "/"))}
	page.Title, page.Version = words.T("dashboard.title"), s.dashboard.Version
	page.Greeting = words.T("dashboard.greeting", "name", s.session.profile.Name)
	if s.session.profile.Name == "" {
		page.Greeting = words.T("dashboard.greeting.nameless")
	}
	page.Today = words.T("dashboard.today", "date", words.WeekdayDate(record.DateOf(s.now.In(p.opt.Town.Zone)), s.now))
	b := p.builder(s)
	var todo []urgent
	var seen []cache.View
	for _, source := range p.opt.Sources {
		v := s.view(source.Name)
		page.Cards, seen = append(page.Cards, b.card(source, v)), append(seen, v)
		if records, known := v.Records(); known {
			todo = append(todo, b.todo(source, records)...)
		}
		if !b.reliable(v) {
			page.Unchecked = append(page.Unchecked, b.title(source))
		}
	}
	page.News = b.news(page.Cards, seen)
	checked := len(page.Cards) - len(page.Unchecked)
	town, err := p.townTodo(ctx, s, b, &page)
	if err != nil {
		return page, err
	}
	sent, err := p.sentTodo(ctx, s, b)
	if err != nil {
		return page, err
	}
	if page.Todo, page.TodoRest = inOrder(slices.Concat(todo, town, sent)); len(page.TodoRest) > 0 {
		page.TodoMore = words.N("todo.more", len(page.TodoRest))
	}
	switch {
	case len(page.Unchecked) == 0:
		page.NothingTodo = words.T("todo.none")
	case checked > 0:
		page.NothingTodo = words.T("todo.none.known")
	}
	return page, nil
}

// townTodo is what the whole town's part of the dashboard asks for: what closes
// soon, and tonight's bin. It adds the card of the calendars to the page.
func (p *Portal) townTodo(ctx context.Context, s snapshot, b builder, page *views.DashboardPage) ([]urgent, error) {
	sources, err := p.offered(ctx)
	if err != nil {
		return nil, err
	}
	var todo []urgent
	for _, o := range sources {
		todo = append(todo, b.todoClosing(o.closing)...)
	}
	if p.opt.Schedules == nil {
		return todo, nil
	}
	card, bin, unread, err := p.calendars(ctx, s, b)
	if err != nil {
		return nil, err
	}
	page.Cards = append(page.Cards, card)
	if unread {
		page.Unchecked = append(page.Unchecked, card.Title)
	}
	return append(todo, bin...), nil
}

// calendars is what the town's calendars put on the dashboard; unread tells
// that they could not be read.
func (p *Portal) calendars(ctx context.Context, s snapshot, b builder) (card views.Card, bin []urgent, unread bool, err error) {
	c, err := p.collections(ctx, s.session.citizen, b.eightWeeks())
	if err != nil {
		return card, nil, false, err
	}
	water, err := p.opt.Schedules.Watering(ctx, s.session.citizen, s.now)
	if err != nil {
		return card, nil, false, fmt.Errorf("watering: %w", err)
	}
	return b.collectionsCard(c, water), b.todoBins(c), c[0].Why == IgnoranceUnread, nil
}
