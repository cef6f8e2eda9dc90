package openactive_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/openactive"
	"github.com/semenligne/sem/connectors/openactive/openactivesim"
	"github.com/semenligne/sem/connectors/record"
)

func TestCancel(t *testing.T) {
	t.Parallel()
	item := func(sim *openactivesim.Server, uuid, n string) string {
		return "http://" + sim.Addr() + "/booking/orders/" + uuid + "#/orderedItem/" + n
	}
	adas := func(sim *openactivesim.Server) string { return orderAda + "#" + item(sim, orderAda, "1") }
	all := []string{"GET orders", "PATCH orders", "GET orders"}
	tests := map[string]struct {
		ref     string
		id      func(*openactivesim.Server) string
		before  func(*openactivesim.Server) error
		hook    func(p *tap, name string, n int, req *http.Request) (*http.Response, error)
		outcome record.Outcome
		proof   record.Proof
		refusal string
		reason  string
		calls   []string
		seats   int // left in session 132, of one
	}{
		"by account":   {ref: account, id: adas, outcome: record.OutcomeDone, proof: record.ProofReply, calls: all},
		"by email":     {ref: "email:" + email, id: adas, outcome: record.OutcomeDone, proof: record.ProofReply, calls: all},
		"by order":     {ref: "orders:" + orderAda, id: adas, outcome: record.OutcomeDone, proof: record.ProofReply, calls: all},
		"by bare @id":  {ref: account, id: func(s *openactivesim.Server) string { return item(s, orderAda, "1") }, outcome: record.OutcomeDone, proof: record.ProofReply, calls: all},
		"another host": {ref: account, id: func(s *openactivesim.Server) string { return strings.Replace(adas(s), s.Addr(), "127.0.0.1:1", 1) }, outcome: record.OutcomeDone, proof: record.ProofReply, calls: all},
		"another's order, by account": {
			ref: "account:F-2002", id: adas, reason: connectors.ReasonNotFound, calls: []string{"GET orders"}, seats: 1,
		},
		"another's order, by UUID": {
			ref: "orders:" + orderBob, id: adas, reason: connectors.ReasonNotFound, seats: 1,
		},
		"no such item": {
			ref: account, id: func(s *openactivesim.Server) string { return adas(s) + "9" }, reason: connectors.ReasonNotFound, calls: []string{"GET orders"}, seats: 1,
		},
		"no order in the id": {
			ref: account, id: func(*openactivesim.Server) string { return "12" }, reason: connectors.ReasonRefused, seats: 1,
		},
		"no item in the id": {
			ref: account, id: func(*openactivesim.Server) string { return orderAda }, reason: connectors.ReasonRefused, seats: 1,
		},
		"already cancelled": {
			ref: account, id: adas, before: func(s *openactivesim.Server) error { return s.CancelOrder(orderAda, "") },
			outcome: record.OutcomeDone, proof: record.ProofReread, calls: []string{"GET orders"},
		},
		"not permitted": {
			ref: account, id: adas, hook: func(_ *tap, name string, _ int, req *http.Request) (*http.Response, error) {
				if name == "PATCH orders" {
					return oops(req, 400, "CancellationNotPermittedError"), nil
				}
				return nil, nil
			},
			outcome: record.OutcomeRefused, proof: record.ProofReply, refusal: "cancellation_not_permitted", calls: []string{"GET orders", "PATCH orders"}, seats: 1,
		},
		"done, reply lost": {
			ref: account, id: adas, hook: func(p *tap, name string, _ int, req *http.Request) (*http.Response, error) {
				if name != "PATCH orders" {
					return nil, nil
				}
				resp, err := p.next.RoundTrip(req)
				if err != nil {
					return nil, err
				}
				return nil, errors.Join(resp.Body.Close(), errLost)
			},
			outcome: record.OutcomeDone, proof: record.ProofReread, calls: all,
		},
		"done, reply lost, and the server shows no single orders: its feed does": {
			ref: account, id: adas, hook: func(p *tap, name string, _ int, req *http.Request) (*http.Response, error) {
				switch name {
				case "GET orders":
					return answer(req, 405, ""), nil
				case "PATCH orders":
					resp, err := p.next.RoundTrip(req)
					if err != nil {
						return nil, err
					}
					return nil, errors.Join(resp.Body.Close(), errLost)
				}
				return nil, nil
			},
			outcome: record.OutcomeDone, proof: record.ProofReread,
			calls: []string{"GET orders", "GET orders-rpde", "GET orders-rpde", "PATCH orders", "GET orders", "GET orders-rpde", "GET orders-rpde"},
		},
		"a yes, and the place still stands": {
			ref: account, id: adas, hook: func(_ *tap, name string, _ int, req *http.Request) (*http.Response, error) {
				if name == "PATCH orders" {
					return answer(req, 204, ""), nil
				}
				return nil, nil
			},
			outcome: record.OutcomeUnknown, reason: connectors.ReasonOutcomeUnknown, calls: all, seats: 1,
		},
		"lost on the way: never sent again": {
			ref: account, id: adas, hook: func(_ *tap, name string, _ int, req *http.Request) (*http.Response, error) {
				if name == "PATCH orders" {
					return nil, sentThenLost(req)
				}
				return nil, nil
			},
			outcome: record.OutcomeUnknown, reason: connectors.ReasonOutcomeUnknown, calls: all, seats: 1,
		},
		"500, and nothing changed": {
			ref: account, id: adas, hook: func(_ *tap, name string, _ int, req *http.Request) (*http.Response, error) {
				if name == "PATCH orders" {
					return answer(req, 500, ""), nil
				}
				return nil, nil
			},
			reason: connectors.ReasonUnavailable, calls: all, seats: 1,
		},
		"an order that does not say whose it is: the feed does": {
			ref: account, id: adas, hook: func(_ *tap, name string, n int, req *http.Request) (*http.Response, error) {
				if name == "GET orders" && n == 1 {
					return answer(req, 200, `{"@type":"Order","@id":"`+orderID(orderAda)+`","orderedItem":[{"@id":"x"}]}`), nil
				}
				return nil, nil
			},
			outcome: record.OutcomeDone, proof: record.ProofReply, calls: append([]string{"GET orders", "GET orders-rpde", "GET orders-rpde"}, all[1:]...),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSim(t, seed())
			if test.before != nil {
				if err := test.before(sim); err != nil {
					t.Fatal(err)
				}
			}
			var p *tap
			src, p := tapped(t, sim, func(name string, n int, req *http.Request) (*http.Response, error) {
				if test.hook == nil {
					return nil, nil
				}
				return test.hook(p, name, n, req)
			}, func(s *openactive.Settings) { s.Feeds = nil })
			receipt, err := src.Do.Do(soon(t), record.NewRef(test.ref), record.CancelRegistration{ID: test.id(sim)})
			if connectors.Reason(err) != orOK(test.reason) {
				t.Fatalf("%+v, %v", receipt, err)
			}
			if receipt.Outcome != test.outcome || receipt.Refusal != test.refusal || receipt.Proof != test.proof {
				t.Errorf("%+v", receipt)
			}
			if diff := cmp.Diff(test.calls, p.order); diff != "" {
				t.Error(diff)
			}
			if sim.SeatsTaken("132") != test.seats {
				t.Errorf("%d seats taken", sim.SeatsTaken("132"))
			}
		})
	}
}

