package portal

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/locale"
	"github.com/semenligne/sem/portal/views"
)

// collectionsDomain names the texts of the town's calendars as a [Domain] does.
const collectionsDomain Domain = "collections"

// lastHour is until when today's collection counts, where the town says
// nothing else.
const lastHour record.Clock = "18:00"

// pass is the collections of one day.
type pass struct {
	day     record.Date
	bins    []record.Collection
	out     record.Clock // when bins may be put out, the evening before
	truck   record.Clock // when the truck may come
	until   record.Clock
	streams map[string]record.Stream
}

// passes groups what takes place by day, and leaves out what is over.
func (b builder) passes(c Collections) []pass {
	var list []pass
	for _, bin := range c.Days {
		until := cmp.Or(bin.Hours.Until, lastHour)
		if bin.Cancelled || b.over(cmp.Or(bin.EndDate, bin.Date), until) {
			continue
		}
		if len(list) == 0 || list[len(list)-1].day != bin.Date {
			list = append(list, pass{day: bin.Date, until: until, streams: c.Streams})
		}
		p := &list[len(list)-1]
		p.bins = append(p.bins, bin)
		p.out, p.truck = cmp.Or(p.out, bin.Hours.OutAfter), cmp.Or(p.truck, bin.Hours.OutBefore)
		p.until = max(p.until, until)
	}
	return list
}

// over tells whether an hour of a day is past.
func (b builder) over(d record.Date, until record.Clock) bool {
	return !b.now.Before(b.overAt(d, until))
}

// overAt is when an hour of a day is past; an hour that is none is midnight.
func (b builder) overAt(d record.Date, until record.Clock) time.Time {
	end, ok := b.onClock(d, string(until))
	if !ok {
		end = d.AddDays(1).In(b.zone)
	}
	return end
}

// names lists a day's streams.
func (b builder) names(p pass) string {
	var names []string
	for _, bin := range p.bins {
		if name := b.streamName(bin, p.streams); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// dayName is a day as people say it when it is near, else its name; as a
// heading.
func (b builder) dayName(d record.Date) string {
	if b.isNear(d) {
		return b.w.T("badge.days." + strconv.Itoa(b.today().DaysUntil(d)))
	}
	return capital(b.w.WeekdayDate(d, b.now))
}

// ignorance says, in sentences, why there is no calendar, and what that does
// not mean.
func (b builder) ignorance(why Ignorance) []string {
	return []string{b.w.T("collections.why." + string(why)), b.w.T("unknown.meaning.collections")}
}

// collectionEvent is a collection in the week.
func (b builder) collectionEvent(c record.Collection, d record.Date, streams map[string]record.Stream) event {
	e := event{day: d, kind: eventCollection, title: b.streamName(c, streams), note: b.collectionNote(c), stream: streams[c.Stream]}
	if c.Cancelled {
		e.status = record.RegistrationCancelled
	}
	return e
}

// streamName is what a collection is called in the page's language.
func (b builder) streamName(c record.Collection, streams map[string]record.Stream) string {
	s := streams[c.Stream]
	if b.w.Lang == locale.English && s.NameEN != "" {
		return s.NameEN
	}
	return cmp.Or(s.Name, c.Name, b.w.T("collections.unnamed"))
}

// collectionNote says that a day was moved, and what the town adds.
func (b builder) collectionNote(c record.Collection) string {
	var parts []string
	if !c.MovedFrom.IsZero() {
		parts = append(parts, b.w.T("collections.moved", "date", b.w.WeekdayDate(c.MovedFrom, b.now)))
	}
	if c.Note != "" {
		parts = append(parts, c.Note)
	}
	return strings.Join(parts, " · ")
}

// chip is the sign of a stream; nil for what is no collection.
func (b builder) chip(s record.Stream) *views.Chip {
	if s.Code == "" {
		return nil
	}
	chip := &views.Chip{Letter: cmp.Or(s.Letter, strings.ToUpper(string([]rune(cmp.Or(s.Name, s.Code))[:1])))}
	if rgb, err := strconv.ParseUint(strings.TrimPrefix(s.Color, "#"), 16, 32); err == nil && len(s.Color) == 7 {
		chip.Color, chip.Ink = s.Color, pick(luminance(rgb) > 0.179, "#000000", "#ffffff")
	}
	return chip
}

// capital begins a text with a capital letter.
func capital(s string) string {
	letters := []rune(s)
	if len(letters) == 0 {
		return s
	}
	return strings.ToUpper(string(letters[:1])) + string(letters[1:])
}

// eightWeeks is what the page shows: the rest of this week and the seven after.
func (b builder) eightWeeks() span {
	return span{b.today(), weekOf(b.today()).last.AddDays(7 * 7)}
}

// yearOf is a calendar year.
func yearOf(year int) span {
	return span{record.Date{Year: year, Month: time.January, Day: 1}, record.Date{Year: year, Month: time.December, Day: 31}}
}
