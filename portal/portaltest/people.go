package portaltest

import (
	"slices"
	"time"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
)

// Person is an invented citizen and how to sign in as one.
type Person struct{ Card, PIN, Name string }

// The invented people. Family has something everywhere, some of it new since
// her last visit; Stale is the same with
// a library and a recreation service that stopped answering; Newcomer was never
// read; Empty was read and has nothing; Unlinked has a card that no system
// knows. Silent is the family with every source gone silent, Busy one with a
// full week.
var (
	Family   = Person{"204817", "583027", "Maude"}              //nolint:gochecknoglobals // a constant
	Stale    = Person{"318064", "749162", "Réjean"}             //nolint:gochecknoglobals // a constant
	Newcomer = Person{"450291", "160938", "Amina"}              //nolint:gochecknoglobals // a constant
	Empty    = Person{"562738", "927405", "Jean-Christophe"}    //nolint:gochecknoglobals // a constant
	Silent   = Person{"784105", "618043", "Maude"}              //nolint:gochecknoglobals // a constant
	Busy     = Person{"835176", "264905", "Maude"}              //nolint:gochecknoglobals // a constant
	Unlinked = Person{"671920", "305816", "Marie-Ève Tremblay"} //nolint:gochecknoglobals // a constant
)

func people() []Person { return []Person{Family, Stale, Newcomer, Empty, Unlinked, Silent, Busy} }

// Now is the instant at which the fixture is looked at: Tuesday 24 November
// 2026, 14:10 in Montréal.
func Now() time.Time { return time.Date(2026, time.November, 24, 19, 10, 0, 0, time.UTC) }

// LastVisit is when Family was here before: on Sunday at 18 h 10.
func LastVisit() time.Time { return time.Date(2026, time.November, 22, 23, 10, 0, 0, time.UTC) }

// changed is a section in which, since [LastVisit], the records of these keys
// are new and another one says something else.
func changed(s cache.Section, other record.Record, keys ...string) cache.Section {
	now, _ := s.At(s.AsOf).Records()
	before := []record.Record{other}
	for _, r := range now {
		if r.Key != other.Key && !slices.Contains(keys, r.Key) {
			before = append(before, r)
		}
	}
	return cache.Section{Source: s.Source}.Succeeded(before, LastVisit().Add(-time.Hour), s.Ages).Succeeded(now, s.AsOf, s.Ages)
}

func ages() cache.Ages { return cache.Ages{FreshFor: time.Hour, HideAfter: 7 * 24 * time.Hour} }

// Sections returns what the cache holds of a person at Now.
func Sections(p Person) []cache.Section {
	readFor := func(ages cache.Ages, source string, at time.Time, records ...record.Record) cache.Section {
		for i := range records {
			records[i].Source, records[i].ReadAt = source, at
		}
		return cache.Section{Source: source}.Succeeded(records, at, ages)
	}
	read := func(source string, at time.Time, records ...record.Record) cache.Section {
		return readFor(ages(), source, at, records...)
	}
	recent := Now().Add(-5 * time.Minute)
	old := time.Date(2026, time.November, 22, 23, 10, 0, 0, time.UTC) // 18 h 10 there
	switch p {
	case Family:
		return []cache.Section{
			changed(read("bibliotheque", recent, Loans()...), record.Record{Key: "hold:1", Body: record.Hold{Title: "Le phare de l’île perdue", Status: record.HoldWaiting, Position: new(1)}}, "loan:3"),
			read("loisirs", recent, Registrations()...),
			readFor(cache.Ages{FreshFor: 30 * 24 * time.Hour, HideAfter: 400 * 24 * time.Hour}, "role", recent.Add(-30*time.Hour), Unit()),
			read("requetes", recent.Add(-20*time.Minute), Requests()...),
		}
	case Busy:
		return []cache.Section{
			read("bibliotheque", recent, Loans()...), read("loisirs", recent, BusyRegistrations()...),
			read("role", recent, Unit()), read("requetes", recent),
		}
	case Stale:
		return []cache.Section{
			read("bibliotheque", old, Loans()[2:4]...).Failed("unavailable", recent),
			read("loisirs", old),
			read("role", recent, Unit(), SecondUnit()),
			read("requetes", recent, Requests()[1:]...).Failed("malformed", recent),
		}
	case Silent:
		return []cache.Section{
			read("bibliotheque", old, Loans()...).Failed("unavailable", recent), read("loisirs", old, Registrations()...).Failed("unavailable", recent),
			read("role", old, Unit()).Failed("unavailable", recent), read("requetes", old, Requests()...).Failed("unavailable", recent),
		}
	case Empty:
		return []cache.Section{read("bibliotheque", recent), read("loisirs", recent), read("role", recent), read("requetes", recent)}
	case Unlinked:
		var list []cache.Section
		for _, source := range []string{"bibliotheque", "loisirs", "role", "requetes"} {
			list = append(list, cache.Section{Source: source, Ages: ages()}.Failed("not_linked", recent))
		}
		return list
	}
	return nil
}

func day(d int) record.Date { return record.Date{Year: 2026, Month: time.November, Day: d} }

func cents(c int64) *record.Cents { v := record.Cents(c); return &v }

