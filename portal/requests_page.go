package portal

import (
	"net/http"
	"time"

	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/views"
)

// requestsPage is the citizen's requests, and those of the members who let the
// citizen see theirs, each person under their name.
func (p *Portal) requestsPage(w http.ResponseWriter, r *http.Request) error {
	shot, err := p.snapshot(r)
	if err != nil {
		return err
	}
	f, err := p.family(r.Context(), shot.session.citizen, dossier.Requests)
	if err != nil {
		return err
	}
	p.refresh(f)
	return p.personalBeside(w, r, shot, Requests.path(), p.besideFamily(f, shot.now), func(s snapshot) (*finished, error) {
		page := p.domainPage(Requests, s)
		page.Others = f.version()
		b := p.builder(s)
		b.visit = time.Time{} // what is new to the person is not what is new to the citizen
		for _, x := range f.people[1:] {
			for _, source := range p.opt.Sources {
				if source.Domain != Requests {
					continue
				}
				section := b.section(source, x.dashboard.Section(source.Name).At(s.now))
				section.Source += "-" + x.handle
				section.Title = b.w.T("requests.of", "name", x.name)
				page.Sections = append(page.Sections, section)
			}
		}
		return finish(r.Context(), views.Domain(page), htmlType)
	})
}

// besideFamily is what a page is drawn from of the others in a family.
func (p *Portal) besideFamily(f family, now time.Time) beside {
	other := beside{version: " " + f.version(), until: f.until}
	for _, x := range f.people[1:] {
		until, _ := p.lasting(x.dashboard, now)
		other = other.and(beside{until: until})
	}
	return other
}
