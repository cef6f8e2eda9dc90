// Package town invents a town: its people, streets, books, activities and
// requests, the same for the same seed. Nothing in it is real: names are drawn
// from lists, and the municipality code, cards and addresses belong to nobody.
// `sem demo` hands each simulator its part.
package town

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

// The invented municipality.
const (
	Name         = "Pointe-aux-Bouleaux"
	Municipality = "99001"
	RollYear     = 2026
	ZoneName     = "America/Toronto"
)

// Center is the middle of the town, in a bend of an invented river.
var center = record.Point{Lat: 45.5612, Long: -73.9034} //nolint:gochecknoglobals // a constant that the language cannot express

// Center is the middle of the town.
func Center() record.Point { return center }

// Town is everything that the legacy systems know.
type Town struct {
	Zone       *time.Location
	Families   []Family
	Activities []Activity
	Services   []Service
	Requests   []Request
	Books      []Book
}

// Family lives at one address and has one recreation account.
type Family struct {
	Account  string // recreation account
	Property Property
	// Owner tells whether the family owns the property it lives in.
	Owner  bool
	People []Person
}

// Person holds a Carte citoyen.
type Person struct {
	Card, PIN   string // six digits each
	Given, Last string
	Born        record.Date
	Barcode     string // library card
	Requester   string // account at the service-request desk
	Loans       []Loan
	Holds       []Hold
	Fees        []Fee
}

// Name is the person's full name.
func (p Person) Name() string { return p.Given + " " + p.Last }

// Book is one copy in the library.
type Book struct{ Barcode, Title, Author string }

// Loan is a book at a person's home.
type Loan struct {
	Book Book
	Due  record.Date
}

// Hold is a book that a person waits for.
type Hold struct {
	Book  Book
	Ready bool
}

// Fee is money owed to the library.
type Fee struct {
	Text  string
	Cents int64
}

// Property is one unit of the assessment roll.
type Property struct {
	Matricule             string // 18 digits
	Civic                 int
	StreetType, Link      string // roll codes
	Street                string // as the roll writes it
	Lot                   string
	Built, Dwellings      int
	Frontage, Area, Floor float64
	LandValue, Building   int64 // whole dollars
	Previous              int64
	Point                 record.Point
}

// Activity is one session of the recreation catalogue.
type Activity struct {
	ID, Name, Category, Place string
	Start                     time.Time
	Hours                     time.Duration
	Weeks                     int
	AgeMin, AgeMax            int
	Resident, Other           int64 // cents
	Capacity                  int
	// Registered are the people who have a place, by account and given name.
	Registered []Registered
}

// Registered is one person's place in an activity.
type Registered struct {
	Account, Email, Given string
	Waiting               bool
}

// Service is something that citizens may ask of the town.
type Service struct{ Code, Name, Description, Group, Keywords string }

// Request is a service request that somebody sent.
type Request struct {
	ID, Service, Requester string
	Description, Address   string
	Note                   string
	Closed                 bool
	Sent, Updated          time.Time
	Point                  record.Point
}

// New invents a town of about so many people. It always holds the three
// people that Showcase returns.
func New(seed uint64, people int, now time.Time) (*Town, error) {
	zone, err := time.LoadLocation(ZoneName)
	if err != nil {
		return nil, fmt.Errorf("town: %w", err)
	}
	if people < 10 || people > 200_000 {
		return nil, fmt.Errorf("town: %d people: between 10 and 200000 are wanted", people)
	}
	b := &builder{rand: rand.New(rand.NewPCG(seed, 2009)), now: now.In(zone), town: &Town{Zone: zone}} //nolint:gosec // a town that must be the same twice
	b.books(people/2 + 100)
	b.activities()
	b.town.Services = services()
	b.showcase()
	for b.count < people {
		b.family()
	}
	return b.town, nil
}

// Showcase are the people whose cards the demo prints.
func (t *Town) Showcase() []Shown {
	f := t.Families
	return []Shown{{"family", f[0].People[0]}, {"senior", f[1].People[0]}, {"newcomer", f[2].People[0]}}
}

// Shown is a person with a part in the demo.
type Shown struct {
	Role string
	Person
}
