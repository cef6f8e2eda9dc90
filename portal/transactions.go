package portal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/views"
)

const transactionsPath = "/demarches"

// transactionPath is the page of one transaction, its receipt.
func transactionPath(t dossier.Transaction) string { return transactionsPath + "/" + t.ID }

// transactions is everything that the citizen ever sent, the latest first; with
// a batch's key in the address, what was sent together.
func (p *Portal) transactions(w http.ResponseWriter, r *http.Request) error {
	s, err := p.snapshot(r)
	if err != nil {
		return err
	}
	list, err := p.opt.Desk.Transactions(r.Context(), s.session.citizen)
	if err != nil {
		return fmt.Errorf("transactions: %w", err)
	}
	list = slices.DeleteFunc(list, func(t dossier.Transaction) bool { return t.Follows != "" })
	batch := r.URL.Query().Get("envoi")
	if batch != "" {
		list = slices.DeleteFunc(list, func(t dossier.Transaction) bool { return !strings.HasPrefix(t.Key, batch+".") })
		if len(list) == 0 {
			return errNotFound
		}
	}
	before := r.URL.Query().Get("avant")
	list, more, err := pageOf(list, before)
	if err != nil {
		return err
	}
	at := func(before string) string { return transactionsAt(batch, before) }
	b := p.builder(s)
	page := views.TransactionsPage{Page: p.signedIn(p.page(s.prefs, at(before)))}
	if more {
		page.Older = &views.Link{Text: b.w.T("transactions.older"), Href: at(list[len(list)-1].ID)}
	}
	if before != "" {
		page.Newest = &views.Link{Text: b.w.T("transactions.newest"), Href: at("")}
	}
	page.Title, page.Version = b.w.T("transactions.title"), s.dashboard.Version
	if batch != "" {
		page.All = &views.Link{Text: b.w.T("transactions.all"), Href: transactionsPath}
	}
	if batch == "" && before == "" { // turns stand above the latest
		open, err := p.tickets(r.Context(), s.session.citizen)
		if err != nil {
			return err
		}
		page.Rows = b.ticketRows(open)
	}
	for _, t := range list {
		page.Rows = append(page.Rows, b.transactionRow(p.source(t.Source), t))
	}
	return p.render(w, r, http.StatusOK, views.Transactions(page))
}

// transactionsPerPage is how many transactions a page shows.
const transactionsPerPage = 50

// pageOf is one page of a list, from after a transaction on, and whether there
// are older ones. A transaction that is not in the list is not found.
func pageOf(list []dossier.Transaction, before string) (page []dossier.Transaction, more bool, err error) {
	if before != "" {
		i := slices.IndexFunc(list, func(t dossier.Transaction) bool { return t.ID == before })
		if i < 0 {
			return nil, false, errNotFound
		}
		list = list[i+1:]
	}
	return list[:min(len(list), transactionsPerPage)], len(list) > transactionsPerPage, nil
}

// transactionsAt is the address of a page of the list.
func transactionsAt(batch, before string) string {
	q := url.Values{}
	if batch != "" {
		q.Set("envoi", batch)
	}
	if before != "" {
		q.Set("avant", before)
	}
	if len(q) == 0 {
		return transactionsPath
	}
	return transactionsPath + "?" + q.Encode()
}

// sentTodo is what the citizen should know of what was sent: what is not settled
// yet, and what was settled after the page had given up waiting.
func (p *Portal) sentTodo(ctx context.Context, s snapshot, b builder) ([]urgent, error) {
	if p.opt.Desk == nil {
		return nil, nil
	}
	list, err := p.opt.Desk.Transactions(ctx, s.session.citizen)
	if err != nil {
		return nil, fmt.Errorf("transactions: %w", err)
	}
	open, err := p.tickets(ctx, s.session.citizen)
	if err != nil {
		return nil, err
	}
	return append(b.todoTickets(open), b.todoSent(list)...), nil
}

// newsFor is how long an outcome that came late is told.
const newsFor = 3 * 24 * time.Hour

