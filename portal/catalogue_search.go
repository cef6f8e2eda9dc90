package portal

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// search is what somebody looks for in the catalogue. The zero search finds
// everything.
type search struct {
	words           string // as they were typed
	age             *int
	weekday         int // 0 is Sunday; -1 any
	place, category string
	season          season
	free            bool // with places left only
	page            int  // from 1
	badAge          bool // the age was no age
	handle          string
	person          *eligible // whose handle it is; nil for anybody
}

// oldest is the highest age that is looked for.
const oldest = 120

// readSearch reads a search from an address. What it cannot read it leaves out.
func readSearch(q url.Values) search {
	s := search{
		words: record.Text(q.Get("q"), 100), place: record.Text(q.Get("lieu"), 200), category: record.Text(q.Get("categorie"), 200),
		season: readSeason(q.Get("saison")), weekday: -1, free: q.Get("places") != "", page: 1,
		handle: record.Text(q.Get("pour"), 100),
	}
	if text := strings.TrimSpace(q.Get("age")); text != "" {
		n, err := strconv.Atoi(text)
		if s.badAge = err != nil || n < 0 || n > oldest; !s.badAge {
			s.age = &n
		}
	}
	if n, err := strconv.Atoi(q.Get("jour")); err == nil && n >= 0 && n <= 6 {
		s.weekday = n
	}
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 1 {
		s.page = n
	}
	return s
}

// at is the address of a page of what the search finds.
func (s search) at(page int) string {
	q := url.Values{}
	set := func(key, value string) {
		if value != "" {
			q.Set(key, value)
		}
	}
	set("q", s.words)
	set("lieu", s.place)
	set("categorie", s.category)
	set("saison", s.season.String())
	set("pour", s.handle)
	if s.age != nil {
		q.Set("age", strconv.Itoa(*s.age))
	}
	if s.weekday >= 0 {
		q.Set("jour", strconv.Itoa(s.weekday))
	}
	if s.free {
		q.Set("places", "1")
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	if len(q) == 0 {
		return cataloguePath
	}
	return cataloguePath + "?" + q.Encode()
}

// matches tells whether a course is looked for. Each word must begin a word of
// the course.
func (s search) matches(c course, meetings []meeting, seasons []season) bool {
	for word := range strings.FieldsSeq(fold(s.words)) {
		if !strings.Contains(c.words, " "+word) {
			return false
		}
	}
	switch {
	case s.age != nil && (c.AgeMin != nil && *s.age < *c.AgeMin || c.AgeMax != nil && *s.age > *c.AgeMax),
		s.weekday >= 0 && !c.days[s.weekday],
		s.place != "" && c.Place != s.place,
		s.category != "" && c.Category != s.category,
		s.season != (season{}) && !slices.Contains(seasons, s.season),
		s.free && !hasPlaces(c, meetings):
		return false
	}
	return true
}

// hasPlaces tells whether places are known to be left.
func hasPlaces(c course, meetings []meeting) bool {
	if c.Status == record.ActivityCancelled {
		return false
	}
	if len(meetings) == 0 {
		return c.Remaining != nil && *c.Remaining > 0
	}
	return slices.ContainsFunc(meetings, func(m meeting) bool {
		return m.status != record.ActivityCancelled && m.remaining != nil && *m.remaining > 0
	})
}

// found is a course that was looked for, with its meetings to come.
type found struct {
	course
	meetings []meeting
}

// href is the page of the course: of its next meeting where it has meetings.
func (f found) href() string {
	if len(f.meetings) > 0 {
		return activityPath(f.source, f.meetings[0].key)
	}
	return activityPath(f.source, f.key)
}

// facets are what there is to choose from, each in its order.
type facets struct {
	places, categories []string
	seasons            []season
	days               [7]bool
}

// find returns what is looked for, the next to begin first, and what there is to
// choose from.
func (b builder) find(courses []course, s search) (list []found, f facets) {
	for _, c := range courses {
		meetings, ok := b.upcoming(c)
		if !ok {
			continue
		}
		seasons := b.seasonsOf(c, meetings)
		f.places, f.categories, f.seasons = append(f.places, c.Place), append(f.categories, c.Category), append(f.seasons, seasons...)
		for d, on := range c.days {
			f.days[d] = f.days[d] || on
		}
		one := found{c, meetings}
		if fit := b.fits(s, one); fit == dossier.TooYoung || fit == dossier.TooOld {
			continue
		}
		if s.matches(c, meetings, seasons) {
			list = append(list, one)
		}
	}
	slices.SortStableFunc(list, func(x, y found) int {
		return cmp.Or(compareDates(b.begins(x), b.begins(y)), cmp.Compare(fold(x.Name), fold(y.Name)))
	})
	slices.SortFunc(f.seasons, season.compare)
	f.places, f.categories, f.seasons = choices(f.places), choices(f.categories), slices.Compact(f.seasons)
	return list, f
}

// begins is the day of the first meeting to come, or the first day.
func (b builder) begins(f found) record.Date {
	if len(f.meetings) > 0 {
		return record.DateOf(f.meetings[0].start.In(b.zone))
	}
	if f.StartDate.IsZero() && !f.Start.IsZero() {
		return record.DateOf(f.Start.In(b.zone))
	}
	return f.StartDate
}

// choices are the different texts, in the order of the alphabet.
func choices(list []string) []string {
	slices.SortFunc(list, func(x, y string) int { return cmp.Or(cmp.Compare(fold(x), fold(y)), cmp.Compare(x, y)) })
	list = slices.Compact(list)
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}
