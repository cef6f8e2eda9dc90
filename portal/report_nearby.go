package portal

import (
	"strings"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/townmap"
	"github.com/semenligne/sem/portal/views"
)

// sameSpot is how many metres apart two requests about the same thing are
// perhaps one.
const sameSpot = 150

// nearby are the open requests about the same service, of the citizen and of the
// members who let the citizen see theirs: perhaps this one is already known. Once
// the place is chosen, only those near it or at its address are left.
func (b builder) nearby(f family, sources []Source, x report) []views.Row {
	at := x.place()
	var rows []views.Row
	for _, who := range f.people {
		for _, source := range sources {
			records, _ := who.dashboard.Section(source.Name).At(b.now).Records()
			for _, r := range sortRequests(records) {
				body := r.Body.(record.Request) //nolint:forcetypeassert // sortRequests keeps nothing else
				about := source.Name == x.service.source.Name && body.ServiceCode == x.service.Code
				if !about || body.Status == record.RequestClosed || !near(at, body) {
					continue
				}
				row := b.requestRow(body)
				row.Href = requestPath(r)
				if who.handle != myself {
					row.Detail = append([]string{b.w.T("requests.of", "name", who.name)}, row.Detail...)
				}
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// place is where the form says that it is, as far as it says so.
func (x report) place() record.Submit {
	var c checked
	x.checkPlace(&c, func(string, string) {}) // what is wrong with it is said elsewhere
	return c.submit
}

// near tells whether a request may be at a place; everywhere, while none is
// chosen.
func near(at record.Submit, r record.Request) bool {
	if at.Point == nil && at.Address == "" {
		return true
	}
	if at.Point != nil && r.Point != nil {
		if metres, _ := townmap.Between(*at.Point, *r.Point); metres <= sameSpot {
			return true
		}
	}
	return at.Address != "" && strings.TrimSpace(fold(at.Address)) == strings.TrimSpace(fold(r.Address))
}
