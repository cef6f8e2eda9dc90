package portal

import (
	"slices"
	"strconv"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

// mostTodo is how many lines "À faire" has at most, before one asks for more.
const mostTodo = 5

// urgent is one thing to do and how much it presses: 0 first.
type urgent struct {
	rank int
	views.Todo
}

// The ranks of things to do.
const (
	rankLate = iota
	rankBlocked
	rankSoon
	rankSent
	rankReady
	rankToday
	rankBin
	rankClosing
	rankMoney
)

// todo finds what needs the person in one source's records.
func (b builder) todo(s Source, records []record.Record) []urgent {
	list := slices.Concat(
		b.todoLoans(bodies[record.Loan](records)),
		b.todoHolds(bodies[record.Hold](records)),
		b.todoAccount(records),
		b.todoRegistrations(records),
	)
	for i := range list {
		list[i].Href = s.Domain.path()
		list[i].Action = b.w.T("todo.action." + string(s.Domain))
	}
	return list
}

// inOrder puts the most pressing things first, in a stable order; the rest is
// what stays folded.
func inOrder(list []urgent) (first, rest []views.Todo) {
	slices.SortStableFunc(list, func(x, y urgent) int { return x.rank - y.rank })
	for i, u := range list {
		if i < mostTodo {
			first = append(first, u.Todo)
		} else {
			rest = append(rest, u.Todo)
		}
	}
	return first, rest
}

// todoLoans makes one line of the overdue loans and one of those due soon.
func (b builder) todoLoans(loans []record.Loan) []urgent {
	var late, soon []record.Loan
	slices.SortStableFunc(loans, compareLoans)
	for _, l := range loans {
		if l.Due.IsZero() {
			continue
		}
		if days := b.today().DaysUntil(l.Due); days < 0 {
			late = append(late, l)
		} else if days <= soonDays {
			soon = append(soon, l)
		}
	}
	var list []urgent
	if len(late) > 0 {
		list = append(list, urgent{rankLate, views.Todo{Tone: views.Late, Text: b.w.N("todo.late", len(late),
			"title", b.loanTitle(late[0]), "date", b.w.WeekdayDate(late[0].Due, b.now))}})
	}
	if len(soon) > 0 {
		list = append(list, urgent{rankSoon, views.Todo{Tone: views.Soon, Text: b.w.N("todo.soon", len(soon),
			"title", b.loanTitle(soon[0]), "day", b.near(soon[0].Due))}})
	}
	return list
}

func (b builder) todoHolds(holds []record.Hold) []urgent {
	var ready []record.Hold
	slices.SortStableFunc(holds, compareHolds)
	for _, h := range holds {
		if h.Status == record.HoldReady {
			ready = append(ready, h)
		}
	}
	if len(ready) == 0 {
		return nil
	}
	first := ready[0]
	for _, h := range ready {
		if compareDates(h.Expires, first.Expires) < 0 {
			first = h
		}
	}
	key := "todo.ready"
	if !first.Expires.IsZero() {
		key = "todo.ready.until"
	}
	title := first.Title
	if title == "" {
		title = b.w.T("library.untitled")
	}
	return []urgent{{rankReady, views.Todo{Tone: views.Ready, Text: b.w.N(key, len(ready), "title", title, "day", b.near(first.Expires))}}}
}

// todoAccount is what stops the account, and what is owed.
func (b builder) todoAccount(records []record.Record) []urgent {
	var list []urgent
	if blocks := bodies[record.Block](records); len(blocks) > 0 {
		list = append(list, urgent{rankBlocked, views.Todo{
			Tone: views.Late, Text: b.w.T("todo.blocked", "why", b.block(blocks[0].Reason)),
		}})
	}
	for _, f := range bodies[record.Fee](records) {
		if f.Total && f.Amount != nil && *f.Amount > 0 {
			list = append(list, urgent{rankMoney, views.Todo{Tone: views.Soon, Text: b.w.T("todo.owed", "amount", b.w.Money(*f.Amount))}})
		}
	}
	return list
}

func (b builder) todoRegistrations(records []record.Record) []urgent {
	var list []urgent
	for _, r := range b.sortRegistrations(records) {
		if !r.current {
			continue
		}
		name := r.Name
		if name == "" {
			name = b.w.T("recreation.unnamed")
		}
		today := !r.when.at.IsZero() && record.DateOf(r.when.at.In(b.zone)) == b.today()
		switch {
		case r.Status == record.RegistrationPayment:
			list = append(list, urgent{rankSoon, views.Todo{Tone: views.Soon, Text: b.w.T("todo.payment", "name", name)}})
		case r.Status == record.RegistrationCancelled:
			list = append(list, urgent{rankSoon, views.Todo{Tone: views.Late, Text: b.w.T("todo.cancelled", "name", name)}})
		case today && !r.when.dayOnly && r.Status == record.RegistrationConfirmed:
			list = append(list, urgent{rankToday, views.Todo{Tone: views.Quiet, Text: b.w.T(pick(r.Person != "", "todo.today.person", "todo.today"),
				"name", name, "person", r.Person, "hour", b.w.Hour(r.when.at))}})
		}
	}
	return list
}

// near writes a day that is close: today, tomorrow, or its name.
func (b builder) near(d record.Date) string {
	if b.isNear(d) {
		return b.w.T("near." + strconv.Itoa(b.today().DaysUntil(d)))
	}
	return b.w.T("near.day", "date", b.w.WeekdayDate(d, b.now))
}

// isNear tells whether a day is today or tomorrow.
func (b builder) isNear(d record.Date) bool {
	days := b.today().DaysUntil(d)
	return days == 0 || days == 1
}
