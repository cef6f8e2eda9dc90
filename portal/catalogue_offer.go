package portal

import (
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

// fewPlaces is below how many places a course is nearly full.
const fewPlaces = 3

// placesBadge says how many places are left: of the next meeting that has some,
// else that it is full, or that the source does not say.
func (b builder) placesBadge(f found) *views.Badge {
	switch f.Status {
	case record.ActivityCancelled:
		return &views.Badge{Tone: views.Late, Word: b.w.T("registration.cancelled")}
	case record.ActivityPostponed:
		return &views.Badge{Tone: views.Soon, Word: b.w.T("catalogue.postponed")}
	case record.ActivityScheduled, record.ActivityRescheduled:
	}
	left, known := b.left(f)
	switch {
	case !known:
		return &views.Badge{Tone: views.Quiet, Word: b.w.T("catalogue.places.unknown")}
	case left <= 0:
		return &views.Badge{Tone: views.Soon, Word: b.w.T("catalogue.full")}
	case left <= fewPlaces:
		return &views.Badge{Tone: views.Soon, Word: b.w.N("catalogue.places", left)}
	}
	return &views.Badge{Tone: views.Ready, Word: b.w.N("catalogue.places", left)}
}

// left is how many places the next meeting with places has; 0 when all that
// are known are full.
func (b builder) left(f found) (places int, known bool) {
	if len(f.meetings) == 0 {
		if f.Remaining == nil {
			return 0, false
		}
		return *f.Remaining, true
	}
	all := true
	for _, m := range f.meetings {
		switch {
		case m.status == record.ActivityCancelled:
		case m.remaining == nil:
			all = false
		case *m.remaining > 0:
			return *m.remaining, true
		}
	}
	return 0, all
}

// waiting says how long the waiting list is, and from when there are places
// where the first meetings are full.
func (b builder) waiting(f found) string {
	var parts []string
	waiting := f.Waiting
	if len(f.meetings) > 0 {
		waiting = f.meetings[0].waiting
	}
	if waiting != nil && *waiting > 0 {
		parts = append(parts, b.w.N("catalogue.waiting", *waiting))
	}
	for i, m := range f.meetings {
		if m.status == record.ActivityCancelled || m.remaining == nil || *m.remaining <= 0 {
			continue
		}
		if i > 0 {
			parts = append(parts, b.w.T("catalogue.places.from", "date", b.w.WeekdayDate(record.DateOf(m.start.In(b.zone)), b.now)))
		}
		break
	}
	return strings.Join(parts, " · ")
}

// prices lists what each tier pays.
func (b builder) prices(offers []record.Offer) string {
	var parts []string
	for _, o := range offers {
		price := b.w.T("catalogue.price.unknown")
		if o.Price != nil {
			price = b.w.Money(*o.Price)
			if *o.Price == 0 {
				price = b.w.T("catalogue.price.free")
			}
		}
		tier := o.Name
		if o.Residents != nil {
			tier = b.w.T(pick(*o.Residents, "catalogue.residents", "catalogue.others"))
		}
		if tier != "" {
			price = b.w.T("other.detail", "label", tier, "value", price)
		}
		parts = append(parts, price)
	}
	return strings.Join(parts, " · ")
}

// registrationTime says when one may register, where the offers say so: the
// first to open, the last to close.
func (b builder) registrationTime(offers []record.Offer) string {
	var opens time.Time
	for i, o := range offers {
		if i == 0 || o.Opens.Before(opens) {
			opens = o.Opens
		}
	}
	closes := lastCall(offers)
	switch {
	case !closes.IsZero() && !closes.After(b.now):
		return b.w.T("catalogue.closed")
	case opens.After(b.now):
		return b.w.T("catalogue.opens", "time", b.w.Moment(opens, b.now)) + b.tiers(offers, opens)
	case !closes.IsZero():
		return b.w.T("catalogue.closes", "time", b.w.Moment(closes, b.now))
	}
	return ""
}

// tiers adds when others than residents may begin, where that is later.
func (b builder) tiers(offers []record.Offer, first time.Time) string {
	for _, o := range offers {
		if o.Residents != nil && !*o.Residents && o.Opens.After(first) {
			return b.w.T("catalogue.opens.others", "time", b.w.Moment(o.Opens, b.now))
		}
	}
	return ""
}
