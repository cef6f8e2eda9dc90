package portal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/views"
)

// ticketsPath is where the turns of a window of registration are.
const ticketsPath = "/loisirs/file"

// ticketPath is the page of one ticket.
func ticketPath(id string) string { return ticketsPath + "/" + id }

// Window is a time at which everybody registers at once, and waits for a turn.
type Window struct {
	ID            string
	Opens, Closes time.Time
}

// Standing is where a ticket stands.
type Standing struct {
	Ticket   dossier.Ticket
	Draw     dossier.Draw
	Progress dossier.Progress
	// Opens and Closes are those of the window; zero when it is not configured any
	// more.
	Opens, Closes time.Time
	// Scarce: the last places are kept for others who have not decided yet.
	Scarce bool
	// Resting is the bounded reason why no turn comes at the moment; "" is none.
	Resting string
	// Wait is how long the turn is away at the pace measured; 0 is not known.
	Wait time.Duration
}

// WaitingRoom keeps the turns of windows of registration.
type WaitingRoom interface {
	// Window returns the window of a source in which people may be at an instant.
	Window(source string, now time.Time) (Window, bool)
	// Enter takes a ticket, or finds the one taken before; see
	// [dossier.WaitingRoom]. dossier.ErrNotFound is a window that is over.
	Enter(ctx context.Context, t dossier.Ticket) (dossier.Ticket, error)
	// Leave gives a ticket up; dossier.ErrMoved when it is final.
	Leave(ctx context.Context, citizen record.Citizen, id string) error
	// Standing tells where one of the citizen's own stands, or dossier.ErrNotFound,
	// and Tickets has all of them, newest first.
	Standing(ctx context.Context, citizen record.Citizen, id string) (Standing, error)
	Tickets(ctx context.Context, citizen record.Citizen) ([]dossier.Ticket, error)
	// Watch delivers a value each time a ticket of the citizen moved, and now and
	// then while others do, until the returned function is called.
	Watch(citizen record.Citizen) (changes <-chan struct{}, stop func())
}

// window is the window of a source that is on.
func (p *Portal) window(s Source, now time.Time) (Window, bool) {
	if p.opt.WaitingRoom == nil {
		return Window{}, false
	}
	return p.opt.WaitingRoom.Window(s.Name, now)
}

// enter takes a ticket for what the form asks, and leads to its page.
func (p *Portal) enter(w http.ResponseWriter, r *http.Request, s snapshot, got booking, window Window) error {
	b := p.builder(s)
	b.now = later(b.now, window.Opens)
	if !slices.ContainsFunc(b.openOffers(got.Offers), func(o views.Option) bool { return o.Value == got.form.Offer }) {
		return p.showActivity(w, r, s, http.StatusUnprocessableEntity, got.offering, got.form, b.w.T("booking.problem.offer"))
	}
	t, err := p.opt.WaitingRoom.Enter(r.Context(), dossier.Ticket{
		ID: got.form.Order, Window: window.ID, Citizen: s.session.citizen, Source: got.source.Name, Ref: got.account.Owner,
		Action: got.register(), About: got.about(),
	})
	switch {
	case errors.Is(err, dossier.ErrKeyReused):
		return errReused
	case err != nil:
		return fmt.Errorf("waiting room: %w", err)
	}
	http.Redirect(w, r, ticketPath(t.ID), http.StatusSeeOther)
	return nil
}

// hasTicket tells whether an order is a ticket of the citizen's.
func (p *Portal) hasTicket(ctx context.Context, citizen record.Citizen, order string) (bool, error) {
	if p.opt.WaitingRoom == nil {
		return false, nil
	}
	_, err := p.standing(ctx, citizen, order)
	if errors.Is(err, errNotFound) {
		return false, nil
	}
	return err == nil, err
}

// standing is where one of the citizen's own tickets stands; any other is not
// found.
func (p *Portal) standing(ctx context.Context, citizen record.Citizen, id string) (Standing, error) {
	st, err := p.opt.WaitingRoom.Standing(ctx, citizen, id)
	if errors.Is(err, dossier.ErrNotFound) {
		return st, errNotFound
	} else if err != nil {
		return st, fmt.Errorf("waiting room: %w", err)
	}
	return st, nil
}