// todoSent makes a line of what is not settled and one of each late outcome.
func (b builder) todoSent(list []dossier.Transaction) []urgent {
	var open []dossier.Transaction
	var todo []urgent
	for _, t := range list {
		late := t.Settled.Sub(t.Accepted) > actBudget && b.now.Sub(t.Settled) < newsFor
		switch {
		case t.Follows != "":
		case !t.State.Final():
			open = append(open, t)
		case late && t.State == dossier.Done:
			todo = append(todo, b.sentLine(t, views.Ready, "todo.sent.done"))
		case late:
			todo = append(todo, b.sentLine(t, views.Late, "todo.sent.refused"))
		}
	}
	if len(open) > 0 {
		todo = append(todo, urgent{rankSent, views.Todo{
			Tone: views.Soon, Href: transactionsPath, Action: b.w.T("todo.action.sent"),
			Text: b.w.N("todo.sent.open", len(open), "what", b.transactionName(open[0])),
		}})
	}
	return todo
}

func (b builder) sentLine(t dossier.Transaction, tone views.Tone, key string) urgent {
	return urgent{rankSent, views.Todo{Tone: tone, Href: transactionPath(t), Action: b.w.T("todo.action.sent"), Text: b.w.T(key, "what", b.transactionName(t))}}
}

// transactionPage is the receipt of one transaction of the citizen's own.
func (p *Portal) transactionPage(w http.ResponseWriter, r *http.Request) error {
	s, err := p.snapshot(r)
	if err != nil {
		return err
	}
	t, err := p.ownTransaction(r.Context(), s, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	b, source := p.builder(s), p.source(t.Source)
	page := views.TransactionPage{Page: p.signedIn(p.page(s.prefs, transactionPath(t)))}
	page.Version = s.dashboard.Version
	page.Heading = b.transactionTitle(t)
	page.Title, page.About, page.Badge = page.Heading, t.About, b.transactionBadge(t)
	page.Sentences, page.Facts = b.outcome(source, t), b.transactionFacts(t)
	page.Copy = written(t)
	page.Settled = t.State.Final()
	sent, err := p.opt.Dossier.PhotosOf(r.Context(), s.session.citizen, t.ID)
	if err != nil {
		return err
	}
	page.Photos = b.photoList(photoIDs(sent))
	if wantsReminder(t) {
		page.Reminder = &views.Link{Text: b.w.T("reminder.link"), Href: transactionPath(t) + reminderPath}
	}
	page.Checkout, page.More = checkout(t), b.goOn(source, t)
	return p.render(w, r, http.StatusOK, views.Transaction(page))
}

// checkout is where a registration that was refused for want of payment is paid;
// "" for any other.
func checkout(t dossier.Transaction) string {
	if t.State != dossier.Refused || t.Receipt.Refusal != record.RefusalPayment {
		return ""
	}
	return webAddress(t.Receipt.Link)
}

// goOn leads to where the result is seen, or where a registration that was
// refused may be tried again.
func (b builder) goOn(source Source, t dossier.Transaction) *views.Link {
	if r, ok := t.Action.(record.Register); ok && t.State == dossier.Refused {
		return &views.Link{Text: b.w.T("transaction.to.activity"), Href: activityPath(t.Source, r.Session)}
	}
	if source.Domain == "" {
		return nil
	}
	return &views.Link{Text: b.w.T("transaction.to." + string(source.Domain)), Href: source.Domain.path()}
}

// written is what the citizen wrote, so that nothing is lost of what the town
// did not take.
func written(t dossier.Transaction) string {
	switch action := t.Action.(type) {
	case record.Message:
		return action.Text
	case record.Submit:
		return action.Description
	}
	return ""
}

// ownTransaction is one of the citizen's; any other is not found.
func (p *Portal) ownTransaction(ctx context.Context, s snapshot, id string) (dossier.Transaction, error) {
	t, err := p.opt.Desk.Transaction(ctx, s.session.citizen, id)
	if errors.Is(err, dossier.ErrNotFound) {
		return t, errNotFound
	} else if err != nil {
		return t, fmt.Errorf("transaction: %w", err)
	}
	return t, nil
}

// source is the configured source of a name; one that the town no longer has is
// known by its name only.
func (p *Portal) source(name string) Source {
	for _, s := range p.opt.Sources {
		if s.Name == name {
			return s
		}
	}
	return Source{Name: name}
}
