package portal

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/views"
)

const (
	cancelRegistrationPath = "/loisirs/annuler"
	leaveSeatPath          = "/laisser"
	confirmPath            = "/confirmer"
)

// newOrder draws the UUID of a basket: it makes each repeat the same place.
func newOrder() string { return uuid.NewString() }

// booking is a form of registration, understood.
type booking struct {
	offering
	account own
	person  candidate
	form    views.Booking
}

// holdSeat asks the source to keep a place and for its price, and shows both for
// the citizen to confirm. The same form again asks for the same place.
func (p *Portal) holdSeat(w http.ResponseWriter, r *http.Request) error {
	s, got, problem, err := p.readBooking(w, r)
	if err != nil {
		return err
	}
	if problem != "" {
		return p.showActivity(w, r, s, http.StatusUnprocessableEntity, got.offering, got.form, p.words[s.prefs.lang].T(problem))
	}
	if window, on := p.window(got.source, p.opt.Now()); on {
		return p.enter(w, r, s, got, window)
	}
	receipt := p.opt.Desk.Hold(r.Context(), got.source.Name, got.account.Owner, record.HoldSeat{Register: got.register()})
	b := p.builder(s)
	if receipt.Outcome != record.OutcomeDone || receipt.Quote == nil {
		got.form.Order = "" // a basket that was refused is not used again
		refused := dossier.Transaction{Receipt: receipt, Action: record.Register{}}
		return p.showActivity(w, r, s, http.StatusConflict, got.offering, got.form, b.refusal(refused, b.w.T("the."+string(Recreation))))
	}
	page := b.confirmation(got, receipt)
	page.Page = p.signedIn(p.page(s.prefs, activityPath(got.source.Name, got.key)))
	page.Title, page.Live = page.Heading, false
	return p.render(w, r, http.StatusOK, views.Confirm(page))
}

// confirmBooking registers the person: the order is the form's key.
func (p *Portal) confirmBooking(w http.ResponseWriter, r *http.Request) error {
	s, got, problem, err := p.readBooking(w, r)
	if err != nil {
		return err
	}
	if problem != "" {
		// Whoever is registered already may be so by this very form.
		before, err := p.sentBefore(r, s, got.form.Order)
		switch {
		case err == nil:
			return p.receiptOf(w, r, before, got)
		case !errors.Is(err, errGone):
			return err
		}
	}
	if problem == "" && r.PostForm.Get("conditions") == "" && r.PostForm.Get("exigees") != "" {
		problem = "booking.problem.terms"
	}
	if problem != "" {
		return p.showActivity(w, r, s, http.StatusUnprocessableEntity, got.offering, got.form, p.words[s.prefs.lang].T(problem))
	}
	if window, on := p.window(got.source, p.opt.Now()); on {
		// Nobody passes by those who wait.
		waits, err := p.hasTicket(r.Context(), s.session.citizen, got.form.Order)
		if err != nil {
			return err
		}
		if !waits {
			return p.enter(w, r, s, got, window)
		}
	}
	t := p.transaction(s, got.account, got.form.Order, got.about(), got.register())
	t.ID = got.form.Order
	err = p.send(w, r, t)
	if errors.Is(err, dossier.ErrMoved) { // the place is not kept any more, and its page says so
		http.Redirect(w, r, ticketPath(got.form.Order), http.StatusSeeOther)
		return nil
	}
	return err
}

// receiptOf leads to the receipt of a registration that was asked for before, by
// the same form; another form under its order is refused.
func (p *Portal) receiptOf(w http.ResponseWriter, r *http.Request, before dossier.Transaction, got booking) error {
	asked, ok := before.Action.(record.Register)
	if !ok || asked.Session != got.key || asked.Offer != got.form.Offer || asked.Email != got.form.Email {
		return errReused
	}
	http.Redirect(w, r, transactionPath(before), http.StatusSeeOther) //nolint:gosec // the desk's own id
	return nil
}

// leaveSeat gives a kept place back at once, so that somebody else may have it.
func (p *Portal) leaveSeat(w http.ResponseWriter, r *http.Request) error {
	s, got, _, err := p.readBooking(w, r)
	if err != nil {
		return err
	}
	waits, err := p.hasTicket(r.Context(), s.session.citizen, got.form.Order)
	if err != nil {
		return err
	}
	if waits {
		return p.leaveRoom(w, r, s, got.form.Order)
	}
	// What could not be given back ends by itself in a few minutes.
	_ = p.opt.Desk.Hold(r.Context(), got.source.Name, got.account.Owner, record.ReleaseSeat{Order: got.form.Order})
	http.Redirect(w, r, activityPath(got.source.Name, got.key), http.StatusSeeOther)
	return nil
}

