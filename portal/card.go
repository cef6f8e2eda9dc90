package portal

import (
	"slices"
	"time"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/locale"
	"github.com/semenligne/sem/portal/views"
)

// builder turns what sources said into what a page shows, in one language at
// one instant. Its methods are pure.
type builder struct {
	w    *locale.Words
	now  time.Time
	zone *time.Location
	// key is the page's own, for its forms; "" draws no forms.
	key string
	// visit is when the citizen signed in before this time; zero marks nothing.
	visit time.Time
	// view is the section whose records are shown.
	view cache.View
}

// shown is what one source's records come to.
type shown struct {
	headline, sub string
	rows          []views.Row  // the most pressing first; a card shows three
	facts         []views.Fact // instead of rows, for a single property
	groups        []views.Group
	credit        string
}

// rowsOnCard is how many rows a card shows before "see all".
const rowsOnCard = 3

func (b builder) today() record.Date { return record.DateOf(b.now.In(b.zone)) }

// day writes the day of an instant.
func (b builder) day(at time.Time) string { return b.w.Date(record.DateOf(at.In(b.zone))) }

// title is the heading of a source.
func (b builder) title(s Source) string {
	if t := s.Title[b.w.Lang]; t != "" {
		return t
	}
	return b.w.T("nav." + string(s.Domain))
}

// show maps records by the domain that their source belongs to.
func (b builder) show(d Domain, records []record.Record) shown {
	var s shown
	switch d {
	case Library:
		s = b.library(records)
	case Recreation:
		s = b.recreation(records)
	case Property:
		s = b.property(records)
	case Requests:
		s = b.requests(records)
	default: // nothing but what others shows
	}
	return b.others(s, records)
}

// card is a source at a glance.
func (b builder) card(s Source, v cache.View) views.Card {
	c := views.Card{Source: s.Name, Domain: string(s.Domain), Title: b.title(s), Icon: string(s.Domain), Age: b.age(s, v)}
	records, known := v.Records()
	if !known {
		c.Unknown = b.unknown(s, v)
		return c
	}
	b.view = v
	what := b.show(s.Domain, records)
	c.Headline, c.Sub, c.Credit = what.headline, what.sub, what.credit
	c.Rows, c.Facts = glance(what.rows), what.facts
	if n := b.newsIn(v); n > 0 {
		c.News = b.w.N("news.card", n)
	}
	if len(records) > 0 {
		c.More = &views.Link{Href: s.Domain.path(), Text: b.w.T("more." + string(s.Domain))}
	}
	return c
}

// glance keeps the first rows, each with its first line only.
func glance(rows []views.Row) []views.Row {
	short := slices.Clone(rows[:min(len(rows), rowsOnCard)])
	for i := range short {
		short[i].Detail = short[i].Detail[:min(len(short[i].Detail), 1)]
		short[i].Forms = nil
	}
	return short
}

// section is a source on its domain's own page.
func (b builder) section(s Source, v cache.View) views.Section {
	out := views.Section{Source: s.Name, Title: b.title(s), Age: b.age(s, v)}
	records, known := v.Records()
	if !known {
		out.Unknown = b.unknown(s, v)
		return out
	}
	b.view = v
	what := b.show(s.Domain, records)
	out.Groups, out.Credit = what.groups, what.credit
	if len(out.Groups) == 0 {
		out.Groups = []views.Group{{Title: what.headline}}
	}
	return out
}

// reliable tells whether a section's silence can be believed today.
func (b builder) reliable(v cache.View) bool {
	return v.State == cache.Fresh || v.State == cache.Stale && v.Trouble == ""
}

// age says how old a section is and, when it is not fresh, why.
func (b builder) age(s Source, v cache.View) views.Age {
	a := views.Age{State: string(v.State)}
	today := record.DateOf(v.AsOf.In(b.zone)) == b.today()
	at := b.w.Moment(v.AsOf, b.now)
	switch v.State {
	case cache.Fresh:
		a.Text = b.w.T(pick(today, "age.fresh.today", "age.fresh"), "time", at)
	case cache.Stale:
		a.Text = b.w.T(pick(today, "age.stale.today", "age.stale"), "time", at)
		a.Trouble = b.w.T("age.checking")
		if v.Trouble != "" {
			a.Trouble = b.trouble(s, v.Trouble)
		}
	case cache.Unknown:
		a.Text = b.w.T("age.never")
		if !v.AsOf.IsZero() {
			a.Text = b.w.T("age.tooold", "time", at)
		}
	}
	return a
}

// notLinked and notFound are the reasons of a section that stays unknown
// because of the card, not because of the source.
const (
	notLinked = "not_linked"
	notFound  = "not_found"
)

// unknown says, in sentences, that nothing is known, why, and what that does
// not mean.
func (b builder) unknown(s Source, v cache.View) []string {
	d := string(s.Domain)
	switch v.Trouble {
	case notLinked, notFound:
		return []string{b.w.T(v.Trouble + "." + d), b.w.T("unknown.meaning." + d), b.w.T("unknown.desk")}
	case "":
		return []string{b.w.T("unknown." + d), b.w.T("unknown.meaning." + d)}
	}
	return []string{b.w.T("unknown." + d), b.w.T("unknown.meaning." + d), b.trouble(s, v.Trouble)}
}

// trouble says why the latest reading failed. A reason without words of its own
// is told in general ones.
func (b builder) trouble(s Source, reason string) string {
	key := "trouble." + reason
	if !b.w.Has(key) {
		key = "trouble.other"
	}
	return b.w.T(key, "the", b.w.T("the."+string(s.Domain)))
}

// others adds what has no body of its own, so that nothing a source said is
// left out.
func (b builder) others(s shown, records []record.Record) shown {
	var rows []views.Row
	for _, r := range records {
		o, ok := r.Body.(record.Other)
		if !ok {
			continue
		}
		row := views.Row{Title: o.Title, Since: b.mark(r)}
		if !o.Date.IsZero() {
			row.Detail = append(row.Detail, b.w.Date(o.Date))
		}
		if !o.Until.IsZero() {
			row.Detail = append(row.Detail, b.w.T("other.until", "date", b.w.Date(o.Until)))
		}
		if o.Amount != nil {
			row.Detail = append(row.Detail, b.w.Money(*o.Amount))
		}
		for _, d := range o.Details {
			row.Detail = append(row.Detail, b.w.T("other.detail", "label", d.Label, "value", d.Value))
		}
		if o.Status != "" {
			row.Badge = &views.Badge{Tone: views.Quiet, Word: o.Status}
		}
		rows = append(rows, row)
	}
	s.rows = append(s.rows, rows...)
	if s.headline == "" {
		s.headline = b.w.T("other.none")
		if len(rows) > 0 {
			s.headline = b.w.N("other.count", len(rows))
		}
	}
	if len(rows) > 0 {
		s.groups = append(s.groups, views.Group{Title: b.w.T("other.group"), Rows: rows})
	}
	return s
}

func pick(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// bodies returns the records of one kind.
func bodies[B record.Body](records []record.Record) []B {
	var list []B
	for _, r := range records {
		if body, ok := r.Body.(B); ok {
			list = append(list, body)
		}
	}
	return list
}
