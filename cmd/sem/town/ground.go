package town

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/semenligne/sem/connectors/record"
)

// Line is a street, a path or a rail of the map, Sort in the town's own word.
type Line struct {
	Name, Sort string
	Points     []record.Point
}

// Ground is an area of the map.
type Ground struct {
	Name, Sort string
	Ring       []record.Point
}

// Spot is a place that citizens may look for. Ring is its ground, if it has
// one.
type Spot struct {
	ID, Name, Category, Address, Phone, Site, Hours string
	Point                                           record.Point
	Ring                                            []record.Point
}

// The streets lie about so far apart, in metres, and end so far from the
// centre.
const (
	blockHigh = 170
	blockWide = 240
	townEnd   = 1500
)

// metres is a point so far east and north of the centre.
func metres(east, north float64) record.Point {
	const degree = 111_195.08
	return record.Point{Lat: center.Lat + north/degree, Long: center.Long + east/degree/math.Cos(center.Lat*math.Pi/180)}
}

// road is the middle of a street: it runs east, or north, in a gentle wave.
type road struct {
	name, sort string
	north      bool
	at         float64
}

func (r road) point(along, beside float64) record.Point {
	across := r.at + 22*math.Sin(along/410+r.at/190) + beside
	if r.north {
		return metres(across, along)
	}
	return metres(along, across)
}

// roads are the streets of the roll, which cross the town from west to east,
// and those that cross them.
func roads() []road {
	var list []road
	for i, name := range StreetNames() {
		sort := "rue"
		if i == 4 {
			sort = "boulevard"
		}
		// The boulevard is in the middle.
		list = append(list, road{name: name, sort: sort, at: float64(blockHigh * (i - 4))})
	}
	for i, name := range []string{
		"rue du Bac", "rue Fernande-Labrèche", "avenue des Sarcelles", "rue de la Grange", "rue du Collège", "avenue du Parc", "rue des Forges",
		"rue Sainte-Églantine", "rue de la Gare", "rue des Cerisiers", "rue du Ruisseau", "rue des Bernaches",
	} {
		list = append(list, road{name: name, sort: "rue", north: true, at: float64(blockWide*(i-6)) + 80})
	}
	return list
}

// river is south of the last street.
const riverNorth = -4*blockHigh - 120

// Streets are the lines of the map.
func Streets() []Line {
	var list []Line
	for _, r := range roads() {
		line := Line{Name: r.name, Sort: r.sort}
		from := -float64(townEnd)
		if r.north {
			from = riverNorth + 60
		}
		for along := from; along <= townEnd; along += 60 {
			line.Points = append(line.Points, r.point(along, 0))
		}
		list = append(list, line)
	}
	path := Line{Name: "promenade de la Pointe", Sort: "piste cyclable"}
	for along := -float64(townEnd); along <= townEnd; along += 60 {
		path.Points = append(path.Points, metres(along, riverNorth+38+22*math.Sin(along/330)))
	}
	return append(list, path)
}

// Grounds are the areas of the map.
func Grounds() []Ground {
	river := Ground{Name: "rivière Têtue", Sort: "rivière"}
	for along := -2 * float64(townEnd); along <= 2*townEnd; along += 75 {
		river.Ring = append(river.Ring, metres(along, riverNorth+22*math.Sin(along/330)))
	}
	river.Ring = append(river.Ring, metres(2*townEnd, -4*townEnd), metres(-2*townEnd, -4*townEnd))
	return []Ground{river}
}

// home is where a civic number is: along its street, even numbers on one side.
func home(street string, civic int) record.Point {
	for i, s := range streets() {
		if s.name == street {
			side := 19 - 38*float64(civic%2)
			return roads()[i].point(-1250+float64(civic)*13.6, side)
		}
	}
	return center
}

