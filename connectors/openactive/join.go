package openactive

import (
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// maxParents bounds how far up a session inherits.
const maxParents = 5

// join completes what a session says with what it inherits: from its series'
// own item where the feed has one, else from the copy inside the session.
func (s snapshot) join(o *opportunity, zone *time.Location) (record.Activity, []record.Offer, string) {
	a, offers, seller := o.activity, o.offers, o.seller
	for range maxParents {
		sources := []*opportunity{s.parents[o.parent], o.embedded}
		var up *opportunity
		for _, parent := range sources {
			if parent == nil || parent == o {
				continue
			}
			inherit(&a, parent.activity)
			if len(offers) == 0 {
				offers = parent.offers
			}
			if seller == "" {
				seller = parent.seller
			}
			if up == nil || up.parent == "" {
				up = parent
			}
		}
		if up == nil {
			break
		}
		o = up
	}
	if a.Status == "" {
		a.Status = record.ActivityScheduled
	}
	placed := make([]record.Offer, 0, len(offers))
	for _, f := range offers {
		placed = append(placed, f.on(a, zone))
	}
	return a, placed, seller
}

// inherit fills in what is absent. Values that belong together are inherited
// together; times, places left and schedules are a session's own.
func inherit(a *record.Activity, from record.Activity) {
	for _, f := range []struct{ to, from *string }{
		{&a.Name, &from.Name},
		{&a.Description, &from.Description},
		{&a.Category, &from.Category},
		{&a.Link, &from.Link},
	} {
		if *f.to == "" {
			*f.to = *f.from
		}
	}
	if a.Place == "" && a.Point == nil {
		a.Place, a.Point = from.Place, from.Point
	}
	if a.AgeMin == nil && a.AgeMax == nil {
		a.AgeMin, a.AgeMax = from.AgeMin, from.AgeMax
	}
	if a.Capacity == nil {
		a.Capacity = from.Capacity
	}
	if a.Status == "" {
		a.Status = from.Status
	}
}

// record joins the session of a key into a record; false when the catalogue
// does not offer it.
func (s snapshot) record(key string, zone *time.Location) (record.Record, string, bool) {
	o, ok := s.offered[key]
	if !ok || s.gone[o.parent] {
		return record.Record{}, "", false
	}
	a, offers, seller := s.join(o, zone)
	a.Offers = offers
	return record.Record{Key: key, Body: a}, seller, true
}

// resolve finds the key that a session named by somebody else stands for: the
// same, or the only one that differs by the host it was read from.
func (s snapshot) resolve(key string) string {
	if s.offered[key] != nil {
		return key
	}
	found := ""
	for k := range s.offered {
		if sameThing(k, key) {
			if found != "" {
				return key
			}
			found = k
		}
	}
	if found == "" {
		return key
	}
	return found
}
