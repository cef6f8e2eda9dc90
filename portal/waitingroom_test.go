package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal"
	"github.com/semenligne/sem/portal/portaltest"
)

const ticketPage = "/loisirs/file/" + portaltest.TicketID

// ticketFor has somebody wait for a place, and returns the page of the ticket.
func ticketFor(t *testing.T, h *portaltest.House, who record.Citizen, about string) string {
	t.Helper()
	id := uuid.NewString()
	_, err := h.Room.Enter(t.Context(), dossier.Ticket{
		ID: id, Window: "loisirs rush", Citizen: who, Source: "loisirs", Ref: record.NewRef("account:" + id), About: about,
		Action: record.Register{Session: "Yoga doux0", Offer: "residents", Order: id},
	})
	if err != nil {
		t.Fatal(err)
	}
	return "/loisirs/file/" + id
}

func (b browser) says(path string, want ...string) {
	b.t.Helper()
	got := b.get(path)
	if got.StatusCode != http.StatusOK {
		b.t.Errorf("%s: status %d", path, got.StatusCode)
	}
	for _, w := range want {
		if !strings.Contains(got.at("main"), w) {
			b.t.Errorf("%s does not say %q:\n%s", path, w, got.at("main"))
		}
	}
}

// TestFormTakesANumber: while a window is on, the form of an activity asks no
// source; it takes a ticket, once, and nobody registers around those who wait.
func TestFormTakesANumber(t *testing.T) {
	t.Parallel()
	h, b, effects := sentBy(t)
	h.Desk.AnswerHold(func(record.Action) record.Receipt {
		t.Error("a source was asked")
		return record.Receipt{}
	})
	h.Room.Set(true, time.Hour)
	if err := h.Room.Leave(t.Context(), citizen(t, h, portaltest.Family), portaltest.TicketID); err != nil {
		t.Fatal(err)
	}
	b.says(yogaPath, "tiré au sort parmi les personnes présentes", "15\u00a0h")
	form := b.booking(yogaPath)
	want := "/loisirs/file/" + form[1]
	for range 2 {
		if got := b.post(yogaPath, form...); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != want {
			t.Fatalf("status %d to %q\n%s", got.StatusCode, got.Header.Get("Location"), got.at("main"))
		}
	}
	if got := b.post(yogaPath, b.booking(yogaPath)...); got.Header.Get("Location") != want {
		t.Errorf("a second number for the same place: %q", got.Header.Get("Location"))
	}
	h.Room.Set(true, -time.Minute)
	b.says(yogaPath, "chaque personne a son tour")
	around := b.booking(yogaPath, "commande", uuid.NewString())
	if got := b.post(yogaPath+"/confirmer", around...); got.Header.Get("Location") != want {
		t.Errorf("confirmed without a turn: status %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	if n := len(effects()); n != 0 {
		t.Errorf("%d registrations", n)
	}
}

// TestTicketSaysWhereOneStands covers every state in words.
func TestTicketSaysWhereOneStands(t *testing.T) {
	t.Parallel()
	h, b, _ := sentBy(t)
	b.says(ticketPage, "L’inscription ouvre", "tiré au sort", "Une personne est présente.", "Quitter la file", "Empreinte de la graine")
	for name, tc := range map[string]struct {
		stand func(*portal.Standing)
		want  string
	}{
		"in line":  {func(s *portal.Standing) { s.Ticket.Rank, s.Progress.Ahead, s.Wait = 13, 11, 10*time.Minute }, "Vous êtes nᵒ\u00a012 dans la file."},
		"range":    {func(s *portal.Standing) { s.Ticket.Rank, s.Wait = 13, 10*time.Minute }, "dans 7 à 15 minutes"},
		"soon":     {func(s *portal.Standing) { s.Ticket.Rank, s.Wait = 2, time.Second }, "d’une minute à l’autre"},
		"unknown":  {func(s *portal.Standing) { s.Ticket.Rank = 2 }, "pas encore dire"},
		"scarce":   {func(s *portal.Standing) { s.Ticket.Rank, s.Scarce, s.Progress.AheadHere = 20, true, 2 }, "Vous êtes nᵒ\u00a03 si une place se libère"},
		"resting":  {func(s *portal.Standing) { s.Ticket.Rank, s.Resting = 20, "unavailable" }, "personne ne perd son rang"},
		"refused":  {func(s *portal.Standing) { s.Ticket.State, s.Ticket.Reason = dossier.TicketRefused, "activity_full" }, "Il n’y a plus de place."},
		"closed":   {func(s *portal.Standing) { s.Ticket.State, s.Ticket.Reason = dossier.TicketRefused, "rush_closed" }, "La file d’attente est fermée"},
		"lapsed":   {func(s *portal.Standing) { s.Ticket.State = dossier.TicketLapsed }, "allée à la personne suivante"},
		"revealed": {func(s *portal.Standing) { s.Draw.Seed = []byte{0xab, 0xcd} }, "abcd"},
	} {
		h.Room.Stand(tc.stand)
		if got := b.get(ticketPage); !strings.Contains(got.at("main"), tc.want) {
			t.Errorf("%s: the page does not say %q:\n%s", name, tc.want, got.at("main"))
		}
	}
}

// TestKeptPlaceIsConfirmed: when the turn comes the page of the ticket has the
// form, and the dashboard and the list lead there; a reload and a sign-out change
// nothing.
func TestKeptPlaceIsConfirmed(t *testing.T) {
	t.Parallel()
	h, b, effects := sentBy(t)
	h.Room.Set(true, -time.Minute)
	b.says("/", "Vous êtes dans la file")
	b.says("/demarches", "Dans la file")
	if err := h.Room.Keep(t.Context(), citizen(t, h, portaltest.Family), portaltest.TicketID, quoted(nil)); err != nil {
		t.Fatal(err)
	}
	b.post("/deconnexion")
	b.signIn(portaltest.Family)
	b.says("/", "Une place est retenue jusqu’à")
	b.says("/demarches", "Place retenue")
	b.says(ticketPage, "C’est votre tour", "78,00\u00a0$", "retenue jusqu’à 14\u00a0h\u00a025", "Politique d’annulation")
	page := b.get(ticketPage)
	var form []string
	for _, e := range page.html.Find("form[action$='/confirmer'] input[type=hidden]").EachIter() {
		form = append(form, e.AttrOr("name", ""), e.AttrOr("value", ""))
	}
	got := b.post(page.html.Find("form[action$='/confirmer']").AttrOr("action", ""), append(form, "conditions", "1")...)
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/demarches/"+portaltest.TicketID {
		t.Fatalf("status %d to %q\n%s", got.StatusCode, got.Header.Get("Location"), got.at("main"))
	}
	want := record.Register{Session: "Yoga doux0", Offer: "residents", Order: portaltest.TicketID, Email: "maude@exemple.test", AttendeeGivenName: "Maude", Agreed: new(record.Cents(7800))}
	if list := effects(); len(list) != 1 || cmp.Diff(record.Action(want), list[0].Action) != "" {
		t.Errorf("registrations %v", list)
	}
}

