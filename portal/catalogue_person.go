package portal

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/views"
)

// eligible is somebody whom the citizen may register: the citizen, or one of
// those in the citizen's dossier.
type eligible struct {
	handle, name string
	born         dossier.Born
}

// eligibles are they, the citizen first.
func (p *Portal) eligibles(ctx context.Context, s snapshot) ([]eligible, error) {
	household, err := p.opt.Dossier.Household(ctx, s.session.citizen)
	if err != nil {
		return nil, fmt.Errorf("household: %w", err)
	}
	list := []eligible{{myself, s.session.profile.Name, s.session.profile.Born}}
	for _, m := range household.Members {
		list = append(list, eligible{p.handle(s.session.citizen, m.Citizen), m.Name, m.Born})
	}
	return list, nil
}

// forPerson makes a search that of the person whom its address names; a handle
// that is not of these people is errNotFound.
func (s *search) forPerson(people []eligible) error {
	if s.handle == "" {
		return nil
	}
	i := slices.IndexFunc(people, func(x eligible) bool { return x.handle == s.handle })
	if i < 0 {
		return errNotFound
	}
	s.person = &people[i]
	return nil
}

// fits tells whether a course is for the person who is looked for: by the age on
// its first day, or on that of its next meeting. Without such a person, all fit.
func (b builder) fits(s search, f found) dossier.Fit {
	if s.person == nil {
		return dossier.Fits
	}
	first := b.firstDay(f.Activity)
	if len(f.meetings) > 0 {
		first = record.DateOf(f.meetings[0].start.In(b.zone))
	}
	return s.person.born.Fits(first, f.AgeMin, f.AgeMax)
}

// shortName is what a person is called on a choice: the given name, unless two
// have it.
func (b builder) shortName(x eligible, people []eligible) string {
	given := givenName(x.name)
	for _, other := range people {
		if other.handle != x.handle && givenName(other.name) == given {
			return x.name
		}
	}
	return given
}

// catalogueFor offers the same search for each of the people. Their handles
// alone are in the addresses: no age.
func (b builder) catalogueFor(page *views.CataloguePage, s search, people []eligible) {
	for _, x := range people {
		text := b.w.T("catalogue.for", "name", b.shortName(x, people))
		if x.name == "" {
			text = b.w.T("catalogue.for.me")
		}
		other := s
		other.handle = x.handle
		page.For = append(page.For, views.Link{Href: other.at(1), Text: text, Current: x.handle == s.handle})
	}
	page.Person = s.handle
}

// ageUnknown says that nothing was left out for a person whose age the town does
// not give, where some course has an age.
func (b builder) ageUnknown(s search, list []found) string {
	if !slices.ContainsFunc(list, func(f found) bool { return b.fits(s, f) == dossier.FitUnknown }) {
		return ""
	}
	return b.w.T("catalogue.for.unknown")
}

// asVersion tells when the choices of people look different.
func asVersion(people []eligible) string {
	var text strings.Builder
	for _, x := range people {
		fmt.Fprintf(&text, " %s %q", x.handle, x.name)
	}
	return text.String()
}