// leaveTicket gives the turn up from the page of the ticket.
func (p *Portal) leaveTicket(w http.ResponseWriter, r *http.Request) error {
	s, err := p.snapshot(r)
	if err != nil {
		return err
	}
	return p.leaveRoom(w, r, s, chi.URLParam(r, "id"))
}

func (p *Portal) leaveRoom(w http.ResponseWriter, r *http.Request, s snapshot, id string) error {
	err := p.opt.WaitingRoom.Leave(r.Context(), s.session.citizen, id)
	switch {
	case errors.Is(err, dossier.ErrNotFound):
		return errNotFound
	case err != nil && !errors.Is(err, dossier.ErrMoved): // moved: its page says where to
		return fmt.Errorf("waiting room: %w", err)
	}
	http.Redirect(w, r, ticketPath(id), http.StatusSeeOther) //nolint:gosec // a ticket of the citizen's own
	return nil
}

// ticketPage shows one ticket of the citizen's own: the turn, then the form to
// confirm, then the end.
func (p *Portal) ticketPage(w http.ResponseWriter, r *http.Request) error {
	s, err := p.snapshot(r)
	if err != nil {
		return err
	}
	st, err := p.standing(r.Context(), s.session.citizen, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	if st.Ticket.State == dossier.TicketDone {
		http.Redirect(w, r, transactionsPath+"/"+st.Ticket.ID, http.StatusSeeOther)
		return nil
	}
	b := p.builder(s)
	page := views.TicketPage{Page: p.signedIn(p.page(s.prefs, ticketPath(st.Ticket.ID))), Again: ticketPath(st.Ticket.ID)}
	page.Version = s.dashboard.Version
	page.Title = b.w.T("ticket.title", "what", st.Ticket.About)
	page.Activity = activityPath(st.Ticket.Source, st.Ticket.Action.Session)
	page.Open = !st.Ticket.State.Final()
	page.Sentences = b.ticketSentences(p.source(st.Ticket.Source), st)
	page.Draw = b.drawFacts(st)
	switch {
	case st.Ticket.State != dossier.TicketHeld:
	case r.Header[background] != nil:
		// An open page asks for itself again: the form comes when it is loaded.
		page.Take = b.w.T("ticket.take")
	default:
		page.Live = false // what is being filled in does not change
		if page.Confirm, err = p.keptPlace(r.Context(), s, st.Ticket); err != nil {
			return err
		}
	}
	return p.render(w, r, http.StatusOK, views.Ticket(page))
}

// keptPlace is the form that takes the place kept for a ticket; nil when the
// activity or the person is not to be found, or cannot be read.
func (p *Portal) keptPlace(ctx context.Context, s snapshot, t dossier.Ticket) (*views.ConfirmPage, error) {
	path := activityPath(t.Source, t.Action.Session)
	a, err := p.offering(ctx, path[strings.LastIndexByte(path, '/')+1:])
	if errors.Is(err, errNotFound) || errors.Is(err, errUnread) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	candidates, err := p.candidates(ctx, s, a)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(candidates, func(c candidate) bool {
		return c.given == t.Action.AttendeeGivenName && c.family == t.Action.AttendeeFamilyName
	})
	if i < 0 {
		return nil, nil
	}
	receipt := t.Receipt
	if receipt.Quote == nil {
		receipt.Quote = &record.Quote{}
	}
	got := booking{offering: a, person: candidates[i], form: views.Booking{
		Order: t.ID, Person: candidates[i].handle, Offer: t.Action.Offer, Email: t.Action.Email,
	}}
	b := p.builder(s)
	page := b.confirmation(got, receipt)
	page.Page = p.signedIn(p.page(s.prefs, ticketPath(t.ID)))
	if !receipt.Quote.HeldUntil.IsZero() { // the town may give less time than the source
		page.Held, page.HeldFor = b.countdown(t.HeldUntil), max(0, t.HeldUntil.Sub(b.now))
	}
	return &page, nil
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
