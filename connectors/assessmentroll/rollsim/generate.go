package rollsim

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"strconv"
)

// Generate yields n invented units, the same for the same seed: mostly houses,
// some condominiums on one parcel, duplexes over a range of numbers, vacant
// land of several lots. Every matricule is there once.
func Generate(seed uint64, n int) iter.Seq[Unit] {
	return func(yield func(Unit) bool) {
		r := rand.New(rand.NewPCG(seed, 0x526f6c65))
		for i := range n {
			if !yield(invent(r, i)) {
				return
			}
		}
	}
}

// perParcel is how many units in a row share a parcel when they are
// condominiums: every tenth group of eight.
const perParcel = 8

func invent(r *rand.Rand, i int) Unit {
	condo := i/perParcel%10 == 9
	place := i
	if condo {
		place = i - i%perParcel
	}
	u := Unit{
		Matricule: fmt.Sprintf("%04d%02d%04d%d", place/1_000_000, place/10_000%100, place%10_000, r.IntN(10)),
		Use:       "1000", Neighbourhood: fmt.Sprintf("%04d", 3000+r.IntN(40)),
		Lots:     []string{strconv.Itoa(9_000_000 + place%1_000_000)},
		Frontage: 10 + r.Float64()*30, Area: 250 + r.Float64()*900,
		LandValue: 60_000 + 1000*r.Int64N(200), BuildingValue: 120_000 + 1000*r.Int64N(600),
		Addresses: []Address{inventAddress(r)},
	}
	u.Previous = (u.LandValue + u.BuildingValue) * (60 + r.Int64N(30)) / 100
	switch {
	case condo:
		u.Matricule = u.Matricule[:10] + fmt.Sprintf("%d%03d%04d", place%10, 1, i%perParcel+1)
		u.Addresses[0] = Address{Number: strconv.Itoa(100 + place%9000), Type: "BO", Link: "N", Street: "PARC", Apartment: strconv.Itoa(101 + i%perParcel)}
		u.Building = inventBuilding(r, 5)
	case r.IntN(20) == 0:
		u.Use, u.Addresses, u.BuildingValue, u.Serviced = "9100", nil, 0, r.IntN(2) == 0
		u.Lots = append(u.Lots, strconv.Itoa(8_000_000+r.IntN(900_000)), strconv.Itoa(8_000_000+r.IntN(900_000)))
	default:
		u.Building = inventBuilding(r, 1+r.IntN(4))
		if u.Building.Dwellings > 1 {
			number, _ := strconv.Atoi(u.Addresses[0].Number)
			u.Addresses[0].NumberTo = strconv.Itoa(number + 2)
		}
	}
	return u
}

func inventBuilding(r *rand.Rand, link int) *Building {
	return &Building{
		Storeys: 1 + r.IntN(3), Year: 1900 + r.IntN(125), Estimated: r.IntN(6) == 0, FloorArea: 70 + r.Float64()*250,
		Link: link, Genre: 1 + r.IntN(5), Dwellings: 1 + r.IntN(2),
	}
}

func inventAddress(r *rand.Rand) Address {
	streets := [...]Address{
		{Type: "RU", Link: "M", Street: "ERABLES"},
		{Type: "RU", Link: "D", Street: "VIEUX-MOULIN"},
		{Type: "AV", Link: "L", Street: "RIVIERE"},
		{Type: "CH", Link: "N", Street: "RUISSEAU"},
		{Street: "1RE AVENUE"},
		{Type: "BO", Street: "STE-EULALIE", Cardinal: "O"},
		{Type: "MO", Link: "P", Street: "EGLISE"},
		{Type: "PL", Link: "H", Street: "YOUVILLE"},
		{Type: "CR", Street: "Bélair"},
	}
	a := streets[r.IntN(len(streets))]
	a.Number = strconv.Itoa(1 + r.IntN(4000))
	if r.IntN(25) == 0 {
		a.Fraction = string(rune('A' + r.IntN(3)))
	}
	return a
}