func TestOtherActionsAreRefused(t *testing.T) {
	t.Parallel()
	sim := startSim(t, seed())
	src, p := tapped(t, sim, nil)
	if _, err := src.Do.Do(soon(t), cleo(), record.RenewAll{}); connectors.Reason(err) != connectors.ReasonRefused || len(p.order) != 0 {
		t.Errorf("%v, calls %s", err, p.order)
	}
}

func TestWrongKeyIsDenied(t *testing.T) {
	t.Parallel()
	sim := startSim(t, seed())
	for name, change := range map[string]func(*openactive.Settings){
		"wrong": func(s *openactive.Settings) { s.APIKey = connectors.NewSecret("fausse") },
		"none":  func(s *openactive.Settings) { s.APIKey = connectors.Secret{} },
	} {
		src := open(t, sim, change)
		_, errFind := src.Find.Find(soon(t), record.NewRef(account))
		_, errDo := src.Do.Do(soon(t), cleo(), yoga(sim))
		for _, err := range []error{src.Check(soon(t)), errFind, errDo} {
			if connectors.Reason(err) != connectors.ReasonDenied {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// The key is the booking server's; feeds on another host never see it.
func TestKeyStaysHome(t *testing.T) {
	t.Parallel()
	sim := startSim(t, seed())
	elsewhere := startSim(t, seed())
	src, p := tapped(t, sim, nil, func(s *openactive.Settings) { s.Feeds = []string{"http://" + elsewhere.Addr() + "/rpde/sessions"} })
	p.hook = func(_ string, _ int, req *http.Request) (*http.Response, error) {
		if has := req.Header.Get("Authorization") != ""; has != (req.URL.Host == sim.Addr()) {
			t.Errorf("%s: key sent %v", req.URL.Host, has)
		}
		return nil, nil
	}
	if err := src.Check(soon(t)); err != nil {
		t.Error(err)
	}
}
