package portal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

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
	here, batch := transactionsPath, r.URL.Query().Get("envoi")
	if batch != "" {
		list = slices.DeleteFunc(list, func(t dossier.Transaction) bool { return !strings.HasPrefix(t.Key, batch+".") })
		here += "?envoi=" + batch
		if len(list) == 0 {
			return errNotFound
		}
	}
	b := p.builder(s)
	page := views.TransactionsPage{Page: p.signedIn(p.page(s.prefs, here))}
	page.Title, page.Version = b.w.T("transactions.title"), s.dashboard.Version
	if batch != "" {
		page.All = &views.Link{Text: b.w.T("transactions.all"), Href: transactionsPath}
	}
	for _, t := range list {
		page.Rows = append(page.Rows, b.transactionRow(p.source(t.Source), t))
	}
	return p.render(w, r, http.StatusOK, views.Transactions(page))
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
	page.Settled = t.State.Final()
	if wantsReminder(t) {
		page.Reminder = &views.Link{Text: b.w.T("reminder.link"), Href: transactionPath(t) + reminderPath}
	}
	if source.Domain != "" {
		page.More = &views.Link{Text: b.w.T("transaction.to." + string(source.Domain)), Href: source.Domain.path()}
	}
	return p.render(w, r, http.StatusOK, views.Transaction(page))
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
