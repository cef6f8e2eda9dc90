package portal

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// season is a session of recreation. No source names it, so that it follows
// from dates: winter is January to March, spring April to 14 June, summer
// 15 June to August, autumn the rest. A course belongs to the season in which
// it begins; meetings that go on for more than four months belong to each
// season in which they meet.
type season struct {
	year int
	part int // 1 is winter, 4 autumn
}

// oneSeason is the longest that a course of one season lasts.
const oneSeason = 123 * 24 * time.Hour

func seasonOf(d record.Date) season {
	switch {
	case d.Month <= time.March:
		return season{d.Year, 1}
	case d.Month < time.June, d.Month == time.June && d.Day < 15:
		return season{d.Year, 2}
	case d.Month < time.September:
		return season{d.Year, 3}
	}
	return season{d.Year, 4}
}

// String is the season in an address.
func (s season) String() string {
	if s == (season{}) {
		return ""
	}
	return fmt.Sprintf("%d-%d", s.year, s.part)
}

// readSeason reads a season from an address; the zero one is none.
func readSeason(text string) season {
	at, err := time.Parse("2006-1", text)
	if err != nil || at.Month() > 4 {
		return season{}
	}
	return season{at.Year(), int(at.Month())}
}

func (s season) compare(o season) int { return cmp.Or(s.year-o.year, s.part-o.part) }

// seasonsOf are the seasons of a course with its meetings to come; none where
// its days are not known.
func (b builder) seasonsOf(c course, meetings []meeting) []season {
	on := func(at time.Time) season { return seasonOf(record.DateOf(at.In(b.zone))) }
	if len(meetings) == 0 {
		if first := b.begins(found{course: c}); !first.IsZero() {
			return []season{seasonOf(first)}
		}
		return nil
	}
	all := c.meetings
	if all[len(all)-1].start.Sub(all[0].start) <= oneSeason {
		return []season{on(all[0].start)}
	}
	var list []season
	for _, m := range meetings {
		list = append(list, on(m.start))
	}
	return slices.Compact(list) // meetings are in order
}

// seasonName is a season in words: "Hiver 2027".
func (b builder) seasonName(s season) string {
	return b.w.T("season."+strconv.Itoa(s.part), "year", strconv.Itoa(s.year))
}
