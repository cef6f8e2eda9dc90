package portal

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/views"
)

const weekPath = "/semaine"

// weeksBack and weeksAhead bound the weeks that can be looked at.
const (
	weeksBack  = 13
	weeksAhead = 53
)

// weekPage is the family's timetable of one week: the present one, or that of
// a day in the address. ?personne= shows one person only, by their place in
// the list.
func (p *Portal) weekPage(w http.ResponseWriter, r *http.Request) error {
	shot, err := p.snapshot(r)
	if err != nil {
		return err
	}
	b := p.builder(shot)
	asked := weekInput{within: weekOf(b.today()), sources: p.opt.Sources}
	if day := chi.URLParam(r, "jour"); day != "" {
		d, err := record.ParseDate(day)
		if err != nil || !b.reachable(weekOf(d)) {
			return errNotFound
		}
		asked.within = weekOf(d)
	}
	whose := r.URL.Query().Get("personne")
	if len(whose) > 3 {
		return errNotFound
	}
	family, err := p.family(r.Context(), shot.session.citizen, dossier.Loans, dossier.Schedule)
	if err != nil {
		return err
	}
	p.refresh(family)
	asked.people = family.people
	other, err := p.besideCalendars(r.Context(), shot, " "+family.version())
	if err != nil {
		return err
	}
	return p.personalBeside(w, r, shot, b.weekHref(asked.within, whose), other, func(s snapshot) (*finished, error) {
		var err error
		if asked.collections, err = p.collections(r.Context(), s.session.citizen, asked.within); err != nil {
			return nil, err
		}
		week, err := b.week(asked, whose)
		if err != nil {
			return nil, err
		}
		week.Page = p.signedIn(p.page(s.prefs, b.weekHref(asked.within, "")))
		week.Title, week.Version, week.Others, week.Sheet = week.Heading, s.dashboard.Version, family.version(), p.assets.grid
		return finish(r.Context(), views.Week(week), htmlType)
	})
}

// weekInput is everything that a week is made of.
type weekInput struct {
	within      span
	people      []person
	sources     []Source
	collections []Collections // none where the town has no calendar
}

// gathered is what was found for a week.
type gathered struct {
	events           []event
	unknown, undated []string
	ages             []views.SourceAge
	// registered are those who have a registration, in this week or another: so
	// that a person keeps place, hue and initial from week to week.
	registered []string
}

// week draws a week. An unknown choice of person is errNotFound.
func (b builder) week(in weekInput, whose string) (views.WeekPage, error) {
	found := b.gather(in)
	names := people(in.people, found.registered)
	marks := b.marks(names)
	page := views.WeekPage{
		Heading: b.w.T("week.title"), Range: b.w.T("week.range", "first", b.w.Date(in.within.first), "last", b.w.Date(in.within.last)),
		Undated: found.undated, Ages: found.ages, Unknown: found.unknown,
	}
	chosen := ""
	if whose != "" {
		n, err := strconv.Atoi(whose)
		if err != nil || n < 1 || n > len(names) {
			return page, errNotFound
		}
		chosen = names[n-1]
		found.events = slices.DeleteFunc(found.events, func(e event) bool { return e.person != "" && e.person != chosen })
	}
	b.weekLinks(&page, in.within, whose)
	if len(names) > 1 {
		page.People = b.weekPeople(names, marks, in.within, chosen)
	}
	first, last := hoursShown(found.events)
	for h := first; h < last; h++ {
		page.Hours = append(page.Hours, views.WeekHour{Text: b.fullHour(h), From: (h - first) * 60 / step})
	}
	for _, d := range in.within.days() {
		day, clashes := b.weekDay(d, found.events, marks, first*60)
		page.Days = append(page.Days, day)
		page.Clashes = append(page.Clashes, clashes...)
		if day.Today {
			page.Today = day.ID
		}
	}
	page.Summary = b.weekSummary(found)
	return page, nil
}

// weekSummary says that a week is empty only when everything could be read.
func (b builder) weekSummary(found gathered) string {
	busy := slices.ContainsFunc(found.events, func(e event) bool { return e.kind != eventClock })
	switch {
	case busy:
		return ""
	case len(found.unknown) > 0:
		return b.w.T("week.empty.unsure")
	}
	return b.w.T("week.empty")
}

// gather collects the events of everybody, and what could not be known.
func (b builder) gather(in weekInput) gathered {
	var g gathered
	seen := map[string]bool{}
	for _, m := range in.people {
		for _, s := range in.sources {
			dataset, shared := s.Domain.dataset()
			if s.Domain != Library && s.Domain != Recreation || !shared || !m.may(dataset) {
				continue
			}
			v := m.dashboard.Section(s.Name).At(b.now)
			title := b.title(s)
			if len(in.people) > 1 && m.name != "" {
				title = b.w.T("week.source.of", "source", title, "person", givenName(m.name))
			}
			records, known := v.Records()
			if !known {
				g.unknown = append(g.unknown, b.w.T("week.unknown.source", "source", title))
				continue
			}
			g.ages = append(g.ages, views.SourceAge{Title: title, Age: b.age(s, v)})
			b.gatherRecords(&g, s, m, records, in.within, seen)
		}
	}
	b.gatherTown(&g, in)
	if len(g.unknown) > 0 {
		g.unknown = append([]string{b.w.T("week.unknown")}, g.unknown...)
	}
	return g
}

