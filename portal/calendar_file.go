package portal

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/agenda"
)

const (
	// calendarRefresh is how often a program should ask again.
	calendarRefresh = 6 * time.Hour
	// calendarBack and calendarAhead are the days that a calendar has.
	calendarBack, calendarAhead = 30, 365
)

// calendarDatasets are what a calendar may hold.
func calendarDatasets() []dossier.Dataset { return []dossier.Dataset{dossier.Loans, dossier.Schedule} }

// subscription answers a program that knows a calendar's token, without any
// session. Unknown, revoked and ended are one answer.
func (p *Portal) subscription(w http.ResponseWriter, r *http.Request) error {
	c, err := p.opt.Dossier.FindCalendar(r.Context(), chi.URLParam(r, "token"), p.opt.Now())
	if errors.Is(err, dossier.ErrNotFound) {
		return errNotFound
	} else if err != nil {
		return err
	}
	f, err := p.family(r.Context(), c.Owner, calendarDatasets()...)
	if err != nil {
		return err
	}
	if c.Person != "" {
		// Whoever may not be seen any more leaves a calendar without events, so that
		// programs remove what they have.
		f.people = slices.DeleteFunc(f.people, func(x person) bool { return x.citizen != c.Person })
	}
	lang := c.Language
	if p.words[lang] == nil {
		lang = p.preferencesOf(r).lang
	}
	b := builder{w: p.words[lang], now: p.opt.Now(), zone: p.opt.Town.Zone}
	var bins []agenda.Event
	if c.Collections {
		if bins, err = p.collectionEvents(r.Context(), b, c.Owner, false); err != nil {
			return err
		}
	}
	p.writeCalendar(w, r, b, f, false, bins...)
	return nil
}

