package portaltest

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal"
)

// home is where the family lives; everything invented is around it.
func home() record.Point { return record.Point{Lat: 45.5612, Long: -73.9034} }

const degree = 111_195.08 // metres on a great circle

// from is so many metres east and north of home.
func from(east, north float64) record.Point {
	h := home()
	return record.Point{Lat: h.Lat + north/degree, Long: h.Long + east/degree/math.Cos(h.Lat*math.Pi/180)}
}

func path(metres ...float64) []record.Point {
	var list []record.Point
	for pair := range slices.Chunk(metres, 2) {
		list = append(list, from(pair[0], pair[1]))
	}
	return list
}

// Surroundings is an invented quarter, every answer worked out from all of it.
// The zero value knows it; Section changes what is known of the list.
type Surroundings struct {
	// Section is the list's section; its zero value is a fresh one.
	Section cache.Section
	// More are other lists, of which only the age is told.
	More []portal.PlaceList
	// Places replaces the invented places where it is not nil.
	Places []record.Place
}

// lists are the list of places and the others.
func (s Surroundings) lists() []portal.PlaceList {
	if s.Section.Source == "" {
		s.Section = cache.Section{Source: "lieux"}.Succeeded(nil, Now().Add(-50*time.Minute), cache.Ages{FreshFor: 24 * time.Hour, HideAfter: 30 * 24 * time.Hour})
	}
	return append([]portal.PlaceList{{Section: s.Section}}, s.More...)
}

// Read implements [portal.Places].
func (s Surroundings) Read(context.Context) ([]cache.Section, error) {
	var read []cache.Section
	for _, l := range s.lists() {
		read = append(read, l.Section)
	}
	return read, nil
}

// Near implements [portal.Places].
func (s Surroundings) Near(_ context.Context, at record.Point, metres float64) (portal.Surroundings, error) {
	if s.Places == nil {
		s.Places = Places()
	}
	out := portal.Surroundings{Lists: s.lists(), Shapes: Shapes()}
	for _, p := range s.Places {
		d, bearing := towards(at, *p.Point)
		if d <= metres {
			out.Places = append(out.Places, portal.NearPlace{Place: p, Source: "lieux", Metres: d, Bearing: bearing})
		}
	}
	slices.SortStableFunc(out.Places, func(x, y portal.NearPlace) int { return cmp.Compare(x.Metres, y.Metres) })
	return out, nil
}

// towards is the distance (haversine) and the bearing from a to b.
func towards(a, b record.Point) (metres, bearing float64) {
	rad := math.Pi / 180
	dLat, dLong := (b.Lat-a.Lat)*rad, (b.Long-a.Long)*rad
	sinLat, sinLong := math.Sin(dLat/2), math.Sin(dLong/2)
	h := sinLat*sinLat + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*sinLong*sinLong
	y := math.Sin(dLong) * math.Cos(b.Lat*rad)
	x := math.Cos(a.Lat*rad)*math.Sin(b.Lat*rad) - math.Sin(a.Lat*rad)*math.Cos(b.Lat*rad)*math.Cos(dLong)
	return 2 * 6_371_008.8 * math.Asin(math.Sqrt(h)), math.Mod(math.Atan2(y, x)/rad+360, 360)
}

