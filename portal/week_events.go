package portal

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// event is something that happens on one day of a week: at an hour, or on the
// day as such.
type event struct {
	day record.Date
	// start and end are instants; both are zero for what has no hour. openEnd
	// marks an end that the source did not give.
	start, end time.Time
	openEnd    bool
	// from and to are minutes of the day on the wall clock, 0 to 1440.
	from, to int
	// more marks the part of an event that goes on after midnight.
	more bool

	kind   eventKind
	title  string
	person string // whose it is; "" is nobody's in particular
	place  string
	note   string
	status record.RegistrationStatus // of an activity
	stream record.Stream             // of a collection
	// key is the record it comes from: the same record may be read for two
	// people of a family.
	key string
}

// eventKind is what sort of thing an event is.
type eventKind string

// The kinds of events, closed. They name the icons too.
const (
	eventActivity   eventKind = "recreation"
	eventDue        eventKind = "library"
	eventCollection eventKind = "collections"
	eventClock      eventKind = "tone-soon"
)

// assumedLength is how long something without an end is drawn.
const assumedLength = time.Hour

func (e event) allDay() bool { return e.start.IsZero() }

// firm tells whether somebody has to be there.
func (e event) firm() bool {
	return e.status == record.RegistrationConfirmed || e.status == record.RegistrationPayment || e.status == record.RegistrationUnknown
}

// span is a run of days, both included.
type span struct{ first, last record.Date }

func (s span) holds(d record.Date) bool { return !d.Before(s.first) && !s.last.Before(d) }

func (s span) days() []record.Date {
	var list []record.Date
	for d := s.first; !s.last.Before(d); d = d.AddDays(1) {
		list = append(list, d)
	}
	return list
}

// weekOf returns the week of a day: Sunday to Saturday, as calendars on the
// wall have it here.
func weekOf(d record.Date) span {
	sunday := d.AddDays(-int(d.In(time.UTC).Weekday()))
	return span{sunday, sunday.AddDays(6)}
}

// activities returns the meetings of a registration within a span. Without any
// day known it returns none, and dated false.
func (b builder) activities(r record.Registration, within span) (list []event, dated bool) {
	base := event{kind: eventActivity, title: r.Name, person: r.Person, place: r.Place, note: r.Notice, status: r.Status}
	if base.title == "" {
		base.title = b.w.T("recreation.unnamed")
	}
	for _, rule := range r.Schedule {
		if len(rule.Days) == 0 {
			continue
		}
		dated = true
		list = append(list, b.meetings(base, rule, r, within)...)
	}
	switch {
	case dated:
	case !r.Start.IsZero() && !r.End.IsZero() && r.End.Sub(r.Start) > 24*time.Hour:
		dated = true
		list = allDays(base, span{record.DateOf(r.Start.In(b.zone)), record.DateOf(r.End.In(b.zone))}, within)
	case !r.Start.IsZero():
		dated = true
		list = b.timed(base, r.Start, r.End, within)
	case !r.StartDate.IsZero():
		dated = true
		list = b.datesOnly(base, r, within)
	}
	return list, dated
}

// meetings walks one weekly rule. It begins a day early, for what goes on after
// midnight.
func (b builder) meetings(base event, rule record.Schedule, r record.Registration, within span) []event {
	season := span{cmp.Or(rule.From, r.StartDate), cmp.Or(rule.Until, r.EndDate)}
	var list []event
	for _, d := range (span{within.first.AddDays(-1), within.last}).days() {
		outside := d.Before(season.first) || !season.last.IsZero() && season.last.Before(d)
		if outside || !slices.Contains(rule.Days, d.In(time.UTC).Weekday()) {
			continue
		}
		start, ok := b.onClock(d, rule.Start)
		if !ok {
			list = append(list, allDays(base, span{d, d}, within)...)
			continue
		}
		end, ok := b.onClock(d, rule.End)
		switch {
		case !ok:
			end = time.Time{}
		case !end.After(start):
			end, _ = b.onClock(d.AddDays(1), rule.End)
		}
		list = append(list, b.timed(base, start, end, within)...)
	}
	return list
}

// onClock is the instant at which a clock of the town shows 15:04 on a day.
// 24:00 is the end of the day.
func (b builder) onClock(d record.Date, clock string) (time.Time, bool) {
	if clock == "24:00" {
		return d.AddDays(1).In(b.zone), true
	}
	at, err := time.Parse("15:04", clock)
	if err != nil {
		return time.Time{}, false
	}
	return time.Date(d.Year, d.Month, d.Day, at.Hour(), at.Minute(), 0, 0, b.zone), true
}

