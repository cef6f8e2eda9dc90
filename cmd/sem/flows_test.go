package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"github.com/semenligne/sem/portal/browsertest"
)

// flows walks everything that a citizen can send, in Chromium, with the
// keyboard alone, against the simulators of the demo.
type flows struct {
	t    *testing.T
	c    calmHouse
	page *rod.Page
	say  flowWords
	// scripted pages are held to axe on the way; without scripts there is nothing
	// to run it with.
	scripted bool
}

// flowWords is what pages say of what was sent, in one language.
type flowWords struct {
	lang, done, until, held, waiting, letter, renewal, hold, noHold, register, giveUp, report string
}

func french() flowWords {
	return flowWords{
		"fr", "Fait", "prolongé jusqu’au", "La place est retenue jusqu’à", "Prête", "Courriel à la Ville", "Prolongation d’un prêt", "Réservation d’un document",
		"Annulation d’une réservation", "Inscription à une activité", "Annulation d’une inscription", "Requête à la Ville",
	}
}

func english() flowWords {
	return flowWords{
		"en", "Done", "renewed until", "The place is held until", "Ready", "E-mail to the town", "Renewal of a loan", "Hold on an item",
		"Cancellation of a hold", "Registration for an activity", "Cancellation of a registration", "Request to the town",
	}
}

// TestEverythingThatIsSent walks each flow in French, in English, and without
// JavaScript: the system concerned did it once, the page shows the new state,
// and the citizen's list has it.
func TestEverythingThatIsSent(t *testing.T) {
	browser := browsertest.Chromium(t)
	for name, f := range map[string]flows{
		"French": {say: french(), scripted: true}, "English": {say: english(), scripted: true}, "without JavaScript": {say: french()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f.t, f.c = t, openCalmHouse(t)
			f.page = browser.MustIncognito().MustPage("").Timeout(2 * time.Minute)
			if !f.scripted {
				if err := (proto.EmulationSetScriptExecutionDisabled{Value: true}).Call(f.page); err != nil {
					t.Fatal(err)
				}
			}
			f.signIn()
			f.renewOne()
			f.renewAll()
			f.hold()
			f.register()
			f.report()
			f.write()
			f.list()
		})
	}
}

// go opens a page and inspects it.
func (f flows) open(path string) {
	f.t.Helper()
	f.page.MustNavigate(f.c.Portal + path).MustWaitLoad()
	f.inspect()
}

// inspect holds the page as it stands to axe.
func (f flows) inspect() {
	f.t.Helper()
	if !f.scripted {
		return
	}
	for _, v := range browsertest.Violations(f.t, f.page) {
		f.t.Errorf("%s, %s: %s", f.page.MustInfo().URL, f.say.lang, v)
	}
}

// press goes to something with the keyboard, presses a key and inspects what it
// leads to.
func (f flows) press(selector string, key input.Key, then string, text ...string) *rod.Element {
	f.t.Helper()
	browsertest.Focus(f.t, f.page, selector)
	f.page.Keyboard.MustType(key)
	e := browsertest.Arrive(f.t, f.page, then, text...)
	f.page.MustWaitLoad()
	f.inspect()
	return e
}

// fill goes to a field and types.
func (f flows) fill(selector, text string) {
	f.t.Helper()
	browsertest.Focus(f.t, f.page, selector)
	f.page.MustInsertText(text)
}

// choose ticks the box or the radio button.
func (f flows) choose(selector string) {
	f.t.Helper()
	browsertest.Focus(f.t, f.page, selector)
	f.page.Keyboard.MustType(input.Space)
}

func (f flows) signIn() {
	f.t.Helper()
	family := f.c.who(f.t, "family")
	f.open("/connexion")
	if f.say.lang == "en" {
		f.press("button[name='langue'][value='en']", input.Enter, "html[lang='en-CA']")
	}
	f.fill("#carte", family.Card)
	f.fill("#nip", family.PIN)
	f.press("form[action='/connexion'] button", input.Enter, "form[action='/deconnexion']")
	f.c.until(f.t, f.c.signIn(f.t, "family"), "four fresh sections", allFresh)
}

