package portal_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/browsertest"
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
	if total := confirm.form(yogaPath+"/confirmer", "total"); len(total) != 1 || total[0] != "7800" {
		t.Errorf("the form carries the totals %v", total)
	}
	form = append(form, "exigees", "1", "conditions", "1", "total", "7800")
	got := b.post(yogaPath+"/confirmer", form...)
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/demarches/"+form[1] {
		t.Fatalf("status %d to %q\n%s", got.StatusCode, got.Header.Get("Location"), got.at("main"))
	}
	b.post(yogaPath+"/confirmer", form...)
	list := effects()
	if len(list) != 1 {
		t.Fatalf("%d registrations", len(list))
	}
	want := record.Register{Session: "Yoga doux0", Offer: "residents", Order: form[1], Email: "maude@exemple.test", AttendeeGivenName: "Maude", Agreed: new(record.Cents(7800))}
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

// TestPaidElsewhere: where payment comes first, the page leads to the source's
// own checkout, confirms nothing, and promises no place.
func TestPaidElsewhere(t *testing.T) {
	t.Parallel()
	h, b, effects := sentBy(t)
	for link, want := range map[string]string{
		"https://loisirs.exemple.test/payer": "Aller payer au service des loisirs", "": "Communiquez avec le service des loisirs pour payer", "javascript:alert(1)": "Communiquez avec le service",
	} {
		h.Desk.AnswerHold(func(a record.Action) record.Receipt {
			r := quoted(a)
			r.Link, r.Quote.Prepayment, r.Quote.HeldUntil = link, true, time.Time{}
			return r
		})
		got := b.post(yogaPath, b.booking(yogaPath)...)
		if text := got.at("main"); !strings.Contains(text, want) || !strings.Contains(text, "demande le paiement avant de confirmer") {
			t.Errorf("%q:\n%s", link, text)
		}
		if got.html.Find("main form, main a[href^=javascript]").Length() != 0 {
			t.Errorf("%q: there is something to confirm", link)
		}
	}
	// The source says so only when the registration arrives: the receipt leads on.
	h.Desk.Answer(func(sent dossier.Transaction) dossier.Transaction {
		sent.State, sent.Receipt = dossier.Refused, record.Receipt{Outcome: record.OutcomeRefused, Refusal: "payment_required", Link: "https://loisirs.exemple.test/payer"}
		return sent
	})
	receipt := b.get(b.post(yogaPath+"/confirmer", b.booking(yogaPath)...).Header.Get("Location"))
	if receipt.html.Find("a[href='https://loisirs.exemple.test/payer']").Length() != 1 || receipt.html.Find("a[href='"+yogaPath+"']").Length() != 1 || len(effects()) != 1 {
		t.Errorf("the receipt of what must be paid first:\n%s", receipt.at("main"))
	}
}

// TestPlaceIsCountedDown: how long the place is kept is seen to shrink, told now
// and then, and its end says what it means.
func TestPlaceIsCountedDown(t *testing.T) {
	h, p := open(t)
	base := visit(t, p).base
	page := browsertest.Chromium(t).MustPage(base + "/connexion").Timeout(2 * time.Minute)
	page.MustWaitLoad()
	keyboard{t, page, base}.signIn(portaltest.Family)
	hold := func(until time.Duration) {
		h.Desk.AnswerHold(func(a record.Action) record.Receipt {
			r := quoted(a)
			r.Quote.HeldUntil = portaltest.Now().Add(until)
			return r
		})
		page.MustNavigate(base + yogaPath).MustWaitLoad()
		page.MustElement("input[name='qui']:not([disabled])").MustClick()
		page.MustElement("#courriel").MustInput("maude@exemple.test")
		page.MustElement("form:has(input[name='qui']) button.primary").MustClick()
	}
	hold(301 * time.Second)
	browsertest.Arrive(t, page, ".held", "retenue jusqu’à 14.h.15")
	browsertest.Arrive(t, page, ".held .left", "Il reste 4.min 5\\d.s")
	if got := page.MustElement("#retenue").MustText(); !regexp.MustCompile("^Il reste 5.min 00.s.$").MatchString(got) {
		t.Errorf("told %q", got)
	}
	hold(2 * time.Second)
	browsertest.Arrive(t, page, "#retenue.held", "la place n’est plus retenue")
	if n := len(page.MustElements(".left")); n != 0 {
		t.Error("it goes on counting")
	}
	for _, v := range browsertest.Violations(t, page) {
		t.Error(v)
	}
	if page.MustHas("form[action$='/confirmer'] button:disabled") {
		t.Error("confirming is not possible any more")
	}
}
