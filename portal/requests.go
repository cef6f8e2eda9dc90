package portal

import (
	"slices"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

// requests shows what the person asked of the town, open ones and then the
// latest first.
func (b builder) requests(records []record.Record) shown {
	var open, closed []views.Row
	count := "requests.open"
	for _, r := range sortRequests(records) {
		body := r.Body.(record.Request) //nolint:forcetypeassert // sortRequests keeps nothing else
		row := b.requestRow(body)
		row.Href, row.Since = requestPath(r), b.mark(r)
		switch body.Status {
		case record.RequestClosed:
			closed = append(closed, row)
			continue
		case record.RequestUnknown:
			count = "requests.count" // not all are known to be open
		case record.RequestOpen, record.RequestPending:
		}
		open = append(open, row)
	}
	s := shown{headline: b.w.T("requests.none"), rows: slices.Concat(open, closed)}
	switch {
	case len(open) > 0:
		s.headline = b.w.N(count, len(open))
	case len(closed) > 0:
		s.headline = b.w.T("requests.none.open")
	}
	if len(closed) > 0 {
		s.sub = b.w.N("requests.closed", len(closed))
	}
	s.groups = []views.Group{{Title: b.w.T("requests.group.open"), Rows: open}}
	if len(open) == 0 {
		s.groups[0].Empty = b.w.T("requests.none.open")
	}
	if len(closed) > 0 {
		s.groups = append(s.groups, views.Group{Title: b.w.T("requests.group.closed"), Rows: closed})
	}
	return s
}

func (b builder) requestRow(r record.Request) views.Row {
	row := views.Row{Title: r.Service, Note: r.StatusNote}
	if row.Title == "" {
		row.Title = r.Description
	}
	if row.Title == "" {
		row.Title = b.w.T("requests.unnamed")
	}
	if !r.Sent.IsZero() {
		row.Detail = append(row.Detail, b.w.T("requests.sent", "date", b.w.Moment(r.Sent, b.now)))
	}
	if r.ID != "" {
		row.Detail = append(row.Detail, b.w.T("requests.number", "id", r.ID))
	}
	if r.Address != "" {
		row.Detail = append(row.Detail, r.Address)
	}
	switch r.Status {
	case record.RequestClosed:
		row.Badge = &views.Badge{Tone: views.Ready, Word: b.w.T("badge.closed")}
	case record.RequestOpen:
		row.Badge = &views.Badge{Tone: views.Quiet, Word: b.w.T("badge.open")}
		if !r.Expected.IsZero() {
			row.Detail = append(row.Detail, b.w.T("requests.expected", "date", b.w.WeekdayDate(record.DateOf(r.Expected.In(b.zone)), b.now)))
		}
	case record.RequestUnknown:
		row.Badge = &views.Badge{Tone: views.Quiet, Word: b.w.T("registration.unknown")}
	case record.RequestPending:
		row.Badge = &views.Badge{Tone: views.Quiet, Word: b.w.T("badge.pending")}
	}
	return row
}

// sortRequests keeps the requests, the latest news first.
func sortRequests(records []record.Record) []record.Record {
	var list []record.Record
	for _, r := range records {
		if _, ok := r.Body.(record.Request); ok {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(x, y record.Record) int { return latest(y.Body).Compare(latest(x.Body)) })
	return list
}

// latest is when there was news of a request.
func latest(body record.Body) time.Time {
	r, ok := body.(record.Request)
	if !ok || r.Updated.IsZero() {
		return r.Sent
	}
	return r.Updated
}
