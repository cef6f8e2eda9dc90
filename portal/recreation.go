package portal

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

// recreation shows registrations, the next one first.
func (b builder) recreation(records []record.Record) shown {
	var current, past []views.Row
	regs := b.sortRegistrations(records)
	var first *coming
	for _, r := range regs {
		row := b.registrationRow(r.Registration)
		row.Since = r.mark
		if !r.current {
			past = append(past, row)
			continue
		}
		current = append(current, row)
		if first == nil && !r.when.at.IsZero() && r.Status != record.RegistrationCancelled {
			first = &r.when
		}
	}
	s := shown{headline: b.w.T("recreation.none"), rows: current}
	if len(current) > 0 {
		s.headline = b.w.N("recreation.count", len(current))
	}
	if first != nil {
		s.sub = b.w.T("recreation.next", "date", b.when(*first))
	}
	s.groups = []views.Group{{Title: b.w.T("recreation.group.current"), Rows: current}}
	if len(current) == 0 {
		s.groups[0].Empty = b.w.T("recreation.none")
	}
	if len(past) > 0 {
		s.groups = append(s.groups, views.Group{Title: b.w.T("recreation.group.past"), Rows: past})
	}
	return s
}

func (b builder) registrationRow(r record.Registration) views.Row {
	row := views.Row{Title: r.Name, Note: r.Notice, Forms: b.giveUpForm(r)}
	if row.Title == "" {
		row.Title = b.w.T("recreation.unnamed")
	}
	var line []string
	if r.Person != "" {
		line = append(line, r.Person)
	}
	if next := b.next(r); !next.at.IsZero() {
		line = append(line, b.when(next))
	}
	if len(line) > 0 {
		row.Detail = append(row.Detail, strings.Join(line, " · "))
	}
	if r.Place != "" {
		row.Detail = append(row.Detail, r.Place)
	}
	if r.Rank != nil && r.Status == record.RegistrationWaiting {
		row.Detail = append(row.Detail, b.w.T("recreation.rank", "n", strconv.Itoa(*r.Rank)))
	}
	row.Badge = b.registrationBadge(r.Status)
	return row
}

func (b builder) registrationBadge(s record.RegistrationStatus) *views.Badge {
	tone := views.Quiet
	switch s {
	case record.RegistrationConfirmed:
		tone = views.Ready
	case record.RegistrationPayment, record.RegistrationWaiting:
		tone = views.Soon
	case record.RegistrationCancelled:
		tone = views.Late
	case record.RegistrationAttended, record.RegistrationAbsent, record.RegistrationUnknown:
	}
	key := "registration." + string(s)
	if !b.w.Has(key) {
		key = "registration.unknown"
	}
	return &views.Badge{Tone: tone, Word: b.w.T(key)}
}

// dated is a registration with its next meeting, and what happened to it since
// the last visit.
type dated struct {
	record.Registration
	when    coming
	current bool
	mark    *views.Since
}

// sortRegistrations keeps the registrations, the next to meet first.
func (b builder) sortRegistrations(records []record.Record) []dated {
	regs, marks := marked[record.Registration](b, records, nil)
	list := make([]dated, len(regs))
	for i, r := range regs {
		list[i] = dated{r, b.next(r), b.isCurrent(r), marks[i]}
	}
	slices.SortStableFunc(list, func(x, y dated) int {
		switch {
		case x.when.at.IsZero() && y.when.at.IsZero():
			return 0
		case x.when.at.IsZero():
			return 1
		case y.when.at.IsZero():
			return -1
		}
		return x.when.at.Compare(y.when.at)
	})
	return list
}

// isCurrent tells whether a registration still concerns the person. One without
// any date does.
func (b builder) isCurrent(r record.Registration) bool {
	if r.Status == record.RegistrationAttended || r.Status == record.RegistrationAbsent {
		return false
	}
	switch {
	case !r.End.IsZero():
		return r.End.After(b.now)
	case !r.EndDate.IsZero():
		return !r.EndDate.Before(b.today())
	case !r.Start.IsZero():
		return r.Start.After(b.now)
	}
	return true
}

// coming is the next time something takes place: an instant, or a day only.
type coming struct {
	at      time.Time
	dayOnly bool
}

// next finds the next meeting of a registration; the zero coming is "not
// known, or over".
func (b builder) next(r record.Registration) coming {
	if r.Start.After(b.now) && len(r.Schedule) == 0 {
		return coming{at: r.Start}
	}
	var best coming
	for _, s := range r.Schedule {
		if c := b.nextOf(s, r); !c.at.IsZero() && (best.at.IsZero() || c.at.Before(best.at)) {
			best = c
		}
	}
	if best.at.IsZero() && len(r.Schedule) == 0 && !r.StartDate.IsZero() && !r.StartDate.Before(b.today()) {
		best = coming{r.StartDate.In(b.zone), true}
	}
	return best
}

// nextOf walks the days of one weekly rule, at most a year ahead.
func (b builder) nextOf(s record.Schedule, r record.Registration) coming {
	from, until := s.From, s.Until
	if from.IsZero() {
		from = r.StartDate
	}
	if until.IsZero() {
		until = r.EndDate
	}
	day := b.today()
	if day.Before(from) {
		day = from
	}
	clock, err := time.Parse("15:04", s.Start)
	for i := 0; i < 366 && (until.IsZero() || !until.Before(day)); i++ {
		start := day.In(b.zone)
		if slices.Contains(s.Days, start.Weekday()) {
			if err != nil {
				return coming{start, true}
			}
			start = time.Date(day.Year, day.Month, day.Day, clock.Hour(), clock.Minute(), 0, 0, b.zone)
			if start.After(b.now) {
				return coming{at: start}
			}
		}
		day = day.AddDays(1)
	}
	return coming{}
}

// when writes a coming.
func (b builder) when(c coming) string {
	date := record.DateOf(c.at.In(b.zone))
	day := b.w.WeekdayDate(date, b.now)
	if b.isNear(date) {
		day = b.near(date)
	}
	if c.dayOnly {
		return day
	}
	return b.w.T("recreation.when", "day", day, "hour", b.w.Hour(c.at))
}