// calendarDownload is a calendar to keep, once, for whoever is signed in. With
// ?details it has names and titles.
func (p *Portal) calendarDownload(w http.ResponseWriter, r *http.Request) error {
	s, err := p.sessions.look(r)
	if err != nil {
		return err
	}
	f, err := p.family(r.Context(), s.citizen, calendarDatasets()...)
	if err != nil {
		return err
	}
	handle := r.URL.Query().Get("qui")
	if handle == everybody {
		handle = ""
	}
	if f.people, err = f.choose(handle); err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="agenda.ics"`)
	b := builder{w: p.words[p.preferencesFor(r, s).lang], now: p.opt.Now(), zone: p.opt.Town.Zone}
	p.writeCalendar(w, r, b, f, r.URL.Query().Has("details"))
	return nil
}

// writeCalendar writes what the people of a family have to do and to bring back,
// after the events given.
func (p *Portal) writeCalendar(w http.ResponseWriter, r *http.Request, b builder, f family, details bool, events ...agenda.Event) {
	p.refresh(f)
	for _, x := range f.people {
		events = append(events, p.calendarEvents(b, x, details)...)
	}
	p.sendCalendar(w, r, b, events)
}

// calendarEvents are those of one person, from the sections that may be seen.
func (p *Portal) calendarEvents(b builder, x person, details bool) []agenda.Event {
	var list []agenda.Event
	for _, source := range p.opt.Sources {
		dataset, shared := source.Domain.dataset()
		if !shared || !x.may(dataset) || !slices.Contains(calendarDatasets(), dataset) {
			continue
		}
		whose := x.citizen
		if dataset == dossier.Schedule {
			whose = "" // one registration, even when it is read for two of a family
		}
		c := calendarSource{builder: b, of: p.calendarKey(whose, source.Name), view: x.dashboard.Section(source.Name).At(b.now), details: details}
		records, known := c.view.Records()
		switch {
		case !known && c.view.Trouble != notLinked && c.view.Trouble != notFound:
			list = append(list, c.unknown(b.title(source)))
		case dataset == dossier.Loans:
			list = append(list, c.library(records)...)
		case dataset == dossier.Schedule:
			list = append(list, c.recreation(records, x.name)...)
		}
	}
	return list
}

// calendarSource turns one section into events. Without details they name
// nobody and no book.
type calendarSource struct {
	builder
	of      func(key string) string // UID of something in this section
	view    cache.View
	details bool
}

// calendarKey makes UIDs that stay the same and tell nothing.
func (p *Portal) calendarKey(citizen record.Citizen, source string) func(string) string {
	return func(key string) string {
		mac := hmac.New(sha256.New, p.opt.Pepper)
		fmt.Fprintf(mac, "calendar\x00%s\x00%s\x00%s", citizen, source, key)
		s := mac.Sum(nil)
		s[6], s[8] = s[6]&0x0f|0x80, s[8]&0x3f|0x80 // UUID version 8 (RFC 9562)
		return fmt.Sprintf("%x-%x-%x-%x-%x", s[:4], s[4:6], s[6:8], s[8:10], s[10:16])
	}
}

// event fills in what every event of the section has.
func (c calendarSource) event(key string, lines ...string) agenda.Event {
	lines = append(lines, c.w.T("agenda.asof", "time", c.w.Moment(c.view.AsOf, c.now)))
	return agenda.Event{UID: c.of(key), Sequence: sequence(c.view.AsOf), Description: strings.Join(lines, "\n")}
}

// unknown says on the present day that something could not be read: nothing is
// not what it means.
func (c calendarSource) unknown(title string) agenda.Event {
	return agenda.Event{UID: c.of("unknown"), Sequence: sequence(c.now), Day: c.today(), Summary: c.w.T("agenda.unknown", "source", title)}
}

// library has one event a day on which something is due, or waits no longer.
func (c calendarSource) library(records []record.Record) []agenda.Event {
	due, holds := map[record.Date][]string{}, map[record.Date][]string{}
	for _, l := range bodies[record.Loan](records) {
		due[l.Due] = append(due[l.Due], c.loanTitle(l))
	}
	for _, h := range bodies[record.Hold](records) {
		if h.Status == record.HoldReady {
			holds[h.Expires] = append(holds[h.Expires], cmp.Or(h.Title, c.w.T("library.untitled")))
		}
	}
	return slices.Concat(c.days("due", due), c.days("hold", holds))
}

func (c calendarSource) days(what string, byDay map[record.Date][]string) []agenda.Event {
	var list []agenda.Event
	for day, titles := range byDay {
		if day.IsZero() {
			continue
		}
		var lines []string
		if c.details {
			lines = append(lines, titles...)
		}
		e := c.event(what+" "+day.String(), lines...)
		e.Day, e.Category = day, "library"
		e.Summary = c.w.N("agenda."+what, len(titles))
		list = append(list, e)
	}
	slices.SortFunc(list, func(x, y agenda.Event) int { return cmp.Compare(x.Day.String(), y.Day.String()) })
	return list
}

// recreation has each meeting of each registration.
func (c calendarSource) recreation(records []record.Record, name string) []agenda.Event {
	within := span{c.today().AddDays(-calendarBack), c.today().AddDays(calendarAhead)}
	var list []agenda.Event
	for _, r := range records {
		reg, ok := r.Body.(record.Registration)
		if !ok || reg.Status == record.RegistrationAbsent || reg.Status == record.RegistrationAttended {
			continue
		}
		meetings, _ := c.activities(reg, within)
		for _, m := range meetings {
			if m.more { // the part after midnight is in the event of the evening
				continue
			}
			e := c.event(r.Key+" "+m.day.String()+" "+strconv.Itoa(m.from), c.status(reg)...)
			e.Start, e.End, e.Summary, e.Location, e.Category = m.start, m.end, m.title, m.place, "recreation"
			if m.allDay() {
				e.Day = m.day
			}
			if who := cmp.Or(reg.Person, name); c.details && who != "" {
				e.Summary = c.w.T("agenda.who", "person", who, "name", m.title)
			}
			e.Cancelled = reg.Status == record.RegistrationCancelled
			e.Tentative = reg.Status == record.RegistrationWaiting || reg.Status == record.RegistrationPayment
			list = append(list, e)
		}
	}
	return list
}

// status tells what is not sure yet about a registration.
func (c calendarSource) status(r record.Registration) []string {
	switch r.Status {
	case record.RegistrationWaiting, record.RegistrationPayment, record.RegistrationCancelled:
		return []string{c.w.T("registration." + string(r.Status))}
	case record.RegistrationConfirmed, record.RegistrationAttended, record.RegistrationAbsent, record.RegistrationUnknown:
	}
	return nil
}
