package portal

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

const (
	collectionsPath     = "/collectes"
	collectionsYearPath = "/collectes/annee"
)

// collections returns what passes at each of a citizen's properties in a span:
// one answer at least, or nil where the town has no calendar.
func (p *Portal) collections(ctx context.Context, citizen record.Citizen, within span) ([]Collections, error) {
	if p.opt.Schedules == nil {
		return nil, nil
	}
	list, err := p.opt.Schedules.Collections(ctx, citizen, within.first, within.last)
	if err != nil {
		return nil, fmt.Errorf("collections: %w", err)
	}
	return list, nil
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
		page := b.collectionsWeeks(c)
		page.Page = p.signedIn(p.page(s.prefs, collectionsPath))
		page.Title, page.Version = page.Heading, s.dashboard.Version
		page.Watering = b.watering(water)
		return finish(r.Context(), views.Collections(page), htmlType)
	})
}

// collectionsWeeks lists what is to come, a part for each answer.
func (b builder) collectionsWeeks(list []Collections) views.CollectionsPage {
	groups := byAnswer(list)
	page := views.CollectionsPage{
		Heading: b.w.T("collections.title"), Age: b.age(Source{Domain: collectionsDomain}, list[0].Read),
	}
	file := &views.Link{Href: collectionsFilePath, Text: b.w.T("collections.file.link")}
	var all Collections
	for _, g := range groups {
		part := b.collectionsPart(g)
		if len(groups) > 1 {
			part.Address, part.Where = title(b, g), ""
			if s := sector(g); s != "" {
				part.Where = capital(b.w.T("collections.sector", "sector", s))
			}
		}
		if len(part.Unknown) == 0 {
			part.File, file = file, nil
		}
		page.Parts = append(page.Parts, part)
		all.Streams, all.Days = g.answer().Streams, slices.Concat(all.Days, g.answer().Days)
	}
	page.Streams = b.streams(all)
	return page
}

// collectionsPart is what is to come at properties that are alike, by week.
func (b builder) collectionsPart(g alike[Collections]) views.CollectionsPart {
	c := g.answer()
	part := views.CollectionsPart{
		Anchor: g.anchor(), Where: b.sectorOf(g),
		Year: views.Link{Href: b.yearHref(b.today().Year, g.numbers[0]), Text: b.w.T("collections.year.link")},
	}
	if c.Why != "" {
		part.Unknown = b.ignorance(c.Why)
		return part
	}
	part.Ends = b.ends(c)
	list := b.passes(c)
	for i, p := range list {
		week := weekOf(p.day)
		if i == 0 || week != weekOf(list[i-1].day) {
			part.Weeks = append(part.Weeks, views.CollectionWeek{Title: b.w.T("collections.week", "date", b.w.Day(week.first))})
		}
		last := &part.Weeks[len(part.Weeks)-1]
		last.Days = append(last.Days, b.collectionDay(p))
	}
	if len(list) > 0 {
		first := b.collectionDay(list[0])
		part.Next = &first
	} else {
		part.None = b.w.T("collections.none")
	}
	return part
}

// ends says from when on the calendar is not known, "" when it is known whole.
func (b builder) ends(c Collections) string {
	if c.Ends.IsZero() {
		return ""
	}
	return b.w.T("collections.ends", "date", b.w.Date(c.Ends))
}

// sectorOf names the addresses and the sector that an answer is for.
func (b builder) sectorOf(g alike[Collections]) string {
	where, sector := addresses(b, g), sector(g)
	switch {
	case where != "" && sector != "":
		return b.w.T("collections.where.sector", "address", where, "sector", sector)
	case where != "":
		return b.w.T("collections.where", "address", where)
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
