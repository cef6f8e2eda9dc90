package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/portaltest"
)

// form reads the hidden fields of the first form with an action, and the value
// of every field of that name.
func (p page) form(action, field string) []string {
	var values []string
	for _, e := range p.html.Find("form[action='" + action + "'] input[name=" + field + "]").EachIter() {
		values = append(values, e.AttrOr("value", ""))
	}
	return values
}

// sentBy opens a portal and signs the family in; effects are those since then.
func sentBy(t *testing.T) (*portaltest.House, browser, func() []dossier.Transaction) {
	t.Helper()
	h, p := open(t)
	b := visit(t, p)
	b.signIn(portaltest.Family)
	before := len(h.Desk.Effects())
	return h, b, func() []dossier.Transaction { return h.Desk.Effects()[before:] }
}

func TestRenewal(t *testing.T) {
	t.Parallel()
	h, b, effects := sentBy(t)
	h.Desk.Answer(func(sent dossier.Transaction) dossier.Transaction {
		sent.State = dossier.Done
		sent.Receipt = record.Receipt{Outcome: record.OutcomeDone, Records: []record.Record{
			{Key: "loan:2", Body: record.Loan{Item: "31234000012", Due: record.Date{Year: 2026, Month: 12, Day: 17}}},
		}}
		return sent
	})
	loans := b.get("/bibliotheque")
	key := loans.form("/bibliotheque/prolonger", "cle")[0]
	got := b.post("/bibliotheque/prolonger", "cle", key, "pret", "31234000012_2026-11-26")
	to := got.Header.Get("Location")
	if got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/demarches/") {
		t.Fatalf("status %d to %q\n%s", got.StatusCode, to, got.at("main"))
	}
	receipt := b.get(to)
	for _, want := range []string{"La rivière aux mille îles", "jusqu’au jeudi 17 décembre", "Fait"} {
		if !strings.Contains(receipt.at("main"), want) {
			t.Errorf("the receipt does not say %q:\n%s", want, receipt.at("main"))
		}
	}
	list := effects()
	if len(list) != 1 {
		t.Fatalf("%d renewals", len(list))
	}
	want := record.Renew{Item: "31234000012", Due: record.Date{Year: 2026, Month: 11, Day: 26}}
	if diff := cmp.Diff(record.Action(want), list[0].Action); diff != "" {
		t.Errorf("action (-want +got)\n%s", diff)
	}

	t.Run("again", func(t *testing.T) {
		again := b.post("/bibliotheque/prolonger", "cle", key, "pret", "31234000012_2026-11-26")
		if again.Header.Get("Location") != to || len(effects()) != 1 {
			t.Errorf("the same form again: to %q, %d renewals", again.Header.Get("Location"), len(effects()))
		}
	})
	t.Run("other date under the same key", func(t *testing.T) {
		// Another form: its own key follows from what it is about.
		b.post("/bibliotheque/prolonger", "cle", key, "pret", "31234000012_2026-12-17")
		if len(effects()) != 2 {
			t.Errorf("%d renewals", len(effects()))
		}
	})
}

func TestRefusedForms(t *testing.T) {
	t.Parallel()
	_, b, effects := sentBy(t)
	key := b.get("/bibliotheque").form("/bibliotheque/prolonger", "cle")[0]
	for name, tc := range map[string]struct {
		form   []string
		status int
	}{
		"no key":             {[]string{"pret", "31234000012_2026-11-26"}, http.StatusBadRequest},
		"a short key":        {[]string{"cle", "abc", "pret", "31234000012_2026-11-26"}, http.StatusBadRequest},
		"a key of markup":    {[]string{"cle", "<script>aaaaaaaaaaaaaaaa", "pret", "31234000012_2026-11-26"}, http.StatusBadRequest},
		"no loan":            {[]string{"cle", key}, http.StatusBadRequest},
		"no date":            {[]string{"cle", key, "pret", "31234000012"}, http.StatusBadRequest},
		"a date of nonsense": {[]string{"cle", key, "pret", "31234000012_demain"}, http.StatusBadRequest},
		"somebody's loan":    {[]string{"cle", key, "pret", "39999999999_2026-11-26"}, http.StatusConflict},
		"an empty item":      {[]string{"cle", key, "pret", "_2026-11-26"}, http.StatusBadRequest},
	} {
		if got := b.post("/bibliotheque/prolonger", tc.form...); got.StatusCode != tc.status {
			t.Errorf("%s: status %d", name, got.StatusCode)
		}
	}
	if n := len(effects()); n != 0 {
		t.Errorf("%d things were sent", n)
	}
}

// TestKeyUsedForSomethingElse: the same letter key with another text is refused
// and the first letter stands.
func TestKeyUsedForSomethingElse(t *testing.T) {
	t.Parallel()
	_, b, effects := sentBy(t)
	send := func(text string) page {
		return b.post("/ecrire", "cle", "oneletterandnoother12345", "genre", "plainte", "sujet", "voirie", "texte", text, "nom", "Maude", "courriel", "maude@exemple.test")
	}
	first := send("Le trottoir est glacé.")
	if first.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d\n%s", first.StatusCode, first.at("main"))
	}
	if again := send("Le trottoir est glacé."); again.Header.Get("Location") != first.Header.Get("Location") {
		t.Errorf("the same letter again led to %q", again.Header.Get("Location"))
	}
	if other := send("La rue est glacée."); other.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("another letter under the same key: status %d", other.StatusCode)
	}
	if n := len(effects()); n != 1 {
		t.Errorf("%d letters were sent", n)
	}
}

