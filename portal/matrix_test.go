package portal_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal"
	"github.com/semenligne/sem/portal/portaltest"
)

// role is a place in a family.
type role string

const (
	holder  role = "holder"  // has the others in the dossier
	partner role = "partner" // shows the schedule
	teen    role = "teen"    // shows the loans, for a year
	teen2   role = "teen2"   // never agreed
	child   role = "child"   // loans and schedule by parental authority
	past    role = "past"    // agreed once, was removed
	lapsed  role = "lapsed"  // agreed, until last week
	turned  role = "turned"  // had parental consent for all, is 14 since this morning
)

func roles() []role { return []role{holder, partner, teen, teen2, child, past, lapsed, turned} }

// seenByHolder is, in so many words, what a holder may see of each role. Nobody
// else sees anything of anybody.
func seenByHolder() map[role][]dossier.Dataset {
	return map[role][]dossier.Dataset{
		partner: {dossier.Schedule}, teen: {dossier.Loans}, child: {dossier.Loans, dossier.Schedule}, turned: {dossier.Requests},
	}
}

// soul is one person of the matrix, with a mark of its own in everything.
type soul struct {
	portaltest.Person
	family int
	role   role
}

func (s soul) mark(dataset string) string {
	return fmt.Sprintf("CANARI-%d-%s-%s", s.family, strings.ToUpper(string(s.role)), strings.ToUpper(dataset))
}

// marks are everything that may only be shown with a right to it. "" is what is
// the person's alone.
func (s soul) marks() map[dossier.Dataset]string {
	return map[dossier.Dataset]string{
		dossier.Loans: s.mark("loans"), dossier.Schedule: s.mark("schedule"), dossier.Requests: s.mark("requests"), "": s.mark("property"),
	}
}

// mayRead tells whether the soul may see a dataset of another.
func (s soul) mayRead(other soul, dataset dossier.Dataset) bool {
	if s == other {
		return true
	}
	return s.role == holder && s.family == other.family && slices.Contains(seenByHolder()[other.role], dataset)
}

// mayName tells whether the soul may read the name of another: its own, that of
// its members and that of whoever has it in the dossier.
func (s soul) mayName(other soul) bool {
	if s == other {
		return true
	}
	return s.family == other.family && (s.role == holder && other.role != past || other.role == holder && s.role != past && s.role != child)
}

func (s soul) resident() portaltest.Resident {
	born := map[role]record.Date{
		teen: {Year: 2010, Month: 2, Day: 3}, teen2: {Year: 2010, Month: 2, Day: 4}, child: {Year: 2018, Month: 2, Day: 3}, turned: {Year: 2012, Month: 11, Day: 24},
	}[s.role]
	if born.IsZero() {
		born = record.Date{Year: 1984, Month: 2, Day: 3}
	}
	read := func(source string, body record.Body) cache.Section {
		r := record.Record{Key: s.mark(source), Source: source, ReadAt: portaltest.Now(), Body: body}
		return cache.Section{Source: source}.Succeeded([]record.Record{r}, portaltest.Now(), cache.Ages{FreshFor: time.Hour, HideAfter: 48 * time.Hour})
	}
	soon := record.DateOf(portaltest.Now()).AddDays(2)
	return portaltest.Resident{Person: s.Person, Born: born, Sections: []cache.Section{
		read("bibliotheque", record.Loan{Item: s.mark("loans"), Title: s.mark("loans"), Due: soon}),
		read("loisirs", record.Registration{ID: "r", Name: s.mark("schedule"), Status: record.RegistrationConfirmed, Start: portaltest.Now().Add(24 * time.Hour)}),
		read("role", record.Unit{Matricule: "071981097640000000", Addresses: []record.Address{{Text: s.mark("property")}}}),
		read("requetes", record.Request{ID: s.mark("requests"), Service: s.mark("requests"), Status: record.RequestOpen, Sent: portaltest.Now().Add(-time.Hour)}),
	}}
}

// world is the portal of the matrix and every id that somebody could try.
type world struct {
	souls    []soul
	browsers map[soul]browser
	handles  map[soul][]string // on a person's own pages
	requests []string          // keys in addresses
	tokens   map[string]soul   // of private calendars, by address
	ended    []string          // addresses of revoked ones
	ids      []string          // of calendars, in forms
	sent     map[soul]string   // paths of a transaction of each
	tickets  map[soul]string   // of the waiting room
	photos   map[soul]string   // addresses of their photos
	shared   []ask             // photos by their tokens, whoever asks
}