// Spots are the invented services, schools and parks of the town.
func Spots() []Spot {
	random := rand.New(rand.NewPCG(3, 300)) //nolint:gosec // a town that must be the same twice
	all := roads()
	var list []Spot
	add := func(s Spot) {
		s.ID = fmt.Sprintf("L%03d", len(list)+1)
		list = append(list, s)
	}
	for i, k := range kinds() {
		for j, name := range k.names {
			street := all[(i*5+j*7)%len(StreetNames())]
			civic := 44 + 2*random.IntN(52)
			s := Spot{
				Name: name, Category: k.category, Address: fmt.Sprintf("%d, %s", civic, street.name), Hours: k.hours,
				Point: street.point(-1250+float64(civic)*13.6, 30),
			}
			if k.phones {
				s.Phone = fmt.Sprintf("450 555-01%02d", len(list)%100)
			}
			add(s)
		}
	}
	for i, name := range []string{"Parc des Trois-Lièvres", "Parc de la Petite-Écluse", "Parc du Vieux-Quai", "Parc Adèle-Fortier", "Place des Geais", "Parc des Sarcelles", "Parc du Moulin-Roux", "Boisé de l'Aubépine", "Parc de la Pointe"} {
		// A part of a block between streets.
		west, south := float64(blockWide*(i%3*3-4)+80+35), float64(blockHigh*(i/3*2-2+i%2)+30)
		wide, high := 110+float64(random.IntN(60)), 78+float64(random.IntN(32))
		category := "Parcs et espaces verts"
		add(Spot{
			Name: name, Category: category, Point: metres(west+wide/2, south+high/2),
			Ring: []record.Point{metres(west, south), metres(west+wide, south+8), metres(west+wide-9, south+high), metres(west+6, south+high-5)},
		})
	}
	return list
}

// kind is places of one category.
type kind struct {
	category, hours string
	phones          bool
	names           []string
}

func kinds() []kind {
	return []kind{
		{"Services municipaux", "Lundi au vendredi, 8 h 30 à 16 h 30", true, []string{"Hôtel de ville", "Comptoir du SEM", "Cour municipale", "Ateliers municipaux", "Service de l'urbanisme"}},
		{"Culture", "Mardi au samedi, 10 h à 17 h", true, []string{"Bibliothèque", "Maison des arts Adèle-Fortier", "Centre d'archives", "Petite galerie du Quai"}},
		{"Écoles", "", true, []string{"École primaire des Merles", "École primaire de la Grange", "École primaire du Bac", "École secondaire des Sarcelles", "École primaire des Cerisiers", "Centre de formation des Forges"}},
		{"Garderies", "", true, []string{"Garderie Les mésanges", "Garderie Trois-Lièvres", "Garderie La grange", "Garderie du Quai", "Garderie Petit pommier", "Garderie des Geais"}},
		{"Loisirs et sports", "", false, []string{"Piscine du Vieux-Quai", "Gymnase des Trois-Lièvres", "Aréna du Héron-Bleu", "Pavillon de la Petite-Écluse", "Patinoire du Moulin-Roux", "Terrain de balle des Sarcelles", "Planchodrome", "Jeux d'eau du Bac"}},
		{"Santé", "", true, []string{"CLSC de la Pointe", "Pharmacie du boulevard", "Clinique des Sarcelles", "Résidence des Cerisiers"}},
		{"Sécurité publique", "Jour et nuit", true, []string{"Caserne 1", "Caserne 2", "Poste de police"}},
		{"Transport", "", false, []string{"Arrêt Gare", "Arrêt Collège", "Arrêt Vieux-Quai", "Arrêt Forges", "Arrêt Moulin-Roux", "Arrêt Trois-Lièvres", "Arrêt Héron-Bleu", "Stationnement incitatif"}},
		{"Environnement", "Samedi, 9 h à 16 h", true, []string{"Écocentre", "Cloche à verre du Quai", "Cloche à verre des Forges", "Jardin communautaire"}},
		{"Lieux de culte", "", false, []string{"Église du Moulin-Roux", "Chapelle Sainte-Églantine"}},
	}
}
