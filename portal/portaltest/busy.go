package portaltest

import (
	"context"
	"time"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal"
)

// BusyRegistrations are those of a family with a full week: weekly courses of
// four people, a collision, a waiting list, one called off, and one of which
// only the name is known.
func BusyRegistrations() []record.Record {
	autumn := func(start, end string, days ...time.Weekday) []record.Schedule {
		return []record.Schedule{{Days: days, Start: start, End: end, From: record.Date{Year: 2026, Month: time.September, Day: 14}, Until: record.Date{Year: 2026, Month: time.December, Day: 18}}}
	}
	course := func(key, name, person, place string, status record.RegistrationStatus, schedule []record.Schedule) record.Record {
		return record.Record{Key: key, Body: record.Registration{ID: key, Name: name, Person: person, Place: place, Status: status, Schedule: schedule}}
	}
	return []record.Record{
		course("b1", "Natation, étoile de mer 2", "Léa", "Piscine des Érables", record.RegistrationConfirmed, autumn("18:30", "19:25", time.Tuesday)),
		course("b2", "Théâtre, les coulisses", "Léa", "Maison des arts", record.RegistrationConfirmed, autumn("18:00", "19:00", time.Tuesday)),
		course("b3", "Hockey, novice", "Émile", "Aréna du Vieux-Moulin", record.RegistrationConfirmed, autumn("17:30", "18:30", time.Thursday)),
		course("b4", "Hockey, novice", "Émile", "Aréna du Vieux-Moulin", record.RegistrationConfirmed, autumn("08:00", "09:15", time.Saturday)),
		course("b5", "Chorale des petits", "Léa", "Église Saint-Roch", record.RegistrationConfirmed, autumn("17:00", "18:15", time.Thursday)),
		course("b6", "Yoga doux", "Maude", "Pavillon du parc", record.RegistrationConfirmed, autumn("19:00", "20:15", time.Wednesday)),
		course("b7", "Poterie pour débutants", "Maude", "Maison des arts", record.RegistrationWaiting, autumn("13:00", "15:00", time.Sunday)),
		course("b8", "Badminton libre", "Quoc-Anh", "Gymnase des Trois-Lièvres", record.RegistrationPayment, autumn("20:30", "22:00", time.Monday)),
		course("b9", "Parents et bébés dans l’eau", "Maude", "Piscine des Érables", record.RegistrationCancelled, autumn("10:00", "10:45", time.Friday)),
		course("b10", "Échecs", "Émile", "Bibliothèque du Vieux-Moulin", record.RegistrationConfirmed, autumn("10:00", "11:30", time.Saturday)),
		course("b11", "Danse créative", "Léa", "Centre Marie-Gérin", record.RegistrationConfirmed, autumn("10:15", "11:00", time.Saturday)),
		course("b12", "Brigade de quartier", "Quoc-Anh", "", record.RegistrationConfirmed, nil),
	}
}

// Streams are the town's sorts of collection.
func Streams() map[string]record.Stream {
	return map[string]record.Stream{
		"ordures":   {Code: "ordures", Name: "Ordures ménagères", NameEN: "Household waste", Color: "#3c4447", Letter: "O", Accepts: "Ce qui ne va dans aucun autre bac."},
		"recyclage": {Code: "recyclage", Name: "Matières recyclables", NameEN: "Recycling", Color: "#1d6fb8", Letter: "R", Accepts: "Papier, carton, verre, plastique, métal.", Prepare: "En vrac dans le bac, sans sac."},
		"brun":      {Code: "brun", Name: "Matières organiques", NameEN: "Organic waste", Color: "#7a4a21", Letter: "M", Accepts: "Restes de table, papier souillé, résidus de jardin."},
	}
}

// Calendar is an invented town's calendar: the bins of everybody but the
// newcomer, whose address is not known, and of the senior at a second property.
type Calendar struct {
	// Nobody is the citizen of whom the address is not known.
	Nobody record.Citizen
	// Twice is the citizen with a second property, in another sector.
	Twice record.Citizen
}