// populate makes three families that know nothing of each other.
func populate(t *testing.T, h *portaltest.House) []soul {
	t.Helper()
	var souls []soul
	var residents []portaltest.Resident
	for family := range 3 {
		for i, r := range roles() {
			s := soul{portaltest.Person{Card: strconv.Itoa(600000 + 1000*family + 7*i), PIN: strconv.Itoa(581300 + 100*family + i), Name: fmt.Sprintf("Nom-%d-%s", family, r)}, family, r}
			souls, residents = append(souls, s), append(residents, s.resident())
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(h.MoveIn(t.Context(), residents...))
	long := portaltest.Now().AddDate(0, 0, -372) // a year and a week ago
	lately := portaltest.Now().AddDate(0, 0, -7)
	for family := range 3 {
		of := func(r role) portaltest.Person { return souls[family*len(roles())+slices.Index(roles(), r)].Person }
		for _, r := range roles()[1:] {
			must(h.Add(t.Context(), of(holder), of(r), long))
		}
		grant := func(r role, dataset dossier.Dataset, basis dossier.GrantBasis, at time.Time) {
			t.Helper()
			must(h.Grant(t.Context(), of(r), of(holder), dataset, basis, at))
		}
		grant(partner, dossier.Schedule, dossier.Own, lately)
		grant(teen, dossier.Loans, dossier.Own, lately)
		grant(child, dossier.Loans, dossier.Parental, lately)
		grant(child, dossier.Schedule, dossier.Parental, lately)
		for _, dataset := range dossier.Datasets() {
			grant(past, dataset, dossier.Own, lately)
			grant(lapsed, dataset, dossier.Own, long)
			grant(turned, dataset, dossier.Parental, lately)
		}
		must(h.Dossier.RemoveMember(t.Context(), citizen(t, h, of(holder)), citizen(t, h, of(past)), lately.Add(time.Hour)))
	}
	return souls
}

// gather signs everybody in, has the holders make calendars, and collects what
// the pages call things.
func gather(t *testing.T, h *portaltest.House, p *portal.Portal, base browser, souls []soul) world {
	t.Helper()
	w := world{souls: souls, browsers: map[soul]browser{}, handles: map[soul][]string{}, tokens: map[string]soul{}, sent: map[soul]string{}, tickets: map[soul]string{}, photos: map[soul]string{}}
	for _, s := range souls {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		b := browser{t, base.base, &http.Client{Jar: jar, CheckRedirect: base.http.CheckRedirect}}
		b.signIn(s.Person)
		w.browsers[s] = b
		for _, e := range b.get("/famille").html.Find("input[name=personne]").EachIter() {
			w.handles[s] = append(w.handles[s], e.AttrOr("value", ""))
		}
		for _, e := range b.get("/requetes").html.Find("a[href^='/requetes/']:not([href='/requetes/signaler'])").EachIter() {
			w.requests = append(w.requests, strings.TrimPrefix(e.AttrOr("href", ""), "/requetes/"))
		}
		w.ended = append(w.ended, b.newCalendar("moi"))
		b.post("/calendriers/fin", "agenda", b.onlyCalendar())
		w.tokens[b.newCalendar("famille")] = s
		w.ids = append(w.ids, b.onlyCalendar())
		w.sent[s] = b.post("/bibliotheque/prolonger", "cle", "matrixofeverybody1", "pret", s.mark("loans")+"_2026-11-26").Header.Get("Location")
		if !strings.HasPrefix(w.sent[s], "/demarches/") {
			t.Fatalf("renewal of %s led to %q", s.Name, w.sent[s])
		}
		w.tickets[s] = ticketFor(t, h, citizen(t, h, s.Person), s.mark("schedule"))
		id, path, _ := keepPhoto(t, p, citizen(t, h, s.Person), "form")
		w.photos[s] = "/requetes/photo/" + id
		w.shared = append(w.shared, ask{path: path})
	}
	slices.Sort(w.requests) // a holder's page has those of members too
	w.requests = slices.Compact(w.requests)
	if len(w.handles[souls[0]]) < 7 || len(w.requests) != len(souls) || len(w.ids) != len(souls) {
		t.Fatalf("%d handles, %d requests, %d calendars", len(w.handles[souls[0]]), len(w.requests), len(w.ids))
	}
	return w
}

// newCalendar makes a private calendar and returns the path of its address.
func (b browser) newCalendar(whose string) string {
	b.t.Helper()
	address := b.post("/calendriers", "qui", whose, "langue", "fr").html.Find("#adresse").AttrOr("value", "")
	path := strings.TrimPrefix(address, portaltest.BaseURL)
	if !strings.HasPrefix(path, "/agenda/") {
		b.t.Fatalf("calendar at %q", address)
	}
	return path
}

// onlyCalendar is the id of the one calendar on the page.
func (b browser) onlyCalendar() string {
	b.t.Helper()
	ids := b.get("/calendriers").html.Find("input[name=agenda]")
	if ids.Length() != 1 {
		b.t.Fatalf("%d calendars", ids.Length())
	}
	return ids.AttrOr("value", "")
}

// ask is one request of the matrix. subject is whose rights the answer is held
// to, when it is not whoever asks.
type ask struct {
	path    string
	form    []string
	subject *soul
}

// asks has every route, with every id that somebody could try.
func (w world) asks(s soul) map[string][]ask {
	page := func(paths ...string) []ask {
		var list []ask
		for _, p := range paths {
			list = append(list, ask{path: p})
		}
		return list
	}
	var everyHandle, foreign []string
	for _, other := range w.souls {
		everyHandle = append(everyHandle, w.handles[other]...)
		if other != s {
			foreign = append(foreign, w.handles[other]...)
		}
	}
	everyHandle, foreign = slices.Compact(slices.Sorted(slices.Values(everyHandle))), slices.Compact(slices.Sorted(slices.Values(foreign)))
	with := func(path, field string, values []string, more ...string) []ask {
		var list []ask
		for _, v := range values {
			list = append(list, ask{path: path, form: append([]string{field, v}, more...)})
		}
		return list
	}
	var downloads, week []string
	for _, handle := range append([]string{"", "moi", "famille", "0", "-1"}, everyHandle...) {
		downloads = append(downloads, "/calendriers/agenda.ics?details&qui="+handle)
	}
	for n := range 12 {
		week = append(week, "/semaine?personne="+strconv.Itoa(n))
	}
	var catalogueFor []ask
	for _, handle := range foreign {
		catalogueFor = append(catalogueFor, ask{path: "/loisirs/activites?pour=" + handle})
	}
	var requests []string
	for _, key := range w.requests {
		requests = append(requests, "/requetes/"+key)
	}
	var sent, reminders, items, tickets, left []string
	for _, other := range w.souls {
		sent, reminders = append(sent, w.sent[other]), append(reminders, w.sent[other]+"/rappel.ics")
		tickets = append(tickets, w.tickets[other])
		if other != s {
			left = append(left, w.tickets[other]+"/laisser")
			items = append(items, other.mark("loans")+"_2026-11-26")
		}
	}
	const key, order = "matrixofeverybody2", "00000000-0000-4000-8000-000000000000"
	var tokens []ask
	for _, path := range slices.Sorted(maps.Keys(w.tokens)) {
		owner := w.tokens[path]
		tokens = append(tokens, ask{path: path, subject: &owner})
	}
	return map[string][]ask{
		"GET /": page("/"), "GET /bibliotheque": page("/bibliotheque"), "GET /loisirs": page("/loisirs"), "GET /propriete": page("/propriete"),
		"GET /requetes": page("/requetes"), "GET /requetes/{key}": page(requests...), "GET /requetes/photo/{id}": page(slices.Sorted(maps.Values(w.photos))...), "GET /photos/{token}": w.shared,
		"GET /quartier":          page("/quartier", "/quartier?rayon=1000"),
		"GET /loisirs/activites": append(page("/loisirs/activites"), catalogueFor...),
		"GET /demarches":         page("/demarches", "/demarches?envoi=matrixofeverybody1"), "GET /demarches/{id}": page(sent...), "GET /demarches/{id}/rappel.ics": page(reminders...),
		"POST /bibliotheque/prolonger": with("/bibliotheque/prolonger", "pret", items, "cle", key),
		"POST /bibliotheque/annuler":   {{path: "/bibliotheque/annuler", form: []string{"document", "1", "cle", key}}},
		"GET /bibliotheque/reserver":   page("/bibliotheque/reserver"), "POST /bibliotheque/reserver": {{path: "/bibliotheque/reserver", form: []string{"document", "1", "cle", key + "r"}}},
		"GET /requetes/signaler": page("/requetes/signaler"), "GET /requetes/signaler/{service}": page("/requetes/signaler/" + serviceKey),
		"GET /requetes/plan/{lieu}":                    page("/requetes/plan/0000000000", "/requetes/plan/"+portal.Brief("071981097640000000")),
		"POST /requetes/brouillons":                    {{path: "/requetes/brouillons", form: []string{"brouillon", serviceKey}}},
		"POST /requetes/signaler/{service}":            {{path: "/requetes/signaler/" + serviceKey, form: []string{"cle", key + "s"}}},
		"GET /loisirs/activites/{activite}":            page("/loisirs/activites/" + freeKey),
		"POST /loisirs/activites/{activite}":           with("/loisirs/activites/"+freeKey, "qui", foreign, "commande", order),
		"POST /loisirs/activites/{activite}/confirmer": with("/loisirs/activites/"+freeKey+"/confirmer", "qui", foreign, "commande", order),
		"POST /loisirs/activites/{activite}/laisser":   with("/loisirs/activites/"+freeKey+"/laisser", "qui", foreign, "commande", order),
		"GET /loisirs/file/{id}":                       page(tickets...), "POST /loisirs/file/{id}/laisser": page(left...),
		"POST /loisirs/annuler": {{path: "/loisirs/annuler", form: []string{"inscription", "r", "cle", key + "a"}}},
		"GET /ecrire":           page("/ecrire"), "POST /ecrire": {{path: "/ecrire", form: []string{"cle", key + "e"}}},
		"GET /semaine": page(week...), "GET /semaine/{jour}": page("/semaine/2026-11-24", "/semaine/2026-12-01"),
		"GET /collectes/agenda.ics": page("/collectes/agenda.ics"),
		"GET /collectes":            page("/collectes"), "GET /collectes/annee": page("/collectes/annee", "/collectes/annee?adresse=2"), "GET /collectes/annee/{annee}": page("/collectes/annee/2027"),
		"GET /connexion": page("/connexion"), "POST /connexion": {{path: "/connexion", form: []string{"carte", "999999", "nip", "000001"}}},
		"GET /famille": page("/famille"), "POST /famille/ajouter": {{path: "/famille/ajouter", form: []string{"carte", "999999", "nip", "000002"}}},
		"POST /famille/dossier-familial": slices.Concat(
			with("/famille/dossier-familial", "personne", foreign, "sens", "ajouter"),
			with("/famille/dossier-familial", "personne", foreign, "sens", "joindre")),
		"POST /famille/retirer": with("/famille/retirer", "personne", foreign), "POST /famille/quitter": with("/famille/quitter", "personne", foreign),
		"POST /famille/consentement": slices.Concat(
			with("/famille/consentement", "personne", foreign, "de", "theirs", "donnees", "loans", "sens", "oui"),
			with("/famille/consentement", "personne", foreign, "de", "mine", "donnees", "loans", "sens", "oui")),
		"GET /calendriers": page("/calendriers"), "POST /calendriers": with("/calendriers", "qui", foreign),
		"POST /calendriers/fin":       with("/calendriers/fin", "agenda", w.idsOfOthers(s)),
		"GET /calendriers/agenda.ics": page(downloads...), "GET /agenda/{token}.ics": append(tokens, page(w.ended...)...),
		"GET /affichage": page("/affichage"), "POST /affichage": {{path: "/affichage", form: []string{"taille", "100"}}},
		"GET /api/v1/dashboard": page("/api/v1/dashboard"), "GET /api/v1/events": page("/api/v1/events"),
		"GET /static/{file}": page("/static/nothing.css"), "GET /livez": page("/livez"), "GET /readyz": page("/readyz"),
		"POST /deconnexion": {{path: "/deconnexion"}},
	}
}

func (w world) idsOfOthers(s soul) []string {
	return slices.DeleteFunc(slices.Clone(w.ids), func(id string) bool { return w.ids[slices.Index(w.souls, s)] == id })
}

// TestNobodyReachesAnotherPerson asks every route as everybody, with everybody's
// ids, and looks for what must not be in the answer. A route that is not in the
// matrix fails.
func TestNobodyReachesAnotherPerson(t *testing.T) {
	t.Parallel()
	var souls []soul
	h, p := open(t, func(h *portaltest.House) { souls = populate(t, h) })
	base := visit(t, p)
	w := gather(t, h, p, base, souls)
	routes := routesOf(t, p.Handler().(chi.Routes))
	known := slices.Sorted(maps.Keys(w.asks(souls[0])))
	for _, route := range routes {
		if !slices.Contains(known, route) {
			t.Errorf("%s is not in the matrix", route)
		}
	}
	read := map[soul]string{}
	for _, s := range souls {
		asks := w.asks(s)
		for _, route := range append(slices.DeleteFunc(slices.Clone(routes), func(r string) bool { return r == "POST /deconnexion" }), "POST /deconnexion") {
			for _, a := range asks[route] {
				subject := s
				if a.subject != nil {
					subject = *a.subject
				}
				status, text := w.browsers[s].answer(route, a)
				foreign := a.form != nil && slices.Contains([]string{"personne", "agenda", "qui"}, a.form[0])
				foreign = foreign || strings.HasSuffix(a.path, "?adresse=2") || strings.Contains(a.path, "?pour=") // nobody there has two properties
				foreign = foreign || route == "GET /demarches/{id}" && a.path != w.sent[s]
				if (foreign || slices.Contains(w.ended, a.path)) && status != http.StatusNotFound {
					t.Errorf("%s as %s with somebody else's id: status %d", route, s.Name, status)
				}
				if want := map[bool]int{true: http.StatusOK, false: http.StatusNotFound}[a.path == w.photos[s]]; route == "GET /requetes/photo/{id}" && status != want {
					t.Errorf("%s as %s: status %d, want %d", a.path, s.Name, status, want)
				}
				w.inspect(t, fmt.Sprintf("%s as %s", route, s.Name), subject, a.subject != nil, text)
				read[subject] += text
			}
		}
	}
	w.everythingAllowedWasRead(t, read)
	nobody := visit(t, p)
	for route, asks := range w.asks(souls[0]) {
		for _, a := range asks {
			if a.subject == nil {
				status, text := nobody.answer(route, a)
				if open := slices.Contains(openToAll(), route); open != (status == http.StatusOK) {
					t.Errorf("%s signed out: status %d", route, status)
				}
				for _, own := range a.form { // what the asker wrote is no secret to the asker
					text = strings.ReplaceAll(text, own, "")
				}
				w.inspect(t, route+" signed out", soul{family: -1}, false, text)
			}
		}
	}
}

// openToAll are the routes that show something to who did not sign in.
func openToAll() []string {
	return []string{"GET /connexion", "GET /affichage", "GET /loisirs/activites", "GET /photos/{token}", "GET /livez", "GET /readyz"}
}

// inspect looks for what the subject may not read. A subscription names nobody
// and no book, not even to its owner.
func (w world) inspect(t *testing.T, what string, subject soul, subscription bool, text string) {
	t.Helper()
	for _, other := range w.souls {
		for dataset, mark := range other.marks() {
			if strings.Contains(text, mark) && (!subject.mayRead(other, dataset) || subscription && dataset != dossier.Schedule) {
				t.Errorf("%s: shows %s", what, mark)
			}
		}
		// A name ends where its text does: "Nom-0-teen" is not "Nom-0-teen2".
		named := strings.Contains(strings.ReplaceAll(text, other.Name+"2", ""), other.Name)
		if named && (!subject.mayName(other) || subscription) {
			t.Errorf("%s: names %s", what, other.Name)
		}
	}
}

// everythingAllowedWasRead keeps the matrix honest: what may be seen was seen.
func (w world) everythingAllowedWasRead(t *testing.T, read map[soul]string) {
	t.Helper()
	for _, s := range w.souls {
		for _, other := range w.souls {
			for dataset, mark := range other.marks() {
				shared := s == other || dataset != "" // no page shows another's property
				if s.mayRead(other, dataset) && shared && !strings.Contains(read[s], mark) {
					t.Errorf("%s never saw %s, so the matrix proves nothing about it", s.Name, mark)
				}
			}
		}
	}
}

// answer returns everything that an answer says, its headers too. A stream is
// read up to its first event.
func (b browser) answer(route string, a ask) (status int, text string) {
	b.t.Helper()
	if route == "GET /api/v1/events" {
		l := b.listen(a.path)
		if l.resp.StatusCode == http.StatusOK {
			text = l.next()
		}
		l.resp.Body.Close()
		return l.resp.StatusCode, text
	}
	var got page
	if strings.HasPrefix(route, "POST ") {
		got = b.post(a.path, a.form...)
	} else {
		got = b.get(a.path)
	}
	return got.StatusCode, fmt.Sprint(got.Header) + strings.ReplaceAll(got.text, "\r\n ", "")
}

func routesOf(t *testing.T, router chi.Routes) []string {
	t.Helper()
	var list []string
	err := chi.Walk(router, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		list = append(list, method+" "+route)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}