// Loans are a family's: one overdue, one due soon, a hold that waits on its
// shelf, a balance.
func Loans() []record.Record {
	return []record.Record{
		{Key: "loan:1", Body: record.Loan{Item: "31234000011", Title: "Les oiseaux du Québec au fil des saisons", Author: "Solange Pinard", Due: day(20)}},
		{Key: "loan:2", Body: record.Loan{Item: "31234000012", Title: "La rivière aux mille îles", Author: "Théo Marchand", Due: day(26)}},
		{Key: "loan:3", Body: record.Loan{Item: "31234000013", Title: "Petit ours et la première neige", Author: "Colombe Roy", Due: day(27)}},
		{Key: "loan:4", Body: record.Loan{Item: "31234000014", Title: "Cuisiner avec les courges", Author: "Paule Hamel", Due: record.Date{Year: 2026, Month: time.December, Day: 8}}},
		{Key: "loan:5", Body: record.Loan{Item: "31234000015", DetailsUnknown: true}},
		{Key: "hold:1", Body: record.Hold{Item: "31234000021", Title: "Le phare de l’île perdue", Status: record.HoldReady, Pickup: "Bibliothèque du Vieux-Moulin", Expires: day(28)}},
		{Key: "hold:2", Body: record.Hold{Title: "Apprendre la guitare en douze semaines", Status: record.HoldWaiting, Position: new(4)}},
		{Key: "fee:total", Body: record.Fee{Total: true, Amount: cents(450)}},
	}
}

// Registrations are a family's in recreation: one weekly course, one waiting to
// be paid, one on a waiting list.
func Registrations() []record.Record {
	season := func(days ...time.Weekday) []record.Schedule {
		return []record.Schedule{{Days: days, Start: "18:30", End: "19:25", From: record.Date{Year: 2026, Month: time.September, Day: 14}, Until: record.Date{Year: 2026, Month: time.December, Day: 18}}}
	}
	return []record.Record{
		{Key: "reg:1", Body: record.Registration{ID: "R-1", Name: "Natation, étoile de mer 2", Person: "Léa", Status: record.RegistrationConfirmed, Place: "Piscine des Érables", Schedule: season(time.Tuesday)}},
		{Key: "reg:2", Body: record.Registration{ID: "R-2", Name: "Cirque, 6 à 8 ans", Person: "Émile", Status: record.RegistrationPayment, Place: "Centre Marie-Gérin", Start: time.Date(2027, time.January, 16, 15, 0, 0, 0, time.UTC), Price: cents(8400)}},
		{Key: "reg:3", Body: record.Registration{ID: "R-3", Name: "Poterie pour débutants", Person: "Maude", Status: record.RegistrationWaiting, Rank: new(2), Place: "Maison des arts", Start: time.Date(2027, time.January, 13, 0, 0, 0, 0, time.UTC)}},
	}
}

// Unit is a house.
func Unit() record.Record {
	return record.Record{Key: "071981097640000000", Body: record.Unit{
		Matricule: "071981097640000000", Municipality: "72005", RollYear: 2026,
		Addresses: []record.Address{{Text: "14, rue des Érables"}}, Lots: []string{"1 234 567"}, Use: "1000", UseName: "Logement", Point: new(home()),
		Land:     record.Land{Frontage: new(18.29), Area: new(557.4)},
		Building: &record.Building{Storeys: new(2), Year: 1987, FloorArea: new(148.6), Dwellings: new(1)},
		Values: record.Values{
			MarketDate: record.Date{Year: 2024, Month: time.July, Day: 1},
			Land:       cents(16_300_000), Building: cents(24_900_000), Total: cents(41_200_000), Previous: cents(35_600_000),
		},
	}}
}

// SecondUnit is a vacant lot in the country.
func SecondUnit() record.Record {
	return record.Record{Key: "072390440100000000", Body: record.Unit{
		Matricule: "072390440100000000", Municipality: "72005", RollYear: 2026, Use: "9100", UseName: "Espace de terrain non aménagé",
		Addresses: []record.Address{{Text: "208, chemin du Rang-Vert"}}, Land: record.Land{Area: new(5210.0)},
		Values: record.Values{Land: cents(4_150_000), Total: cents(4_150_000)},
	}}
}

// Requests are what a family asked of the town.
func Requests() []record.Record {
	return []record.Record{
		{Key: "req:1", Body: record.Request{
			ID: "26-10482", Status: record.RequestOpen, Service: "Nid-de-poule", Address: "Rue des Érables, coin du Moulin", Sent: time.Date(2026, time.November, 18, 13, 5, 0, 0, time.UTC), Updated: time.Date(2026, time.November, 20, 14, 0, 0, 0, time.UTC), StatusNote: "Une équipe passera cette semaine.",
			Description: "Un trou d’une trentaine de centimètres près du trottoir, du côté du parc.", Department: "Travaux publics", Expected: time.Date(2026, time.November, 27, 22, 0, 0, 0, time.UTC), Point: new(from(66, 14)),
			History: []record.RequestEvent{{At: time.Date(2026, time.November, 18, 18, 30, 0, 0, time.UTC), Status: "Reçue"}, {At: time.Date(2026, time.November, 20, 14, 0, 0, 0, time.UTC), Status: "open", Note: "Confiée à l’équipe de la voirie."}},
		}},
		{Key: "req:2", Body: record.Request{ID: "26-10117", Status: record.RequestClosed, Service: "Lampadaire éteint", Address: "12, rue des Érables", Sent: time.Date(2026, time.November, 3, 22, 40, 0, 0, time.UTC), Updated: time.Date(2026, time.November, 9, 14, 0, 0, 0, time.UTC)}},
	}
}
