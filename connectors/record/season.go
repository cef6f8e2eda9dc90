package record

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Season is a part of every year, both days included. It may cross New Year:
// 11-01 to 04-30. The zero Season is the whole year.
type Season struct {
	From MonthDay `json:"from,omitempty"`
	To   MonthDay `json:"to,omitempty"`
}

// IsZero tells whether the season is the whole year.
func (s Season) IsZero() bool { return s == Season{} }

// Contains tells whether a day is in the season.
func (s Season) Contains(d Date) bool {
	if s.IsZero() {
		return true
	}
	day := MonthDay(fmt.Sprintf("%02d-%02d", int(d.Month), d.Day))
	if s.From <= s.To {
		return s.From <= day && day <= s.To
	}
	return s.From <= day || day <= s.To
}

// MonthDay is a day of any year, 01-02. 02-29 is a day that most years lack.
type MonthDay string

// Valid tells whether some year has the day.
func (m MonthDay) Valid() bool {
	_, err := time.Parse(time.DateOnly, "2024-"+string(m))
	return err == nil
}

// Period is a stretch of days, both included; a zero end is open.
type Period struct {
	From Date `json:"from,omitzero"`
	To   Date `json:"to,omitzero"`
}

// IsZero tells whether the period has no bounds.
func (p Period) IsZero() bool { return p == Period{} }

// Contains tells whether a day is in the period.
func (p Period) Contains(d Date) bool {
	return (p.From.IsZero() || !d.Before(p.From)) && (p.To.IsZero() || !p.To.Before(d))
}

// Clock is a time of day in the town, 15:04; 24:00 is the end of the day and
// "" is unknown. Clocks compare as text does.
type Clock string

// clock is a time of day as towns write it: 07:00, 7:00, 7 h, 7h30, 19 h 00.
var clock = regexp.MustCompile(`^(\d{1,2})(?:\s*[h:]\s*(\d{2})?)(?::00)?$`)

// ParseClock reads a time of day: "07:00", "7 h", "19 h 30", "24:00".
func ParseClock(s string) (Clock, error) {
	m := clock.FindStringSubmatch(s)
	if m == nil {
		return "", fmt.Errorf("time of day: write such as 07:00 or 19 h 30")
	}
	hour, _ := strconv.Atoi(m[1])         // one or two digits
	minute, _ := strconv.Atoi("0" + m[2]) // none or two digits
	if hour > 24 || minute > 59 || hour == 24 && minute > 0 {
		return "", fmt.Errorf("time of day: there is no such one")
	}
	return Clock(fmt.Sprintf("%02d:%02d", hour, minute)), nil
}

// UnmarshalText reads a time of day; empty text is the unknown one.
func (c *Clock) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*c = ""
		return nil
	}
	parsed, err := ParseClock(string(text))
	*c = parsed
	return err
}

// On returns the instant at which a clock on the wall shows c on a day. An
// hour that the spring night skips is the instant of the change; of an hour that
// the autumn night has twice it is the first. An unknown time is the start of
// the day.
func (c Clock) On(d Date, zone *time.Location) time.Time {
	hour, minute := 0, 0
	if c != "" {
		_, _ = fmt.Sscanf(string(c), "%d:%d", &hour, &minute) // ParseClock wrote it
	}
	t := time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, zone)
	shown := t.Hour()*60 + t.Minute()
	want := (hour%24)*60 + minute
	begins, ends := t.ZoneBounds()
	switch {
	case shown < want:
		return ends
	case shown > want:
		return begins
	}
	return t
}
