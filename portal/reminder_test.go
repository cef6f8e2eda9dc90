package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/portaltest"
)

func TestReminder(t *testing.T) {
	t.Parallel()
	h, b, _ := sentBy(t)
	for name, tc := range map[string]struct {
		refusal, reason, due, want string
	}{
		"the library is silent":               {"", "unavailable", "2026-11-27", "DTSTART;TZID=America/Toronto:20261125T090000"},
		"the book is due today":               {"", "unavailable", "2026-11-24", "DTSTART;TZID=America/Toronto:20261124T151000"},
		"it did not get through":              {record.NotDone, "outcome_unknown", "2026-11-27", "DTSTART;TZID=America/Toronto:20261125T090000"},
		"maintenance":                         {"", "paused", "2026-11-27", "DTSTART;TZID=America/Toronto:20261125T090000"},
		"a refusal, which stays one tomorrow": {"too_many_renewals", "ok", "2026-11-27", ""},
	} {
		h.Desk.Answer(func(t dossier.Transaction) dossier.Transaction {
			t.State, t.Reason, t.Receipt = dossier.Refused, tc.reason, record.Receipt{Outcome: record.OutcomeRefused, Refusal: tc.refusal}
			return t
		})
		key := b.get("/bibliotheque").form("/bibliotheque/prolonger", "cle")[0] + strings.ReplaceAll(tc.due+tc.reason+tc.refusal, "-", "")[:12]
		to := b.post("/bibliotheque/prolonger", "cle", strings.ReplaceAll(key, "_", ""), "pret", "31234000012_"+tc.due).Header.Get("Location")
		offered := b.get(to).html.Find("a[href='" + to + "/rappel.ics']").Length()
		got := b.get(to + "/rappel.ics")
		if tc.want == "" {
			if offered != 0 || got.StatusCode != http.StatusNotFound {
				t.Errorf("%s: a reminder is offered, status %d", name, got.StatusCode)
			}
			continue
		}
		if offered != 1 || got.StatusCode != http.StatusOK || !strings.Contains(got.text, tc.want) || !strings.Contains(got.text, "BEGIN:VALARM") {
			t.Errorf("%s: offered %d, status %d\n%s", name, offered, got.StatusCode, got.text)
		}
	}
	if got := b.get("/demarches/" + portaltest.SentID + "/rappel.ics"); got.StatusCode != http.StatusNotFound {
		t.Errorf("a reminder of what is done: status %d", got.StatusCode)
	}
}
