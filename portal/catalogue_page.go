package portal

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

const cataloguePath = "/loisirs/activites"

// coursesOnPage is how many courses a page of the catalogue has.
const coursesOnPage = 20

// cataloguePage is what recreation offers to everybody, searched.
func (p *Portal) cataloguePage(w http.ResponseWriter, r *http.Request) error {
	asked := readSearch(r.URL.Query())
	shot, err := p.snapshot(r)
	if errors.Is(err, errSignedOut) {
		return p.openCatalogue(w, r, asked)
	}
	if err != nil {
		return err
	}
	people, err := p.eligibles(r.Context(), shot)
	if err != nil {
		return err
	}
	if err := asked.forPerson(people); err != nil {
		return err
	}
	draw := func(s snapshot) (*finished, error) {
		sources, err := p.offered(r.Context())
		if err != nil {
			return nil, err
		}
		b := p.builder(s)
		page := b.catalogue(sources, asked)
		b.catalogueFor(&page, asked, people)
		page.Page = p.signedIn(p.page(s.prefs, cataloguePath))
		page.Title, page.Version = page.Heading, s.dashboard.Version
		page.Back = views.Link{Href: Recreation.path(), Text: page.W.T("catalogue.back")}
		return finish(r.Context(), views.Catalogue(page), htmlType)
	}
	if asked.at(1) == cataloguePath && asked.page == 1 && !asked.badAge {
		programme, err := p.programme(r.Context())
		if err != nil {
			return err
		}
		other := besideTown(programme, shot.now).and(beside{version: asVersion(people)})
		return p.personalBeside(w, r, shot, cataloguePath, other, draw)
	}
	done, err := draw(shot) // searches are endless: none is kept
	if err != nil {
		return err
	}
	done.write(w, r)
	return nil
}

// openCatalogue is the same for somebody who did not sign in: nothing in it
// belongs to anybody.
func (p *Portal) openCatalogue(w http.ResponseWriter, r *http.Request, asked search) error {
	prefs := p.preferencesOf(r)
	sources, err := p.offered(r.Context())
	if err != nil {
		return err
	}
	b := builder{w: p.words[prefs.lang], now: p.opt.Now(), zone: p.opt.Town.Zone}
	asked.handle = "" // nobody is known here
	page := b.catalogue(sources, asked)
	page.Page = p.page(prefs, cataloguePath)
	page.Title = page.Heading
	page.Back = views.Link{Href: "/connexion?suite=" + cataloguePath, Text: b.w.T("catalogue.signin")}
	return p.render(w, r, http.StatusOK, views.Catalogue(page))
}

// catalogue draws a page of what a search finds.
func (b builder) catalogue(sources []offered, s search) views.CataloguePage {
	page := views.CataloguePage{Heading: b.w.T("catalogue.title"), Words: s.words, Free: s.free}
	var courses []course
	known := false
	for _, o := range sources {
		if !o.known {
			page.Unknown = append(page.Unknown, b.w.T("catalogue.unknown", "source", b.title(o.source)), b.w.T("catalogue.unknown.meaning"))
			if o.view.Trouble != "" {
				page.Unknown = append(page.Unknown, b.trouble(o.source, o.view.Trouble))
			}
			continue
		}
		known = true
		courses = append(courses, o.courses...)
		page.Ages = append(page.Ages, views.SourceAge{Title: b.title(o.source), Age: b.age(o.source, o.view)})
	}
	list, offer := b.find(courses, s)
	b.catalogueForm(&page, s, offer)
	page.Active = b.activeFilters(s)
	if !known {
		return page
	}
	page.Count = b.w.N("catalogue.count", len(list))
	if len(list) == 0 {
		page.Count = b.w.T(pick(s.at(1) == cataloguePath && !s.badAge, "catalogue.empty", "catalogue.nothing"))
	}
	page.AgeUnknown = b.ageUnknown(s, list)
	pages := max(1, (len(list)+coursesOnPage-1)/coursesOnPage)
	n := min(s.page, pages)
	for _, f := range list[(n-1)*coursesOnPage : min(len(list), n*coursesOnPage)] {
		page.Rows = append(page.Rows, b.courseRow(f))
	}
	if pages > 1 {
		page.Where = b.w.T("catalogue.page", "n", strconv.Itoa(n), "of", strconv.Itoa(pages))
	}
	if n > 1 {
		page.Previous = &views.Link{Href: s.at(n - 1), Text: b.w.T("catalogue.previous")}
	}
	if n < pages {
		page.Next = &views.Link{Href: s.at(n + 1), Text: b.w.T("catalogue.next")}
	}
	return page
}

