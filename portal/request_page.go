package portal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/townmap"
	"github.com/semenligne/sem/portal/views"
)

// requestReach is how many metres around a request its map shows.
const requestReach = 150

// requestPath is the page of one request. Its address says nothing about the
// request, and is the same for as long as the request lives.
func requestPath(r record.Record) string {
	sum := sha256.Sum256([]byte(r.Source + "\x00" + r.Key))
	return Requests.path() + "/" + hex.EncodeToString(sum[:8])
}

// requestPage is one request of the citizen's own, or of a member who lets the
// citizen see theirs; any other is not found.
func (p *Portal) requestPage(w http.ResponseWriter, r *http.Request) error {
	shot, err := p.snapshot(r)
	if err != nil {
		return err
	}
	path := Requests.path() + "/" + chi.URLParam(r, "key")
	f, err := p.family(r.Context(), shot.session.citizen, dossier.Requests)
	if err != nil {
		return err
	}
	var read []cache.Section // what its map is drawn from
	if p.opt.Places != nil {
		if read, err = p.opt.Places.Read(r.Context()); err != nil {
			return err
		}
	}
	photos, err := p.requestPhotos(r.Context(), f, path, shot)
	if err != nil {
		return err
	}
	other := besideTown(read, shot.now).and(p.besideFamily(f, shot.now)).and(beside{version: " photos " + strings.Join(photos, " ")})
	return p.personalBeside(w, r, shot, path, other, func(s snapshot) (*finished, error) {
		whose, source, found, ok := p.findRequest(f, path, s.now)
		if !ok {
			return nil, errNotFound
		}
		around, err := p.ground(r.Context(), found.Point)
		if err != nil {
			return nil, err
		}
		b := builder{w: p.words[s.prefs.lang], now: s.now, zone: p.opt.Town.Zone}
		page := b.request(found, around)
		page.Page = p.signedIn(p.page(s.prefs, path))
		page.Title, page.Version = page.Heading, s.dashboard.Version
		page.Others, page.Own = f.version(), b.photoList(photos)
		page.Source, page.Age = source.Name, b.age(source, whose.dashboard.Section(source.Name).At(s.now))
		if whose.handle != myself {
			page.Whose = b.w.T("requests.of", "name", whose.name)
		}
		return finish(r.Context(), views.Request(page), htmlType)
	})
}

// findRequest finds the request at a path among those that the citizen may see,
// their own first, and whose it is.
func (p *Portal) findRequest(f family, path string, now time.Time) (person, Source, record.Request, bool) {
	for _, x := range f.people {
		for _, source := range p.opt.Sources {
			records, _ := x.dashboard.Section(source.Name).At(now).Records()
			for _, r := range records {
				if body, ok := r.Body.(record.Request); ok && requestPath(r) == path {
					return x, source, body, true
				}
			}
		}
	}
	return person{}, Source{}, record.Request{}, false
}

// requestPhotos are the ids of the photos that the citizen sent with the request
// at a path.
func (p *Portal) requestPhotos(ctx context.Context, f family, path string, s snapshot) ([]string, error) {
	whose, source, found, ok := p.findRequest(f, path, s.now)
	if !ok || whose.handle != myself || p.opt.Desk == nil {
		return nil, nil
	}
	list, err := p.opt.Desk.Transactions(ctx, s.session.citizen)
	if err != nil {
		return nil, fmt.Errorf("transactions: %w", err)
	}
	for _, t := range list {
		if t.Source != source.Name || !begot(t.Receipt, found) {
			continue
		}
		sent, err := p.opt.Dossier.PhotosOf(ctx, s.session.citizen, t.ID)
		return photoIDs(sent), err
	}
	return nil, nil
}

// begot tells whether a request is the one that a receipt is about, by its
// number or by the token that it had before.
func begot(receipt record.Receipt, r record.Request) bool {
	for _, one := range receipt.Records {
		if b, ok := one.Body.(record.Request); ok && (b.ID != "" && b.ID == r.ID || b.Token != "" && b.Token == r.Token) {
			return true
		}
	}
	return r.ID != "" && receipt.Reference == r.ID
}

func photoIDs(list []dossier.Photo) []string {
	var ids []string
	for _, p := range list {
		ids = append(ids, p.ID)
	}
	return ids
}

// ground is what there is to draw around a point, nothing when it is not known.
func (p *Portal) ground(ctx context.Context, at *record.Point) (Surroundings, error) {
	if at == nil || !at.Valid() || p.opt.Places == nil {
		return Surroundings{}, nil
	}
	return p.opt.Places.Near(ctx, *at, requestReach)
}

// request is all that the town said of one request.
func (b builder) request(r record.Request, around Surroundings) views.RequestPage {
	row := b.requestRow(r)
	page := views.RequestPage{Heading: row.Title, Badge: row.Badge, Link: webAddress(r.Link), Note: r.StatusNote, Photos: len(r.Photos)}
	if r.Description != row.Title {
		page.Description = r.Description
	}
	expected := ""
	if !r.Expected.IsZero() {
		expected = b.w.WeekdayDate(record.DateOf(r.Expected.In(b.zone)), b.now)
	}
	page.Facts = b.ifGiven("requests.fact.number", r.ID, "requests.fact.sent", b.moment(r.Sent), "requests.fact.updated", b.moment(r.Updated),
		"requests.fact.expected", expected, "requests.fact.address", r.Address, "requests.fact.department", r.Department, "requests.fact.notice", r.Notice)
	if expected == "" && r.Status == record.RequestOpen {
		page.Facts = append(page.Facts, views.Fact{Label: b.w.T("requests.fact.expected"), Value: b.w.T("requests.expected.none")})
	}
	page.Steps = b.steps(r)
	if r.Point != nil && r.Point.Valid() {
		d := townmap.Draw(townmap.Scene{Center: *r.Point, Reach: requestReach, Shapes: around.Shapes})
		if !d.Empty() { // a pin on nothing shows nothing
			page.Map = &views.Map{
				Drawing: d, Title: b.w.T("requests.map"), Text: b.w.T("requests.map.text", "address", pick(r.Address != "", r.Address, b.w.T("requests.map.point"))),
				Bar: b.w.Metres(float64(d.Scale.Metres)), North: b.w.T("map.north"),
			}
		}
	}
	return page
}

// steps is what happened, the latest first. What the town did not date is not
// dated.
func (b builder) steps(r record.Request) []views.Step {
	var steps []views.Step
	for _, e := range r.History {
		step := views.Step{When: b.moment(e.At), Title: b.status(e.Status), Note: e.Note}
		if e.Seen && step.When != "" {
			step.When = b.w.T("requests.step.seen", "time", step.When)
		}
		steps = append([]views.Step{step}, steps...)
	}
	if !r.Sent.IsZero() && (len(r.History) == 0 || r.History[0].At.After(r.Sent)) {
		steps = append(steps, views.Step{When: b.moment(r.Sent), Title: b.w.T("requests.step.sent")})
	}
	return steps
}

// status is a state of a request in words; the source's own word stays as it
// is.
func (b builder) status(word string) string {
	switch record.RequestStatus(word) {
	case record.RequestOpen:
		return b.w.T("badge.open")
	case record.RequestClosed:
		return b.w.T("badge.closed")
	case record.RequestPending:
		return b.w.T("badge.pending")
	case record.RequestUnknown:
		return b.w.T("registration.unknown")
	case "":
		return b.w.T("requests.step.note")
	}
	return word
}

// moment writes an instant, and nothing for one that is not known.
func (b builder) moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return b.w.Moment(at, b.now)
}
