package watering

import (
	"slices"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// span is a time in which watering is allowed.
type span struct {
	from, until time.Time
	why         Why
	rule        record.WateringRule
}

// next returns the time allowed that runs at now, or else the first after it.
// Times that touch are one.
func (t Town) next(p Property, device record.Device, now time.Time, zone *time.Location) (span, bool) {
	first := record.DateOf(now.In(zone)).AddDays(-1) // last night's may still run
	var found span
	for i := range horizon {
		for _, w := range t.windows(p, device, first.AddDays(i), zone) {
			switch {
			case !w.until.After(now):
			case found.until.IsZero():
				found = w
			case !w.from.After(found.until):
				if w.until.After(found.until) {
					found.until = w.until
				}
			default:
				return found, true
			}
		}
	}
	return found, !found.until.IsZero()
}

// windows returns the times allowed that start on a day, in order, without
// those that a ban takes away.
func (t Town) windows(p Property, device record.Device, d record.Date, zone *time.Location) []span {
	if _, banned := t.ban(p, device, d); banned {
		return nil
	}
	permitted := t.permitted(p, device, d)
	rule, why, ok := t.rule(p, device, d, permitted)
	if !ok {
		return nil
	}
	var spans []span
	for _, w := range rule.Windows {
		end := d
		if w.To <= w.From {
			end = d.AddDays(1)
		}
		s := span{w.From.On(d, zone), w.To.On(end, zone), why, rule}
		if _, banned := t.ban(p, device, d.AddDays(1)); banned { // begins at midnight
			s.until = earlier(s.until, d.AddDays(1).In(zone))
		}
		if s.from.Before(s.until) {
			spans = append(spans, s)
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
	return spans
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// rule returns the first rule that takes the address, the device and the day.
// Where a permit is in force a rule for permits comes first, and without such a
// rule the whole day is allowed.
func (t Town) rule(p Property, device record.Device, d record.Date, permitted bool) (record.WateringRule, Why, bool) {
	if permitted {
		for _, r := range t.Rules {
			if r.Permit && inForce(r, device, d) && matches(r, p, d) {
				return r, WhyPermit, true
			}
		}
		if !slices.ContainsFunc(t.Rules, func(r record.WateringRule) bool { return r.Permit && inForce(r, device, d) }) {
			return record.WateringRule{Windows: []record.Window{{From: "00:00", To: "24:00"}}}, WhyPermit, true
		}
	}
	for _, r := range t.Rules {
		if !r.Permit && inForce(r, device, d) && matches(r, p, d) {
			return r, WhyRule, true
		}
	}
	return record.WateringRule{}, "", false
}

func inForce(r record.WateringRule, device record.Device, d record.Date) bool {
	return r.Season.Contains(d) && r.Valid.Contains(d) && takes(r.Devices, device)
}

// matches tells whether a rule takes an address on a day. What must be known
// and is not does not match.
func matches(r record.WateringRule, p Property, d record.Date) bool {
	if len(r.Sectors) > 0 && (p.Sector == "" || !slices.Contains(r.Sectors, p.Sector)) {
		return false
	}
	number, numbered := Number(p.Address)
	if r.Numbers != "" && (!numbered || !r.Numbers.Is(number)) {
		return false
	}
	switch r.Days {
	case record.DaysAll:
		return true
	case record.DaysByWeekday:
		return slices.Contains(r.Weekdays, d.In(time.UTC).Weekday())
	case record.DaysByDate:
		return numbered && number%2 == d.Day%2 && (d.Day != 31 || r.On31 == record.On31Allowed)
	}
	return false
}

// permitted tells whether a permit of the property is in force on a day.
func (t Town) permitted(p Property, device record.Device, d record.Date) bool {
	return slices.ContainsFunc(t.Permits, func(permit record.WateringPermit) bool {
		here := permit.Matricule != "" && permit.Matricule == p.Matricule ||
			permit.Address != "" && strings.EqualFold(record.Text(permit.Address, 200), record.Text(p.Address.Text, 200))
		return here && permit.Period.Contains(d) && takes(permit.Devices, device)
	})
}
