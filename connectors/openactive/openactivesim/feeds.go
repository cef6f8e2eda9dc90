package openactivesim

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"
)

type object = map[string]any

// change is one thing of a feed, at its newest.
type change struct {
	kind, id string
	modified int64
	data     func() object // nil for a tombstone
}

// feed serves /rpde/series, /rpde/sessions and /rpde/courses.
func (s *Server) feed(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var changes []change
	switch r.PathValue("feed") {
	case "series":
		for _, p := range s.town.series {
			changes = append(changes, change{"SessionSeries", p.ID, p.modified, func() object { return seriesData(s.base(r), p) }})
		}
	case "sessions", "courses":
		for _, e := range s.town.events {
			if (e.kind == "ScheduledSession") != (r.PathValue("feed") == "sessions") {
				continue
			}
			c := change{e.kind, e.id, e.modified, nil}
			if !e.deleted {
				c.data = func() object { return s.town.eventData(s.base(r), e, true) }
			}
			changes = append(changes, c)
		}
	default:
		http.NotFound(w, r)
		return
	}
	s.page(w, r, changes, "id")
}

// ordersFeed serves every order with its customer. (The standard lists only
// orders changed after booking; this town lists all, so that a person's orders
// can be found by account.)
func (s *Server) ordersFeed(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var changes []change
	for _, o := range s.town.orders {
		changes = append(changes, change{"Order", o.uuid, o.modified, func() object {
			data := s.town.orderData(s.base(r), o)
			delete(data, "seller") // what the broker knows already
			delete(data, "orderNumber")
			return data
		}})
	}
	s.page(w, r, changes, "@id")
}

// page writes what stands after the request's cursor, oldest first. The last
// page is empty and its next is its own address.
func (s *Server) page(w http.ResponseWriter, r *http.Request, changes []change, idKey string) {
	slices.SortFunc(changes, func(a, b change) int {
		return cmp.Or(cmp.Compare(a.modified, b.modified), cmp.Compare(a.id, b.id))
	})
	q := r.URL.Query()
	var after int64
	if text := q.Get("afterTimestamp"); text != "" {
		var err error
		if after, err = strconv.ParseInt(text, 10, 64); err != nil {
			http.Error(w, "afterTimestamp is no number", http.StatusBadRequest)
			return
		}
	}
	items := []object{}
	next := host(r) + r.URL.RequestURI()
	for _, c := range changes {
		if c.modified < after || c.modified == after && c.id <= q.Get("afterId") {
			continue
		}
		if len(items) == s.town.pageSize {
			break
		}
		item := object{"state": "updated", "kind": c.kind, idKey: c.id, "modified": c.modified}
		if c.data == nil {
			item["state"] = "deleted"
		} else {
			item["data"] = c.data()
		}
		items = append(items, item)
		cursor := r.URL.Query()
		cursor.Set("afterTimestamp", strconv.FormatInt(c.modified, 10))
		cursor.Set("afterId", c.id)
		next = host(r) + r.URL.Path + "?" + cursor.Encode()
	}
	write(w, http.StatusOK, "application/json", object{
		"next": next, "items": items, "license": "https://creativecommons.org/licenses/by/4.0/",
	})
}

func seriesData(host string, p *series) object {
	data := object{
		"@context": []string{"https://openactive.io/", "https://ville.exemple/ns"},
		"@type":    "SessionSeries", "@id": host + "/series/" + p.ID, "identifier": p.ID,
		"name": p.Name, "description": p.Description,
		"organizer": object{"@type": "Organization", "@id": host + "/seller/1", "name": "Loisirs Val-des-Exemples"},
		"activity":  []object{{"@type": "Concept", "prefLabel": p.Activity}},
		"location":  place(p.Place, p.Lat, p.Long),
		"offers":    offersData(host+"/series/"+p.ID, p.Offers),
		"url":       host + "/series/" + p.ID,
	}
	addAges(data, p.AgeMin, p.AgeMax)
	return data
}

// eventData is a session or course; own leaves the parent a bare address, as in
// the feeds.
func (t *town) eventData(host string, e *Event, own bool) object {
	status := e.Status
	if status == "" {
		status = "EventScheduled"
	}
	data := object{
		"@context": []string{"https://openactive.io/", "https://ville.exemple/ns"},
		"@type":    e.kind, "@id": host + e.path, "identifier": e.id,
		"eventStatus":               "https://schema.org/" + status,
		"maximumAttendeeCapacity":   e.Capacity,
		"remainingAttendeeCapacity": max(0, e.Capacity-t.taken(e)),
		"url":                       host + e.path,
	}
	if e.waitingList {
		data["ville:waitingListLength"] = t.waitingFor(e)
	}
	if e.kind == "CourseInstance" {
		courseData(host, data, e)
		return data
	}
	data["startDate"], data["endDate"] = e.Start.Format(time.RFC3339), e.Start.Add(e.session.End.Sub(e.session.Start)).Format(time.RFC3339)
	data["duration"] = "PT" + strconv.Itoa(int(e.session.End.Sub(e.session.Start).Minutes())) + "M"
	data["superEvent"] = host + "/series/" + e.series.ID
	if !own {
		data["superEvent"] = seriesData(host, e.series)
	}
	return data
}

func courseData(host string, data object, e *Event) {
	c := e.course
	data["name"], data["description"] = c.Name, c.Description
	data["startDate"], data["endDate"] = c.From, c.Until
	data["activity"] = []object{{"@type": "Concept", "prefLabel": c.Activity}}
	data["location"] = place(c.Place, 0, 0)
	data["organizer"] = object{"@type": "Organization", "@id": host + "/seller/1"}
	data["offers"] = offersData(host+e.path, c.Offers)
	data["eventSchedule"] = object{ // one value where a list may stand
		"@type": "Schedule", "repeatFrequency": "P1W", "byDay": "https://schema.org/" + c.Weekday,
		"startDate": c.From, "endDate": c.Until, "startTime": c.Begins, "endTime": c.Ends,
		"scheduleTimezone": "America/Toronto",
	}
	addAges(data, c.AgeMin, c.AgeMax)
}

func offersData(base string, offers []Offer) []object {
	list := []object{}
	for _, f := range offers {
		list = append(list, offerData(base+"#/offers/"+f.ID, f))
	}
	return list
}

func offerData(id string, f Offer) object {
	data := object{"@type": "Offer", "@id": id, "name": f.Name, "price": price(f.Cents), "priceCurrency": "CAD"}
	if f.Opens != "" {
		data["validFromBeforeStartDate"] = f.Opens
	}
	if f.Prepayment != "" {
		data["openBookingPrepayment"] = "https://openactive.io/" + f.Prepayment
	}
	flow := []string{}
	for _, r := range f.Flow {
		flow = append(flow, "https://openactive.io/"+r)
	}
	if len(flow) > 0 {
		data["openBookingFlowRequirement"] = flow
	}
	return data
}

func place(name string, lat, long float64) object {
	p := object{"@type": "Place", "name": name}
	if lat != 0 || long != 0 {
		p["geo"] = object{"@type": "GeoCoordinates", "latitude": lat, "longitude": long}
	}
	return p
}

func addAges(data object, lowest, highest int) {
	r := object{"@type": "QuantitativeValue"}
	if lowest > 0 {
		r["minValue"] = lowest
	}
	if highest > 0 {
		r["maxValue"] = highest
	}
	if len(r) > 1 {
		data["ageRange"] = r
	}
}
