package open311

import (
	"strings"
	"time"
)

// readableLayouts are the ways servers write an instant, the specified one
// first. Fractions of a second are understood after any seconds.
func readableLayouts() []string {
	return []string{
		time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00",
		"2006-01-02 15:04:05 Z07:00", "2006-01-02T15:04:05 Z07:00", "2006-01-02 15:04:05 -0700",
		"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly,
	}
}

// parseTime reads an instant leniently; without a zone it is in the source's
// own. What cannot be read, or stands for nothing such as 1970 or year 1, is
// the zero time: unknown.
func parseTime(s string, zone *time.Location) time.Time {
	if utc, ok := strings.CutSuffix(s, " UTC"); ok {
		s = utc + "Z" // other abbreviations of zones are ambiguous
	}
	for _, layout := range readableLayouts() {
		t, err := time.ParseInLocation(layout, s, zone)
		if err != nil {
			continue
		}
		if t = t.UTC(); t.Year() < 1980 || t.Year() > 2200 {
			return time.Time{}
		}
		return t
	}
	return time.Time{}
}

// formatTime writes an instant for start_date and end_date.
func formatTime(t time.Time, style string, zone *time.Location) string {
	switch style {
	case dateOffset:
		return t.In(zone).Format(time.RFC3339)
	case dateNoZone:
		return t.In(zone).Format("2006-01-02T15:04:05")
	}
	return t.UTC().Format(time.RFC3339)
}