func (b builder) gatherRecords(g *gathered, s Source, m person, records []record.Record, within span, seen map[string]bool) {
	owner := givenName(m.name)
	if s.Domain == Library {
		g.events = append(g.events, b.terms(records, owner, within)...)
		return
	}
	for _, r := range records {
		reg, ok := r.Body.(record.Registration)
		if !ok || r.Key != "" && seen[s.Name+"\x00"+r.Key] {
			continue
		}
		seen[s.Name+"\x00"+r.Key] = true
		if reg.Person == "" {
			reg.Person = owner
		}
		reg.Person = givenName(reg.Person)
		g.registered = append(g.registered, reg.Person)
		list, dated := b.activities(reg, within)
		for i := range list {
			list[i].key = s.Name + "\x00" + r.Key
		}
		g.events = append(g.events, list...)
		if !dated && b.isCurrent(reg) && reg.Status != record.RegistrationCancelled {
			g.undated = append(g.undated, b.w.T("week.undated.item", "name", cmp.Or(reg.Name, b.w.T("recreation.unnamed")), "person", cmp.Or(reg.Person, "?")))
		}
	}
}

// gatherTown adds what is everybody's: the change of the clocks, and collections,
// at which property where they differ.
func (b builder) gatherTown(g *gathered, in weekInput) {
	g.events = append(g.events, b.clockChange(in.within)...)
	groups := byAnswer(in.collections)
	for _, at := range groups {
		where, name := "", b.w.T("nav.collections")
		if len(groups) > 1 {
			where = title(b, at)
			name = b.w.T("week.source.of", "source", name, "person", where)
		}
		all := at.answer()
		if all.Why != "" {
			g.unknown = append(g.unknown, b.w.T("week.unknown.source", "source", name))
			continue
		}
		for _, c := range all.Days {
			for _, d := range (span{c.Date, cmp.Or(c.EndDate, c.Date)}).days() {
				if in.within.holds(d) {
					e := b.collectionEvent(c, d, all.Streams)
					e.place = where
					g.events = append(g.events, e)
				}
			}
		}
	}
}

// givenName is the first part of a name, by which a family calls its own.
func givenName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}

// people returns who may be in a week, whose dossier it is first.
func people(members []person, registered []string) []string {
	var names, others []string
	for _, m := range members {
		if n := givenName(m.name); n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	for _, n := range registered {
		if n != "" && !slices.Contains(names, n) && !slices.Contains(others, n) {
			others = append(others, n)
		}
	}
	slices.SortFunc(others, func(x, y string) int { return cmp.Compare(fold(x), fold(y)) })
	return append(names, others...)
}

// hues is how many hues the style sheet has for people.
const hues = 6

func (b builder) marks(names []string) map[string]views.Mark {
	letters, marks := initials(names), map[string]views.Mark{}
	for i, n := range names {
		marks[n] = views.Mark{Initial: letters[n], Hue: i % hues}
	}
	return marks
}

func (b builder) weekPeople(names []string, marks map[string]views.Mark, within span, chosen string) []views.WeekPerson {
	list := []views.WeekPerson{{Link: views.Link{Text: b.w.T("week.everyone"), Href: b.weekHref(within, ""), Current: chosen == ""}}}
	for i, n := range names {
		list = append(list, views.WeekPerson{
			Link: views.Link{Text: n, Href: b.weekHref(within, strconv.Itoa(i+1)), Current: n == chosen}, Mark: marks[n],
		})
	}
	return list
}

// weekHref is the address of a week; the present one has the shortest.
func (b builder) weekHref(week span, whose string) string {
	href := weekPath
	if week != weekOf(b.today()) {
		href += "/" + week.first.String()
	}
	if whose != "" {
		href += "?" + url.Values{"personne": {whose}}.Encode()
	}
	return href
}

func (b builder) reachable(week span) bool {
	weeks := weekOf(b.today()).first.DaysUntil(week.first) / 7
	return weeks >= -weeksBack && weeks <= weeksAhead
}

func (b builder) weekLinks(page *views.WeekPage, within span, whose string) {
	beside := func(days int) *views.Link {
		week := weekOf(within.first.AddDays(days))
		if !b.reachable(week) {
			return nil
		}
		return &views.Link{Href: b.weekHref(week, whose), Text: b.w.T(pick(days < 0, "week.previous", "week.next"))}
	}
	page.Previous, page.Next = beside(-7), beside(7)
	if present := weekOf(b.today()); within != present {
		page.Now = &views.Link{Href: b.weekHref(present, whose), Text: b.w.T("week.now")}
	}
}