// timed places something between two instants, in two parts where midnight
// comes between them. A zero end is drawn an hour later.
func (b builder) timed(base event, start, end time.Time, within span) []event {
	base.start, base.end = start, end
	if !end.After(start) {
		base.end, base.openEnd = start.Add(assumedLength), true
	}
	day := record.DateOf(start.In(b.zone))
	midnight := day.AddDays(1).In(b.zone)
	base.day, base.from = day, b.wall(start)
	var list []event
	if !base.end.After(midnight) {
		// Where the clocks go back an event may end at an earlier hour than it began:
		// it is then drawn as long as it lasts.
		base.to = b.wall(base.end)
		if base.end.Equal(midnight) {
			base.to = 24 * 60
		} else if base.to <= base.from {
			base.to = base.from + int(base.end.Sub(start)/time.Minute)
		}
		list = append(list, base)
	} else {
		rest := base
		base.to = 24 * 60
		rest.day, rest.from, rest.to, rest.more = day.AddDays(1), 0, b.wall(base.end), true
		list = append(list, base, rest)
	}
	return slices.DeleteFunc(list, func(e event) bool { return !within.holds(e.day) })
}

// wall is what a clock of the town shows, in minutes.
func (b builder) wall(at time.Time) int {
	at = at.In(b.zone)
	return at.Hour()*60 + at.Minute()
}

func allDays(base event, during, within span) []event {
	var list []event
	for _, d := range within.days() {
		if during.holds(d) {
			base.day = d
			list = append(list, base)
		}
	}
	return list
}

// datesOnly places a course of which only days are known: each day of a short
// one, the first and the last of a long one.
func (b builder) datesOnly(base event, r record.Registration, within span) []event {
	last := cmp.Or(r.EndDate, r.StartDate)
	if r.StartDate.DaysUntil(last) < 7 {
		return allDays(base, span{r.StartDate, last}, within)
	}
	first, end := base, base
	first.note, end.note = b.w.T("week.begins"), b.w.T("week.ends")
	return slices.Concat(allDays(first, span{r.StartDate, r.StartDate}, within), allDays(end, span{last, last}, within))
}

// terms returns the days on which a library's things are due: loans by day, and
// holds that wait no longer.
func (b builder) terms(records []record.Record, person string, within span) []event {
	var list []event
	loans := map[record.Date][]record.Loan{}
	for _, l := range bodies[record.Loan](records) {
		loans[l.Due] = append(loans[l.Due], l)
	}
	for _, d := range within.days() {
		due := loans[d]
		if len(due) == 0 {
			continue
		}
		titles := make([]string, len(due))
		for i, l := range due {
			titles[i] = b.loanTitle(l)
		}
		e := event{day: d, kind: eventDue, person: person, title: b.w.N("week.due", len(due), "title", titles[0])}
		if len(due) > 1 {
			e.note = strings.Join(titles, " · ")
		}
		list = append(list, e)
	}
	for _, h := range bodies[record.Hold](records) {
		if h.Status != record.HoldReady || !within.holds(h.Expires) {
			continue
		}
		title := cmp.Or(h.Title, b.w.T("library.untitled"))
		list = append(list, event{day: h.Expires, kind: eventDue, person: person, title: b.w.T("week.hold", "title", title), place: h.Pickup})
	}
	return list
}

// clockChange tells of the nights on which the hour changes.
func (b builder) clockChange(within span) []event {
	var list []event
	for _, d := range within.days() {
		_, before := d.In(b.zone).Zone()
		_, after := d.AddDays(1).In(b.zone).Zone()
		if before == after {
			continue
		}
		key := pick(after > before, "week.clock.forward", "week.clock.back")
		list = append(list, event{day: d, kind: eventClock, title: b.w.T(key)})
	}
	return list
}

// initials gives each name its shortest mark that nobody before has: "M", then
// "Ma", then "M2".
func initials(names []string) map[string]string {
	marks, taken := map[string]string{}, map[string]bool{}
	for _, name := range names {
		letters := []rune(name)
		if _, known := marks[name]; known || len(letters) == 0 {
			continue
		}
		first := strings.ToUpper(string(letters[0]))
		mark := first
		if taken[mark] && len(letters) > 1 {
			mark += strings.ToLower(string(letters[1]))
		}
		for n := 2; taken[mark]; n++ {
			mark = first + strconv.Itoa(n)
		}
		marks[name], taken[mark] = mark, true
	}
	return marks
}
