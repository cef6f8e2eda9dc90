package agenda

import (
	"fmt"
	"time"
)

// zone writes a VTIMEZONE with each change of the clocks from the year before
// first to the year after last, as the time zone database has them: no rule is
// assumed, so that any zone and any reform of it hold.
func (w *writer) zone(zone *time.Location, first, last time.Time) {
	w.line("BEGIN", "VTIMEZONE")
	w.line("TZID", zone.String())
	at, until := first.AddDate(-1, 0, 0).In(zone), last.AddDate(1, 0, 0)
	start, end := at.ZoneBounds()
	if start.IsZero() { // a zone that never changed before
		start = time.Date(1970, time.January, 1, 0, 0, 0, 0, time.UTC).In(zone)
		w.observance(start, start)
	} else {
		w.observance(start.Add(-time.Second), start)
	}
	for !end.IsZero() && end.Before(until) {
		before := end.Add(-time.Second)
		w.observance(before, end)
		_, end = end.ZoneBounds()
	}
	w.line("END", "VTIMEZONE")
}

// observance writes what holds from an instant on; before has the offset that
// held until then, in which the beginning is written.
func (w *writer) observance(before, from time.Time) {
	kind := "STANDARD"
	if from.IsDST() {
		kind = "DAYLIGHT"
	}
	name, offset := from.Zone()
	_, earlier := before.Zone()
	w.line("BEGIN", kind)
	w.line("DTSTART", from.In(time.FixedZone("", earlier)).Format("20060102T150405"))
	w.line("TZOFFSETFROM", signed(earlier))
	w.line("TZOFFSETTO", signed(offset))
	w.text("TZNAME", name)
	w.line("END", kind)
}

func signed(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	text := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		text += fmt.Sprintf("%02d", seconds%60)
	}
	return text
}
