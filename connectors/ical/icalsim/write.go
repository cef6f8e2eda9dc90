package icalsim

import (
	"fmt"
	"strings"
)

// write makes a calendar whose UIDs are new at each call, as some servers do.
func write(events []Event, call int) []byte {
	var b strings.Builder
	line := func(s string) { b.WriteString(fold(s)) }
	line("BEGIN:VCALENDAR")
	line("VERSION:2.0")
	line("PRODID:-//icalsim//essais//FR")
	line("BEGIN:VTIMEZONE")
	line("TZID:America/Toronto")
	for _, half := range [][4]string{
		{"STANDARD", "20071104T020000", "-0400:-0500", "FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"},
		{"DAYLIGHT", "20070311T020000", "-0500:-0400", "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"},
	} {
		from, to, _ := strings.Cut(half[2], ":")
		line("BEGIN:" + half[0])
		line("DTSTART:" + half[1])
		line("TZOFFSETFROM:" + from)
		line("TZOFFSETTO:" + to)
		line("RRULE:" + half[3])
		line("END:" + half[0])
	}
	line("END:VTIMEZONE")
	for i, e := range events {
		line("BEGIN:VEVENT")
		if !hasUID(e) {
			line(fmt.Sprintf("UID:%d-%d@essais.example", i, call))
		}
		line("DTSTAMP:20260101T000000Z")
		line("DTSTART" + e.Start)
		line("SUMMARY:" + escape(e.Title))
		if e.Description != "" {
			line("DESCRIPTION:" + escape(e.Description))
		}
		for _, l := range e.Lines {
			line(l)
		}
		line("END:VEVENT")
	}
	line("END:VCALENDAR")
	return []byte(b.String())
}

func hasUID(e Event) bool {
	for _, l := range e.Lines {
		if strings.HasPrefix(l, "UID:") {
			return true
		}
	}
	return false
}

// escape writes text as RFC 5545, 3.3.11 says.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(s)
}

// fold cuts a line after at most 75 octets, between characters.
func fold(s string) string {
	var b strings.Builder
	width := 0
	for _, r := range s {
		size := len(string(r))
		if width+size > 75 {
			b.WriteString("\r\n ")
			width = 1
		}
		b.WriteRune(r)
		width += size
	}
	return b.String() + "\r\n"
}
