// Package portal is what citizens see. It reads the cache and the dossier and
// never a source: every page is served from what is already known, with its
// age, and is rendered and compressed once per version of a citizen's
// dashboard.
//
// # Where to look
//
// routes.go has every address. One page is one file: signin_page.go,
// dashboard.go, domain.go, choices.go; api.go is the JSON twin and events.go
// the live stream. library.go, recreation.go, property.go, requests.go and
// other.go turn records into what a card shows, todo.go into what needs the
// person; they are pure functions of a view and an instant. errors.go maps
// errors to statuses.
//
// week.go is the family's timetable: week_events.go finds what happens on which
// day, week_layout.go puts it side by side, week_day.go words it. catalogue.go
// gathers what recreation offers, catalogue_search.go searches it and
// catalogue_offer.go tells places and prices. schedules.go states what the
// portal needs of the town's calendars; collections.go, collections_page.go and
// watering.go show it.
//
// neighbourhood.go shows what is around a property: places.go states what the
// portal needs of the town's places, and package townmap draws the map.
// property_page.go and request_page.go show one thing whole.
//
// desk.go states what the portal needs in order to act: a citizen's form becomes
// a transaction with the form's own key, given to the desk. library_act.go,
// hold_page.go, activity_page.go with booking.go and eligibility.go,
// services.go with report.go and its report_*.go (answers, photos, draft, map,
// nearby), and letter_page.go are the forms; transactions.go shows what became of what was sent, outcome.go words it
// and letters.go writes the mails that follow.
//
// visible.go is the one way to another person's sections: family asks the
// dossier and hands over what Authorize allows. household.go shows who sees what
// and household_change.go changes it, household_relatives.go by the family file; bell.go tells open streams. calendars.go
// is the page of private calendars, calendar_file.go what they hold and package
// agenda how that is written. uploads.go reads a form with photos, package photo
// cleans them and photos.go serves them. choices.go and preferences.go are how pages are
// shown.
package portal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/locale"
	"github.com/semenligne/sem/portal/photo"
	"github.com/semenligne/sem/portal/signin"
)

// Town is whose portal it is.
type Town struct {
	// Name is written at the top of every page: "Ville de …".
	Name string
	Zone *time.Location
	// English offers the English pages. A town decides on which legal basis.
	English bool
	// Colour is the town's own, as #rrggbb, for links and buttons. It must be
	// readable on white; "" keeps ours.
	Colour string
	// Logo is an SVG picture; nil draws ours.
	Logo []byte
	// Help tells, by language, where to go for a forgotten PIN. A language that
	// is missing says "the town's desk".
	Help map[string]string
}

// Domain groups sources; the dashboard has a page for each.
type Domain string

// The domains, closed.
const (
	Library    Domain = "library"
	Recreation Domain = "recreation"
	Property   Domain = "property"
	Requests   Domain = "requests"
	Other      Domain = "other"
)

// Source is one system whose sections are shown.
type Source struct {
	// Name is the configured name, by which the cache knows its sections.
	Name   string
	Domain Domain
	// Title is the heading of its card, by language; a language that is missing
	// takes the domain's.
	Title map[string]string
}

// Dossier is what the portal needs of the citizens' dossier.
type Dossier interface {
	dossier.Citizens
	dossier.Credentials
	dossier.Attempts
	dossier.Sessions
	dossier.Households
	dossier.Consents
	dossier.Calendars
	// Links says under which accounts the systems of the town know a citizen.
	Links(ctx context.Context, citizen record.Citizen) ([]dossier.Link, error)
	dossier.Reports
	// Ping proves that the dossier answers.
	Ping(ctx context.Context) error
}

// Toucher is asked, and not waited for, to refresh whatever is old about a
// citizen who is looking at it.
type Toucher interface {
	Touch(citizen record.Citizen)
}

