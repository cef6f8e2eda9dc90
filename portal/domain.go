package portal

import (
	"net/http"

	"github.com/semenligne/sem/portal/views"
)

// domain is the page of one domain: everything that its sources said.
func (p *Portal) domain(d Domain) handler {
	if d == Property { // has more to show than groups of rows
		return p.propertyPage
	}
	if d == Requests { // has those of others too
		return p.requestsPage
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		return p.personal(w, r, d.path(), func(s snapshot) (*finished, error) {
			return finish(r.Context(), views.Domain(p.domainPage(d, s)), "text/html; charset=utf-8")
		})
	}
}

func (p *Portal) domainPage(d Domain, s snapshot) views.DomainPage {
	words := p.words[s.prefs.lang]
	page := views.DomainPage{Page: p.signedIn(p.page(s.prefs, d.path())), Icon: string(d)}
	page.Heading, page.Version = words.T("nav."+string(d)), s.dashboard.Version
	page.Title = page.Heading
	b := p.builder(s)
	b.key = p.newFormKey()
	switch {
	case d == Library && p.opt.Desk != nil:
		page.More = &views.Link{Href: holdPath, Text: words.T("hold.link")}
	case d == Requests && p.opt.Desk != nil:
		page.More = &views.Link{Href: reportPath, Text: words.T("report.link")}
	}
	if d == Recreation {
		page.More = &views.Link{Href: cataloguePath, Text: words.T("catalogue.link")}
	}
	for _, source := range p.opt.Sources {
		if source.Domain == d {
			page.Sections = append(page.Sections, b.section(source, s.view(source.Name)))
		}
	}
	return page
}
