// Package watering answers "may I water now?" for an address, from the rules
// of a town, its bans and its permits. All of it is pure: now and the zone are
// arguments, and what is not known is said to be unknown.
package watering

import (
	"cmp"
	"slices"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// Verdict is the answer, closed.
type Verdict string

// The verdicts. Later is forbidden now and allowed from Answer.From.
const (
	Allowed   Verdict = "allowed"
	Later     Verdict = "later"
	Forbidden Verdict = "forbidden"
	Unknown   Verdict = "unknown"
)

// Why explains a verdict, closed.
type Why string

// The reasons.
const (
	WhyRule     Why = "rule"      // the hours or days of a rule
	WhyPermit   Why = "permit"    // a permit of the property
	WhyBan      Why = "ban"       // a ban in force
	WhyNoNumber Why = "no_number" // no civic number is known
	WhyNoSector Why = "no_sector" // the sector is not known, and it matters
	WhyNoRule   Why = "no_rule"   // no rule speaks of this device at this time
)

// Answer says whether a device may water.
type Answer struct {
	Verdict Verdict
	Why     Why
	// From and Until bound the time allowed: the one that runs now, or the next.
	// Times that touch have the last one's end, and the start of the first that
	// is not over.
	// Under a ban with an end it is the first after it. Both are zero when none
	// is known within a year.
	From, Until time.Time
	// Rule is the rule that allows, Ban the ban that forbids; their Name and
	// Reason are for showing.
	Rule record.WateringRule
	Ban  record.WateringBan
}

// Words are the town's own about the answer: the reason of the ban, or the
// rule's note or name; "" when it has none.
func (a Answer) Words() string { return cmp.Or(a.Ban.Reason, a.Rule.Note, a.Rule.Name) }

// Town is all that a town says about watering.
type Town struct {
	Rules   []record.WateringRule
	Bans    []record.WateringBan
	Permits []record.WateringPermit
}

// FromRecords takes the rules among the records, in their order.
func FromRecords(records []record.Record) Town {
	var t Town
	for _, r := range records {
		switch body := r.Body.(type) {
		case record.WateringRule:
			t.Rules = append(t.Rules, body)
		case record.WateringBan:
			t.Bans = append(t.Bans, body)
		case record.WateringPermit:
			t.Permits = append(t.Permits, body)
		}
	}
	slices.SortStableFunc(t.Rules, func(a, b record.WateringRule) int { return a.Order - b.Order })
	return t
}

// Property is whose watering is asked about.
type Property struct {
	Matricule string
	Address   record.Address
	// Sector is its sector for watering, "" when unknown.
	Sector string
}

// horizon is how many days ahead the next allowed time is looked for: a year
// and a season's first days.
const horizon = 380

// Ask answers for a device at an instant. The answer holds for the second in
// which it is asked; Until is when it changes where Verdict is Allowed.
func (t Town) Ask(p Property, device record.Device, now time.Time, zone *time.Location) Answer {
	today := record.DateOf(now.In(zone))
	if ban, ok := t.ban(p, device, today); ok {
		a := Answer{Verdict: Forbidden, Why: WhyBan, Ban: ban}
		if next, ok := t.next(p, device, now, zone); ok {
			a.From, a.Until = next.from, next.until
		}
		return a
	}
	if why := t.unknown(p, device, today, now, zone); why != "" {
		return Answer{Verdict: Unknown, Why: why}
	}
	next, ok := t.next(p, device, now, zone)
	switch {
	case !ok && !t.speaksOf(device):
		return Answer{Verdict: Unknown, Why: WhyNoRule}
	case !ok:
		return Answer{Verdict: Forbidden, Why: WhyRule}
	}
	a := Answer{Verdict: Later, Why: next.why, From: next.from, Until: next.until, Rule: next.rule}
	if !next.from.After(now) {
		a.Verdict = Allowed
	}
	return a
}

// unknown says what must be known first to answer for a day, "" for nothing.
// Outside every season nothing is allowed and nothing forbidden: that a town
// restricts nothing is for a rule to say.
func (t Town) unknown(p Property, device record.Device, today record.Date, now time.Time, zone *time.Location) Why {
	for _, d := range []record.Date{today.AddDays(-1), today} {
		for _, w := range t.windows(p, device, d, zone) {
			if w.why == WhyPermit && !now.Before(w.from) && now.Before(w.until) {
				return "" // a permit names the property itself
			}
		}
	}
	_, numbered := Number(p.Address)
	spoken := false
	for _, r := range t.Rules {
		if !inForce(r, device, today) || r.Permit {
			continue
		}
		spoken = true
		if !numbered && (r.Numbers != "" || r.Days == record.DaysByDate) {
			return WhyNoNumber
		}
		if p.Sector == "" && len(r.Sectors) > 0 {
			return WhyNoSector
		}
	}
	if !spoken {
		return WhyNoRule
	}
	return ""
}

// speaksOf tells whether any rule is about the device.
func (t Town) speaksOf(device record.Device) bool {
	return slices.ContainsFunc(t.Rules, func(r record.WateringRule) bool { return takes(r.Devices, device) })
}

// Devices lists the devices that a rule or a ban names, in the order of
// [record.Devices]. One for all devices is about those that nearly every by-law
// names: water by hand, by a sprinkler and by an automatic system.
func (t Town) Devices() []record.Device {
	usual := []record.Device{record.DeviceHand, record.DeviceMobile, record.DeviceAutomatic}
	named := map[record.Device]bool{}
	name := func(devices []record.Device) {
		if len(devices) == 0 {
			devices = usual
		}
		for _, d := range devices {
			named[d] = true
		}
	}
	for _, r := range t.Rules {
		name(r.Devices)
	}
	for _, b := range t.Bans {
		name(b.Devices)
	}
	return slices.DeleteFunc(record.Devices(), func(d record.Device) bool { return !named[d] })
}

// ban returns the ban in force on a day.
func (t Town) ban(p Property, device record.Device, d record.Date) (record.WateringBan, bool) {
	for _, b := range t.Bans {
		// A property of unknown sector is taken to be in the ban's: water that
		// is not drawn harms nobody.
		here := len(b.Sectors) == 0 || p.Sector == "" || slices.Contains(b.Sectors, p.Sector)
		if here && b.Period.Contains(d) && takes(b.Devices, device) {
			return b, true
		}
	}
	return record.WateringBan{}, false
}

// takes tells whether a list, of which an empty one is all, has a device.
func takes(devices []record.Device, device record.Device) bool {
	return len(devices) == 0 || slices.Contains(devices, device)
}
