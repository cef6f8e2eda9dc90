package portal

import (
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

// wateringRow answers for one device: allowed or not, until or from when, and
// why.
func (b builder) wateringRow(d DeviceWatering) views.Row {
	row := views.Row{Title: b.w.T("watering.device." + string(d.Device)), Note: d.Words}
	switch d.State {
	case WateringAllowed:
		row.Badge = &views.Badge{Tone: views.Ready, Word: b.w.T("watering.yes")}
		if !d.Until.IsZero() {
			row.Detail = append(row.Detail, b.allowedUntil(d.Until))
		}
	case WateringLater:
		row.Badge = &views.Badge{Tone: views.Soon, Word: b.w.T("watering.no")}
		row.Detail = append(row.Detail, b.w.T("watering.next", "window", b.window(d.From, d.Until)))
	case WateringForbidden:
		row.Badge = &views.Badge{Tone: views.Late, Word: b.w.T("watering.no")}
		if !d.From.IsZero() {
			row.Detail = append(row.Detail, b.w.T("watering.next", "window", b.window(d.From, d.Until)))
		}
	case WateringUnknown:
		row.Badge = &views.Badge{Tone: views.Quiet, Word: b.w.T("watering.unknown")}
	}
	row.Detail = append(row.Detail, b.w.T("watering.why."+string(d.Why)))
	return row
}

// allowedUntil writes an end: its hour when it is today, and a whole day as the
// day before its midnight.
func (b builder) allowedUntil(end time.Time) string {
	day := record.DateOf(end.In(b.zone))
	switch {
	case day == b.today():
		return b.w.T("watering.until", "time", b.w.Hour(end))
	case day.In(b.zone).Equal(end):
		return b.w.T("watering.until.whole", "date", b.w.Date(day.AddDays(-1)))
	}
	return b.w.T("watering.until.day", "time", b.w.Moment(end, b.now))
}

// window writes a stretch of time: "aujourd'hui, 20 h à 23 h", and the day of
// its end where that is another one.
func (b builder) window(from, until time.Time) string {
	day := b.near(record.DateOf(from.In(b.zone)))
	switch {
	case until.IsZero():
		return b.w.T("watering.window.from", "day", day, "from", b.w.Hour(from))
	case record.DateOf(from.In(b.zone)) == record.DateOf(until.In(b.zone)), until.Sub(from) < 24*time.Hour:
		return b.w.T("watering.window", "day", day, "from", b.w.Hour(from), "until", b.w.Hour(until))
	}
	return b.w.T("watering.window.days", "day", day, "from", b.w.Hour(from), "until", b.w.Moment(until, b.now))
}

// watering is the whole answer, as a section of a page.
func (b builder) watering(list []Watering) views.Section {
	s := views.Section{Source: "arrosage", Title: b.w.T("watering.title"), Age: b.age(Source{Domain: collectionsDomain}, list[0].Read)}
	if why := list[0].Why; why != "" { // of the citizen or of the town: there is one answer
		s.Unknown = []string{b.w.T("collections.why." + string(why)), b.w.T("watering.meaning")}
		return s
	}
	groups := byAnswer(list)
	for _, g := range groups {
		group := views.Group{Title: b.w.T("watering.now")}
		if at := addresses(b, g); at != "" {
			group.Title = b.w.T("watering.now.at", "address", at)
		} else if len(groups) > 1 {
			group.Title = title(b, g)
		}
		for _, d := range g.answer().Devices {
			group.Rows = append(group.Rows, b.wateringRow(d))
		}
		if len(group.Rows) == 0 {
			group.Empty = b.w.T("watering.why.no_rule")
		}
		s.Groups = append(s.Groups, group)
	}
	return s
}
