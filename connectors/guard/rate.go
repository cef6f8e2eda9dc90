package guard

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// Rate is a number of calls in a second, minute or hour: "10/s", "60/m",
// "500/h". The zero Rate does not limit.
type Rate struct {
	Calls int
	Per   time.Duration
}

// MarshalText writes the rate as settings do.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// String writes the rate as settings do, "" when it does not limit.
func (r Rate) String() string {
	switch r.Per {
	case time.Second:
		return fmt.Sprintf("%d/s", r.Calls)
	case time.Minute:
		return fmt.Sprintf("%d/m", r.Calls)
	case time.Hour:
		return fmt.Sprintf("%d/h", r.Calls)
	default:
		return ""
	}
}

// UnmarshalText reads what [Rate.MarshalText] writes.
func (r *Rate) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*r = Rate{}
		return nil
	}
	calls, unit, _ := strings.Cut(string(text), "/")
	n, err := strconv.Atoi(strings.TrimSpace(calls))
	per, known := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[strings.TrimSpace(unit)]
	if err != nil || n < 1 || !known {
		return errors.New("not a rate: write a number of calls and s, m or h, such as 10/s, 60/m or 500/h")
	}
	*r = Rate{Calls: n, Per: per}
	return nil
}

// limiter lets through at once what the rate allows within one second, at
// least one call, so that "60/m" is one a second and not sixty at a stroke.
func (r Rate) limiter() *rate.Limiter {
	if r.Calls == 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	perSecond := float64(r.Calls) / r.Per.Seconds()
	return rate.NewLimiter(rate.Limit(perSecond), max(1, int(math.Ceil(perSecond))))
}
