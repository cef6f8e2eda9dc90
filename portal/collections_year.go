package portal

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

// propertyField chooses one of several properties by its place among them.
const propertyField = "adresse"

// collectionsYear is a year on one page of paper: the present one, or the one
// in the address; at the first property, or at the one that ?adresse= chooses.
func (p *Portal) collectionsYear(w http.ResponseWriter, r *http.Request) error {
	shot, err := p.snapshot(r)
	if err != nil {
		return err
	}
	b := p.builder(shot)
	year := b.today().Year
	if text := chi.URLParam(r, "annee"); text != "" {
		asked, err := strconv.Atoi(text)
		if err != nil || asked < year-1 || asked > year+1 || strconv.Itoa(asked) != text {
			return errNotFound
		}
		year = asked
	}
	number := 1
	if text := r.URL.Query().Get(propertyField); text != "" {
		number, err = strconv.Atoi(text)
		if err != nil || strconv.Itoa(number) != text {
			return errNotFound
		}
	}
	other, err := p.besideCalendars(r.Context(), shot, "")
	if err != nil {
		return err
	}
	here := b.yearHref(year, number)
	return p.personalBeside(w, r, shot, here, other, func(s snapshot) (*finished, error) {
		list, err := p.collections(r.Context(), s.session.citizen, yearOf(year))
		if err != nil {
			return nil, err
		}
		page, err := b.yearPage(year, list, number)
		if err != nil {
			return nil, err
		}
		page.Page = p.signedIn(p.page(s.prefs, here))
		page.Title, page.Version = page.Heading, s.dashboard.Version
		return finish(r.Context(), views.Year(page), htmlType)
	})
}

// yearHref is the address of a year at a property; the present one and the first
// have the shortest.
func (b builder) yearHref(year, number int) string {
	href := collectionsYearPath
	if year != b.today().Year {
		href += "/" + strconv.Itoa(year)
	}
	if number != 1 {
		href += "?" + propertyField + "=" + strconv.Itoa(number)
	}
	return href
}

// yearPage is a year at one property, with links to the others and to the years
// beside it. A number that none has is errNotFound.
func (b builder) yearPage(year int, list []Collections, number int) (views.YearPage, error) {
	groups := byAnswer(list)
	at := slices.IndexFunc(groups, func(g alike[Collections]) bool { return slices.Contains(g.numbers, number) })
	if at < 0 {
		return views.YearPage{}, errNotFound
	}
	page := b.year(year, groups[at].answer())
	for _, other := range []int{year - 1, year + 1} {
		if now := b.today().Year; other >= now-1 && other <= now+1 {
			page.Years = append(page.Years, views.Link{Href: b.yearHref(other, number), Text: strconv.Itoa(other)})
		}
	}
	page.Where = b.sectorOf(groups[at])
	if len(groups) > 1 {
		page.Where = cmp.Or(page.Where, title(b, groups[at]))
		for i, g := range groups {
			page.Properties = append(page.Properties, views.Link{Href: b.yearHref(year, g.numbers[0]), Text: title(b, g), Current: i == at})
		}
	}
	return page, nil
}

// year draws twelve months at one property.
func (b builder) year(year int, c Collections) views.YearPage {
	page := views.YearPage{
		Heading: b.w.T("collections.year", "year", strconv.Itoa(year)),
		Age:     b.age(Source{Domain: collectionsDomain}, c.Read), Streams: b.streams(c),
	}
	if c.Why != "" {
		page.Unknown = b.ignorance(c.Why)
		return page
	}
	page.Ends = b.ends(c)
	for d := range 7 {
		page.Weekdays = append(page.Weekdays, b.w.Weekday(time.Weekday(d)))
	}
	on := map[record.Date][]record.Collection{}
	for _, bin := range c.Days {
		if !bin.Cancelled {
			on[bin.Date] = append(on[bin.Date], bin)
		}
	}
	for m := time.January; m <= time.December; m++ {
		page.Months = append(page.Months, b.month(year, m, on, c.Streams))
	}
	for _, bin := range c.Days {
		if !bin.MovedFrom.IsZero() && !bin.Cancelled {
			page.Moved = append(page.Moved, b.w.T("collections.year.moved", "name", b.streamName(bin, c.Streams), "from", b.w.Day(bin.MovedFrom), "to", b.w.WeekdayDate(bin.Date, b.now)))
		}
	}
	return page
}

// month lays the days of a month out in weeks from Sunday on.
func (b builder) month(year int, m time.Month, on map[record.Date][]record.Collection, streams map[string]record.Stream) views.Month {
	month := views.Month{Title: capital(b.w.T("month." + strconv.Itoa(int(m))))}
	first := record.Date{Year: year, Month: m, Day: 1}
	for start := weekOf(first).first; start.Before(first.AddDays(31)); start = start.AddDays(7) {
		var week []views.MonthDay
		some := false
		for i := range 7 {
			d := start.AddDays(i)
			if d.Month != m {
				week = append(week, views.MonthDay{})
				continue
			}
			some = true
			day := views.MonthDay{Number: strconv.Itoa(d.Day), Today: d == b.today()}
			for _, bin := range on[d] {
				day.Bins = append(day.Bins, views.Bin{Chip: b.chip(streams[bin.Stream]), Name: b.streamName(bin, streams)})
				day.Moved = day.Moved || !bin.MovedFrom.IsZero()
			}
			week = append(week, day)
		}
		if some {
			month.Weeks = append(month.Weeks, week)
		}
	}
	return month
}
