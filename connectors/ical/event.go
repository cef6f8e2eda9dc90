package ical

import (
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/semenligne/sem/connectors/record"
)

// event is one VEVENT: a single one, the master of a series, or what replaces
// one day of a series.
type event struct {
	uid       string
	sequence  int
	start     moment
	last      record.Date // of one that takes several days
	title     string
	note      string
	cancelled bool
	rules     []string
	dates     []moment
	except    []moment
	replaces  moment // RECURRENCE-ID; zero in all others
}

// moment is a value of type DATE, or an instant with the zone it was written in.
// At is midnight UTC of a DATE, whose year, month and day alone mean something.
type moment struct {
	at  time.Time
	day bool
}

// date returns the civil date as the calendar writes it.
func (m moment) date() record.Date { return record.DateOf(m.at) }

// in returns the civil date in the town.
func (m moment) in(zone *time.Location) record.Date {
	if m.day {
		return m.date()
	}
	return record.DateOf(m.at.In(zone))
}

// parse reads every event of a calendar's bytes.
func parse(body []byte, charset string, zone *time.Location) ([]event, error) {
	texts, err := objects(body, charset)
	if err != nil {
		return nil, err
	}
	var events []event
	for _, text := range texts {
		cal, err := ics.ParseCalendarWithOptions(strings.NewReader(text), ics.WithUnknownPropertyHandler(ics.AcceptUnknownPropertyHandler))
		if err != nil {
			return nil, malformed("not iCalendar") // the parser's error may quote it
		}
		all := false
		for _, p := range cal.CalendarProperties {
			all = all || p.IANAToken == "METHOD" && strings.EqualFold(strings.TrimSpace(p.Value), "CANCEL")
		}
		for _, component := range cal.Components {
			v, ok := component.(*ics.VEvent)
			if !ok {
				continue
			}
			if len(events) == maxEvents {
				return nil, malformed("more than %d events", maxEvents)
			}
			e, err := readEvent(v.Properties, zone)
			if err != nil {
				return nil, malformed("event %d: %v", len(events)+1, err)
			}
			e.cancelled = e.cancelled || all
			events = append(events, e)
		}
	}
	if len(events) == 0 {
		return nil, malformed("calendar without any event")
	}
	return events, nil
}

// oddError says what is odd about an event, without a word of it.
type oddError string

func (e oddError) Error() string { return string(e) }

func readEvent(properties []ics.IANAProperty, zone *time.Location) (event, error) {
	var e event
	var end, duration *ics.IANAProperty
	var err error
	for i := range properties {
		p := &properties[i]
		switch p.IANAToken {
		case "UID":
			e.uid = p.Value
		case "SEQUENCE":
			e.sequence, _ = strconv.Atoi(strings.TrimSpace(p.Value)) // none is the first
		case "SUMMARY":
			e.title = record.Text(p.Value, maxTitle)
		case "DESCRIPTION":
			e.note = record.Text(p.Value, maxNote)
		case "STATUS":
			e.cancelled = strings.EqualFold(strings.TrimSpace(p.Value), "CANCELLED")
		case "DTSTART":
			e.start, err = readMoment(p, p.Value, zone)
		case "DTEND":
			end = p
		case "DURATION":
			duration = p
		case "RRULE":
			if len(e.rules) == maxRules {
				return event{}, oddError("too many RRULEs")
			}
			e.rules = append(e.rules, p.Value)
		case "EXRULE":
			err = oddError("EXRULE, which RFC 5545 does away with")
		case "RDATE":
			e.dates, err = appendMoments(e.dates, p, zone)
		case "EXDATE":
			e.except, err = appendMoments(e.except, p, zone)
		case "RECURRENCE-ID":
			if parameter(p, "RANGE") != "" {
				return event{}, oddError("RECURRENCE-ID with RANGE")
			}
			e.replaces, err = readMoment(p, p.Value, zone)
		}
		if err != nil {
			return event{}, err
		}
	}
	if e.start.at.IsZero() {
		return event{}, oddError("no DTSTART")
	}
	e.last, err = lastDay(e.start, end, duration, zone)
	return e, err
}

// Lengths in characters.
const (
	maxTitle = 200
	maxNote  = 2000
)

// lastDay returns the last day of an event that takes several, the zero Date
// for others. The end of an all-day event is the day after it.
func lastDay(start moment, end, duration *ics.IANAProperty, zone *time.Location) (record.Date, error) {
	until := start.at
	switch {
	case end != nil:
		m, err := readMoment(end, end.Value, zone)
		if err != nil {
			return record.Date{}, err
		}
		until = m.at
	case duration != nil:
		length, ok := parseDuration(duration.Value)
		if !ok {
			return record.Date{}, oddError("DURATION that is none")
		}
		until = start.at.Add(length)
	}
	if start.day {
		if last := record.DateOf(until).AddDays(-1); start.date().Before(last) {
			return last, nil
		}
		return record.Date{}, nil
	}
	if until.Sub(start.at) < 24*time.Hour { // a night's put-out is its evening's
		return record.Date{}, nil
	}
	return record.DateOf(until.Add(-time.Second).In(zone)), nil
}

// parseDuration reads P1D, P2W, PT11H30M and the like (RFC 5545, 3.3.6).
func parseDuration(s string) (time.Duration, bool) {
	s, ok := strings.CutPrefix(strings.ToUpper(strings.TrimSpace(s)), "P")
	if !ok || s == "" {
		return 0, false
	}
	units := map[byte]time.Duration{'W': 7 * 24 * time.Hour, 'D': 24 * time.Hour, 'H': time.Hour, 'M': time.Minute, 'S': time.Second}
	var total time.Duration
	number := ""
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9' && len(number) < 6:
			number += s[i : i+1]
		case c == 'T' && number == "":
		case units[c] > 0 && number != "":
			n, _ := strconv.Atoi(number) // at most six digits
			total += time.Duration(n) * units[c]
			number = ""
		default:
			return 0, false
		}
	}
	return total, number == ""
}
