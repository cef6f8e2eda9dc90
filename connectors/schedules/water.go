package schedules

import (
	"net/url"
	"slices"

	"github.com/semenligne/sem/connectors/record"
)

func (t *town) checkWatering() {
	for i, r := range t.watering {
		t.checkWateringRule(i, r)
	}
	for i, b := range t.bans {
		t.when(b.Period.From.IsZero(), "watering.bans", i, "period: from is missing")
		t.checkWhen("watering.bans", i, record.Season{}, b.Period)
		t.checkDevices("watering.bans", i, b.Devices)
		t.when(b.Link != "" && !webLink(b.Link), "watering.bans", i, "link: write an https address")
	}
	for i, p := range t.permits {
		t.when((p.Matricule == "") == (p.Address == ""), "watering.permits", i, "write either matricule or address")
		t.when(p.Period.From.IsZero() || p.Period.To.IsZero(), "watering.permits", i, "period: write from and to")
		t.checkWhen("watering.permits", i, record.Season{}, p.Period)
		t.checkDevices("watering.permits", i, p.Devices)
	}
}

func (t *town) checkWateringRule(i int, r record.WateringRule) {
	const list = "watering.rules"
	t.when(r.Name == "", list, i, "name is missing")
	t.checkWhen(list, i, r.Season, r.Valid)
	t.checkDevices(list, i, r.Devices)
	t.when(r.Numbers != "" && r.Numbers != record.Even && r.Numbers != record.Odd, list, i, "numbers: write even or odd")
	switch r.Days {
	case record.DaysByDate:
		t.when(r.On31 != record.On31Allowed && r.On31 != record.On31Forbidden, list, i, "on_31: write allowed or forbidden: by-laws differ on the 31st")
	case record.DaysByWeekday:
		t.when(len(r.Weekdays) == 0, list, i, "weekdays is missing")
	case record.DaysAll:
	default:
		t.problem(list, i, "days: write date_parity, weekdays or all")
	}
	t.when(r.Days != record.DaysByWeekday && len(r.Weekdays) > 0, list, i, "weekdays without days: weekdays")
	t.when(r.Days != record.DaysByDate && r.On31 != "", list, i, "on_31 without days: date_parity")
	for _, w := range r.Windows {
		t.when(w.From == "" || w.To == "" || w.From == w.To || w.From == "24:00", list, i, "windows: write from and to, which differ")
	}
}

func (t *town) checkDevices(list string, i int, devices []record.Device) {
	for _, d := range devices {
		t.when(!slices.Contains(record.Devices(), d), list, i, "no such device")
	}
}

// webLink tells whether a link may stand on a page.
func webLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != ""
}