// catalogueForm fills the form with what was looked for.
func (b builder) catalogueForm(page *views.CataloguePage, s search, offer facets) {
	if s.age != nil {
		page.Age = strconv.Itoa(*s.age)
	}
	if s.badAge {
		page.AgeProblem = b.w.T("catalogue.age.problem")
	}
	page.Weekdays = []views.Option{{Text: b.w.T("catalogue.any.day"), Chosen: s.weekday < 0}}
	for d := range 7 {
		if !offer.days[d] && s.weekday != d {
			continue
		}
		page.Weekdays = append(page.Weekdays, views.Option{Value: strconv.Itoa(d), Text: capital(b.w.Weekday(time.Weekday(d))), Chosen: s.weekday == d})
	}
	options := func(any string, values []string, chosen string) []views.Option {
		list := []views.Option{{Text: b.w.T(any), Chosen: chosen == ""}}
		for _, v := range values {
			list = append(list, views.Option{Value: v, Text: v, Chosen: v == chosen})
		}
		return list
	}
	page.Places = options("catalogue.any.place", offer.places, s.place)
	page.Categories = options("catalogue.any.category", offer.categories, s.category)
	page.Seasons = []views.Option{{Text: b.w.T("catalogue.any.season"), Chosen: s.season == season{}}}
	for _, v := range offer.seasons {
		page.Seasons = append(page.Seasons, views.Option{Value: v.String(), Text: b.seasonName(v), Chosen: v == s.season})
	}
	if s.at(1) != cataloguePath || s.badAge {
		page.Clear = &views.Link{Href: cataloguePath, Text: b.w.T("catalogue.clear")}
	}
}

// activeFilters leads, for each thing that was looked for, to the same search
// without it.
func (b builder) activeFilters(s search) []views.Link {
	var list []views.Link
	without := func(label, value string, change func(*search)) {
		other := s
		change(&other)
		list = append(list, views.Link{Href: other.at(1), Text: b.w.T("catalogue.filter", "label", label, "value", value)})
	}
	if s.words != "" {
		without(b.w.T("catalogue.words"), s.words, func(o *search) { o.words = "" })
	}
	if s.age != nil {
		without(b.w.T("catalogue.age.short"), strconv.Itoa(*s.age), func(o *search) { o.age = nil })
	}
	if s.person != nil {
		without(b.w.T("catalogue.for.label"), givenName(s.person.name), func(o *search) { o.handle = "" })
	}
	if s.weekday >= 0 {
		without(b.w.T("catalogue.day"), b.w.Weekday(time.Weekday(s.weekday)), func(o *search) { o.weekday = -1 })
	}
	if s.season != (season{}) {
		without(b.w.T("catalogue.season.label"), b.seasonName(s.season), func(o *search) { o.season = season{} })
	}
	if s.place != "" {
		without(b.w.T("catalogue.place"), s.place, func(o *search) { o.place = "" })
	}
	if s.category != "" {
		without(b.w.T("catalogue.category"), s.category, func(o *search) { o.category = "" })
	}
	if s.free {
		without(b.w.T("catalogue.places.label"), b.w.T("catalogue.free"), func(o *search) { o.free = false })
	}
	return list
}

