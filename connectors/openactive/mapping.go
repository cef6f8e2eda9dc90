package openactive

import (
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// The longest texts kept, in characters.
const (
	nameLimit        = 200
	descriptionLimit = 2000
)

// mapper turns JSON-LD into our words. It is the settings' share of the mapping.
type mapper struct {
	zone    *time.Location
	tiers   tiers
	waiting []string // names of the property that counts the waiting list
}

// opportunity is what is kept of one item of the catalogue: what it says
// itself, before anything is inherited.
type opportunity struct {
	id, kind, parent, seller string
	activity                 record.Activity // Status is empty when not stated
	offers                   []offer
	// embedded is the copy of the parent that travelled inside, and sessions the
	// sessions that did. Either may be absent.
	embedded *opportunity
	sessions []*opportunity
}

// offered tells whether people register for this kind of thing itself; a series
// or a facility only lends its words to sessions and slots.
func (o *opportunity) offered() bool {
	switch o.kind {
	case "SessionSeries", "EventSeries", "FacilityUse", "IndividualFacilityUse", "Course":
		return false
	}
	return true
}

// tombstone keeps the name of a deleted opportunity, and nothing else.
func (o *opportunity) tombstone() *opportunity {
	if o == nil {
		return nil
	}
	return &opportunity{id: o.id, kind: o.kind}
}

// weight is about how many bytes the opportunity holds in memory.
func (o *opportunity) weight() int {
	if o == nil {
		return 100
	}
	w := 600 + len(o.id) + len(o.parent) + len(o.activity.Name) + len(o.activity.Description) + 250*len(o.offers) + 80*len(o.activity.Schedule)
	if o.embedded != nil {
		w += o.embedded.weight()
	}
	for _, s := range o.sessions {
		w += s.weight()
	}
	return w
}

// opportunity reads one item. kind and id are those of the feed, for data that
// lacks its own.
func (m mapper) opportunity(n node, kind, id string) *opportunity {
	o := &opportunity{id: n.id(), kind: n.typ(), seller: sellerOf(n)}
	if o.kind == "" {
		o.kind = localName(kind[strings.LastIndexByte(kind, '.')+1:]) // of "SessionSeries.ScheduledSession"
	}
	if o.id == "" {
		o.id = o.kind + ":" + id
	}
	o.activity = m.activity(n)
	o.offers = m.offers(n)
	for _, key := range []string{"superEvent", "instanceOfCourse", "facilityUse", "aggregateFacilityUse"} {
		if n.get(key) == nil {
			continue
		}
		o.parent = n.ref(key)
		if c := n.child(key); len(c) > 2 { // more than type and id
			o.embedded = m.opportunity(c, key, o.parent)
		}
		break
	}
	if o.kind == "SessionSeries" {
		for _, c := range n.children("subEvent") {
			if s := m.opportunity(c, "ScheduledSession", ""); s.parent == "" && c.id() != "" {
				s.parent = o.id
				o.sessions = append(o.sessions, s)
			}
		}
	}
	return o
}

// sellerOf returns who sells: the organizer of an event, the provider of a
// facility.
func sellerOf(n node) string {
	for _, key := range []string{"seller", "organizer", "provider"} {
		if c := n.child(key); c != nil && c.id() != "" {
			return c.id()
		}
	}
	if s := n.raw("organizer"); s != "" && n.child("organizer") == nil && isURL(s) {
		return s
	}
	return ""
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && u.Host != ""
}

func (m mapper) activity(n node) record.Activity {
	a := record.Activity{
		Name:        n.text("name", nameLimit),
		Description: n.text("description", descriptionLimit),
		Category:    category(n),
		Schedule:    schedules(n),
		Capacity:    places(n, "maximumAttendeeCapacity", "maximumUses"),
		Remaining:   places(n, "remainingAttendeeCapacity", "remainingUses"),
		Status:      activityStatus(n.raw("eventStatus")),
		Link:        link(n.raw("url")),
	}
	a.AgeMin, a.AgeMax = ages(n.child("ageRange"))
	a.Place, a.Point = place(n)
	if key := n.extension(m.waiting); key != "" {
		a.Waiting = n.integer(key)
	}
	a.Start, a.StartDate = parseMoment(n.raw("startDate"), m.zone)
	a.End, a.EndDate = parseMoment(n.raw("endDate"), m.zone)
	if p := parsePeriod(n.raw("duration")); p != nil && n.get("endDate") == nil && !a.Start.IsZero() {
		a.End = p.after(a.Start, m.zone)
	}
	return a
}

// category is the activity's own name in the list of activities, else the
// publisher's category.
func category(n node) string {
	for _, key := range []string{"activity", "facilityType", "category"} {
		for _, c := range n.children(key) {
			if s := c.text("prefLabel", nameLimit); s != "" {
				return s
			}
		}
		if s := n.raw(key); s != "" && !isURL(s) {
			return record.Text(s, nameLimit)
		}
	}
	return ""
}

func place(n node) (string, *record.Point) {
	l := n.child("location")
	if l == nil {
		if s := n.raw("location"); !isURL(s) {
			return record.Text(s, nameLimit), nil
		}
		return "", nil
	}
	name := l.text("name", nameLimit)
	if name == "" {
		name = l.child("address").text("streetAddress", nameLimit)
	}
	if name == "" {
		name = l.text("address", nameLimit)
	}
	g := l.child("geo")
	p := record.Point{Lat: g.degrees("latitude"), Long: g.degrees("longitude")}
	if math.IsNaN(p.Lat) || math.IsNaN(p.Long) || !p.Valid() {
		return name, nil
	}
	return name, &p
}

// places reads a number of places; fewer than none is none.
func places(n node, keys ...string) *int {
	for _, key := range keys {
		if v := n.integer(key); v != nil {
			*v = max(*v, 0)
			return v
		}
	}
	return nil
}

func ages(n node) (lowest, highest *int) { return n.integer("minValue"), n.integer("maxValue") }

// activityStatus maps eventStatus; "" when it is absent.
func activityStatus(s string) record.ActivityStatus {
	switch localName(s) {
	case "":
		return ""
	case "EventCancelled":
		return record.ActivityCancelled
	case "EventPostponed":
		return record.ActivityPostponed
	case "EventRescheduled":
		return record.ActivityRescheduled
	}
	return record.ActivityScheduled
}

// link returns an address that may be shown as a link, "" for anything else.
func link(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https"}, u.Scheme) {
		return ""
	}
	return s
}
