package openactive

import (
	"regexp"
	"slices"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// offer is one price as published. Its opening and closing are relative to the
// start of the session that it ends up on.
type offer struct {
	record.Offer
	opens, closes *period
}

func (m mapper) offers(n node) []offer {
	var list []offer
	for _, c := range n.children("offers") {
		list = append(list, m.offer(c))
	}
	return list
}

func (m mapper) offer(n node) offer {
	o := offer{
		Offer: record.Offer{
			ID:         n.id(),
			Name:       n.text("name", nameLimit),
			Price:      n.cents("price"),
			Currency:   record.Text(n.raw("priceCurrency"), 3),
			Residents:  m.tiers.residents(n),
			Bookable:   bookable(n),
			Prepayment: prepayment(n) == statusRequired,
		},
		opens:  parsePeriod(n.raw("validFromBeforeStartDate")),
		closes: parsePeriod(n.raw("validThroughBeforeStartDate")),
	}
	if o.Name == "" {
		o.Name = n.text("description", nameLimit)
	}
	restriction := n.child("ageRestriction")
	if restriction == nil {
		restriction = n.child("ageRange") // before version 2.0
	}
	o.AgeMin, o.AgeMax = ages(restriction)
	o.Opens = m.instant(n.raw("validFrom"), 0)
	o.Closes = m.instant(n.raw("validThrough"), 1)
	return o
}

// instant reads a moment; a day stands for its own beginning, or with days 1
// for its end.
func (m mapper) instant(s string, days int) time.Time {
	t, d := parseMoment(s, m.zone)
	if !d.IsZero() {
		return d.AddDays(days).In(m.zone).UTC()
	}
	return t
}

// on places the offer on a session: its opening and closing become instants.
func (o offer) on(a record.Activity, zone *time.Location) record.Offer {
	start := a.Start
	if start.IsZero() && !a.StartDate.IsZero() {
		start = a.StartDate.In(zone)
	}
	if start.IsZero() {
		return o.Offer
	}
	if o.opens != nil {
		o.Opens = o.opens.before(start, zone)
	}
	if o.closes != nil {
		o.Closes = o.closes.before(start, zone)
	}
	return o.Offer
}

// The values of openBookingInAdvance and openBookingPrepayment.
const (
	statusRequired    = "Required"
	statusUnavailable = "Unavailable"
)

// prepayment returns whether money is taken before confirming; older feeds say
// it under another name.
func prepayment(n node) string {
	for _, key := range []string{"openBookingPrepayment", "prepayment"} {
		if s := n.raw(key); s != "" {
			return localName(s)
		}
	}
	return ""
}

// bookable tells whether an offer may be booked with what we speak. Attendees'
// names are sent; forms, approval, negotiation and messages are not spoken.
func bookable(n node) bool {
	for _, key := range []string{"openBookingInAdvance", "advanceBooking"} {
		if localName(n.raw(key)) == statusUnavailable {
			return false
		}
	}
	channels := n.refs("availableChannel")
	if len(channels) > 0 && !slices.ContainsFunc(channels, func(s string) bool { return localName(s) == "OpenBookingPrepayment" }) {
		return false
	}
	return n.id() != "" && !slices.ContainsFunc(n.refs("openBookingFlowRequirement"), func(s string) bool {
		return localName(s) != "OpenBookingAttendeeDetails"
	})
}

// tiers tells offers for residents from the others. The standard has no word
// for it: a tier is an offer with a telling name, an entitlement, or a property
// of the publisher's own.
type tiers struct {
	property        string
	resident, other *regexp.Regexp
}

// residents returns true for residents only, false for others only, and nil for
// everybody or when nothing says.
func (t tiers) residents(n node) *bool {
	if key := n.extension([]string{t.property}); t.property != "" && key != "" {
		if b := n.truth(key); b != nil {
			return b
		}
		return t.match(n.raw(key))
	}
	for _, s := range append(n.refs("eligibleEntitlementType"), n.raw("name")) {
		if b := t.match(s); b != nil {
			return b
		}
	}
	return nil
}

// match reads a tier in words. The word for the others usually contains the
// word for residents, so it is looked for, and taken out, first.
func (t tiers) match(s string) *bool {
	rest := t.other.ReplaceAllString(s, " ")
	other, resident := rest != s, t.resident.MatchString(rest)
	if other == resident {
		return nil
	}
	return &resident
}
