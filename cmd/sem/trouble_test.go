package main

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/semenligne/sem/configs"
	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/connectortest/faultproxy"
	"github.com/semenligne/sem/connectors/openactive/openactivesim"
	"github.com/semenligne/sem/portal/browsertest"
)

// openTroubled is a calm house with somebody of the family in it, whose outbox
// tries again soon.
func openTroubled(t *testing.T) (calmHouse, visitor) {
	t.Helper()
	c := openCalmHouse(t, func(config *configs.Config) {
		config.Outbox.RetryAtMost, config.Outbox.CheckAtMost = connectors.Duration(200*time.Millisecond), connectors.Duration(500*time.Millisecond)
		for i := range config.Sources {
			config.Sources[i].Guard.Breaker.Rest = connectors.Duration(500 * time.Millisecond)
		}
	})
	v := c.visit(t, "family")
	c.until(t, v.client, "four fresh sections", allFresh)
	return c, v
}

// turned has a source behave in a way of the demo's.
func (c calmHouse) turned(t *testing.T, source, mode string) {
	t.Helper()
	if err := c.sims.set(source, mode); err != nil {
		t.Fatal(err)
	}
}

const renewal = "form[action='/bibliotheque/prolonger']"

// TestReplyLost: within its budget the page says that we are checking; once the
// library can be read it tells what happened, by itself, and it happened once.
func TestReplyLost(t *testing.T) {
	browser := browsertest.Chromium(t)
	c, v := openTroubled(t)
	before := v.get("/bibliotheque")
	library := c.sims.all[0].proxy
	if err := library.Set(faultproxy.Mode{Fault: faultproxy.Swallow, Match: "29NN", Silent: true, Dark: true}); err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	page := v.send(before, renewal)
	if took := time.Since(started); took > 11*time.Second {
		t.Errorf("the page took %s", took)
	}
	v.says("while nobody knows", page, http.StatusOK, "n’a pas encore confirmé; nous vérifions", "Ne la renvoyez pas")

	family := c.who(t, "family")
	tab := browser.MustPage(c.Portal + "/connexion").Timeout(30 * time.Second)
	tab.MustElement("#carte").MustInput(family.Card)
	tab.MustElement("#nip").MustInput(family.PIN)
	tab.MustElement("form[action='/connexion'] button").MustClick()
	browsertest.Arrive(t, tab, "form[action='/deconnexion']")
	tab.MustNavigate(c.Portal + page.path).MustWaitLoad()
	browsertest.Arrive(t, tab, "#demarche", "nous vérifions")
	tab.MustEval(`() => { window.stillTheSamePage = true }`)
	c.turned(t, "library", "ok")
	browsertest.Arrive(t, tab, "#demarche", "Votre prêt est prolongé")
	if !tab.MustEval(`() => window.stillTheSamePage === true`).Bool() {
		t.Error("the page was loaded again instead of updated")
	}
	v.says("after a reload", v.get(page.path), http.StatusOK, "Votre prêt est prolongé")
	if again := v.send(before, renewal); again.path != page.path || c.sims.library.Changes() != 1 {
		t.Errorf("the form again leads to %s, %d renewals", again.path, c.sims.library.Changes())
	}
}

// TestSourceIsAway: what depends on the moment is refused with a word and a
// reminder, and nothing happens later; what can wait is noted and done once when
// the source is back.
func TestSourceIsAway(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]struct {
		leave, back func(c calmHouse, source string)
		word        string
	}{
		"down": {
			func(c calmHouse, source string) { c.turned(t, source, "refuse") },
			func(c calmHouse, source string) { c.turned(t, source, "ok") }, "ne répond pas présentement",
		},
		"switched off": {
			func(c calmHouse, source string) { s, _ := c.sources.named(source); s.guard.Kill("mise à jour") },
			func(c calmHouse, source string) { s, _ := c.sources.named(source); s.guard.Revive() }, "en pause pour entretien",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, v := openTroubled(t)
			for _, source := range []string{"library", "recreation", "requests"} {
				away.leave(c, source)
			}
			refused := v.send(v.get("/bibliotheque"), renewal)
			v.says("a renewal", refused, http.StatusOK, away.word, "Rien n’a été changé.", "Me le rappeler")
			if reminder := v.get(refused.path + "/rappel.ics"); reminder.status != http.StatusOK {
				t.Errorf("the reminder: status %d", reminder.status)
			}
			v.says("a hold", v.send(v.get("/bibliotheque/reserver"), "main form[method=post]", "document", c.invented.Books[len(c.invented.Books)-1].Barcode), http.StatusOK, away.word, "Me le rappeler")
			booked, _ := v.booking("chorale", "Chorale de quartier")
			v.says("a place", booked, http.StatusConflict, away.word)

			services := v.get("/requetes/signaler")
			lamp := services.doc.Find("main a:contains('Lampadaire')").AttrOr("href", "")
			form := v.get(lamp)
			where := form.doc.Find("input[name=lieu]").AttrOr("value", "")
			noted := v.send(form, "main form[method=post]", "lieu", where, "texte", "Il clignote.", "courriel", maude)
			v.says("a request", noted, http.StatusOK, "C’est noté", "Vous n’avez rien à refaire")

			for _, source := range []string{"library", "recreation", "requests"} {
				away.back(c, source)
			}
			eventually(t, "the request", func() bool {
				return strings.Contains(v.get(noted.path).text("main"), "La Ville a reçu votre requête")
			})
			if n := c.sims.requests.Submits(); n != 1 {
				t.Errorf("%d requests", n)
			}
			if n := c.sims.library.Changes() + c.sims.recreation.Changes(); n != 0 {
				t.Errorf("%d things that were refused happened later", n)
			}
		})
	}
}

