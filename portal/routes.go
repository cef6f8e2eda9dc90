package portal

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

// routes has every address of the portal. Whatever is not here is 404: no path
// below a page ever shows the page.
func (p *Portal) routes() http.Handler {
	r := chi.NewRouter()
	r.Use(http.NewCrossOriginProtection().Handler, p.headers)
	r.NotFound(p.serve("none", p.notFound))
	r.MethodNotAllowed(p.serve("none", p.methodNotAllowed))

	get := func(pattern string, h handler) { r.Get(pattern, p.serve(pattern, h)) }
	post := func(pattern string, h handler) { r.Post(pattern, p.serve(pattern, h)) }

	get("/", p.dashboard)
	for _, d := range p.domains() {
		get(d.path(), p.domain(d))
	}
	get(Requests.path()+"/{key}", p.requestPage)
	get(myPhotosPath+"/{id}", p.myPhoto)
	get(photosPath+"/{token}", p.sharedPhoto) // the token opens it, without a session
	if p.opt.Places != nil {
		get(neighbourhoodPath, p.neighbourhood)
	}
	get(cataloguePath, p.cataloguePage)
	get(activityPattern, p.activityPage)
	if p.opt.Desk != nil {
		p.actions(get, post)
	}
	get(weekPath, p.weekPage)
	get(weekPath+"/{jour}", p.weekPage)
	if p.opt.Schedules != nil {
		get(collectionsPath, p.collectionsPage)
		get(collectionsFilePath, p.collectionsDownload)
		get(collectionsYearPath, p.collectionsYear)
		get(collectionsYearPath+"/{annee}", p.collectionsYear)
	}
	get("/connexion", p.signInForm)
	r.With(p.clientAddress()).Post("/connexion", p.serve("/connexion", p.signIn))
	get(householdPath, p.household)
	r.With(p.clientAddress()).Post("/famille/ajouter", p.serve("/famille/ajouter", p.addMember))
	post(relativesPath, p.addRelative)
	post("/famille/retirer", p.removeMember)
	post("/famille/quitter", p.leaveHolder)
	post("/famille/consentement", p.consent)
	post("/deconnexion", p.signOut)
	get(calendarsPath, p.myCalendars)
	post(calendarsPath, p.newCalendar)
	post(calendarsPath+"/fin", p.endCalendar)
	get(calendarsPath+"/agenda.ics", p.calendarDownload)
	get("/agenda/{token}.ics", p.subscription) // the token opens it, without a session
	get(displayPath, p.choices)
	post(displayPath, p.display)

	get("/api/v1/dashboard", p.dashboardJSON)
	get("/api/v1/events", p.events) // reads its session itself and never writes it back

	get("/static/{file}", p.static)
	get("/livez", p.livez)
	get("/readyz", p.readyz)
	return r
}

// actions has the addresses of everything that a citizen sends.
func (p *Portal) actions(get, post func(pattern string, h handler)) {
	post(renewPath, p.renew)
	post(cancelHoldPath, p.cancelHold)
	get(holdPath, p.holdForm)
	post(holdPath, p.placeHold)
	post(activityPattern, p.holdSeat)
	post(activityPattern+confirmPath, p.confirmBooking)
	post(activityPattern+leaveSeatPath, p.leaveSeat)
	post(cancelRegistrationPath, p.cancelRegistration)
	if p.opt.WaitingRoom != nil {
		get(ticketsPath+"/{id}", p.ticketPage)
		post(ticketsPath+"/{id}"+leaveSeatPath, p.leaveTicket)
	}
	get(reportPath, p.reportPage)
	get(reportPath+"/{service}", p.reportForm)
	post(reportPath+"/{service}", p.sendReport)
	post(draftsPath, p.dropDraft)
	if p.opt.Places != nil {
		get(planPath+"/{lieu}", p.planPicture)
	}
	if p.opt.Mail != nil {
		get(letterPath, p.letterForm)
		post(letterPath, p.sendLetter)
	}
	get(transactionsPath, p.transactions)
	get(transactionsPath+"/{id}", p.transactionPage)
	get(transactionsPath+"/{id}"+reminderPath, p.reminder)
}

// clientAddress finds whom a sign-in comes from, believing only the proxies
// that the town named.
func (p *Portal) clientAddress() func(http.Handler) http.Handler {
	if len(p.opt.TrustedProxies) == 0 {
		return middleware.ClientIPFromRemoteAddr
	}
	prefixes := make([]string, len(p.opt.TrustedProxies))
	for i, prefix := range p.opt.TrustedProxies {
		prefixes[i] = prefix.String()
	}
	return middleware.ClientIPFromXFF(prefixes...)
}

// path is the page of a domain.
func (d Domain) path() string {
	switch d {
	case Library:
		return "/bibliotheque"
	case Recreation:
		return "/loisirs"
	case Property:
		return "/propriete"
	case Requests:
		return "/requetes"
	default:
		return "/autres"
	}
}
