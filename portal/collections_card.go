package portal

import (
	"slices"

	"github.com/semenligne/sem/portal/views"
)

// todoBins says which bin to put out, at which property when it is not the same
// one at all.
func (b builder) todoBins(list []Collections) []urgent {
	groups := byAnswer(list)
	lines := make([]string, len(groups))
	for i, g := range groups {
		lines[i] = b.binLine(g.answer())
	}
	everywhere := len(slices.Compact(slices.Clone(lines))) == 1
	var todo []urgent
	for i, g := range groups {
		if lines[i] == "" || everywhere && i > 0 {
			continue
		}
		line := views.Todo{Tone: views.Quiet, Href: collectionsPath, Action: b.w.T("todo.action.collections"), Text: lines[i]}
		if !everywhere {
			line.Href += "#" + g.anchor()
			line.Text = b.w.T("todo.bin.at", "address", title(b, g), "text", line.Text)
		}
		todo = append(todo, urgent{rankBin, line})
	}
	return todo
}

// binLine says which bin to put out, from the morning before until the truck has
// been; "" is none.
func (b builder) binLine(c Collections) string {
	list := b.passes(c)
	if c.Why != "" || len(list) == 0 {
		return ""
	}
	next, key := list[0], "todo.bin.tomorrow"
	switch b.today().DaysUntil(next.day) {
	case 0:
		key = "todo.bin.today"
	case 1:
		if next.out != "" {
			key = "todo.bin.tomorrow.after"
		}
	default:
		return ""
	}
	return b.w.T(key, "names", b.names(next), "hour", b.w.Clock(string(next.out)))
}

// collectionsCard is collections and watering at a glance: a line a property
// where they differ.
func (b builder) collectionsCard(list []Collections, water []Watering) views.Card {
	groups := byAnswer(list)
	first := groups[0].answer()
	card := views.Card{
		Source: "collectes", Domain: string(collectionsDomain), Title: b.w.T("collections.title"), Icon: string(collectionsDomain),
		Age:  b.age(Source{Domain: collectionsDomain}, first.Read),
		More: &views.Link{Href: collectionsPath, Text: b.w.T("more.collections")},
	}
	switch {
	case len(groups) > 1:
		card.Headline = b.w.T("collections.differ")
		card.Rows = b.atEach(groups)
	case first.Why != "":
		card.Unknown = b.ignorance(first.Why)
		return card
	default:
		b.nextPasses(&card, first)
	}
	card.Rows = append(card.Rows, b.wateringAtEach(byAnswer(water))...)
	return card
}

// nextPasses puts the next days of collection on a card.
func (b builder) nextPasses(card *views.Card, c Collections) {
	list := b.passes(c)
	card.Headline = b.w.T("collections.none")
	if len(list) == 0 {
		return
	}
	card.Headline, card.Sub = b.dayName(list[0].day), b.names(list[0])
	for _, p := range list[1:min(len(list), rowsOnCard)] {
		card.Rows = append(card.Rows, views.Row{Title: b.names(p), Detail: []string{b.dayName(p.day)}})
	}
}

// atEach has the next collection at each property, or why it is not known.
func (b builder) atEach(groups []alike[Collections]) []views.Row {
	var rows []views.Row
	for _, g := range groups {
		row := views.Row{Title: title(b, g), Href: collectionsPath + "#" + g.anchor(), Detail: []string{b.w.T("collections.none")}}
		c := g.answer()
		if c.Why != "" {
			row.Detail = b.ignorance(c.Why)
		} else if next := b.passes(c); len(next) > 0 {
			row.Detail = []string{b.w.T("collections.next.at", "day", b.dayName(next[0].day), "names", b.names(next[0]))}
		}
		rows = append(rows, row)
	}
	return rows
}

// wateringAtEach tells whether the first sort of device may water, at which
// property when it is not the same at all.
func (b builder) wateringAtEach(groups []alike[Watering]) []views.Row {
	var rows []views.Row
	for _, g := range groups {
		w := g.answer()
		if w.Why != "" || len(w.Devices) == 0 {
			continue
		}
		row := b.wateringRow(w.Devices[0])
		row.Note = ""
		if len(groups) > 1 {
			row.Title = b.w.T("watering.device.at", "device", row.Title, "address", title(b, g))
		}
		rows = append(rows, glance([]views.Row{row})...)
	}
	return rows
}
