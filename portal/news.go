package portal

import (
	"slices"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

// mark tells what happened to a record since the citizen's visit before this
// one; nil is nothing that we know of, and everything on a first visit.
func (b builder) mark(r record.Record) *views.Since {
	if b.visit.IsZero() {
		return nil
	}
	switch b.view.Change(r, b.visit) {
	case cache.Appeared:
		return &views.Since{Change: views.New, Word: b.w.T("news.new"), Visit: b.w.T("news.since")}
	case cache.Altered:
		return &views.Since{Change: views.Changed, Word: b.w.T("news.changed"), Visit: b.w.T("news.since")}
	case cache.Unchanged:
	}
	return nil
}

// marked returns the bodies of one kind in an order, nil being the source's,
// and beside each its mark.
func marked[B record.Body](b builder, records []record.Record, order func(x, y B) int) (list []B, marks []*views.Since) {
	type entry struct {
		body B
		mark *views.Since
	}
	var entries []entry
	for _, r := range records {
		if body, ok := r.Body.(B); ok {
			entries = append(entries, entry{body, b.mark(r)})
		}
	}
	if order != nil {
		slices.SortStableFunc(entries, func(x, y entry) int { return order(x.body, y.body) })
	}
	for _, e := range entries {
		list, marks = append(list, e.body), append(marks, e.mark)
	}
	return list, marks
}

// newsIn counts the records of a view that are new or changed since the visit
// before this one.
func (b builder) newsIn(v cache.View) int {
	n := 0
	b.view = v
	records, _ := v.Records()
	for _, r := range records {
		if b.mark(r) != nil {
			n++
		}
	}
	return n
}

// news says how much happened since the visit before this one, with a way to
// each card that has some. That nothing happened is said only where every
// section is fresh and was followed since then; nil says nothing.
func (b builder) news(cards []views.Card, seen []cache.View) *views.News {
	if b.visit.IsZero() {
		return nil
	}
	out, total, sure := &views.News{}, 0, true
	for i, v := range seen {
		sure = sure && v.State == cache.Fresh && v.Followed(b.visit)
		if n := b.newsIn(v); n > 0 {
			total += n
			out.Links = append(out.Links, views.Link{
				Href: "#section-" + cards[i].Source, Text: b.w.T("news.link", "title", cards[i].Title, "n", b.w.Number(int64(n))),
			})
		}
	}
	switch {
	case total > 0:
		out.Text = b.w.N("news.count", total, "when", b.visited())
	case sure && len(seen) > 0:
		out.Text = b.w.T("news.none", "when", b.visited())
	default:
		return nil
	}
	return out
}

// visited is when the visit before this one was, in words.
func (b builder) visited() string {
	day := record.DateOf(b.visit.In(b.zone))
	switch {
	case day == b.today():
		return b.w.T("news.when.today", "hour", b.w.Hour(b.visit))
	case day.Year == b.today().Year:
		return b.w.T("news.when", "date", b.w.Day(day), "hour", b.w.Hour(b.visit))
	}
	return b.w.T("news.when", "date", b.w.Date(day), "hour", b.w.Hour(b.visit))
}
