package portal

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

// course is one line of the catalogue: an activity, or the meetings of the same
// activity at the same hour of the same weekday, each of which the source gives
// as an activity of its own.
type course struct {
	record.Activity
	source   string    // its name
	key      string    // of the activity, or of its first meeting in the source's order
	meetings []meeting // by start; none for a course without hours
	words    string    // folded, to be searched
	days     [7]bool   // the weekdays on which it takes place
}

// meeting is one session of a course.
type meeting struct {
	key                string // of the activity that it is
	start, end         time.Time
	remaining, waiting *int
	status             record.ActivityStatus
}

// catalogue is what one source offers, made once a version.
type catalogue struct {
	version uint64
	courses []course
	closing []closing // by instant
}

// closing is when the registration for a course ends.
type closing struct {
	at   time.Time
	name string
}

// catalogues keeps what was made of each source's town-wide section.
type catalogues struct {
	mu       sync.Mutex
	bySource map[string]*catalogue
}

// offered is a source's catalogue and how far it may be relied on.
type offered struct {
	source Source
	view   cache.View
	known  bool
	*catalogue
}

// programme is the town-wide sections that the catalogue is made from.
func (p *Portal) programme(ctx context.Context) ([]cache.Section, error) {
	var list []cache.Section
	for _, s := range p.opt.Sources {
		if s.Domain != Recreation {
			continue
		}
		section, err := p.opt.Cache.Town(ctx, s.Name)
		if err != nil {
			return nil, fmt.Errorf("catalogue: %w", err)
		}
		list = append(list, section)
	}
	return list, nil
}

// offered reads what the sources of recreation offer to everybody.
func (p *Portal) offered(ctx context.Context) ([]offered, error) {
	var list []offered
	for _, s := range p.opt.Sources {
		if s.Domain != Recreation {
			continue
		}
		section, err := p.opt.Cache.Town(ctx, s.Name)
		if err != nil {
			return nil, fmt.Errorf("catalogue: %w", err)
		}
		o := offered{source: s, view: section.At(p.opt.Now()), catalogue: &catalogue{}}
		var records []record.Record
		if records, o.known = o.view.Records(); o.known {
			o.catalogue = p.catalogues.of(s.Name, section.Version, records, p.opt.Town.Zone)
		}
		list = append(list, o)
	}
	return list, nil
}

// of returns the catalogue of a version of a section.
func (c *catalogues) of(source string, version uint64, records []record.Record, zone *time.Location) *catalogue {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.bySource[source]; known != nil && known.version == version {
		return known
	}
	made := newCatalogue(records, zone)
	made.version = version
	if c.bySource == nil {
		c.bySource = map[string]*catalogue{}
	}
	c.bySource[source] = made
	return made
}

// newCatalogue gathers the meetings of each course.
func newCatalogue(records []record.Record, zone *time.Location) *catalogue {
	c := &catalogue{}
	at := map[string]int{}
	for _, r := range records {
		a, ok := r.Body.(record.Activity)
		if !ok {
			continue
		}
		same, meets := sameCourse(a, zone)
		i, known := at[same]
		if !known || !meets {
			i = len(c.courses)
			c.courses = append(c.courses, newCourse(r, a))
			if meets {
				at[same] = i
			}
		}
		c.courses[i].add(r.Key, a, zone)
	}
	for i := range c.courses {
		slices.SortStableFunc(c.courses[i].meetings, func(x, y meeting) int { return x.start.Compare(y.start) })
		if at := lastCall(c.courses[i].Offers); !at.IsZero() && c.courses[i].Status != record.ActivityCancelled {
			c.closing = append(c.closing, closing{at, c.courses[i].Name})
		}
	}
	slices.SortStableFunc(c.closing, func(x, y closing) int { return x.at.Compare(y.at) })
	return c
}

// sameCourse is equal for the meetings of one course; meets is false for what
// has no hour of its own.
func sameCourse(a record.Activity, zone *time.Location) (key string, meets bool) {
	if a.Start.IsZero() || len(a.Schedule) > 0 {
		return "", false
	}
	start := a.Start.In(zone)
	parts := []any{a.Name, a.Place, a.Category, start.Weekday(), start.Format("15:04"), a.End.Sub(a.Start), number(a.AgeMin), number(a.AgeMax)}
	for _, o := range a.Offers {
		price := record.Cents(-1)
		if o.Price != nil {
			price = *o.Price
		}
		parts = append(parts, o.Name, price, o.Opens, o.Closes)
	}
	return fmt.Sprintf("%q", parts), true
}

func number(n *int) int {
	if n == nil {
		return -1
	}
	return *n
}

func newCourse(r record.Record, a record.Activity) course {
	return course{Activity: a, source: r.Source, key: r.Key, words: " " + fold(strings.Join([]string{a.Name, a.Category, a.Place, a.Description}, " "))}
}

// add takes one activity in.
func (c *course) add(key string, a record.Activity, zone *time.Location) {
	for _, s := range a.Schedule {
		for _, d := range s.Days {
			c.days[d%7] = true
		}
	}
	switch {
	case !a.Start.IsZero():
		c.days[a.Start.In(zone).Weekday()] = true
		c.meetings = append(c.meetings, meeting{key, a.Start, a.End, a.Remaining, a.Waiting, a.Status})
	case !a.StartDate.IsZero() && len(a.Schedule) == 0:
		c.days[a.StartDate.In(time.UTC).Weekday()] = true
	}
}

// lastCall is when the last of the offers closes; zero where one of them never
// does.
func lastCall(offers []record.Offer) time.Time {
	var last time.Time
	for _, o := range offers {
		if o.Closes.IsZero() {
			return time.Time{}
		}
		if o.Closes.After(last) {
			last = o.Closes
		}
	}
	return last
}

// upcoming are the meetings that are not over, or all where only days are
// known; ok is false for a course that is over.
func (b builder) upcoming(c course) (meetings []meeting, ok bool) {
	if len(c.meetings) == 0 || len(c.Schedule) > 0 {
		last := cmp.Or(c.EndDate, c.StartDate)
		if last.IsZero() && !c.End.IsZero() {
			last = record.DateOf(c.End.In(b.zone))
		}
		return nil, last.IsZero() || !last.Before(b.today())
	}
	for _, m := range c.meetings {
		if end := m.end; end.After(b.now) || end.IsZero() && m.start.After(b.now) {
			meetings = append(meetings, m)
		}
	}
	return meetings, len(meetings) > 0
}

// todoClosing says that registrations are about to end.
func (b builder) todoClosing(list []closing) []urgent {
	first, _ := slices.BinarySearchFunc(list, b.now, func(c closing, now time.Time) int {
		if c.at.After(now) {
			return 1
		}
		return -1
	})
	var names []string
	for _, c := range list[first:] {
		if b.today().DaysUntil(record.DateOf(c.at.In(b.zone))) > soonDays {
			break
		}
		if !slices.Contains(names, c.name) {
			names = append(names, c.name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	text := b.w.N("todo.closing", len(names), "name", cmp.Or(names[0], b.w.T("recreation.unnamed")), "day", b.near(record.DateOf(list[first].at.In(b.zone))))
	return []urgent{{rankClosing, views.Todo{Tone: views.Quiet, Href: cataloguePath, Action: b.w.T("todo.action.catalogue"), Text: text}}}
}