// Version is always the same: the calendar never changes.
func (Calendar) Version(context.Context) (uint64, error) { return 1, nil }

// Collections gives organic waste every other Wednesday, recycling on the
// others and waste every Thursday, Christmas week moved by a day. At a second
// property the weeks are the other ones.
func (c Calendar) Collections(_ context.Context, citizen record.Citizen, from, to record.Date) ([]portal.Collections, error) {
	switch citizen {
	case c.Nobody:
		return []portal.Collections{{Read: calendarRead(), Why: portal.IgnoranceNoProperty}}, nil
	case c.Twice:
		return []portal.Collections{collections(from, to, 0), collections(from, to, 1)}, nil
	}
	return []portal.Collections{collections(from, to, 0)}, nil
}

// collections are those of a sector, shifted by weeks.
func collections(from, to record.Date, shift int) portal.Collections {
	answer := portal.Collections{Read: calendarRead(), Address: "14, rue des Érables", Sector: "3", Streams: Streams()}
	if shift > 0 {
		answer.Address, answer.Sector = "208, chemin du Rang-Vert", "4"
	}
	hours := record.Hours{OutAfter: "19:00", OutBefore: "07:00", Until: "18:00"}
	anchor := record.Date{Year: 2026, Month: time.November, Day: 25}
	for d := from; !to.Before(d); d = d.AddDays(1) {
		collection := record.Collection{Date: d, Sector: answer.Sector, Hours: hours}
		week := anchor.DaysUntil(d)/7 + shift
		switch day := d.In(time.UTC).Weekday(); {
		case day == time.Wednesday && week%2 == 0:
			collection.Stream = "brun"
		case day == time.Wednesday:
			collection.Stream = "recyclage"
		case day == time.Thursday:
			collection.Stream = "ordures"
		default:
			continue
		}
		if d.Month == time.December && (d.Day == 25 || d.Day == 24) {
			collection.MovedFrom, collection.Holiday, collection.Date = d, record.Christmas, d.AddDays(4)
		}
		answer.Days = append(answer.Days, collection)
	}
	return answer
}

// Watering lets even numbers water by hand on the evening of even dates.
func (c Calendar) Watering(_ context.Context, citizen record.Citizen, now time.Time) ([]portal.Watering, error) {
	if citizen == c.Nobody {
		return []portal.Watering{{Read: calendarRead(), Why: portal.IgnoranceNoProperty}}, nil
	}
	evening := time.Date(now.Year(), now.Month(), now.Day(), 20, 0, 0, 0, time.FixedZone("EST", -5*3600))
	first := portal.Watering{
		Read: calendarRead(), Address: "14, rue des Érables",
		Devices: []portal.DeviceWatering{
			{Device: record.DeviceHand, State: portal.WateringLater, Why: portal.WateringRule, From: evening, Until: evening.Add(3 * time.Hour), Words: "Numéros pairs, dates paires, de 20 h à 23 h."},
			{Device: record.DeviceAutomatic, State: portal.WateringUnknown, Why: portal.WateringNoRule},
			{Device: record.DevicePavement, State: portal.WateringForbidden, Why: portal.WateringBan, Words: "Le lavage des entrées est interdit jusqu’à nouvel ordre."},
		},
	}
	if citizen != c.Twice {
		return []portal.Watering{first}, nil
	}
	return []portal.Watering{first, {
		Read: calendarRead(), Address: "208, chemin du Rang-Vert",
		Devices: []portal.DeviceWatering{{Device: record.DeviceHand, State: portal.WateringForbidden, Why: portal.WateringBan, Words: "Le puits du rang est au plus bas."}},
	}}, nil
}

func calendarRead() cache.View {
	read := Now().Add(-2 * time.Hour)
	return cache.Section{Source: "collectes"}.Succeeded(nil, read, cache.Ages{FreshFor: 24 * time.Hour, HideAfter: 90 * 24 * time.Hour}).At(Now())
}
