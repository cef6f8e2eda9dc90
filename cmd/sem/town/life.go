package town

import (
	"fmt"
	"time"
)

// activities fills the recreation catalogue of the coming season.
func (b *builder) activities() {
	type line struct {
		name, category, place string
		min, max              int
		cents                 int64
		capacity              int
	}
	tomorrow := b.now.AddDate(0, 0, 1)
	for i, l := range []line{
		{"Natation enfants, niveau 1", "Aquatique", "Piscine du Vieux-Quai", 6, 9, 7800, 12},
		{"Natation enfants, niveau 2", "Aquatique", "Piscine du Vieux-Quai", 7, 12, 7800, 12},
		{"Dessin et bande dessinée", "Arts", "Maison des arts Adèle-Fortier", 9, 14, 6400, 10},
		{"Soccer intérieur", "Sports", "Gymnase des Trois-Lièvres", 6, 10, 9200, 20},
		{"Yoga doux", "Mise en forme", "Pavillon de la Petite-Écluse", 16, 99, 8500, 18},
		{"Aînés actifs", "Mise en forme", "Pavillon de la Petite-Écluse", 60, 99, 0, 25},
		{"Chorale de quartier", "Arts", "Église du Moulin-Roux", 14, 99, 3000, 40},
		{"Patinage, premiers pas", "Sports", "Aréna du Héron-Bleu", 4, 7, 5600, 14},
		{"Gardiens avertis", "Formation", "Maison des arts Adèle-Fortier", 11, 15, 5500, 16},
		{"Atelier de robotique", "Sciences", "Bibliothèque", 10, 14, 9900, 8},
	} {
		day := tomorrow.AddDate(0, 0, i%6)
		b.town.Activities = append(b.town.Activities, Activity{
			ID: fmt.Sprintf("A%03d", i+1), Name: l.name, Category: l.category, Place: l.place,
			Start: time.Date(day.Year(), day.Month(), day.Day(), 9+i, 30, 0, 0, b.now.Location()), Hours: time.Hour, Weeks: 10,
			AgeMin: l.min, AgeMax: l.max, Resident: l.cents, Other: l.cents * 3 / 2, Capacity: l.capacity,
		})
	}
}

// register gives people of a family places in activities; a full one puts them
// on its waiting list.
func (b *builder) register(f Family, activities ...int) {
	for i, n := range activities {
		a := &b.town.Activities[n]
		who := f.People[min(i+1, len(f.People)-1)]
		a.Registered = append(a.Registered, Registered{
			Account: f.Account, Email: f.Account + "@exemple.test", Given: who.Given, Waiting: len(a.Registered) >= a.Capacity,
		})
	}
}

func services() []Service {
	return []Service{
		{"NIDPOULE", "Nid-de-poule", "Trou dans la chaussée.", "Voirie", "rue, chaussée, trou"},
		{"LAMPADAIRE", "Lampadaire éteint", "Un lampadaire qui ne s'allume plus.", "Voirie", "lumière, éclairage"},
		{"BAC", "Bac brisé ou manquant", "Remplacement d'un bac roulant.", "Collectes", "poubelle, recyclage, compost"},
		{"ARBRE", "Arbre public dangereux", "Branche cassée ou arbre penché.", "Parcs", "branche, émondage"},
		{"NEIGE", "Déneigement oublié", "Une rue ou un trottoir non déneigé.", "Voirie", "neige, trottoir"},
		{"AUTRE", "Autre demande", "Toute autre demande à la ville.", "Général", "question"},
	}
}

func (b *builder) request(p Person, f Family, service int, closed bool) {
	s := b.town.Services[service]
	sent := b.now.AddDate(0, 0, -2-b.rand.IntN(60)).Truncate(time.Minute)
	r := Request{
		ID: fmt.Sprintf("26-%06d", 4_000+len(b.town.Requests)), Service: s.Code, Requester: p.Requester,
		Description: s.Description, Address: fmt.Sprintf("%d, %s", f.Property.Civic, spelled(f.Property.Street)),
		Note: "Demande reçue, une équipe passera.", Sent: sent, Updated: sent.Add(26 * time.Hour), Point: f.Property.Point,
	}
	if closed {
		r.Closed, r.Note = true, "Travaux faits."
	}
	b.town.Requests = append(b.town.Requests, r)
}

// spelled is a street of the roll as the town writes it.
func spelled(street string) string {
	for i, s := range streets() {
		if s.name == street {
			return StreetNames()[i]
		}
	}
	return street
}
