package connectors

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time in settings, always written with its unit:
// "500ms", "10s", "15m", "6h", "30d". A day is 24 hours.
type Duration time.Duration

// Std returns the standard library's type.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String writes the duration as settings do.
func (d Duration) String() string {
	if day := 24 * time.Hour; d != 0 && d.Std()%day == 0 {
		return fmt.Sprintf("%dd", d.Std()/day)
	}
	return d.Std().String()
}

// MarshalText writes the duration with its unit.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a duration with its unit; negative ones are refused.
func (d *Duration) UnmarshalText(text []byte) error {
	s := string(text)
	var std time.Duration
	var err error
	if days, ok := strings.CutSuffix(s, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		std = time.Duration(n) * 24 * time.Hour
		if err == nil && (n < 0 || n > 36500) {
			err = strconv.ErrRange
		}
	} else {
		std, err = time.ParseDuration(s)
	}
	if err != nil || std < 0 {
		return fmt.Errorf("not a duration: write a number and its unit, such as 30s, 15m, 6h or 2d")
	}
	*d = Duration(std)
	return nil
}