// receipt is the text of a page about what was sent, which must be done.
func (f flows) receipt(what string) string {
	f.t.Helper()
	text := browsertest.Arrive(f.t, f.page, "#demarche", f.say.done).MustText()
	if !strings.Contains(text, what) {
		f.t.Errorf("the receipt of %s says\n%s", what, text)
	}
	return text
}

// counted holds a count of the simulators to what it should be.
func (f flows) counted(what string, got, want int) {
	f.t.Helper()
	if got != want {
		f.t.Errorf("%s: %d, want %d", what, got, want)
	}
}

// loans are the items and due dates of the forms on the page.
func (f flows) loans() map[string]string {
	f.t.Helper()
	due := map[string]string{}
	for _, e := range f.page.MustElements("form[action='/bibliotheque/prolonger'] input[name='pret']") {
		item, day, _ := strings.Cut(*e.MustAttribute("value"), "_")
		due[item] = day
	}
	return due
}

func (f flows) renewOne() {
	f.open("/bibliotheque")
	before := f.loans()
	first, _, _ := strings.Cut(*f.page.MustElement("form[action='/bibliotheque/prolonger'] input[name='pret']").MustAttribute("value"), "_")
	f.press("form[action='/bibliotheque/prolonger'] button", input.Enter, "#demarche")
	if text := f.receipt(f.say.renewal); !strings.Contains(text, f.say.until) {
		f.t.Errorf("no new date:\n%s", text)
	}
	f.counted("renewals of the loan", f.c.sims.library.Renewals(first), 1)
	f.counted("changes in the library", f.c.sims.library.Changes(), 1)
	f.open("/bibliotheque")
	if after := f.loans(); after[first] <= before[first] {
		f.t.Errorf("the page shows %s due on %q, before %q", first, after[first], before[first])
	}
}

func (f flows) renewAll() {
	f.open("/bibliotheque")
	loans := f.loans()
	f.press("form:has(input[name='pret'] ~ input[name='pret']) button", input.Enter, "#demarches")
	f.counted("rows", len(f.page.MustElements("#demarches li")), len(loans))
	f.counted("rows that are done", len(f.page.MustElementsX("//*[@id='demarches']//li[contains(., '"+f.say.done+"')]")), len(loans))
	f.counted("changes in the library", f.c.sims.library.Changes(), 1+len(loans))
}

func (f flows) hold() {
	book := f.c.invented.Books[len(f.c.invented.Books)-1]
	before := f.c.sims.library.Changes()
	f.open("/bibliotheque/reserver")
	f.fill("input[name='document']", book.Barcode)
	f.press("form[action='/bibliotheque/reserver'] button", input.Enter, "#demarche")
	f.receipt(f.say.hold)
	f.counted("changes in the library", f.c.sims.library.Changes(), before+1)
	f.open("/bibliotheque")
	mine := "form[action='/bibliotheque/annuler']:has(input[value='" + book.Barcode + "'])"
	f.press(mine+" button", input.Enter, "#demarche")
	f.receipt(f.say.noHold)
	f.counted("changes in the library", f.c.sims.library.Changes(), before+2)
	f.open("/bibliotheque")
	f.counted("holds on what was given up", len(f.page.MustElements(mine)), 0)
}

