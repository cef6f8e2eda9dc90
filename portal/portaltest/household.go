package portaltest

import (
	"context"
	"maps"
	"time"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/signin"
)

// Resident is somebody who moves into a [House]: how to sign in, when they were
// born, and what the cache holds of them.
type Resident struct {
	Person
	Born record.Date
	// Account is the family's in recreation, as the card registry has it.
	Account  string
	Sections []cache.Section
}

// The household of Busy, for [House.MoveIn]: a child whose loans and schedule
// she sees, a teenager who never agreed, and a partner who shows the schedule
// and has her in his own dossier.
var (
	Child   = Person{"902316", "475820", "Léa"}    //nolint:gochecknoglobals // a constant
	Teen    = Person{"902431", "618257", "Émile"}  //nolint:gochecknoglobals // a constant
	Partner = Person{"902588", "350946", "Thomas"} //nolint:gochecknoglobals // a constant
)

// The family file of Family: a child and a teenager with cards of their own, in
// nobody's dossier yet.
var (
	FiledChild = Person{"915204", "862407", "Zoé"}    //nolint:gochecknoglobals // a constant
	FiledTeen  = Person{"915377", "470593", "Mathis"} //nolint:gochecknoglobals // a constant
)

const familyAccount = "account:F00204"

// filed are they.
func filed() []Resident {
	return []Resident{
		{Person: FiledChild, Born: record.Date{Year: 2016, Month: time.February, Day: 29}, Account: familyAccount},
		{Person: FiledTeen, Born: record.Date{Year: 2010, Month: time.August, Day: 17}, Account: familyAccount},
	}
}

// Residents are they.
func Residents() []Resident {
	at := Now().Add(-5 * time.Minute)
	read := func(source string, records ...record.Record) cache.Section {
		for i := range records {
			records[i].Source, records[i].ReadAt = source, at
		}
		return cache.Section{Source: source}.Succeeded(records, at, ages())
	}
	loan := func(title string, d int) record.Record {
		return record.Record{Key: "loan:" + title, Body: record.Loan{Title: title, Due: day(d)}}
	}
	course := func(id, name string, d time.Weekday, start, end string) record.Record {
		return record.Record{Key: id, Body: record.Registration{ID: id, Name: name, Status: record.RegistrationConfirmed, Place: "Centre Marie-Gérin", Schedule: []record.Schedule{{
			Days: []time.Weekday{d}, Start: start, End: end, From: record.Date{Year: 2026, Month: time.September, Day: 14}, Until: record.Date{Year: 2026, Month: time.December, Day: 18},
		}}}}
	}
	return []Resident{
		{Person: Child, Born: record.Date{Year: 2017, Month: time.May, Day: 3}, Sections: []cache.Section{
			read("bibliotheque", loan("Le hibou de minuit", 27)), read("loisirs", course("L-1", "Éveil à la danse", time.Saturday, "09:00", "09:55")),
		}},
		{Person: Teen, Born: record.Date{Year: 2011, Month: time.June, Day: 21}, Sections: []cache.Section{
			read("bibliotheque", loan("Le journal d’un secret", 28)), read("loisirs", course("E-1", "Impro, 14 à 17 ans", time.Thursday, "19:00", "21:00")),
		}},
		{Person: Partner, Born: record.Date{Year: 1984, Month: time.March, Day: 9}, Sections: []cache.Section{
			read("bibliotheque"), read("loisirs", course("T-1", "Ligue de ballon-balai", time.Wednesday, "20:00", "21:30")),
		}},
	}
}

// links are how the systems of the town know a person; Unlinked is known by
// none.
func links(p Person) map[string][]string {
	if p == Unlinked {
		return nil
	}
	return map[string][]string{"bibliotheque": {"2" + p.Card}, "loisirs": {"compte-" + p.Card}, "requetes": {"account:" + p.Card}}
}

// MoveIn adds residents to the town.
func (h *House) MoveIn(ctx context.Context, residents ...Resident) error {
	for _, r := range residents {
		card := record.Card{Number: r.Card, Name: r.Name, Born: r.Born, Links: links(r.Person)}
		if r.Account != "" {
			card.Links = map[string][]string{}
			maps.Copy(card.Links, links(r.Person))
			card.Links["loisirs"] = []string{r.Account}
		}
		h.cards = append(h.cards, card)
	}
	if _, err := h.Dossier.ImportCards(ctx, h.cards); err != nil {
		return err
	}
	for _, r := range residents {
		citizen, err := h.Dossier.ByCard(ctx, r.Card)
		if err != nil {
			return err
		}
		encoded, err := signin.Hash(Pepper(), r.PIN)
		if err != nil {
			return err
		}
		if err := h.Dossier.SetCredential(ctx, citizen, encoded); err != nil {
			return err
		}
		for _, s := range r.Sections {
			if err := h.Cache.Put(ctx, citizen, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// Settle moves the household of Busy in, with what they agreed on.
func (h *House) Settle(ctx context.Context) error {
	if err := h.MoveIn(ctx, Residents()...); err != nil {
		return err
	}
	at := Now().Add(-21 * 24 * time.Hour)
	for _, m := range []struct{ holder, member Person }{{Busy, Child}, {Busy, Teen}, {Busy, Partner}, {Partner, Busy}} {
		if err := h.Add(ctx, m.holder, m.member, at); err != nil {
			return err
		}
	}
	for _, g := range []struct {
		person  Person
		basis   dossier.GrantBasis
		dataset dossier.Dataset
	}{{Child, dossier.Parental, dossier.Loans}, {Child, dossier.Parental, dossier.Schedule}, {Partner, dossier.Own, dossier.Schedule}} {
		if err := h.Grant(ctx, g.person, Busy, g.dataset, g.basis, at); err != nil {
			return err
		}
	}
	return nil
}

// Add puts a person into another's dossier.
func (h *House) Add(ctx context.Context, holder, member Person, at time.Time) error {
	citizens, err := h.citizens(ctx, holder, member)
	if err != nil {
		return err
	}
	return h.Dossier.AddMember(ctx, citizens[0], citizens[1], at)
}

// Grant lets a viewer see a dataset of a person, for a year.
func (h *House) Grant(ctx context.Context, person, viewer Person, dataset dossier.Dataset, basis dossier.GrantBasis, at time.Time) error {
	citizens, err := h.citizens(ctx, person, viewer)
	if err != nil {
		return err
	}
	g := dossier.Grant{
		Person: citizens[0], Viewer: citizens[1], Dataset: dataset, Basis: basis, Wording: "J’accepte.", Language: "fr", At: at,
	}
	if basis == dossier.Own {
		g.Until = at.AddDate(1, 0, 0)
	}
	return h.Dossier.GiveConsent(ctx, g)
}

func (h *House) citizens(ctx context.Context, people ...Person) ([]record.Citizen, error) {
	var list []record.Citizen
	for _, p := range people {
		citizen, err := h.Dossier.ByCard(ctx, p.Card)
		if err != nil {
			return nil, err
		}
		list = append(list, citizen)
	}
	return list, nil
}