// cancelRegistration sends the end of a registration of the citizen's own.
func (p *Portal) cancelRegistration(w http.ResponseWriter, r *http.Request) error {
	s, page, err := p.sending(w, r)
	if err != nil {
		return err
	}
	id := r.PostForm.Get("inscription")
	found, err := p.ownRecord(s, Recreation, func(r record.Record) bool {
		body, ok := r.Body.(record.Registration)
		return ok && id != "" && body.ID == id
	})
	if err != nil {
		return p.gone(w, r, s, formKey(page, id), err)
	}
	name := found.Body.(record.Registration).Name //nolint:forcetypeassert // found as one
	return p.send(w, r, p.transaction(s, found, formKey(page, id), name, record.CancelRegistration{ID: id}))
}

// readBooking reads a form of registration; problem is the key of what is wrong
// with it.
func (p *Portal) readBooking(w http.ResponseWriter, r *http.Request) (s snapshot, got booking, problem string, err error) {
	if s, err = p.snapshot(r); err != nil {
		return s, got, "", err
	}
	if err = readForm(w, r); err != nil {
		return s, got, "", err
	}
	if got.offering, err = p.offering(r.Context(), chi.URLParam(r, "activite")); err != nil {
		return s, got, "", err
	}
	get := func(field string) string { return strings.TrimSpace(r.PostForm.Get(field)) }
	got.form = views.Booking{Order: get("commande"), Person: get("qui"), Offer: get("tarif"), Email: get("courriel"), Total: get("total")}
	if _, err := uuid.Parse(got.form.Order); err != nil || got.form.Order != strings.ToLower(got.form.Order) {
		return s, got, "", errBadForm
	}
	if got.account, err = p.account(r, s, Recreation); err != nil {
		return s, got, "", err
	}
	candidates, err := p.candidates(r.Context(), s, got.offering)
	if err != nil {
		return s, got, "", err
	}
	i := slices.IndexFunc(candidates, func(c candidate) bool { return c.handle == got.form.Person })
	switch {
	case i < 0 && got.form.Person != "":
		return s, got, "", errNotFound // nobody of the citizen's
	case i < 0 || candidates[i].barred():
		return s, got, "booking.problem.person", nil
	case !slices.ContainsFunc(got.Offers, func(o record.Offer) bool { return o.ID == got.form.Offer }):
		return s, got, "booking.problem.offer", nil
	case got.form.Total != "" && got.register().Agreed == nil:
		return s, got, "", errBadForm
	case !mailAddress(got.form.Email):
		return s, got, "report.problem.email", nil
	}
	got.person = candidates[i]
	return s, got, "", nil
}

// about words a registration for the citizen's list.
func (b booking) about() string { return b.Name + " – " + b.person.given }

// register is what is asked of the source. The price is the one that was shown:
// at another one nobody is registered.
func (b booking) register() record.Register {
	r := record.Register{
		Session: b.key, Offer: b.form.Offer, Order: b.form.Order, Email: b.form.Email,
		AttendeeGivenName: b.person.given, AttendeeFamilyName: b.person.family,
	}
	if cents, err := strconv.ParseInt(b.form.Total, 10, 64); err == nil {
		r.Agreed = new(record.Cents(cents))
	}
	return r
}

// confirmation words what is about to be agreed to.
func (b builder) confirmation(got booking, receipt record.Receipt) views.ConfirmPage {
	q := receipt.Quote
	page := views.ConfirmPage{
		Heading: b.w.T("booking.title", "name", got.Name), Booking: got.form, Back: activityPath(got.source.Name, got.key),
		Held: b.countdown(q.HeldUntil), HeldFor: max(0, q.HeldUntil.Sub(b.now)), Prepaid: q.Prepayment, Checkout: webAddress(receipt.Link),
	}
	total := b.w.T("catalogue.price.unknown")
	if q.Total != nil {
		page.Booking.Total = strconv.FormatInt(int64(*q.Total), 10)
		total = b.w.Money(*q.Total)
		if *q.Total == 0 {
			total = b.w.T("catalogue.price.free")
		}
	}
	tax := ""
	if q.Tax != nil {
		tax = b.w.Money(*q.Tax)
	}
	page.Facts = b.ifGiven("booking.person", got.person.given, "activity.when", b.activity(got.offering).Facts[0].Value, "activity.place", got.Place,
		"booking.total", total, "booking.tax", tax, "report.email", got.form.Email)
	for _, t := range q.Terms {
		if href := webAddress(t.URL); href != "" {
			page.Terms = append(page.Terms, views.Link{Href: href, Text: pick(t.Name != "", t.Name, b.w.T("booking.terms.one"))})
			page.MustAgree = page.MustAgree || t.Consent
		}
	}
	return page
}