// TestRenewAll: each loan has an outcome of its own.
func TestRenewAll(t *testing.T) {
	t.Parallel()
	h, b, effects := sentBy(t)
	h.Desk.Answer(func(sent dossier.Transaction) dossier.Transaction {
		sent.State, sent.Receipt = dossier.Done, record.Receipt{Outcome: record.OutcomeDone}
		if sent.Action.(record.Renew).Item == "31234000011" {
			sent.State, sent.Receipt = dossier.Refused, record.Receipt{Outcome: record.OutcomeRefused, Refusal: "on_hold_for_other"}
		}
		return sent
	})
	loans := b.get("/bibliotheque")
	all := loans.html.Find("form[action='/bibliotheque/prolonger']").Last()
	values := map[string][]string{}
	for _, e := range all.Find("input").EachIter() {
		values[e.AttrOr("name", "")] = append(values[e.AttrOr("name", "")], e.AttrOr("value", ""))
	}
	if len(values["pret"]) != 5 {
		t.Fatalf("%d loans in the form for all of them", len(values["pret"]))
	}
	got := b.postForm("/bibliotheque/prolonger", values)
	if got.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d\n%s", got.StatusCode, got.at("main"))
	}
	if n := len(effects()); n != 5 {
		t.Errorf("%d renewals", n)
	}
	outcome := b.get(got.Header.Get("Location"))
	rows := outcome.html.Find("#demarches li")
	if rows.Length() != 5 {
		t.Errorf("%d rows\n%s", rows.Length(), outcome.at("main"))
	}
	if text := outcome.at("main"); !strings.Contains(text, "Une autre personne attend ce document.") || !strings.Contains(text, "Fait") {
		t.Errorf("outcomes are missing:\n%s", text)
	}
}

// TestOutcomeUnknown: the page says not to send it again, and changes when the
// outcome is known.
func TestOutcomeUnknown(t *testing.T) {
	t.Parallel()
	h, b, effects := sentBy(t)
	h.Desk.Answer(func(sent dossier.Transaction) dossier.Transaction {
		sent.State, sent.Reason = dossier.Checking, "outcome_unknown"
		return sent
	})
	key := b.get("/bibliotheque").form("/bibliotheque/prolonger", "cle")[0]
	to := b.post("/bibliotheque/prolonger", "cle", key, "pret", "31234000012_2026-11-26").Header.Get("Location")
	if text := b.get(to).at("main"); !strings.Contains(text, "Ne la renvoyez pas") || strings.Contains(text, "est prolongé") {
		t.Errorf("while it is being checked:\n%s", text)
	}
	l := b.listen("/api/v1/events")
	defer l.resp.Body.Close()
	l.next()
	moved := effects()[0]
	moved.State, moved.Receipt = dossier.Done, record.Receipt{Outcome: record.OutcomeDone, Proof: record.ProofReread}
	h.Desk.Move(moved)
	if event := l.next(); !strings.Contains(event, "changed") {
		t.Errorf("event %q", event)
	}
	if text := b.get(to).at("main"); !strings.Contains(text, "Votre prêt est prolongé.") {
		t.Errorf("once it is known:\n%s", text)
	}
}

// TestDashboardTellsOfWhatWasSent: what is under way, and an outcome that came
// when nobody waited any more.
func TestDashboardTellsOfWhatWasSent(t *testing.T) {
	t.Parallel()
	h, b, effects := sentBy(t)
	todo := func() string { return b.get("/").at(".todo") }
	before := todo()
	h.Desk.Answer(func(sent dossier.Transaction) dossier.Transaction {
		sent.State, sent.Reason = dossier.Checking, "outcome_unknown"
		return sent
	})
	key := b.get("/bibliotheque").form("/bibliotheque/prolonger", "cle")[0]
	b.post("/bibliotheque/prolonger", "cle", key, "pret", "31234000012_2026-11-26")
	if got := todo(); !strings.Contains(got, "En cours\u00a0: Prolongation d’un prêt\u00a0: La rivière aux mille îles.") {
		t.Errorf("under way:\n%s", got)
	}
	moved := effects()[0]
	moved.State, moved.Settled, moved.Receipt = dossier.Refused, moved.Accepted.Add(20*time.Second), record.Receipt{Outcome: record.OutcomeRefused, Refusal: record.NotDone}
	h.Desk.Move(moved)
	if got := todo(); !strings.Contains(got, "N’a pas pu être fait\u00a0: Prolongation d’un prêt\u00a0: La rivière") || strings.Contains(got, "En cours\u00a0:") {
		t.Errorf("settled late:\n%s", got)
	}
	moved.Settled = moved.Accepted.Add(time.Second)
	h.Desk.Move(moved)
	if got := todo(); got != before {
		t.Errorf("what the citizen saw at once is told again:\n%s", got)
	}
}

// TestPausedSourceIsSaid: what waits for a source says so.
func TestPausedSourceIsSaid(t *testing.T) {
	t.Parallel()
	h, b, _ := sentBy(t)
	h.Desk.Answer(func(sent dossier.Transaction) dossier.Transaction {
		sent.State, sent.Reason = dossier.Pending, "paused"
		return sent
	})
	to := b.postForm(potholePath, filled("pausedpausedpaused")).Header.Get("Location")
	if text := b.get(to).at("main"); !strings.Contains(text, "nous l’enverrons dès que possible") {
		t.Errorf("while the source is paused:\n%s", text)
	}
}
