package portal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

const reportPath = "/requetes/signaler"

// longestSearch is how many characters of a search are looked at.
const longestSearch = 100

// service is something that may be asked of the town, and of whom.
type service struct {
	source Source
	record.Service
}

// path is the form of a service. Its address does not change for as long as the
// town keeps the service's code.
func (s service) path() string {
	sum := sha256.Sum256([]byte(s.source.Name + "\x00" + s.Code))
	return reportPath + "/" + hex.EncodeToString(sum[:8])
}

// serviceList is what one source may be asked, as far as it is known.
type serviceList struct {
	source   Source
	view     cache.View
	known    bool
	services []service
}

// services reads what the town may be asked. A source that takes no requests
// has no list.
func (p *Portal) services(ctx context.Context, s snapshot) ([]serviceList, error) {
	var lists []serviceList
	for _, source := range p.opt.Sources {
		if source.Domain != Requests {
			continue
		}
		section, err := p.opt.Cache.Town(ctx, source.Name)
		if err != nil {
			return nil, fmt.Errorf("services: %w", err)
		}
		list := serviceList{source: source, view: section.At(s.now)}
		var records []record.Record
		records, list.known = list.view.Records()
		for _, body := range bodies[record.Service](records) {
			list.services = append(list.services, service{source, body})
		}
		lists = append(lists, list)
	}
	return lists, nil
}

// reportPage is where a citizen finds what to ask the town: by words or by
// category.
func (p *Portal) reportPage(w http.ResponseWriter, r *http.Request) error {
	s, err := p.snapshot(r)
	if err != nil {
		return err
	}
	lists, err := p.services(r.Context(), s)
	if err != nil {
		return err
	}
	drafts, err := p.drafts(r, s)
	if err != nil {
		return err
	}
	b := p.builder(s)
	page := b.report(lists, clip(r.URL.Query().Get("q"), 4*longestSearch))
	page.Drafts = b.draftRows(drafts, lists)
	page.Page = p.signedIn(p.page(s.prefs, reportPath))
	page.Title, page.Version = page.W.T("report.title"), s.dashboard.Version
	if page.Words != "" {
		page.Here += "?" + url.Values{"q": {page.Words}}.Encode()
	}
	return p.render(w, r, http.StatusOK, views.Report(page))
}

// report lists the services that a search finds, by category.
func (b builder) report(lists []serviceList, words string) views.ReportPage {
	page := views.ReportPage{Words: words}
	var found []service
	for _, l := range lists {
		if !l.known {
			page.Unknown = append(page.Unknown, b.w.T("report.unknown"), b.trouble(l.source, pick(l.view.Trouble == "", "unavailable", l.view.Trouble)))
			continue
		}
		page.Ages = append(page.Ages, b.age(l.source, l.view))
		found = append(found, l.services...)
	}
	all := len(found)
	found = slices.DeleteFunc(found, func(s service) bool { return !s.matches(words) })
	page.Groups = b.serviceGroups(found)
	switch {
	case words != "" && all > 0:
		page.Count = b.w.N("report.count", len(found))
	case all == 0 && len(page.Unknown) == 0:
		page.Count = b.w.T("report.none")
	}
	return page
}

// matches tells whether each word of a search is somewhere in what the town
// says of a service.
func (s service) matches(words string) bool {
	text := fold(strings.Join(append([]string{s.Name, s.Description, s.Group}, s.Keywords...), " "))
	for word := range strings.FieldsSeq(fold(words)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// serviceGroups puts services under their category, both in the order of the
// alphabet, and those without one last.
func (b builder) serviceGroups(list []service) []views.Group {
	byName := func(x, y string) int { return strings.Compare(fold(x), fold(y)) }
	slices.SortStableFunc(list, func(x, y service) int {
		if (x.Group == "") != (y.Group == "") {
			return len(y.Group) - len(x.Group)
		}
		if c := byName(x.Group, y.Group); c != 0 {
			return c
		}
		return byName(x.Name, y.Name)
	})
	var groups []views.Group
	for _, s := range list {
		title := s.Group
		if title == "" {
			title = b.w.T("report.group.other")
		}
		if len(groups) == 0 || groups[len(groups)-1].Title != title {
			groups = append(groups, views.Group{Title: title})
		}
		row := views.Row{Title: b.serviceName(s), Href: s.path()}
		if s.Description != "" && s.Description != s.Name {
			row.Detail = []string{s.Description}
		}
		g := &groups[len(groups)-1]
		g.Rows = append(g.Rows, row)
	}
	return groups
}

func (b builder) serviceName(s service) string {
	if s.Name == "" {
		return b.w.T("requests.unnamed")
	}
	return s.Name
}
