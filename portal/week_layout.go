package portal

import (
	"cmp"
	"slices"
)

// columns is how many columns a day of the timetable is divided into; what
// overlaps shares them evenly.
const columns = 12

// placed is an event with its place in its day and what it collides with.
type placed struct {
	event
	column, width int // of columns, from 1
	// clashes are the titles of what the same person has at the same time.
	clashes []string
}

// arrange orders the events of one day and puts side by side what overlaps.
func arrange(day []event) []placed {
	day = slices.Clone(day)
	slices.SortStableFunc(day, func(x, y event) int {
		return cmp.Or(cmp.Compare(x.from, y.from), cmp.Compare(y.to, x.to), cmp.Compare(x.title, y.title))
	})
	list := make([]placed, len(day))
	for i, e := range day {
		list[i] = placed{event: e, clashes: clashes(e, day)}
	}
	for begin := 0; begin < len(list); {
		end, until := begin+1, list[begin].to
		for end < len(list) && list[end].from < until {
			until = max(until, list[end].to)
			end++
		}
		lanes(list[begin:end])
		begin = end
	}
	return list
}

// lanes gives each event of a group that overlaps the first lane that is free.
func lanes(group []placed) {
	var free []int // when each lane is free again
	lane := make([]int, len(group))
	for i, e := range group {
		at := slices.IndexFunc(free, func(until int) bool { return until <= e.from })
		if at < 0 {
			at = len(free)
			free = append(free, 0)
		}
		free[at], lane[i] = e.to, at
	}
	count := len(free)
	for columns%count != 0 && count < columns {
		count++
	}
	width := max(1, columns/count)
	for i := range group {
		group[i].column, group[i].width = lane[i]%columns*width+1, width
	}
}

// clashes returns the titles of what the same person has to attend at the same
// time. Ends and beginnings that touch do not clash.
func clashes(e event, day []event) []string {
	var titles []string
	if e.person == "" || !e.firm() {
		return nil
	}
	for _, other := range day {
		if other.person == e.person && other.firm() && other != e && other.start.Before(e.end) && e.start.Before(other.end) {
			titles = append(titles, other.title)
		}
	}
	return titles
}

// hoursShown returns the first and the last hour of the timetable: the usual
// day, and more where something lies outside.
func hoursShown(week []event) (first, last int) {
	first, last = 8, 20
	for _, e := range week {
		if !e.allDay() {
			first, last = min(first, e.from/60), max(last, (e.to+59)/60)
		}
	}
	return first, last
}
