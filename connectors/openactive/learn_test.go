package openactive_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/openactive/openactivesim"
	"github.com/semenligne/sem/connectors/record"
)

// status answers every GET on an order in the server's place.
func status(code int, body string) func(string, int, *http.Request) (*http.Response, error) {
	return func(name string, _ int, req *http.Request) (*http.Response, error) {
		if name == "GET orders" {
			return answer(req, code, body), nil
		}
		return nil, nil
	}
}

// TestLearn asks about registrations and cancellations that happened, did not,
// or of which the server does not tell.
func TestLearn(t *testing.T) {
	t.Parallel()
	const done, not, unknown = record.OutcomeDone, record.OutcomeRefused, record.OutcomeUnknown
	ada := func(sim *openactivesim.Server) record.Register {
		return record.Register{Order: orderAda, Session: "http://" + sim.Addr() + "/series/9/sessions/132", Email: email}
	}
	register := func(change func(*record.Register)) func(*openactivesim.Server) record.Action {
		return func(sim *openactivesim.Server) record.Action {
			a := ada(sim)
			if change != nil {
				change(&a)
			}
			return a
		}
	}
	cancel := func(uuid, n string) func(*openactivesim.Server) record.Action {
		return func(sim *openactivesim.Server) record.Action {
			return record.CancelRegistration{ID: uuid + "#http://" + sim.Addr() + "/booking/orders/" + uuid + "#/orderedItem/" + n}
		}
	}
	cancelled := func(sim *openactivesim.Server) error { return sim.CancelOrder(orderAda, "") }
	givenUp := func(sim *openactivesim.Server) error {
		_, err := open(t, sim).Do.Do(soon(t), record.NewRef(account), cancel(orderAda, "1")(sim))
		return err
	}
	unsent := register(func(a *record.Register) { a.Order = uuid1 })
	tests := map[string]struct {
		ref     string
		action  func(*openactivesim.Server) record.Action
		before  func(*openactivesim.Server) error
		hook    func(string, int, *http.Request) (*http.Response, error)
		outcome record.Outcome
		reason  string
		records int
	}{
		"registered":                    {ref: account, action: register(nil), outcome: done, records: 2},
		"registered, by email":          {ref: "email:" + email, action: register(nil), outcome: done, records: 2},
		"registered, by other orders":   {ref: "orders:" + orderBob, action: register(nil), outcome: done, records: 2},
		"registered, cancelled since":   {ref: account, action: register(nil), before: cancelled, outcome: done, records: 2},
		"registered, found in the feed": {ref: account, action: register(nil), before: cancelled, hook: status(405, ""), outcome: done, records: 2},
		"registered, in another host's words": {
			ref: account, action: register(func(a *record.Register) { a.Session = "https://ailleurs.exemple.test/series/9/sessions/132" }), outcome: done, records: 2,
		},
		"never sent":                           {ref: account, action: unsent, outcome: not},
		"no orders shown":                      {ref: account, action: unsent, hook: status(405, ""), outcome: unknown},
		"a 404 that may be the server's route": {ref: account, action: unsent, hook: status(404, "<html>"), outcome: unknown},
		"that UUID for another session": {
			ref: account, action: register(func(a *record.Register) { a.Session += "9" }), outcome: unknown,
		},
		"that UUID for somebody else": {
			ref: account, action: register(func(a *record.Register) { a.Email = "bob@exemple.test" }), outcome: unknown,
		},
		"another order than asked for": {
			ref: account, action: unsent, hook: status(200, `{"@type":"Order","identifier":"`+uuid2+`","orderedItem":[{"@type":"OrderItem"}]}`), reason: connectors.ReasonMalformed,
		},
		"half an order":     {ref: account, action: register(nil), hook: status(200, `{"@type":"Order","ident`), reason: connectors.ReasonMalformed},
		"an empty order":    {ref: account, action: register(nil), hook: status(200, `{"@type":"Order","identifier":"`+orderAda+`"}`), reason: connectors.ReasonMalformed},
		"out of service":    {ref: account, action: register(nil), hook: status(503, ""), reason: connectors.ReasonUnavailable},
		"not let in":        {ref: account, action: register(nil), hook: status(403, ""), reason: connectors.ReasonDenied},
		"an order of words": {ref: account, action: register(func(a *record.Register) { a.Order = "la mienne" }), reason: connectors.ReasonRefused},

		"cancelled":                            {ref: account, action: cancel(orderAda, "1"), before: cancelled, outcome: done, records: 1},
		"cancelled, by the feed":               {ref: account, action: cancel(orderAda, "1"), before: cancelled, hook: status(405, ""), outcome: done, records: 1},
		"not cancelled":                        {ref: account, action: cancel(orderAda, "1"), outcome: not, records: 1},
		"a waiting place, not cancelled":       {ref: account, action: cancel(orderAda, "2"), outcome: not, records: 1},
		"another place cancelled, by the feed": {ref: account, action: cancel(orderAda, "2"), before: givenUp, hook: status(405, ""), outcome: unknown, records: 1},
		"no such place":                        {ref: account, action: cancel(orderAda, "9"), outcome: unknown},
		"somebody else's place":                {ref: account, action: cancel(orderBob, "1"), outcome: unknown},
		"no such order":                        {ref: account, action: cancel(uuid1, "1"), outcome: unknown},
		"a status that nobody knows": {
			ref: account, action: cancel(orderAda, "1"), outcome: unknown, records: 1,
			hook: status(200, `{"@type":"Order","identifier":"`+orderAda+`","customer":{"@type":"Person","identifier":"`+account+`"},"orderedItem":[{"@type":"OrderItem","@id":"http://h/booking/orders/`+orderAda+`#/orderedItem/1","orderItemStatus":"https://x.test/Dreaming"}]}`),
		},
		"cancelled, out of service": {ref: account, action: cancel(orderAda, "1"), hook: status(503, ""), reason: connectors.ReasonUnavailable},
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSim(t, seed())
			if c.before != nil {
				if err := c.before(sim); err != nil {
					t.Fatal(err)
				}
			}
			changes := sim.Changes()
			src, p := tapped(t, sim, c.hook)
			got, err := src.Learn.Learn(soon(t), record.NewRef(c.ref), c.action(sim), time.Now())
			if connectors.Reason(err) != orOK(c.reason) || got.Outcome != c.outcome || len(got.Records) != c.records {
				t.Errorf("%q %s with %d records, %v; want %q with %d, %s", got.Outcome, got.Refusal, len(got.Records), err, c.outcome, c.records, orOK(c.reason))
			}
			if proved := got.Proof == record.ProofReread; proved != (c.outcome == done || c.outcome == not) || (got.Refusal == record.NotDone) != (c.outcome == not) {
				t.Errorf("proof %q, refusal %q", got.Proof, got.Refusal)
			}
			for _, r := range got.Records {
				if r.Owner != record.NewRef(c.ref) {
					t.Error("a record of another owner")
				}
			}
			if calls := strings.Join(p.order, ", "); strings.Contains(calls, "PUT") || strings.Contains(calls, "PATCH") || sim.Changes() != changes {
				t.Errorf("it changed something: %s", calls)
			}
		})
	}
}
