package portal

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

const (
	collectionsPath     = "/collectes"
	collectionsYearPath = "/collectes/annee"
)

// collections returns what passes at a citizen's address in a span; nil where
// the town has no calendar.
func (p *Portal) collections(ctx context.Context, citizen record.Citizen, within span) (*Collections, error) {
	if p.opt.Schedules == nil {
		return nil, nil //nolint:nilnil // none is an answer
	}
	c, err := p.opt.Schedules.Collections(ctx, citizen, within.first, within.last)
	if err != nil {
		return nil, fmt.Errorf("collections: %w", err)
	}
	return &c, nil
}

// collectionsPage is the next eight weeks, watering, and what goes where.
func (p *Portal) collectionsPage(w http.ResponseWriter, r *http.Request) error {
	shot, err := p.snapshot(r)
	if err != nil {
		return err
	}
	other, err := p.besideCalendars(r.Context(), shot, "")
	if err != nil {
		return err
	}
	return p.personalBeside(w, r, shot, collectionsPath, other, func(s snapshot) (*finished, error) {
		b := p.builder(s)
		c, err := p.collections(r.Context(), s.session.citizen, b.eightWeeks())
		if err != nil {
			return nil, err
		}
		water, err := p.opt.Schedules.Watering(r.Context(), s.session.citizen, s.now)
		if err != nil {
			return nil, fmt.Errorf("watering: %w", err)
		}
		page := b.collectionsWeeks(*c)
		page.Page = p.signedIn(p.page(s.prefs, collectionsPath))
		page.Title, page.Version = page.Heading, s.dashboard.Version
		page.Watering = b.watering(water)
		return finish(r.Context(), views.Collections(page), htmlType)
	})
}

// collectionsWeeks lists what is to come by week.
func (b builder) collectionsWeeks(c Collections) views.CollectionsPage {
	page := views.CollectionsPage{
		Heading: b.w.T("collections.title"), Age: b.age(Source{Domain: collectionsDomain}, c.Read), Where: b.sectorOf(c),
		File: views.Link{Href: collectionsFilePath, Text: b.w.T("collections.file.link")},
		Year: views.Link{Href: collectionsYearPath, Text: b.w.T("collections.year.link")},
	}
	if c.Why != "" {
		page.Unknown = b.ignorance(c.Why)
		return page
	}
	page.Ends = b.ends(c)
	list := b.passes(c)
	for i, p := range list {
		week := weekOf(p.day)
		if i == 0 || week != weekOf(list[i-1].day) {
			page.Weeks = append(page.Weeks, views.CollectionWeek{Title: b.w.T("collections.week", "date", b.w.Day(week.first))})
		}
		last := &page.Weeks[len(page.Weeks)-1]
		last.Days = append(last.Days, b.collectionDay(p))
	}
	if len(list) > 0 {
		first := b.collectionDay(list[0])
		page.Next = &first
	} else {
		page.None = b.w.T("collections.none")
	}
	page.Streams = b.streams(c)
	return page
}

// ends says from when on the calendar is not known, "" when it is known whole.
func (b builder) ends(c Collections) string {
	if c.Ends.IsZero() {
		return ""
	}
	return b.w.T("collections.ends", "date", b.w.Date(c.Ends))
}

// sectorOf names the address and the sector that an answer is for.
func (b builder) sectorOf(c Collections) string {
	switch {
	case c.Address != "" && c.Sector != "":
		return b.w.T("collections.where.sector", "address", c.Address, "sector", c.Sector)
	case c.Address != "":
		return b.w.T("collections.where", "address", c.Address)
	}
	return ""
}

func (b builder) collectionDay(p pass) views.CollectionDay {
	day := views.CollectionDay{Title: capital(b.w.WeekdayDate(p.day, b.now))}
	if b.isNear(p.day) {
		day.Near = b.dayName(p.day)
	}
	if p.out != "" && p.truck != "" {
		day.Hours = b.w.T("collections.hours", "out", b.w.Clock(string(p.out)), "truck", b.w.Clock(string(p.truck)))
	}
	for _, bin := range p.bins {
		day.Bins = append(day.Bins, views.Bin{Chip: b.chip(p.streams[bin.Stream]), Name: b.streamName(bin, p.streams), Note: b.collectionNote(bin)})
	}
	return day
}

// streams are the streams that occur, with what goes in.
func (b builder) streams(c Collections) []views.Bin {
	var list []views.Bin
	var seen []string
	for _, d := range c.Days {
		s, known := c.Streams[d.Stream]
		if !known || slices.Contains(seen, d.Stream) {
			continue
		}
		seen = append(seen, d.Stream)
		list = append(list, views.Bin{Chip: b.chip(s), Name: b.streamName(d, c.Streams), Note: s.Accepts, More: s.Prepare})
	}
	return list
}

// collectionsYear is a year on one page of paper: the present one, or the one
// in the address.
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
	other, err := p.besideCalendars(r.Context(), shot, "")
	if err != nil {
		return err
	}
	here := r.URL.Path
	return p.personalBeside(w, r, shot, here, other, func(s snapshot) (*finished, error) {
		c, err := p.collections(r.Context(), s.session.citizen, yearOf(year))
		if err != nil {
			return nil, err
		}
		page := b.year(year, *c)
		page.Page = p.signedIn(p.page(s.prefs, here))
		page.Title, page.Version = page.Heading, s.dashboard.Version
		return finish(r.Context(), views.Year(page), htmlType)
	})
}

// year draws twelve months.
func (b builder) year(year int, c Collections) views.YearPage {
	page := views.YearPage{
		Heading: b.w.T("collections.year", "year", strconv.Itoa(year)), Where: b.sectorOf(c),
		Age: b.age(Source{Domain: collectionsDomain}, c.Read), Streams: b.streams(c),
	}
	for _, other := range []int{year - 1, year + 1} {
		if now := b.today().Year; other >= now-1 && other <= now+1 {
			href := collectionsYearPath + "/" + strconv.Itoa(other)
			page.Years = append(page.Years, views.Link{Href: href, Text: strconv.Itoa(other)})
		}
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