// courseRow is one course.
func (b builder) courseRow(f found) views.Row {
	row := views.Row{Title: f.Name, Badge: b.placesBadge(f), Href: f.href()}
	if row.Title == "" {
		row.Title = b.w.T("recreation.unnamed")
	}
	var about []string
	for _, s := range []string{b.ageRange(f.AgeMin, f.AgeMax), f.Place, f.Category} {
		if s != "" {
			about = append(about, s)
		}
	}
	for _, line := range []string{b.courseTimes(f), strings.Join(about, " · "), b.prices(f.Offers), b.registrationTime(f.Offers), b.waiting(f)} {
		if line != "" {
			row.Detail = append(row.Detail, line)
		}
	}
	return row
}

// courseTimes says when a course takes place.
func (b builder) courseTimes(f found) string {
	switch {
	case len(f.Schedule) > 0:
		return strings.Join(append(b.rules(f.Schedule), b.season(f.StartDate, f.EndDate)...), " · ")
	case len(f.meetings) == 1:
		m := f.meetings[0]
		return capital(b.w.T("recreation.when", "day", b.w.WeekdayDate(record.DateOf(m.start.In(b.zone)), b.now), "hour", b.meetingHours(m)))
	case len(f.meetings) > 1:
		first, last := f.meetings[0], f.meetings[len(f.meetings)-1]
		return b.w.N("catalogue.meetings", len(f.meetings),
			"weekday", capital(b.w.Weekday(first.start.In(b.zone).Weekday())), "hours", b.meetingHours(first),
			"first", b.w.Day(record.DateOf(first.start.In(b.zone))), "last", b.w.Date(record.DateOf(last.start.In(b.zone))))
	case !f.Start.IsZero():
		return capital(b.w.WeekdayDate(record.DateOf(f.Start.In(b.zone)), b.now))
	}
	if s := b.season(f.StartDate, f.EndDate); len(s) > 0 {
		return capital(s[0])
	}
	return b.w.T("catalogue.times.unknown")
}

func (b builder) rules(list []record.Schedule) []string {
	var lines []string
	for _, s := range list {
		var days []string
		for _, d := range s.Days {
			days = append(days, b.w.Weekday(d))
		}
		line := capital(strings.Join(days, ", "))
		switch {
		case s.Start != "" && s.End != "":
			line = b.w.T("recreation.when", "day", line, "hour", b.w.T("week.hours", "start", b.w.Clock(s.Start), "end", b.w.Clock(s.End)))
		case s.Start != "":
			line = b.w.T("recreation.when", "day", line, "hour", b.w.Clock(s.Start))
		}
		lines = append(lines, line)
	}
	return lines
}

// season says from when to when; nothing where neither is known.
func (b builder) season(from, to record.Date) []string {
	switch {
	case from.IsZero() && to.IsZero():
		return nil
	case from == to:
		return []string{b.w.WeekdayDate(from, b.now)}
	case to.IsZero():
		return []string{b.w.T("catalogue.from", "first", b.w.Date(from))}
	case from.IsZero():
		return []string{b.w.T("other.until", "date", b.w.Date(to))}
	}
	return []string{b.w.T("catalogue.season", "first", b.w.Day(from), "last", b.w.Date(to))}
}

func (b builder) meetingHours(m meeting) string {
	if !m.end.After(m.start) {
		return b.w.Hour(m.start)
	}
	return b.w.T("week.hours", "start", b.w.Hour(m.start), "end", b.w.Hour(m.end))
}

// ageRange says for whom a course is; "" where no limit is given.
func (b builder) ageRange(low, high *int) string {
	switch {
	case low == nil && high == nil:
		return ""
	case high == nil || *high >= 99:
		if low == nil {
			return ""
		}
		return b.w.T("catalogue.ages.from", "low", strconv.Itoa(*low))
	case low == nil:
		return b.w.T("catalogue.ages.to", "high", strconv.Itoa(*high))
	}
	return b.w.T("catalogue.ages", "low", strconv.Itoa(*low), "high", strconv.Itoa(*high))
}
