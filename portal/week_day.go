package portal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

// step is the finest division of the timetable.
const step = 5 // minutes

// weekDay draws one day, and says what collides in it.
func (b builder) weekDay(d record.Date, events []event, marks map[string]views.Mark, firstMinute int) (day views.WeekDay, clashes []string) {
	day = views.WeekDay{
		ID: "jour-" + d.String(), Weekday: b.w.Weekday(d.In(time.UTC).Weekday()), Date: b.w.Day(d), Today: d == b.today(),
	}
	var timed []event
	for _, e := range events {
		switch {
		case e.day != d:
		case e.allDay():
			day.AllDay = append(day.AllDay, b.weekItem(e, marks))
		default:
			timed = append(timed, e)
		}
	}
	for _, p := range arrange(timed) {
		item := b.weekItem(p.event, marks)
		item.From, item.Span = (p.from-firstMinute)/step, max(1, (p.to-p.from+step-1)/step)
		item.Column, item.Width = p.column, p.width
		if len(p.clashes) > 0 {
			item.Clash = strings.Join(p.clashes, ", ")
			sentence := b.w.T("week.clash", "person", p.person, "day", b.w.WeekdayDate(d, b.now), "titles", b.titles(p))
			if !slices.Contains(clashes, sentence) {
				clashes = append(clashes, sentence)
			}
		}
		day.Slots, day.Lanes = append(day.Slots, item), max(day.Lanes, columns/p.width)
	}
	if len(day.AllDay)+len(day.Slots) == 0 {
		day.Empty = b.w.T("week.day.empty")
	}
	return day, clashes
}

// titles names all that collide, in one order, so that a collision is told
// once.
func (b builder) titles(p placed) string {
	list := slices.Concat([]string{p.title}, p.clashes)
	slices.Sort(list)
	for i, title := range list {
		list[i] = b.w.T("week.quoted", "title", title)
	}
	return strings.Join(list, ", ")
}

func (b builder) weekItem(e event, marks map[string]views.Mark) views.WeekItem {
	item := views.WeekItem{Icon: string(e.kind), Title: e.title, Person: e.person, Place: e.place, Note: e.note, Stream: b.chip(e.stream)}
	if m, ok := marks[e.person]; ok && e.person != "" {
		item.Mark = &m
	}
	if !e.allDay() {
		item.Hours = b.hours(e)
	}
	switch e.status {
	case record.RegistrationCancelled:
		item.Off, item.Badge = true, b.registrationBadge(e.status)
	case record.RegistrationWaiting, record.RegistrationPayment, record.RegistrationUnknown, record.RegistrationAbsent:
		item.Badge = b.registrationBadge(e.status)
	case record.RegistrationConfirmed, record.RegistrationAttended:
	}
	return item
}

// hours writes from when to when.
func (b builder) hours(e event) string {
	switch {
	case e.more:
		return b.w.T("week.hours.until", "end", b.w.Hour(e.end))
	case e.openEnd:
		return b.w.T("week.hours.from", "start", b.w.Hour(e.start))
	}
	return b.w.T("week.hours", "start", b.w.Hour(e.start), "end", b.w.Hour(e.end))
}

// fullHour writes a line of the timetable: "8 h", "8:00 a.m.".
func (b builder) fullHour(h int) string { return b.w.Clock(fmt.Sprintf("%02d:00", h)) }