// Places are invented ones around home.
func Places() []record.Place {
	at := func(name, category, address string, east, north float64) record.Place {
		return record.Place{Name: name, Category: category, Address: address, Point: new(from(east, north))}
	}
	library := at("Bibliothèque du Vieux-Moulin", "Culture", "210, rue du Moulin", 128, 152)
	library.Phone, library.Link, library.Hours = "450 555-0142", "https://bibliotheque.exemple.test/", "Mardi au samedi, 10 h à 17 h"
	park := at("Parc des Érables", "Parcs et espaces verts", "Rue des Érables", -118, 92)
	park.Outline = record.Area{{path(-186, 40, -52, 40, -52, 150, -96, 158, -186, 150)}}
	bank := at("Parc riverain", "Parcs et espaces verts", "Chemin de la Rive", 60, -252)
	bank.Outline = record.Area{{path(-70, -222, 180, -214, 320, -196, 330, -232, 170, -268, -70, -276)}}
	return []record.Place{
		library, park, bank,
		at("École primaire des Moissons", "Écoles", "85, avenue des Pins", -205, -60),
		at("École secondaire du Confluent", "Écoles", "1, rue du Confluent", 560, 330),
		at("Garderie Les petites pommes", "Garderies", "18, rue du Moulin", 98, -58),
		at("Piscine des Érables", "Loisirs et sports", "Rue des Érables", -84, 132),
		at("Patinoire du parc", "Loisirs et sports", "Rue des Érables", -160, 118),
		at("Centre Marie-Gérin", "Loisirs et sports", "212, rue du Moulin", 134, 158),
		at("Maison des arts", "Culture", "214, rue du Moulin", 140, 150),
		at("Caserne 2", "Sécurité publique", "40, boulevard Saint-Clair", 236, 88),
		at("CLSC de la Pointe", "Santé", "52, boulevard Saint-Clair", 244, -46),
		at("Arrêt Érables / Moulin", "Transport", "", 66, 6),
		at("Arrêt Saint-Clair / Pins", "Transport", "", 222, -118),
		at("Écocentre", "Environnement", "900, montée du Lac", -640, 420),
		{Name: "Boîte à livres", Point: new(from(-20, -96))},
	}
}

// Shapes are invented streets and water around home.
func Shapes() []record.Shape {
	street := func(name string, metres ...float64) record.Shape {
		return record.Shape{Name: name, Category: "rue", Lines: [][]record.Point{path(metres...)}}
	}
	shapes := []record.Shape{
		{Name: "Rivière aux Îles", Category: "rivière", Area: record.Area{{path(-1300, -320, -400, -292, -70, -276, 170, -268, 330, -232, 700, -130, 1300, 20, 1300, -1300, -1300, -1300)}}},
		{Name: "Boulevard Saint-Clair", Category: "boulevard", Lines: [][]record.Point{path(290, 1300, 262, 420, 252, 160, 232, -60, 214, -196, 200, -260, 150, -1300)}},
		{Name: "Sentier du parc", Category: "sentier", Lines: [][]record.Point{path(-186, 44, -140, 74, -110, 112, -52, 128), path(-70, -250, 60, -242, 200, -232, 320, -212)}},
		street("Rue des Érables", -1300, -6, -300, 2, -50, 12, 66, 14, 252, 22, 1300, 90),
		street("Rue du Moulin", 80, 1300, 74, 300, 66, 14, 70, -120, 84, -206),
		street("Avenue des Pins", -1300, -150, -300, -132, 70, -120, 224, -124, 1300, -60),
		street("Chemin de la Rive", -1300, -282, -400, -250, -70, -212, 84, -206, 214, -196, 700, -90, 1300, 60),
		street("Rue de l’Anse", -42, 12, -46, -60, -50, -128),
		street("Rue Sainte-Églantine", -232, 1300, -214, 300, -204, 6, -222, -134, -236, -236),
		street("Rue des Tilleuls", -1300, 190, -214, 180, 70, 186, 254, 190, 1300, 240),
		street("Croissant des Merles", 66, 14, 140, 70, 176, 110, 168, 150, 120, 184),
		street("Rue du Verger", -1300, 330, 74, 330, 262, 336, 1300, 400),
		street("Rue Fernande", -60, 184, -66, 330, -80, 700),
		street("Place du Quai", 150, -122, 146, -166, 150, -200),
	}
	for _, p := range Places() {
		if len(p.Outline) > 0 {
			shapes = append(shapes, record.Shape{Category: "parc", Area: p.Outline})
		}
	}
	return shapes
}
