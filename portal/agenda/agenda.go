// Package agenda writes calendars as RFC 5545 and RFC 7986 ask: folded lines,
// escaped text, a VTIMEZONE of the town, and how often to ask again.
package agenda

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/semenligne/sem/connectors/record"
)

// Type is the media type of what [Calendar.Encode] returns.
const Type = "text/calendar; charset=utf-8"

// Calendar is what is published at one address.
type Calendar struct {
	// Name is shown by the program that reads it, in Language ("fr-CA").
	Name, Language string
	// Stamp is the instant at which it was made.
	Stamp time.Time
	Zone  *time.Location
	// Refresh is how long a program should wait before it asks again.
	Refresh time.Duration
	Events  []Event
}

// Event is one thing in a calendar: between two instants, or on whole days.
type Event struct {
	// UID names the event for as long as it lives, whatever changes in it.
	UID string
	// Sequence grows with each change.
	Sequence uint64
	// Start and End are instants; without them the event is on the days from
	// Day to LastDay, both included. The zero LastDay is Day.
	Start, End   time.Time
	Day, LastDay record.Date
	Summary      string
	Description  string
	Location     string
	// Category is one word, such as "library".
	Category  string
	Cancelled bool
	// Tentative is for what is not sure, such as a place in a waiting list.
	Tentative bool
	// Alarm rings when the event begins.
	Alarm bool
}

// Encode writes the calendar.
func (c Calendar) Encode() []byte {
	var w writer
	w.line("BEGIN", "VCALENDAR")
	w.line("VERSION", "2.0")
	w.line("PRODID", "-//SEM en ligne//Portail citoyen//FR")
	w.line("CALSCALE", "GREGORIAN")
	w.line("METHOD", "PUBLISH")
	w.text("NAME;LANGUAGE="+c.Language, c.Name)
	w.text("X-WR-CALNAME", c.Name)
	w.line("X-WR-TIMEZONE", c.Zone.String())
	w.line("REFRESH-INTERVAL;VALUE=DURATION", duration(c.Refresh))
	w.line("X-PUBLISHED-TTL", duration(c.Refresh))
	if first, last, timed := c.bounds(); timed {
		w.zone(c.Zone, first, last)
	}
	for _, e := range c.Events {
		w.event(e, c)
	}
	w.line("END", "VCALENDAR")
	return w.Bytes()
}

// bounds are the instants that the time zone has to hold for.
func (c Calendar) bounds() (first, last time.Time, timed bool) {
	for _, e := range c.Events {
		if e.Start.IsZero() {
			continue
		}
		if !timed || e.Start.Before(first) {
			first = e.Start
		}
		if !timed || e.End.After(last) {
			last = e.End
		}
		timed = true
	}
	return first, last, timed
}

// writer writes content lines.
type writer struct{ bytes.Buffer }

func (w *writer) event(e Event, c Calendar) {
	w.line("BEGIN", "VEVENT")
	w.text("UID", e.UID)
	w.line("DTSTAMP", utc(c.Stamp))
	w.line("SEQUENCE", strconv.FormatUint(e.Sequence&(1<<31-1), 10))
	if e.Start.IsZero() {
		last := e.LastDay
		if last.IsZero() {
			last = e.Day
		}
		w.line("DTSTART;VALUE=DATE", compact(e.Day))
		w.line("DTEND;VALUE=DATE", compact(last.AddDays(1)))
		w.line("TRANSP", "TRANSPARENT")
	} else {
		w.when("DTSTART", e.Start, e, c.Zone)
		w.when("DTEND", e.End, e, c.Zone)
	}
	w.text("SUMMARY;LANGUAGE="+c.Language, e.Summary)
	if e.Description != "" {
		w.text("DESCRIPTION;LANGUAGE="+c.Language, e.Description)
	}
	if e.Location != "" {
		w.text("LOCATION", e.Location)
	}
	if e.Category != "" {
		w.text("CATEGORIES", e.Category)
	}
	switch {
	case e.Cancelled:
		w.line("STATUS", "CANCELLED")
	case e.Tentative:
		w.line("STATUS", "TENTATIVE")
	default:
		w.line("STATUS", "CONFIRMED")
	}
	w.line("CLASS", "PRIVATE")
	if e.Alarm { // RFC 5545, 3.6.6
		w.line("BEGIN", "VALARM")
		w.line("ACTION", "DISPLAY")
		w.text("DESCRIPTION", e.Summary)
		w.line("TRIGGER", "PT0S")
		w.line("END", "VALARM")
	}
	w.line("END", "VEVENT")
}

// text writes a value of type TEXT, escaped.
func (w *writer) text(name, value string) { w.line(name, escape(value)) }

// longest is how many octets a line has at most, without its end.
const longest = 75

// line writes one content line, folded between characters.
func (w *writer) line(name, value string) {
	rest := name + ":" + value
	room := longest
	for len(rest) > room {
		cut := room
		for !utf8.RuneStart(rest[cut]) {
			cut--
		}
		w.WriteString(rest[:cut] + "\r\n ")
		rest, room = rest[cut:], longest-1 // the space counts
	}
	w.WriteString(rest + "\r\n")
}

// escape makes any text a value of type TEXT. Controls have no place in one,
// and marks that turn the direction of writing could make it read otherwise.
func escape(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Bidi_Control, r), r == '\uFEFF':
			return -1
		}
		return r
	}, s)
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(s)
}

// when writes an instant as the clocks of the town show it or, for an event in
// the hour that they show twice, in UTC.
func (w *writer) when(name string, at time.Time, e Event, zone *time.Location) {
	if twice(e.Start, zone) || twice(e.End, zone) {
		w.line(name, utc(at))
		return
	}
	w.line(name+";TZID="+zone.String(), local(at, zone))
}

// twice tells whether the clocks show the same hour at another instant too.
func twice(at time.Time, zone *time.Location) bool {
	start, end := at.In(zone).ZoneBounds()
	_, here := at.In(zone).Zone()
	other := func(edge time.Time, inside time.Duration) bool {
		if edge.IsZero() {
			return false
		}
		_, there := edge.Add(inside).In(zone).Zone()
		same := at.Add(time.Duration(here-there) * time.Second)
		_, offset := same.In(zone).Zone()
		return there != here && offset == there
	}
	return other(start, -time.Second) || other(end, 0)
}

func utc(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

func local(t time.Time, zone *time.Location) string { return t.In(zone).Format("20060102T150405") }

func compact(d record.Date) string { return d.In(time.UTC).Format("20060102") }

// duration writes whole minutes.
func duration(d time.Duration) string {
	return fmt.Sprintf("PT%dM", max(1, int(d/time.Minute)))
}
