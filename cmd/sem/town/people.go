package town

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/semenligne/sem/connectors/record"
)

type builder struct {
	rand  *rand.Rand
	now   time.Time // in the town's zone
	town  *Town
	count int
	next  int // copy to lend
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// showcase makes the three people of the demo, with a little of everything,
// what an elder has, and nothing at all.
func (b *builder) showcase() {
	family := Family{Owner: true, Property: b.property(), Account: b.account()}
	family.Property.settle(streets()[3], 91) // in the middle of town, with much around
	last := "Lapierre-Nguyen"
	for i, p := range []struct {
		given string
		age   int
	}{{"Maude", 39}, {"Quoc-Anh", 41}, {"Élodie", 12}, {"Théo", 8}} {
		person := b.person(p.given, last, p.age)
		for n := range 3 - i/2 {
			person.Loans = append(person.Loans, Loan{b.copy(), b.day(n*5 - 2)})
		}
		family.People = append(family.People, person)
	}
	head := &family.People[0]
	head.Holds = []Hold{{b.copy(), true}, {b.copy(), false}}
	head.Fees = []Fee{{"Retard\u00a0: L'été des geais bleus", 175}}
	b.town.Families = append(b.town.Families, family)
	b.register(family, 0, 2, 3)
	b.request(*head, family, 0, false)
	b.request(*head, family, 3, true)

	senior := Family{Owner: true, Property: b.property(), Account: b.account()}
	elder := b.person("Rosaire", "Tessier-Bolduc", 78)
	elder.Loans = []Loan{{b.copy(), b.day(9)}, {b.copy(), b.day(9)}}
	senior.People = []Person{elder}
	b.town.Families = append(b.town.Families, senior)
	b.register(senior, 5)
	b.request(elder, senior, 2, false)

	newcomer := Family{Property: b.property(), Account: b.account()}
	newcomer.People = []Person{b.person("Amina", "Belkacem-Roy", 27)}
	b.town.Families = append(b.town.Families, newcomer)
}

// family adds a household of one to five people.
func (b *builder) family() {
	f := Family{Owner: b.rand.IntN(10) < 7, Property: b.property(), Account: b.account()}
	last := pick(b.rand, lastNames())
	for i := range 1 + b.rand.IntN(5) {
		age := 25 + b.rand.IntN(60)
		if i > 1 {
			age = 3 + b.rand.IntN(18)
		}
		p := b.person(pick(b.rand, givenNames()), last, age)
		for range b.rand.IntN(5) {
			p.Loans = append(p.Loans, Loan{b.copy(), b.day(b.rand.IntN(24) - 3)})
		}
		if b.rand.IntN(4) == 0 {
			p.Holds = append(p.Holds, Hold{b.copy(), b.rand.IntN(2) == 0})
		}
		if b.rand.IntN(8) == 0 {
			p.Fees = append(p.Fees, Fee{"Frais de retard", 25 * int64(1+b.rand.IntN(40))})
		}
		f.People = append(f.People, p)
	}
	b.town.Families = append(b.town.Families, f)
	if b.rand.IntN(3) == 0 {
		b.register(f, b.rand.IntN(len(b.town.Activities)))
	}
	if b.rand.IntN(5) == 0 {
		b.request(f.People[0], f, b.rand.IntN(len(b.town.Services)), b.rand.IntN(2) == 0)
	}
}

func (b *builder) person(given, last string, age int) Person {
	b.count++
	born := record.DateOf(b.now.AddDate(-age, 0, -1-b.rand.IntN(360)))
	return Person{
		Card: fmt.Sprintf("%06d", 10_000+b.count*4+b.rand.IntN(4)), PIN: b.pin(), Given: given, Last: last, Born: born,
		Barcode: fmt.Sprintf("2%05d%08d", 9_900, b.count*10+b.rand.IntN(10)), Requester: fmt.Sprintf("R%06d", b.count),
	}
}

// pin draws six digits that read as no date, repeat or run.
func (b *builder) pin() string {
	pair := func() int { return 40 + b.rand.IntN(60) }
	for {
		x, y, z := pair(), pair(), pair()
		if x != y && y != z && x != z && y-x != z-y {
			return fmt.Sprintf("%02d%02d%02d", x, y, z)
		}
	}
}

func (b *builder) account() string {
	return fmt.Sprintf("F%05d", len(b.town.Families)+1)
}

func (b *builder) day(offset int) record.Date {
	return record.DateOf(b.now).AddDays(offset)
}

// copy hands out a book of the library that nobody has yet.
func (b *builder) copy() Book {
	if b.next == len(b.town.Books) {
		b.books(100)
	}
	b.next++
	return b.town.Books[b.next-1]
}

func (b *builder) books(n int) {
	for range n {
		b.town.Books = append(b.town.Books, Book{
			Barcode: fmt.Sprintf("3%05d%08d", 9_900, len(b.town.Books)+1),
			Title:   fmt.Sprintf("%s %s", pick(b.rand, titleStarts()), pick(b.rand, titleEnds())),
			Author:  pick(b.rand, givenNames()) + " " + pick(b.rand, lastNames()),
		})
	}
}

func (b *builder) property() Property {
	n := len(b.town.Families) + 1
	street := pick(b.rand, streets())
	civic := 2 + b.rand.IntN(180)
	land := int64(90+b.rand.IntN(160)) * 1000
	house := int64(150+b.rand.IntN(420)) * 1000
	// The matricule holds a truncated plane coordinate; a counter keeps it unique.
	p := Property{
		Matricule: fmt.Sprintf("%04d%02d%04d%d%s", 700+n/100, n%100, 1000+(n*37)%9000, n%10, "0000000"),
		Lot:       fmt.Sprintf("9%06d", 100_000+n), Built: 1948 + b.rand.IntN(76), Dwellings: 1 + b.rand.IntN(2),
		Frontage: 12 + float64(b.rand.IntN(180))/10, Area: 320 + float64(b.rand.IntN(6000))/10, Floor: 82 + float64(b.rand.IntN(1800))/10,
		LandValue: land, Building: house, Previous: (land + house) * int64(68+b.rand.IntN(20)) / 100,
	}
	p.settle(street, civic)
	return p
}

// settle puts a property at an address.
func (p *Property) settle(s street, civic int) {
	p.Civic, p.StreetType, p.Link, p.Street = civic, s.kind, s.link, s.name
	p.Point = home(s.name, civic)
}