// Options is what a portal is made of. Town, Cache, Dossier and Pepper are
// required.
type Options struct {
	Town    Town
	Sources []Source
	Cache   cache.Reader
	Dossier Dossier
	Toucher Toucher
	// Desk takes what citizens send; nil offers nothing to send.
	Desk Desk
	// WaitingRoom keeps turns while everybody registers at once; nil has no such
	// times. It needs a Desk.
	WaitingRoom WaitingRoom
	// Mail is how citizens write to the town; nil offers no letters. It needs a
	// Desk.
	Mail *Mail
	// Schedules knows collections and watering; nil offers neither.
	Schedules Schedules
	// Places knows what is around a point; nil offers no neighbourhood.
	Places Places
	// Tiles lie under the map of the neighbourhood; nil lays none, and no page
	// then has anything from elsewhere.
	Tiles *Tiles
	// Pepper is the key of at least 16 bytes that PINs are hashed with, kept
	// outside the dossier.
	Pepper []byte
	// Authenticate asks another system about citizens whose PIN is not kept in
	// the dossier. Nil refuses them.
	Authenticate signin.Authenticate
	// Insecure serves over plain http: cookies without Secure and __Host-, and no
	// HSTS. For a demonstration on this machine only.
	Insecure bool
	// BaseURL is where citizens reach the portal, such as "https://sem.ville.example",
	// without a slash at its end; "" takes the Host of each request, and offers no
	// photos with a request: the town fetches them from here.
	BaseURL string
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	Log            *slog.Logger
	Registerer     prometheus.Registerer
	// Now is the clock of what is shown; nil is time.Now.
	Now func() time.Time
	// PageCacheBytes bounds the memory of finished pages; 0 is 64 MiB.
	PageCacheBytes int
}

// Portal serves the pages of one town.
type Portal struct {
	opt      Options
	words    map[string]*locale.Words
	signin   *signin.Service
	sessions *sessions
	pages    *pageCache
	assets   *assets
	metrics  *metrics
	// catalogues is made from the town-wide sections of recreation.
	catalogues catalogues
	streams    *streams
	bell       *bell
	uploads    *uploads
	photoRates *photoRates
	handler    http.Handler
}

// New makes a portal. It opens nothing and starts nothing.
func New(opt Options) (*Portal, error) {
	if opt.Cache == nil || opt.Dossier == nil {
		return nil, errors.New("portal: no cache or no dossier")
	}
	if opt.Town.Zone == nil {
		return nil, errors.New("portal: the town has no time zone")
	}
	fill(&opt)
	p := &Portal{
		opt: opt, words: map[string]*locale.Words{},
		pages: newPageCache(opt.PageCacheBytes), streams: newStreams(), bell: newBell(),
		uploads: newUploads(photo.DefaultLimits()), photoRates: newPhotoRates(), metrics: newMetrics(opt.Registerer),
	}
	for _, lang := range []string{locale.French, locale.English} {
		words, err := locale.Load(lang, opt.Town.Zone)
		if err != nil {
			return nil, fmt.Errorf("portal: %w", err)
		}
		p.words[lang] = words
	}
	var err error
	if p.assets, err = loadAssets(opt.Town); err != nil {
		return nil, fmt.Errorf("portal: %w", err)
	}
	if p.signin, err = signin.New(signin.Config{
		Citizens: opt.Dossier, Credentials: opt.Dossier, Attempts: opt.Dossier,
		Pepper: opt.Pepper, Authenticate: opt.Authenticate, Now: opt.Now,
	}); err != nil {
		return nil, fmt.Errorf("portal: %w", err)
	}
	p.sessions = newSessions(opt.Dossier, opt.Dossier, opt.Insecure)
	p.handler = p.routes()
	return p, nil
}

func fill(opt *Options) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Registerer == nil {
		opt.Registerer = prometheus.NewRegistry()
	}
	if opt.PageCacheBytes == 0 {
		opt.PageCacheBytes = 64 << 20
	}
}

// Handler serves everything.
func (p *Portal) Handler() http.Handler { return p.handler }

// domains returns the domains that have a source, in the order of the sources.
func (p *Portal) domains() []Domain {
	var list []Domain
	seen := map[Domain]bool{}
	for _, s := range p.opt.Sources {
		if !seen[s.Domain] {
			seen[s.Domain] = true
			list = append(list, s.Domain)
		}
	}
	return list
}
