package portaltest

import (
	"fmt"
	"time"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
)

// Catalogue is what recreation offers to everybody: weekly sessions, a course
// given by its schedule, a full one with a waiting list, one called off, and
// enough of them for two pages.
func Catalogue() cache.Section {
	var list []record.Record
	add := func(key string, a record.Activity) {
		list = append(list, record.Record{Key: key, Source: "loisirs", Body: a})
	}
	opens, closes := time.Date(2026, time.November, 16, 14, 0, 0, 0, time.UTC), time.Date(2026, time.December, 13, 4, 59, 0, 0, time.UTC)
	tiers := func(resident, other int64) []record.Offer {
		return []record.Offer{
			{ID: "residents", Bookable: true, Name: "Résident", Price: cents(resident), Residents: new(true), Opens: opens, Closes: closes},
			{ID: "others", Bookable: true, Name: "Non-résident", Price: cents(other), Residents: new(false), Opens: opens.AddDate(0, 0, 14), Closes: closes},
		}
	}
	weekly := func(name, category, place string, low, high int, first time.Time, remaining []int, offers []record.Offer) {
		for week, left := range remaining {
			start := first.AddDate(0, 0, 7*week)
			add(fmt.Sprint(name, week), record.Activity{
				Name: name, Category: category, Place: place, AgeMin: &low, AgeMax: &high, Start: start, End: start.Add(55 * time.Minute),
				Capacity: new(12), Remaining: &left, Status: record.ActivityScheduled, Offers: offers,
			})
		}
	}
	january := func(day, hour int) time.Time { return time.Date(2027, time.January, day, hour+5, 0, 0, 0, time.UTC) }
	weekly("Natation, étoile de mer 1", "Aquatique", "Piscine des Érables", 4, 6, january(12, 17), []int{2, 2, 2, 2, 2, 2, 2, 2}, tiers(7800, 11700))
	weekly("Natation, étoile de mer 2", "Aquatique", "Piscine des Érables", 5, 8, january(12, 18), []int{0, 0, 3, 3, 3, 3, 3, 3}, tiers(7800, 11700))
	weekly("Yoga doux", "Mise en forme", "Pavillon du parc", 16, 99, january(13, 19), []int{9, 9, 9, 9, 9, 9}, tiers(8500, 12750))
	weekly("Aînés actifs", "Mise en forme", "Pavillon du parc", 60, 99, january(14, 10), []int{14, 14, 14, 14}, []record.Offer{{ID: "all", Bookable: true, Name: "Pour tout le monde", Price: cents(0)}})
	add("cirque", record.Activity{
		Name: "Cirque, 6 à 8 ans", Category: "Arts", Place: "Centre Marie-Gérin", AgeMin: new(6), AgeMax: new(8), Remaining: new(0), Waiting: new(4), Status: record.ActivityScheduled,
		StartDate: record.Date{Year: 2027, Month: time.January, Day: 16}, EndDate: record.Date{Year: 2027, Month: time.March, Day: 20},
		Schedule: []record.Schedule{{Days: []time.Weekday{time.Saturday}, Start: "10:00", End: "11:00"}}, Offers: tiers(8400, 12600),
	})
	add("noel", record.Activity{
		Name: "Décorations de Noël", Category: "Arts", Place: "Maison des arts", Status: record.ActivityScheduled, Remaining: new(6),
		StartDate: record.Date{Year: 2026, Month: time.December, Day: 5}, Offers: []record.Offer{{Price: cents(1500), Opens: opens, Closes: Now().Add(30 * time.Hour)}},
	})
	add("ski", record.Activity{
		Name: "Initiation au ski de fond", Category: "Plein air", Place: "Parc du Moulin", AgeMin: new(7), Status: record.ActivityCancelled,
		StartDate: record.Date{Year: 2027, Month: time.January, Day: 9},
	})
	for n := range 18 {
		add(fmt.Sprint("atelier", n), record.Activity{
			Name: fmt.Sprintf("Atelier du samedi nº %d", n+1), Category: "Arts", Place: "Maison des arts", Status: record.ActivityScheduled,
			StartDate: record.Date{Year: 2027, Month: time.February, Day: 6}.AddDays(7 * n), AgeMax: new(12),
		})
	}
	return cache.Section{Source: "loisirs"}.Succeeded(list, Now().Add(-20*time.Minute), cache.Ages{FreshFor: time.Hour, HideAfter: 7 * 24 * time.Hour})
}
