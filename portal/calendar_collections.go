package portal

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/agenda"
)

const collectionsFilePath = collectionsPath + "/agenda.ics"

// collectionsDownload is the collection days at the citizen's properties, to
// keep, once.
func (p *Portal) collectionsDownload(w http.ResponseWriter, r *http.Request) error {
	s, err := p.sessions.look(r)
	if err != nil {
		return err
	}
	b := builder{w: p.words[p.preferencesFor(r, s).lang], now: p.opt.Now(), zone: p.opt.Town.Zone}
	events, err := p.collectionEvents(r.Context(), b, s.citizen, true)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="collectes.ics"`)
	p.sendCalendar(w, r, b, events)
	return nil
}

// collectionEvents are the collection days at each of a citizen's properties, as
// far as a calendar goes; what is not known is said. Where properties differ,
// each event tells which it is for: by its address with details, else by no more
// than its sector or its place among them.
func (p *Portal) collectionEvents(ctx context.Context, b builder, citizen record.Citizen, details bool) ([]agenda.Event, error) {
	list, err := p.collections(ctx, citizen, span{b.today().AddDays(-calendarBack), b.today().AddDays(calendarAhead)})
	if err != nil {
		return nil, err
	}
	var events []agenda.Event
	groups := byAnswer(list)
	taken := map[string]bool{}
	for _, g := range groups {
		// One property has one calendar, whoever of a family reads it.
		c, key := g.answer(), "collections\x00"+g.answer().Address+"\x00"+g.answer().Sector
		if taken[key] {
			key += "\x00" + strconv.Itoa(g.numbers[0])
		}
		taken[key] = true
		of := calendarSource{builder: b, of: p.calendarKey("", key), view: c.Read, details: details}
		where := ""
		if len(groups) > 1 {
			where = of.propertyName(g)
		}
		events = append(events, of.property(c, where)...)
	}
	return events, nil
}

// propertyName tells a property from the citizen's others.
func (c calendarSource) propertyName(g alike[Collections]) string {
	switch sector := sector(g); {
	case c.details:
		return title(c.builder, g)
	case sector != "":
		return c.w.T("collections.sector", "sector", sector)
	}
	return c.w.T("collections.address.none", "n", strconv.Itoa(g.numbers[0]))
}

// property has what is known of one property, or that it is not; where names it
// among others.
func (c calendarSource) property(all Collections, where string) []agenda.Event {
	events := c.collections(all)
	if all.Why != "" {
		e := c.unknown(c.w.T("collections.title"))
		e.Description = c.w.T("collections.why." + string(all.Why))
		events = []agenda.Event{e}
	}
	for i := range events {
		if where != "" {
			events[i].Summary = c.w.T("agenda.collection.at", "collection", events[i].Summary, "where", where)
		}
	}
	return events
}

// collections has an event for each stream and day. A day that was moved away is
// called off under the UID that it had, unless that day has the stream anyway.
func (c calendarSource) collections(all Collections) []agenda.Event {
	var list, moved []agenda.Event
	taken := map[string]bool{}
	one := func(bin record.Collection, day record.Date, lines ...string) agenda.Event {
		e := c.event(bin.Stream+" "+day.String(), lines...)
		e.Day, e.Category = day, "collections"
		e.Summary = c.w.T("agenda.collection", "name", c.streamName(bin, all.Streams))
		return e
	}
	for _, bin := range all.Days {
		var lines []string
		if bin.Hours.OutAfter != "" && bin.Hours.OutBefore != "" {
			lines = append(lines, c.w.T("collections.hours", "out", c.w.Clock(string(bin.Hours.OutAfter)), "truck", c.w.Clock(string(bin.Hours.OutBefore))))
		}
		if note := c.collectionNote(bin); note != "" {
			lines = append(lines, note)
		}
		e := one(bin, bin.Date, lines...)
		e.LastDay, e.Cancelled = bin.EndDate, bin.Cancelled
		list = append(list, e)
		taken[e.UID] = true
		if !bin.MovedFrom.IsZero() {
			e := one(bin, bin.MovedFrom)
			e.Cancelled = true
			moved = append(moved, e)
		}
	}
	for _, e := range moved {
		if !taken[e.UID] {
			taken[e.UID] = true
			list = append(list, e)
		}
	}
	return list
}

// sequence is the SEQUENCE of what a read said: its minute since 2020. It grows
// with the reads and, unlike a count of changes, does not begin anew when the
// cache is lost; only a clock that is set back can make it shrink.
func sequence(at time.Time) uint64 {
	minutes := at.Sub(time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC)) / time.Minute
	return uint64(max(0, minutes))
}

// sendCalendar writes events as a file.
func (p *Portal) sendCalendar(w http.ResponseWriter, r *http.Request, b builder, events []agenda.Event) {
	cal := agenda.Calendar{
		Name: b.w.T("agenda.name", "town", p.opt.Town.Name), Language: b.w.Tag,
		Stamp: b.now, Zone: b.zone, Refresh: calendarRefresh, Events: once(events),
	}
	body := cal.Encode()
	h := w.Header()
	h.Set("Content-Type", agenda.Type)
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader may be gone
	}
}

// once keeps the first of the events of one UID.
func once(events []agenda.Event) []agenda.Event {
	seen := map[string]bool{}
	var list []agenda.Event
	for _, e := range events {
		if !seen[e.UID] {
			seen[e.UID] = true
			list = append(list, e)
		}
	}
	return list
}
