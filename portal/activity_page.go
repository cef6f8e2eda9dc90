package portal

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/views"
)

// activityPattern is the address of an activity's page.
const activityPattern = cataloguePath + "/{activite}"

// offering is one activity that somebody may register for.
type offering struct {
	source Source
	view   cache.View
	key    string
	record.Activity
	// others are the meetings of the same course, this one among them.
	others []meeting
}

// activityPath is the page of an activity. Its address does not change for as
// long as the source keeps the activity's key.
func activityPath(source, key string) string {
	return cataloguePath + "/" + brief(source+"\x00"+key)
}

// activityPage shows one activity, and who may be registered for it.
func (p *Portal) activityPage(w http.ResponseWriter, r *http.Request) error {
	s, err := p.snapshot(r)
	if err != nil {
		return err
	}
	a, err := p.offering(r.Context(), chi.URLParam(r, "activite"))
	if err != nil {
		return err
	}
	return p.showActivity(w, r, s, http.StatusOK, a, views.Booking{}, "")
}

// offering finds an activity by the last part of its address. One that is not in
// the catalogues does not exist only where all are known.
func (p *Portal) offering(ctx context.Context, name string) (offering, error) {
	missing := errNotFound
	for _, source := range p.opt.Sources {
		if source.Domain != Recreation {
			continue
		}
		section, err := p.opt.Cache.Town(ctx, source.Name)
		if err != nil {
			return offering{}, fmt.Errorf("activity: %w", err)
		}
		view := section.At(p.opt.Now())
		records, known := view.Records()
		if !known {
			missing = errUnread
		}
		for _, r := range records {
			body, ok := r.Body.(record.Activity)
			if !ok || brief(source.Name+"\x00"+r.Key) != name {
				continue
			}
			a := offering{source: source, view: view, key: r.Key, Activity: body}
			for _, c := range p.catalogues.of(source.Name, section.Version, records, p.opt.Town.Zone).courses {
				if slices.ContainsFunc(c.meetings, func(m meeting) bool { return m.key == r.Key }) {
					a.others = c.meetings
				}
			}
			return a, nil
		}
	}
	return offering{}, missing
}

// candidates are the citizen and those in the citizen's dossier.
func (p *Portal) candidates(ctx context.Context, s snapshot, a offering) ([]candidate, error) {
	people, err := p.eligibles(ctx, s)
	if err != nil {
		return nil, err
	}
	b := p.builder(s)
	records, known := s.view(a.source.Name).Records()
	var list []candidate
	for _, x := range people {
		given, family, _ := strings.Cut(strings.TrimSpace(x.name), " ")
		list = append(list, b.candidate(candidate{handle: x.handle, given: given, family: family}, x.born, a, records, known))
	}
	return list, nil
}

// showActivity draws the page with what was filled in so far.
func (p *Portal) showActivity(w http.ResponseWriter, r *http.Request, s snapshot, status int, a offering, form views.Booking, problem string) error {
	candidates, err := p.candidates(r.Context(), s, a)
	if err != nil {
		return err
	}
	b := p.builder(s)
	window, queue := p.window(a.source, b.now)
	if queue { // the lobby takes what will be open
		b.now = later(b.now, window.Opens)
	}
	page := b.activity(a)
	if queue {
		page.Queue = b.w.T(pick(p.opt.Now().Before(window.Opens), "activity.queue.lobby", "activity.queue.open"), "time", b.w.Moment(window.Opens, p.opt.Now()))
	}
	page.Page = p.signedIn(p.page(s.prefs, activityPath(a.source.Name, a.key)))
	page.Live = false // a page that is being filled in does not change
	page.Title, page.Problem, page.Booking = page.Heading, problem, form
	if page.Booking.Order == "" {
		page.Booking.Order = newOrder()
	}
	if p.opt.Desk == nil || len(page.Offers) == 0 {
		page.Offers = nil
		return p.render(w, r, status, views.Activity(page))
	}
	for _, c := range candidates {
		page.People = append(page.People, b.choice(c, form.Person))
	}
	for i := range page.Offers {
		page.Offers[i].Chosen = page.Offers[i].Value == form.Offer || len(page.Offers) == 1
	}
	return p.render(w, r, status, views.Activity(page))
}

// activity is what is known of an activity.
func (b builder) activity(a offering) views.ActivityPage {
	f := found{course: course{Activity: a.Activity, key: a.key}}
	if !a.Start.IsZero() && len(a.Schedule) == 0 {
		f.meetings = []meeting{{a.key, a.Start, a.End, a.Remaining, a.Waiting, a.Status}}
	}
	page := views.ActivityPage{
		Heading: cmp.Or(a.Name, b.w.T("recreation.unnamed")), Description: a.Description, Badge: b.placesBadge(f), Link: webAddress(a.Link), Age: b.age(a.source, a.view),
		Facts: b.ifGiven("activity.when", b.courseTimes(f), "activity.place", a.Place, "activity.ages", b.ageRange(a.AgeMin, a.AgeMax),
			"activity.category", a.Category, "activity.prices", b.prices(a.Offers), "activity.registration", b.registrationTime(a.Offers), "activity.waiting", b.waiting(f)),
	}
	for _, m := range a.others {
		if m.key != a.key && m.start.After(b.now) && len(page.Others) < 12 {
			page.Others = append(page.Others, views.Link{Href: activityPath(a.source.Name, m.key), Text: b.w.WeekdayDate(record.DateOf(m.start.In(b.zone)), b.now)})
		}
	}
	page.Closed = b.closed(f, a.view.State == cache.Fresh)
	if page.Closed == "" {
		page.Offers = b.openOffers(a.Offers)
	}
	return page
}

// closed says why nobody can register now; "" is open, as far as we know. An old
// answer that there is no place left is no reason not to ask.
func (b builder) closed(f found, fresh bool) string {
	left, known := b.left(f)
	switch {
	case f.Status == record.ActivityCancelled:
		return b.w.T("activity.closed.cancelled")
	case f.Status == record.ActivityPostponed:
		return b.w.T("activity.closed.postponed")
	case !f.Start.IsZero() && f.Start.Before(b.now):
		return b.w.T("activity.closed.begun")
	case fresh && known && left <= 0:
		return b.w.T("activity.closed.full")
	case len(b.openOffers(f.Offers)) == 0:
		return b.w.T("activity.closed.offers")
	}
	return ""
}

// openOffers are the prices at which one may register now.
func (b builder) openOffers(offers []record.Offer) []views.Option {
	var list []views.Option
	for _, o := range offers {
		if !o.Bookable || o.Opens.After(b.now) || !o.Closes.IsZero() && !o.Closes.After(b.now) {
			continue
		}
		list = append(list, views.Option{Value: o.ID, Text: b.prices([]record.Offer{o})})
	}
	return list
}

// giveUpForm cancels a registration.
func (b builder) giveUpForm(r record.Registration) []views.Form {
	if b.key == "" || r.ID == "" || !b.isCurrent(r) || r.Status == record.RegistrationCancelled {
		return nil
	}
	return []views.Form{{
		Action: cancelRegistrationPath, Button: b.w.T("act.registration.cancel"), About: r.Name,
		Fields: []views.Field{{Name: keyField, Value: b.key}, {Name: "inscription", Value: r.ID}},
	}}
}

// countdown is how long a place is kept, in words that do not change.
func (b builder) countdown(until time.Time) string {
	if until.IsZero() || !until.After(b.now) {
		return b.w.T("booking.notheld")
	}
	return b.w.T("booking.held", "time", b.w.Hour(until))
}
