package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/portal/portaltest"
)

const yogaPath = "/loisirs/activites/" + yogaKey

// quoted is a place kept until 14 h 25, for 78 dollars.
func quoted(record.Action) record.Receipt {
	return record.Receipt{Outcome: record.OutcomeDone, Quote: &record.Quote{
		Total: new(record.Cents(7800)), Tax: new(record.Cents(1016)), Currency: "CAD", HeldUntil: portaltest.Now().Add(15 * time.Minute),
		Terms: []record.Terms{{Name: "Politique d’annulation", URL: "https://loisirs.exemple.test/politique", Consent: true}, {URL: "javascript:alert(1)"}},
	}}
}

// booking fills the form of an activity in.
func (b browser) booking(path string, pairs ...string) []string {
	b.t.Helper()
	page := b.get(path)
	form := []string{
		"commande", page.html.Find("input[name=commande]").AttrOr("value", ""), "qui", "moi",
		"tarif", page.html.Find("input[name=tarif]").AttrOr("value", ""), "courriel", "maude@exemple.test",
	}
	for i := 0; i < len(pairs); i += 2 {
		for j := 0; j < len(form); j += 2 {
			if form[j] == pairs[i] {
				form[j+1] = pairs[i+1]
			}
		}
	}
	return form
}

func TestPlaceIsHeldThenTaken(t *testing.T) {
	t.Parallel()
	h, b, effects := sentBy(t)
	var held []record.Action
	h.Desk.AnswerHold(func(a record.Action) record.Receipt {
		held = append(held, a)
		return quoted(a)
	})
	form := b.booking(yogaPath)
	confirm := b.post(yogaPath, form...)
	if confirm.StatusCode != http.StatusOK {
		t.Fatalf("status %d\n%s", confirm.StatusCode, confirm.at("main"))
	}
	for _, want := range []string{"retenue jusqu’à 14\u00a0h\u00a025", "78,00\u00a0$", "10,16\u00a0$", "Politique d’annulation", "Maude"} {
		if !strings.Contains(confirm.at("main"), want) {
			t.Errorf("the page to confirm does not say %q:\n%s", want, confirm.at("main"))
		}
	}
	if confirm.html.Find("a[href^=javascript]").Length() != 0 {
		t.Error("the source's link runs a script")
	}
	if n := len(effects()); n != 0 {
		t.Fatalf("%d registrations before the confirmation", n)
	}
	again := b.post(yogaPath, form...)
	if again.StatusCode != http.StatusOK || len(held) != 2 || cmp.Diff(held[0], held[1]) != "" {
		t.Errorf("the same form again asks for another place: %v", held)
	}

	t.Run("without the conditions", func(t *testing.T) {
		got := b.post(yogaPath+"/confirmer", append(form, "exigees", "1")...)
		if got.StatusCode != http.StatusUnprocessableEntity || len(effects()) != 0 {
			t.Errorf("status %d, %d registrations", got.StatusCode, len(effects()))
		}
	})
	got := b.post(yogaPath+"/confirmer", append(form, "exigees", "1", "conditions", "1")...)
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/demarches/"+form[1] {
		t.Fatalf("status %d to %q\n%s", got.StatusCode, got.Header.Get("Location"), got.at("main"))
	}
	b.post(yogaPath+"/confirmer", append(form, "exigees", "1", "conditions", "1")...)
	list := effects()
	if len(list) != 1 {
		t.Fatalf("%d registrations", len(list))
	}
	want := record.Register{Session: "Yoga doux0", Offer: "residents", Order: form[1], Email: "maude@exemple.test", AttendeeGivenName: "Maude"}
	if diff := cmp.Diff(record.Action(want), list[0].Action); diff != "" {
		t.Errorf("registration (-want +got)\n%s", diff)
	}
}

func TestPlaceIsRefused(t *testing.T) {
	t.Parallel()
	h, b, effects := sentBy(t)
	for refusal, want := range map[string]string{
		"activity_full": "Il n’y a plus de place.", "seats_reserved": "réservées par d’autres", "unavailable": "ne répond pas présentement", "something_new": "a refusé la demande",
	} {
		h.Desk.AnswerHold(func(record.Action) record.Receipt {
			return record.Receipt{Outcome: record.OutcomeRefused, Refusal: refusal}
		})
		form := b.booking(yogaPath)
		got := b.post(yogaPath, form...)
		if got.StatusCode != http.StatusConflict || !strings.Contains(got.at("main"), want) {
			t.Errorf("%s: status %d\n%s", refusal, got.StatusCode, got.at(".problem"))
		}
		if order := got.html.Find("input[name=commande]").AttrOr("value", ""); order == form[1] {
			t.Errorf("%s: a refused basket is used again", refusal)
		}
	}
	if n := len(effects()); n != 0 {
		t.Errorf("%d registrations", n)
	}
}

func TestBookingIsCorrected(t *testing.T) {
	t.Parallel()
	h, b, effects := sentBy(t)
	asked := 0
	h.Desk.AnswerHold(func(a record.Action) record.Receipt {
		asked++
		return quoted(a)
	})
	for name, tc := range map[string]struct {
		change []string
		status int
	}{
		"nobody":           {[]string{"qui", ""}, http.StatusUnprocessableEntity},
		"a stranger":       {[]string{"qui", "0123456789abcdef01234567"}, http.StatusNotFound},
		"no price":         {[]string{"tarif", ""}, http.StatusUnprocessableEntity},
		"a price of none":  {[]string{"tarif", "gratuit"}, http.StatusUnprocessableEntity},
		"no address":       {[]string{"courriel", ""}, http.StatusUnprocessableEntity},
		"two addresses":    {[]string{"courriel", "a@b.test, c@d.test"}, http.StatusUnprocessableEntity},
		"no basket":        {[]string{"commande", ""}, http.StatusBadRequest},
		"basket of markup": {[]string{"commande", "<b>"}, http.StatusBadRequest},
	} {
		for _, step := range []string{"", "/confirmer"} {
			if got := b.post(yogaPath+step, b.booking(yogaPath, tc.change...)...); got.StatusCode != tc.status {
				t.Errorf("%s%s: status %d", name, step, got.StatusCode)
			}
		}
	}
	if asked+len(effects()) != 0 {
		t.Errorf("%d places and %d registrations asked for", asked, len(effects()))
	}
}

// TestRegistrationIsGivenUp: only one's own, and once.
func TestRegistrationIsGivenUp(t *testing.T) {
	t.Parallel()
	_, b, effects := sentBy(t)
	page := b.get("/loisirs")
	key := page.form("/loisirs/annuler", "cle")[0]
	if ids := page.form("/loisirs/annuler", "inscription"); cmp.Diff([]string{"R-1", "R-3", "R-2"}, ids) != "" {
		t.Errorf("registrations that can be given up: %v", ids)
	}
	first := b.post("/loisirs/annuler", "cle", key, "inscription", "R-1")
	again := b.post("/loisirs/annuler", "cle", key, "inscription", "R-1")
	if first.StatusCode != http.StatusSeeOther || first.Header.Get("Location") != again.Header.Get("Location") {
		t.Errorf("status %d to %q, then %q", first.StatusCode, first.Header.Get("Location"), again.Header.Get("Location"))
	}
	if got := b.post("/loisirs/annuler", "cle", key, "inscription", "R-9"); got.StatusCode != http.StatusConflict {
		t.Errorf("somebody's registration: status %d", got.StatusCode)
	}
	if list := effects(); len(list) != 1 || list[0].Action != record.Action(record.CancelRegistration{ID: "R-1"}) {
		t.Errorf("sent %v", list)
	}
}