// TestOpenPageOffersThePlace: a page that stands open gets a link, never a form
// that an update could empty.
func TestOpenPageOffersThePlace(t *testing.T) {
	t.Parallel()
	h, b, _ := sentBy(t)
	if err := h.Room.Keep(t.Context(), citizen(t, h, portaltest.Family), portaltest.TicketID, quoted(nil)); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.base+ticketPage, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sem-Background", "1")
	open := b.do(req)
	if open.html.Find("form[action$='/confirmer']").Length() != 0 || open.html.Find("#tour a.primary").AttrOr("href", "") != ticketPage {
		t.Errorf("an open page gets\n%s", open.at("main"))
	}
}

// TestTicketOfAnother is not there, and cannot be given up.
func TestTicketOfAnother(t *testing.T) {
	t.Parallel()
	h, b, _ := sentBy(t)
	other := citizen(t, h, portaltest.Newcomer)
	path := ticketFor(t, h, other, "CANARI")
	if got := b.get(path); got.StatusCode != http.StatusNotFound || strings.Contains(got.text, "CANARI") {
		t.Errorf("read: status %d", got.StatusCode)
	}
	if got := b.post(path + "/laisser"); got.StatusCode != http.StatusNotFound {
		t.Errorf("left: status %d", got.StatusCode)
	}
	ticket, err := h.Dossier.Ticket(t.Context(), other, strings.TrimPrefix(path, "/loisirs/file/"))
	if err != nil || ticket.State != dossier.TicketWaiting {
		t.Errorf("the other's ticket is %q, %v", ticket.State, err)
	}
	if got := b.post(ticketPage + "/laisser"); got.Header.Get("Location") != ticketPage {
		t.Errorf("own ticket left: status %d", got.StatusCode)
	}
	b.says(ticketPage, "Vous avez quitté la file.")
}
