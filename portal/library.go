package portal

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

// soonDays is how many days before its term something needs the person.
const soonDays = 3

// library shows loans, holds, fees and blocks.
func (b builder) library(records []record.Record) shown {
	loans, loanMarks := marked(b, records, compareLoans)
	holds, holdMarks := marked(b, records, compareHolds)
	var s shown
	s.headline = b.w.T("library.none")
	if len(loans) > 0 {
		s.headline = b.w.N("library.loans", len(loans))
	}
	s.sub = b.librarySummary(loans, holds)

	var loanRows, holdRows, late, ready, rest []views.Row
	for i, l := range loans {
		row := b.loanRow(l)
		row.Since = loanMarks[i]
		loanRows = append(loanRows, row)
		if overdue(l, b.today()) {
			late = append(late, row)
		} else {
			rest = append(rest, row)
		}
	}
	for i, h := range holds {
		row := b.holdRow(h)
		row.Since = holdMarks[i]
		holdRows = append(holdRows, row)
		if h.Status == record.HoldReady {
			ready = append(ready, row)
		} else {
			rest = append(rest, row)
		}
	}
	s.rows = slices.Concat(late, ready, rest)

	s.groups = []views.Group{
		{Title: b.w.T("library.group.loans"), Rows: loanRows, Forms: b.renewAllForm(loans)},
		{Title: b.w.T("library.group.holds"), Rows: holdRows},
	}
	if len(loans) == 0 {
		s.groups[0].Empty = b.w.T("library.none")
	}
	if len(holds) == 0 {
		s.groups[1].Empty = b.w.T("library.holds.none")
	}
	return b.account(s, records)
}

// librarySummary is the line below the number of loans.
func (b builder) librarySummary(loans []record.Loan, holds []record.Hold) string {
	var parts []string
	late := 0
	for _, l := range loans {
		if overdue(l, b.today()) {
			late++
		}
	}
	switch {
	case late > 0:
		parts = append(parts, b.w.N("library.late", late))
	case len(loans) > 0 && !loans[0].Due.IsZero():
		parts = append(parts, b.w.T("library.next", "date", b.w.WeekdayDate(loans[0].Due, b.now)))
	}
	if len(holds) > 0 {
		parts = append(parts, b.w.N("library.holds", len(holds)))
	}
	return strings.Join(parts, " · ")
}

// account adds fees and what the account may not do.
func (b builder) account(s shown, records []record.Record) shown {
	var money []views.Fact
	fees, feeMarks := marked[record.Fee](b, records, nil)
	for i, f := range fees {
		fact := views.Fact{Label: f.Description, Value: b.w.T("library.fee.unknown"), Since: feeMarks[i]}
		if f.Amount != nil {
			fact.Value = b.w.Money(*f.Amount)
		}
		if f.Total {
			fact.Label = b.w.T("library.fee.total")
		} else if fact.Label == "" {
			fact.Label = b.w.T("library.fee")
		}
		money = append(money, fact)
	}
	if len(money) > 0 {
		s.groups = append(s.groups, views.Group{Title: b.w.T("library.group.fees"), Facts: money})
	}
	blocks, blockMarks := marked[record.Block](b, records, nil)
	var rows []views.Row
	for i, block := range blocks {
		rows = append(rows, views.Row{Title: b.block(block.Reason), Since: blockMarks[i]})
	}
	if len(rows) > 0 {
		s.groups = append(s.groups, views.Group{Title: b.w.T("library.group.blocks"), Rows: rows})
	}
	return s
}

// block says what an account may not do, or why.
func (b builder) block(reason record.BlockReason) string {
	key := "block." + string(reason)
	if !b.w.Has(key) {
		key = "block.other"
	}
	return b.w.T(key)
}

func (b builder) loanRow(l record.Loan) views.Row {
	row := views.Row{Title: b.loanTitle(l), Forms: b.renewForm(l)}
	switch days := b.today().DaysUntil(l.Due); {
	case l.Due.IsZero() && l.DueText != "":
		row.Detail = append(row.Detail, b.w.T("library.due.text", "text", l.DueText))
	case l.Due.IsZero():
		row.Detail = append(row.Detail, b.w.T("library.due.unknown"))
	case days < 0:
		row.Detail = append(row.Detail, b.w.T("library.due.past", "date", b.w.WeekdayDate(l.Due, b.now)))
		row.Badge = &views.Badge{Tone: views.Late, Word: b.w.T("badge.late")}
	default:
		row.Detail = append(row.Detail, b.w.T("library.due", "date", b.w.WeekdayDate(l.Due, b.now)))
		if days <= soonDays {
			row.Badge = &views.Badge{Tone: views.Soon, Word: b.w.T("badge.days."+strconv.Itoa(min(days, 2)), "n", strconv.Itoa(days))}
		}
	}
	if l.Author != "" {
		row.Detail = append(row.Detail, l.Author)
	}
	return row
}

func (b builder) loanTitle(l record.Loan) string {
	switch {
	case l.Title != "":
		return l.Title
	case l.Item != "":
		return b.w.T("library.untitled.item", "item", l.Item)
	}
	return b.w.T("library.untitled")
}

func (b builder) holdRow(h record.Hold) views.Row {
	row := views.Row{Title: h.Title, Forms: b.cancelHoldForm(h)}
	if row.Title == "" {
		row.Title = b.w.T("library.untitled")
	}
	switch h.Status {
	case record.HoldReady:
		row.Badge = &views.Badge{Tone: views.Ready, Word: b.w.T("badge.ready")}
		if !h.Expires.IsZero() {
			row.Detail = append(row.Detail, b.w.T("library.hold.until", "date", b.w.WeekdayDate(h.Expires, b.now)))
		}
	case record.HoldWaiting:
		row.Badge = &views.Badge{Tone: views.Quiet, Word: b.w.T("badge.waiting")}
		if h.Position != nil {
			row.Detail = append(row.Detail, b.w.T("library.hold.position", "n", strconv.Itoa(*h.Position)))
		}
	case record.HoldUnknown:
		row.Badge = &views.Badge{Tone: views.Quiet, Word: b.w.T("badge.hold")}
	}
	if h.Pickup != "" {
		row.Detail = append(row.Detail, h.Pickup)
	}
	return row
}

func overdue(l record.Loan, today record.Date) bool { return !l.Due.IsZero() && l.Due.Before(today) }

// compareLoans puts what is due first first, and unknown dates last.
func compareLoans(x, y record.Loan) int { return compareDates(x.Due, y.Due) }

// compareHolds puts ready ones first, then by place in the queue.
func compareHolds(x, y record.Hold) int {
	rank := func(h record.Hold) int {
		switch {
		case h.Status == record.HoldReady:
			return 0
		case h.Position != nil:
			return *h.Position
		}
		return 1 << 20
	}
	return cmp.Compare(rank(x), rank(y))
}

// compareDates orders days, the unknown one last.
func compareDates(x, y record.Date) int {
	switch {
	case x == y:
		return 0
	case x.IsZero():
		return 1
	case y.IsZero() || x.Before(y):
		return -1
	}
	return 1
}