// TestSentTwice: a double click, several copies of one form at once, and the form
// sent once more when all is over, are one action and lead to the same receipt.
func TestSentTwice(t *testing.T) {
	t.Parallel()
	c, v := openTroubled(t)
	page, letter := v.get("/bibliotheque"), v.get("/ecrire")
	action, values := v.form(page, renewal)
	var clicks sync.WaitGroup
	receipts := make([]string, 6)
	for i := range receipts {
		clicks.Go(func() { receipts[i] = v.post(action, values).path })
	}
	clicks.Wait()
	receipts = append(receipts, v.post(action, values).path)
	for _, r := range receipts {
		if r != receipts[0] || !strings.HasPrefix(r, "/demarches/") {
			t.Errorf("receipts %v", receipts)
			break
		}
	}
	if n := c.sims.library.Changes(); n != 1 {
		t.Errorf("%d renewals", n)
	}
	// A letter sent twice, then another text under its key.
	_, write := v.form(letter, "main form", "sujet", "streets", "texte", "Bravo.", "nom", "Maude", "courriel", maude)
	first, second := v.post("/ecrire", write), v.post("/ecrire", write)
	v.says("a letter", first, http.StatusOK, "Votre courriel est envoyé.")
	write.Set("texte", "Bravo encore.")
	v.says("another text under the same key", v.post("/ecrire", write), http.StatusUnprocessableEntity, "Ce formulaire a déjà servi", "conservée telle quelle")
	eventually(t, "the letter and its copy", func() bool { return len(c.sims.mail.Messages()) >= 2 })
	if n := len(c.sims.mail.Messages()); first.path != second.path || n != 2 {
		t.Errorf("receipts %s and %s, %d mails", first.path, second.path, n)
	}
}

// TestSignedOutBetween: the form is kept, and sent once.
func TestSignedOutBetween(t *testing.T) {
	t.Parallel()
	c, v := openTroubled(t)
	_, write := v.form(v.get("/ecrire"), "main form", "sujet", "streets", "texte", "Bravo.", "nom", "Maude", "courriel", maude)
	v.post("/deconnexion", url.Values{})
	kept := v.post("/ecrire", write)
	v.says("signed out", kept, http.StatusForbidden, "Votre session est terminée", "Rien n’a été envoyé.")
	if n := len(c.sims.mail.Messages()); n != 0 {
		t.Fatalf("%d mails of somebody signed out", n)
	}
	back := c.visit(t, "family")
	sent := back.send(kept, "main form[method=post]")
	back.says("sent from there", sent, http.StatusOK, "Votre courriel est envoyé.")
	if again := back.send(kept, "main form[method=post]"); again.path != sent.path {
		t.Errorf("sent again: %s, then %s", sent.path, again.path)
	}
}

// TestBetweenHoldAndConfirmation: another price, a place that is not kept any
// more, and one that somebody else took.
func TestBetweenHoldAndConfirmation(t *testing.T) {
	t.Parallel()
	c, v := openTroubled(t)
	const confirmation = "form[action$='/confirmer']"
	taken := c.sims.recreation.SeatsTaken("A007-01")

	confirm, offered := v.booking("chorale", "Chorale de quartier")
	refused := v.send(confirm, confirmation, "total", "1")
	v.says("at another price", refused, http.StatusOK, "Le prix a changé.", "Rien n’a été changé.", "Revenir à l’activité")
	if refused.doc.Find("a[href='"+offered+"']").Length() != 1 || c.sims.recreation.Changes() != 0 || c.sims.recreation.Leases() != 0 {
		t.Errorf("%d registrations, %d places kept", c.sims.recreation.Changes(), c.sims.recreation.Leases())
	}

	confirm, _ = v.booking("chorale", "Chorale de quartier")
	v.send(confirm, "form[action$='/laisser']")
	if n := c.sims.recreation.Leases(); n != 0 {
		t.Fatalf("%d places kept", n)
	}
	done := v.send(confirm, confirmation)
	v.says("no longer kept, but free", done, http.StatusOK, "L’inscription est faite.")
	if again := v.send(confirm, confirmation); again.path != done.path || c.sims.recreation.SeatsTaken("A007-01") != taken+1 {
		t.Errorf("confirmed again: %s, then %s; %d places", done.path, again.path, c.sims.recreation.SeatsTaken("A007-01")-taken)
	}

	confirm, _ = v.booking("yoga", "Yoga doux")
	v.send(confirm, "form[action$='/laisser']")
	before := c.sims.recreation.SeatsTaken("A005-01")
	if err := c.sims.recreation.Update("A005-01", func(e *openactivesim.Event) { e.Capacity = before }); err != nil {
		t.Fatal(err)
	}
	v.says("taken by somebody else", v.send(confirm, confirmation), http.StatusOK, "La personne est inscrite sur la liste d’attente.")
	if n := c.sims.recreation.SeatsTaken("A005-01"); n != before {
		t.Errorf("%d places in a full activity", n-before)
	}
}