func (f flows) register() {
	const activity, session = "Chorale de quartier", "A007-01"
	f.open("/loisirs/activites?q=chorale")
	link := browsertest.Arrive(f.t, f.page, "main a[href^='/loisirs/activites/']", activity)
	f.press("a[href='"+*link.MustAttribute("href")+"']", input.Enter, "input[name='qui']")
	f.choose("input[name='qui']")
	f.choose("input[name='tarif']")
	f.fill("#courriel", "maude@exemple.test")
	held := f.press("form:has(input[name='qui']) button.primary", input.Enter, ".held", f.say.held)
	f.counted("places kept", f.c.sims.recreation.Leases(), 1)
	f.counted("registrations before the confirmation", f.c.sims.recreation.Changes(), 0)
	if text := held.MustText(); !regexp.MustCompile(`\d`).MatchString(text) {
		f.t.Errorf("the place is kept: %s", text)
	}
	before := f.c.sims.recreation.SeatsTaken(session)
	f.press("form[action$='/confirmer'] button.primary", input.Enter, "#demarche")
	f.receipt(f.say.register)
	f.counted("places taken", f.c.sims.recreation.SeatsTaken(session), before+1)
	f.counted("registrations", f.c.sims.recreation.Changes(), 1)
	f.counted("places kept", f.c.sims.recreation.Leases(), 0)

	f.open("/loisirs")
	browsertest.Arrive(f.t, f.page, "main", activity)
	id := f.page.MustElementX("//form[@action='/loisirs/annuler'][contains(., '" + activity + "')]/input[@name='inscription']").MustAttribute("value")
	mine := "form[action='/loisirs/annuler']:has(input[value='" + *id + "'])"
	f.press(mine+" button", input.Enter, "#demarche")
	f.receipt(f.say.giveUp)
	f.counted("places taken", f.c.sims.recreation.SeatsTaken(session), before)
	f.counted("registrations and cancellations", f.c.sims.recreation.Changes(), 2)
	f.open("/loisirs")
	f.counted("forms to give it up again", len(f.page.MustElements(mine)), 0)
}

func (f flows) report() {
	before := len(f.c.sims.requests.Requests())
	f.open("/requetes/signaler")
	link := browsertest.Arrive(f.t, f.page, "main a[href^='/requetes/signaler/']", "Lampadaire")
	f.press("a[href='"+*link.MustAttribute("href")+"']", input.Enter, "input[name='lieu']")
	f.choose("input[name='lieu']")
	f.fill("#texte", "Le lampadaire devant la maison clignote.")
	f.fill("#courriel", "maude@exemple.test")
	f.press("form:has(#texte) button.primary", input.Enter, "#demarche")
	f.receipt(f.say.report)
	f.counted("requests that arrived", f.c.sims.requests.Submits(), 1)
	f.counted("requests that the town has", len(f.c.sims.requests.Requests()), before+1)
	f.open("/requetes")
	browsertest.Arrive(f.t, f.page, "main", "Lampadaire éteint")
}

func (f flows) write() {
	f.open("/ecrire")
	f.choose("input[name='genre']")
	browsertest.Focus(f.t, f.page, "#sujet")
	f.page.Keyboard.MustType(input.ArrowDown)
	f.fill("#texte", "Bravo pour la patinoire.")
	f.fill("#courriel", "maude@exemple.test")
	f.press("form[action='/ecrire'] button.primary", input.Enter, "#demarche")
	f.receipt(f.say.letter)
	// One to the department; and the receipts of the registration, of the request
	// and of the letter.
	eventually(f.t, "four mails", func() bool { return len(f.c.sims.mail.Messages()) >= 4 })
	to := map[string]int{}
	for _, m := range f.c.sims.mail.Messages() {
		to[m.To[0]]++
	}
	f.counted("letters to the department", to["voirie@pointe-aux-bouleaux.example"], 1)
	f.counted("receipts", to["maude@exemple.test"], 3)
}

// list looks at everything that was sent: each once.
func (f flows) list() {
	f.open("/demarches")
	text := f.page.MustElement("#demarches").MustText()
	fmt.Printf("%s: %d transactions\n", f.t.Name(), len(f.page.MustElements("#demarches li")))
	for what, n := range map[string]int{f.say.renewal: 4, f.say.hold: 1, f.say.noHold: 1, f.say.register: 1, f.say.giveUp: 1, f.say.report: 1, f.say.letter: 1} {
		f.counted(what+" in the list", strings.Count(text, what), n)
	}
}
