package portal

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

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
// soon, and the calendars. Whether one may water changes with the minute.
func (p *Portal) besideDashboard(ctx context.Context, s snapshot) (beside, error) {
	other := beside{until: s.now.Truncate(time.Minute).Add(time.Minute)}
	for _, source := range p.opt.Sources {
		if source.Domain != Recreation {
			continue
		}
		section, err := p.opt.Cache.Town(ctx, source.Name)
		if err != nil {
			return beside{}, fmt.Errorf("catalogue: %w", err)
		}
		other.version += " " + strconv.FormatUint(section.Version, 10)
	}
	if p.opt.Schedules == nil {
		return other, nil
	}
	version, err := p.opt.Schedules.Version(ctx)
	if err != nil {
		return beside{}, fmt.Errorf("schedules: %w", err)
	}
	other.version += " " + strconv.FormatUint(version, 10)
	return other, nil
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
	sources, err := p.offered(ctx)
	if err != nil {
		return page, err
	}
	for _, o := range sources {
		todo = append(todo, b.todoClosing(o.closing)...)
	}
	if p.opt.Schedules != nil {
		card, bin, err := p.calendars(ctx, s, b)
		if err != nil {
			return page, err
		}
		page.Cards, todo = append(page.Cards, card), append(todo, bin...)
	}
	page.Todo = firstOf(todo)
	switch len(page.Unchecked) {
	case 0:
		page.NothingTodo = words.T("todo.none")
	case len(p.opt.Sources): // nothing could be looked at: nothing is said
	default:
		page.NothingTodo = words.T("todo.none.known")
	}
	return page, nil
}

// calendars is what the town's calendars put on the dashboard.
func (p *Portal) calendars(ctx context.Context, s snapshot, b builder) (views.Card, []urgent, error) {
	c, err := p.collections(ctx, s.session.citizen, b.eightWeeks())
	if err != nil {
		return views.Card{}, nil, err
	}
	water, err := p.opt.Schedules.Watering(ctx, s.session.citizen, s.now)
	if err != nil {
		return views.Card{}, nil, fmt.Errorf("watering: %w", err)
	}
	return b.collectionsCard(*c, water), b.todoBin(*c), nil
}
