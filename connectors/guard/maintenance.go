package guard

import (
	"slices"
	"strconv"
	"time"

	"github.com/semenligne/sem/connectors"
)

// Window is a time of the week in which a source is not called. One that ends
// before it begins runs past midnight; one that ends when it begins, all day.
type Window struct {
	Days []string `json:"days,omitempty" jsonschema:"days on which the window begins: mon tue wed thu fri sat sun; none means every day"`
	From string   `json:"from" jsonschema:"beginning, HH:MM in the town's time zone"`
	To   string   `json:"to" jsonschema:"end, HH:MM in the town's time zone; earlier than from means the next day"`
}

func weekdays() []string { return []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }

func (w Window) validate() []connectors.Problem {
	var problems []connectors.Problem
	for i, d := range w.Days {
		if !slices.Contains(weekdays(), d) {
			problems = append(problems, connectors.Problemf(indexed("days", i), "one of mon, tue, wed, thu, fri, sat, sun"))
		}
	}
	if _, err := minutes(w.From); err != nil {
		problems = append(problems, connectors.Problemf("from", "a time of day such as 02:00"))
	}
	if _, err := minutes(w.To); err != nil {
		problems = append(problems, connectors.Problemf("to", "a time of day such as 04:30"))
	}
	return problems
}

// covers tells whether a local time is in the window. On the days when the
// clock changes the wall clock counts.
func (w Window) covers(t time.Time) bool {
	from, err := minutes(w.From)
	to, err2 := minutes(w.To)
	if err != nil || err2 != nil {
		return false // Validate told
	}
	now := t.Hour()*60 + t.Minute()
	begun := func(day time.Weekday) bool {
		return len(w.Days) == 0 || slices.Contains(w.Days, weekdays()[day])
	}
	if from < to {
		return begun(t.Weekday()) && now >= from && now < to
	}
	yesterday := (t.Weekday() + 6) % 7
	return begun(t.Weekday()) && now >= from || begun(yesterday) && now < to
}

func minutes(clock string) (int, error) {
	t, err := time.Parse("15:04", clock)
	return t.Hour()*60 + t.Minute(), err
}

func indexed(key string, i int) string { return key + "[" + strconv.Itoa(i) + "]" }
