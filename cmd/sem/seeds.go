package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/semenligne/sem/cmd/sem/town"
	"github.com/semenligne/sem/connectors/assessmentroll/rollsim"
	"github.com/semenligne/sem/connectors/open311/open311sim"
	"github.com/semenligne/sem/connectors/openactive/openactivesim"
	"github.com/semenligne/sem/connectors/sip2/sip2sim"
)

// libraryOf is what the library knows of the town.
func libraryOf(t *town.Town) sip2sim.Library {
	l := sip2sim.Library{Institution: "VILLE"}
	for _, b := range t.Books {
		l.Items = append(l.Items, sip2sim.Item{Barcode: b.Barcode, Title: b.Title, Media: "001", Branch: "Bibliothèque du Vieux-Quai"})
	}
	for _, f := range t.Families {
		for _, p := range f.People {
			patron := sip2sim.Patron{Card: p.Barcode, PIN: p.PIN, Name: p.Name()}
			for _, loan := range p.Loans {
				patron.Loans = append(patron.Loans, sip2sim.Loan{Item: loan.Book.Barcode, Due: loan.Due.In(t.Zone).Add(24*time.Hour - time.Minute)})
			}
			for _, hold := range p.Holds {
				patron.Holds = append(patron.Holds, sip2sim.Hold{Item: hold.Book.Barcode, Ready: hold.Ready})
			}
			for _, fee := range p.Fees {
				patron.Fees = append(patron.Fees, sip2sim.Fee{Text: fee.Text, Cents: fee.Cents})
			}
			l.Patrons = append(l.Patrons, patron)
		}
	}
	return l
}

// recreationOf is what the recreation system knows of the town.
func recreationOf(t *town.Town) openactivesim.Seed {
	seed := openactivesim.Seed{APIKey: demoKey}
	orders := 0
	for _, a := range t.Activities {
		seed.Series = append(seed.Series, openactivesim.Series{
			ID: a.ID, Name: a.Name, Activity: a.Category, Place: a.Place, AgeMin: a.AgeMin, AgeMax: a.AgeMax,
			Offers: []openactivesim.Offer{
				{ID: "resident", Name: "Résident", Cents: int(a.Resident), Prepayment: "Unavailable"},
				{ID: "autre", Name: "Non-résident", Cents: int(a.Other), Prepayment: "Unavailable"},
			},
		})
		for week := range a.Weeks {
			start := a.Start.AddDate(0, 0, 7*week)
			seed.Sessions = append(seed.Sessions, openactivesim.Session{
				ID: fmt.Sprintf("%s-%02d", a.ID, week+1), Series: a.ID, Start: start, End: start.Add(a.Hours), Capacity: a.Capacity, WaitingList: true,
			})
		}
		for _, r := range a.Registered {
			orders++
			item := openactivesim.Item{Session: a.ID + "-01", Offer: "resident", Attendee: r.Given}
			if r.Waiting {
				item.Status = "OrderItemWaiting"
			}
			seed.Orders = append(seed.Orders, openactivesim.Order{
				UUID: fmt.Sprintf("00000000-0000-4000-8000-%012d", orders), Account: r.Account, Email: r.Email, GivenName: r.Given, Items: []openactivesim.Item{item},
			})
		}
	}
	return seed
}

// rollOf is the town's assessment roll.
func rollOf(t *town.Town) rollsim.Roll {
	units := make([]rollsim.Unit, len(t.Families))
	for i, f := range t.Families {
		p := f.Property
		units[i] = rollsim.Unit{
			Matricule: p.Matricule, Lots: []string{p.Lot}, Use: "1000", Frontage: p.Frontage, Area: p.Area,
			Addresses: []rollsim.Address{{Number: fmt.Sprint(p.Civic), Type: p.StreetType, Link: p.Link, Street: p.Street}},
			Building:  &rollsim.Building{Storeys: 1 + i%2, Year: p.Built, FloorArea: p.Floor, Link: 1, Genre: 1, Dwellings: p.Dwellings},
			LandValue: p.LandValue, BuildingValue: p.Building, Previous: p.Previous,
		}
	}
	return rollsim.Roll{Municipality: town.Municipality, Year: town.RollYear, Units: slices.Values(units)}
}

// requestsOf is what the service-request system knows of the town.
func requestsOf(t *town.Town) open311sim.Seed {
	seed := open311sim.Seed{Keys: []string{demoKey}, Dialect: open311sim.Dialect{Accounts: true}}
	for _, s := range t.Services {
		seed.Services = append(seed.Services, open311sim.Service{
			Code: s.Code, Name: s.Name, Description: s.Description, Group: s.Group, Keywords: strings.Split(s.Keywords, ", "),
		})
	}
	for _, r := range t.Requests {
		status := "open"
		if r.Closed {
			status = "closed"
		}
		seed.Requests = append(seed.Requests, open311sim.Request{
			ID: r.ID, Status: status, StatusNotes: r.Note, ServiceCode: r.Service, Description: r.Description, Agency: "Travaux publics",
			Requested: r.Sent, Updated: r.Updated, Address: r.Address, Lat: r.Point.Lat, Long: r.Point.Long, Account: r.Requester,
		})
	}
	return seed
}
