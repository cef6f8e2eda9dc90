package open311_test

import (
	"testing"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/open311"
	"github.com/semenligne/sem/connectors/open311/open311sim"
	"github.com/semenligne/sem/connectors/record"
)

// TestLearn asks about a report that was sent some time ago, of a town that
// lists it, does not, or lists others like it.
func TestLearn(t *testing.T) {
	t.Parallel()
	const done, not, unknown = record.OutcomeDone, record.OutcomeRefused, record.OutcomeUnknown
	sent := time.Now().Add(-2 * time.Hour)
	ours := func(id string, after time.Duration) open311sim.Request {
		return open311sim.Request{
			ID: id, Status: "open", ServiceCode: "NIDPOULE", Description: pothole().Description, Notice: "Merci",
			Requested: sent.Add(after), Updated: sent.Add(after), Lat: 45.5612, Long: -73.9034, Account: "C-100", Email: "ada@example.org",
		}
	}
	older := open311sim.Request{
		ID: "26-1", Status: "closed", ServiceCode: "012", Description: "Lampadaire éteint",
		Requested: sent.AddDate(0, -1, 0), Updated: sent.AddDate(0, -1, 0), Account: "C-100", Email: "ada@example.org",
	}
	another := func(r open311sim.Request, change func(*open311sim.Request)) open311sim.Request {
		change(&r)
		return r
	}
	account := open311sim.Dialect{Accounts: true}
	for name, c := range map[string]struct {
		ref      string
		change   func(*record.Submit)
		requests []open311sim.Request
		dialect  open311sim.Dialect
		fault    open311sim.Fault
		sent     time.Time
		outcome  record.Outcome
		reason   string
	}{
		"listed":                        {ref: "account:C-100", requests: []open311sim.Request{older, ours("26-2", time.Second)}, outcome: done},
		"listed, with others":           {ref: "account:C-100", requests: []open311sim.Request{ours("26-2", 0), another(ours("26-3", time.Minute), func(r *open311sim.Request) { r.Description = "Un autre trou" })}, outcome: done},
		"listed, by email":              {ref: "email:ada@example.org", requests: []open311sim.Request{ours("26-2", 5*time.Second)}, outcome: done},
		"listed, numbers as the person": {ref: "ids:26-1", requests: []open311sim.Request{ours("26-2", 0)}, outcome: done},
		"listed, and nobody sent it":    {ref: "ids:26-1", change: func(s *record.Submit) { s.Email = "" }, requests: []open311sim.Request{ours("26-2", 0)}, outcome: unknown},
		"listed twice":                  {ref: "account:C-100", requests: []open311sim.Request{ours("26-2", 0), ours("26-3", time.Second)}, outcome: unknown},
		"the same, ten minutes before":  {ref: "account:C-100", requests: []open311sim.Request{ours("26-2", -10*time.Minute)}, outcome: unknown},
		"the same, an hour before":      {ref: "account:C-100", requests: []open311sim.Request{ours("26-2", -time.Hour)}, dialect: account, outcome: not},
		"another person's": {
			ref: "account:C-100", dialect: account, outcome: unknown,
			requests: []open311sim.Request{another(ours("26-2", 0), func(r *open311sim.Request) { r.Account, r.Email = "C-200", "bob@example.org" })},
		},
		"another place":       {ref: "account:C-100", requests: []open311sim.Request{another(ours("26-2", 0), func(r *open311sim.Request) { r.Lat = 45.6 })}, outcome: unknown},
		"nothing, by account": {ref: "account:C-100", requests: []open311sim.Request{older}, dialect: account, outcome: not},
		"nothing, and a town that never named this person": {ref: "account:C-300", requests: []open311sim.Request{older}, dialect: account, outcome: unknown},
		"nothing, and a town that names nobody":            {ref: "account:C-100", requests: []open311sim.Request{older}, outcome: unknown},
		"nothing, and one of theirs that it might be": {
			ref: "account:C-100", dialect: account, outcome: unknown,
			requests: []open311sim.Request{older, another(ours("26-2", time.Hour), func(r *open311sim.Request) { r.Description = "" })},
		},
		"nothing so far": {ref: "account:C-100", requests: []open311sim.Request{older}, dialect: account, sent: time.Now().Add(-time.Minute), outcome: unknown},
		"a service whose requests come later": {
			ref: "account:C-100", change: func(s *record.Submit) { *s = leak() }, requests: []open311sim.Request{older}, dialect: account, outcome: unknown,
		},
		"a service whose requests are never listed": {
			ref: "account:C-100", change: func(s *record.Submit) { s.ServiceCode = "MERCI" }, requests: []open311sim.Request{older}, dialect: account, outcome: unknown,
		},
		"out of order":  {ref: "account:C-100", requests: []open311sim.Request{older}, fault: open311sim.FaultError, reason: connectors.ReasonUnavailable},
		"a page":        {ref: "account:C-100", requests: []open311sim.Request{older}, fault: open311sim.FaultHTML, reason: connectors.ReasonMalformed},
		"not let in":    {ref: "account:C-100", requests: []open311sim.Request{older}, fault: open311sim.FaultDenied, reason: connectors.ReasonDenied},
		"other fields":  {ref: "account:C-100", requests: []open311sim.Request{older}, fault: open311sim.FaultDrift, reason: connectors.ReasonMalformed},
		"wrong charset": {ref: "account:C-100", requests: []open311sim.Request{ours("26-2", 0)}, fault: open311sim.FaultCharset, reason: connectors.ReasonMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed := town()
			seed.Requests, seed.Dialect = c.requests, c.dialect
			server, source := start(t, seed, func(s *open311.Settings) { s.DateStyle = "offset" })
			server.SetFault(c.fault)
			submit := pothole()
			if c.change != nil {
				c.change(&submit)
			}
			at := sent
			if !c.sent.IsZero() {
				at = c.sent
			}
			got, err := source.Learn.Learn(t.Context(), record.NewRef(c.ref), submit, at)
			reason := connectors.ReasonOK
			if c.reason != "" {
				reason = c.reason
			}
			if connectors.Reason(err) != reason || got.Outcome != c.outcome {
				t.Fatalf("%q %s, %v; want %q, %s", got.Outcome, got.Refusal, err, c.outcome, reason)
			}
			if (got.Outcome == done) != (len(got.Records) == 1 && got.Reference != "") || (got.Refusal == record.NotDone) != (c.outcome == not) {
				t.Errorf("%d records, reference %q, refusal %q", len(got.Records), got.Reference, got.Refusal)
			}
			if proved := got.Proof == record.ProofReread; proved != (c.outcome == done || c.outcome == not) {
				t.Errorf("proof %q", got.Proof)
			}
			if server.Submits() != 0 {
				t.Error("something was sent")
			}
		})
	}
}
