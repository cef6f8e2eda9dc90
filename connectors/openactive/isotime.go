package openactive

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// period is an ISO 8601 duration. Its days are civil days: P6D before an
// evening in winter is the same evening hour, summer time or not.
type period struct {
	years, months, days int
	clock               time.Duration
}

var periodForm = regexp.MustCompile(`^P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})(?:\.\d+)?S)?)?$`)

// parsePeriod reads "P6D", "P1W", "PT1H30M"; nil when the text is none.
func parsePeriod(s string) *period {
	m := periodForm.FindStringSubmatch(s)
	if m == nil || !strings.ContainsAny(s, "0123456789") {
		return nil
	}
	n := func(i int) int { v, _ := strconv.Atoi(m[i]); return v } // the form admits only short digits, or nothing
	return &period{
		years: n(1), months: n(2), days: 7*n(3) + n(4),
		clock: time.Duration(n(5))*time.Hour + time.Duration(n(6))*time.Minute + time.Duration(n(7))*time.Second,
	}
}

// before returns the instant a period earlier, in the zone's calendar.
func (p *period) before(t time.Time, zone *time.Location) time.Time {
	return t.In(zone).AddDate(-p.years, -p.months, -p.days).Add(-p.clock).UTC()
}

// after returns the instant a period later, in the zone's calendar.
func (p *period) after(t time.Time, zone *time.Location) time.Time {
	return t.In(zone).AddDate(p.years, p.months, p.days).Add(p.clock).UTC()
}

// parseMoment reads an instant or, for a course given by days, a date. A time
// without offset is the town's own. Unreadable text is neither.
func parseMoment(s string, zone *time.Location) (time.Time, record.Date) {
	if d, err := record.ParseDate(s); err == nil {
		return time.Time{}, d
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), record.Date{}
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t.UTC(), record.Date{}
		}
	}
	return time.Time{}, record.Date{}
}

// parseClock reads "08:30" or "08:30:00"; "" when it is no time of day.
func parseClock(s string) string {
	for _, layout := range []string{"15:04", "15:04:05", "15:04:05Z07:00", "15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format("15:04")
		}
	}
	return ""
}
