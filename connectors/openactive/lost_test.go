package openactive_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/openactive"
	"github.com/semenligne/sem/connectors/openactive/openactivesim"
	"github.com/semenligne/sem/connectors/record"
)

// What happens to B, and what the receipt must then say. The simulator tells
// how many orders there really are.
func TestLostReplyAtB(t *testing.T) {
	t.Parallel()
	type hook = func(p *tap, name string, n int, req *http.Request) (*http.Response, error)
	through := func(p *tap, req *http.Request) error { // the server acts, the reply is lost
		resp, err := p.next.RoundTrip(req)
		if err != nil {
			return err
		}
		return errors.Join(resp.Body.Close(), errLost)
	}
	booked := []string{"PUT order-quotes", "PUT orders", "GET orders"}
	tests := map[string]struct {
		hook    hook
		outcome record.Outcome
		refusal string
		reason  string
		proof   record.Proof
		orders  int
		calls   []string
	}{
		"booked, reply lost": {
			hook: func(p *tap, name string, _ int, req *http.Request) (*http.Response, error) {
				if name == "PUT orders" {
					return nil, through(p, req)
				}
				return nil, nil
			},
			outcome: record.OutcomeDone, proof: record.ProofReread, orders: 1, calls: booked,
		},
		"request lost: sent again under the same UUID": {
			hook: func(p *tap, name string, n int, req *http.Request) (*http.Response, error) {
				if name == "PUT orders" && n == 1 {
					return nil, sentThenLost(req)
				}
				return nil, nil
			},
			outcome: record.OutcomeDone, proof: record.ProofReply, orders: 1, calls: append(booked[:3:3], "PUT orders"),
		},
		"request lost, second reply lost too": {
			hook: func(p *tap, name string, n int, req *http.Request) (*http.Response, error) {
				switch {
				case name == "PUT orders" && n == 1:
					return nil, sentThenLost(req)
				case name == "PUT orders":
					return nil, through(p, req)
				}
				return nil, nil
			},
			outcome: record.OutcomeDone, proof: record.ProofReread, orders: 1, calls: append(booked[:3:3], "PUT orders", "GET orders"),
		},
		"everything lost": {
			hook: func(p *tap, name string, n int, req *http.Request) (*http.Response, error) {
				if name == "PUT orders" {
					return nil, sentThenLost(req)
				}
				return nil, nil
			},
			outcome: record.OutcomeUnknown, reason: connectors.ReasonOutcomeUnknown, calls: append(booked[:3:3], "PUT orders", "GET orders"),
		},
		"booked, reply lost, and the order cannot be read: never sent again": {
			hook: func(p *tap, name string, n int, req *http.Request) (*http.Response, error) {
				switch name {
				case "PUT orders":
					return nil, through(p, req)
				case "GET orders":
					return answer(req, 503, ""), nil
				}
				return nil, nil
			},
			outcome: record.OutcomeUnknown, reason: connectors.ReasonOutcomeUnknown, orders: 1, calls: booked,
		},
		"booked, reply lost, and the server shows no orders": {
			hook: func(p *tap, name string, n int, req *http.Request) (*http.Response, error) {
				switch name {
				case "PUT orders":
					return nil, through(p, req)
				case "GET orders":
					return answer(req, 405, ""), nil
				}
				return nil, nil
			},
			outcome: record.OutcomeUnknown, reason: connectors.ReasonOutcomeUnknown, orders: 1, calls: append(booked[:3:3], "PUT orders", "GET orders"),
		},
		"reply lost once, and the server shows no orders: the same UUID again is one order": {
			hook: func(p *tap, name string, n int, req *http.Request) (*http.Response, error) {
				switch {
				case name == "PUT orders" && n == 1:
					return nil, through(p, req)
				case name == "GET orders":
					return answer(req, 405, ""), nil
				}
				return nil, nil
			},
			outcome: record.OutcomeDone, proof: record.ProofReply, orders: 1, calls: append(booked[:3:3], "PUT orders"),
		},
		"reply lost, the server shows no orders, and says no to the second: nobody knows": {
			hook: func(p *tap, name string, n int, req *http.Request) (*http.Response, error) {
				switch {
				case name == "PUT orders" && n == 1:
					return nil, through(p, req)
				case name == "PUT orders":
					return oops(req, 409, "OpportunityIsFullError"), nil
				case name == "GET orders":
					return answer(req, 501, ""), nil
				}
				return nil, nil
			},
			outcome: record.OutcomeUnknown, reason: connectors.ReasonOutcomeUnknown, orders: 1, calls: append(booked[:3:3], "PUT orders", "GET orders"),
		},
		"booked, and the reply is another person's": {
			hook: func(p *tap, name string, n int, req *http.Request) (*http.Response, error) {
				if name == "PUT orders" {
					_ = through(p, req)
					return answer(req, 201, `{"@type":"Order","@id":"`+orderID(uuid2)+`","orderedItem":[{"position":0,"orderedItem":"https://loisirs.exemple.test/series/10/sessions/140",`+
						`"acceptedOffer":"https://loisirs.exemple.test/series/10#/offers/u"}]}`), nil
				}
				return nil, nil
			},
			outcome: record.OutcomeDone, proof: record.ProofReread, orders: 1, calls: booked,
		},
		"booked, and the reply is garbled": {
			hook: func(p *tap, name string, n int, req *http.Request) (*http.Response, error) {
				if name == "PUT orders" {
					_ = through(p, req)
					return answer(req, 201, "\xFF\xFE{}"), nil
				}
				return nil, nil
			},
			outcome: record.OutcomeDone, proof: record.ProofReread, orders: 1, calls: booked,
		},
		"500, and it was booked": {
			hook: func(p *tap, name string, n int, req *http.Request) (*http.Response, error) {
				if name == "PUT orders" {
					_ = through(p, req)
					return oops(req, 500, "OrderCreationFailedError"), nil
				}
				return nil, nil
			},
			outcome: record.OutcomeDone, proof: record.ProofReread, orders: 1, calls: booked,
		},
		"500, and it was not booked": {
			hook: func(p *tap, name string, n int, req *http.Request) (*http.Response, error) {
				if name == "PUT orders" {
					return oops(req, 500, "OrderCreationFailedError"), nil
				}
				return nil, nil
			},
			reason: connectors.ReasonUnavailable, calls: append(booked[:3:3], "DELETE order-quotes"),
		},
		"503 for now": {
			hook: func(p *tap, name string, n int, req *http.Request) (*http.Response, error) {
				if name == "PUT orders" {
					return oops(req, 503, "TemporarilyUnableToCreateOrderError"), nil
				}
				return nil, nil
			},
			reason: connectors.ReasonUnavailable, calls: append(booked[:3:3], "DELETE order-quotes"),
		},
		"nobody there": {
			hook: func(p *tap, name string, n int, req *http.Request) (*http.Response, error) {
				if name == "PUT orders" {
					return nil, errLost // no connection was had
				}
				return nil, nil
			},
			reason: connectors.ReasonUnavailable, calls: []string{"PUT order-quotes", "PUT orders", "DELETE order-quotes"},
		},
		"no longer let in": {
			hook: func(p *tap, name string, n int, req *http.Request) (*http.Response, error) {
				if name == "PUT orders" {
					return oops(req, 401, "InvalidAPITokenError"), nil
				}
				return nil, nil
			},
			reason: connectors.ReasonDenied, calls: []string{"PUT order-quotes", "PUT orders", "DELETE order-quotes"},
		},
		"the quote is lost": {
			hook: func(p *tap, name string, n int, req *http.Request) (*http.Response, error) {
				if name == "PUT order-quotes" {
					return nil, through(p, req)
				}
				return nil, nil
			},
			reason: connectors.ReasonUnavailable, calls: []string{"PUT order-quotes", "DELETE order-quotes"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSim(t, seed())
			var p *tap
			src, p := tapped(t, sim, func(name string, n int, req *http.Request) (*http.Response, error) {
				return test.hook(p, name, n, req)
			}, func(s *openactive.Settings) { s.Quote = openactive.QuoteSkip })
			receipt, err := src.Do.Do(soon(t), cleo(), yoga(sim))
			if connectors.Reason(err) != orOK(test.reason) {
				t.Fatalf("%+v, %v", receipt, err)
			}
			if receipt.Outcome != test.outcome || receipt.Refusal != test.refusal || receipt.Proof != test.proof {
				t.Errorf("%+v", receipt)
			}
			if test.outcome == record.OutcomeUnknown && receipt.Reference != uuid1 {
				t.Error("unknown, and no UUID to ask for later")
			}
			if got := sim.Orders() - 2; got != test.orders || sim.SeatsTaken("140") != test.orders {
				t.Errorf("%d orders, %d seats", got, sim.SeatsTaken("140"))
			}
			if diff := cmp.Diff(test.calls, p.order); diff != "" {
				t.Error(diff)
			}
			for i, call := range p.order {
				if call == "PUT orders" && p.bodies[i] != p.bodies[1] {
					t.Error("sent again with another body")
				}
			}
		})
	}
}

func TestSimulatorLosesReplies(t *testing.T) {
	t.Parallel()
	sim := startSim(t, seed())
	src := open(t, sim)
	sim.SetFault(openactivesim.FaultLost)
	receipt, err := src.Do.Do(soon(t), cleo(), yoga(sim))
	if err != nil || receipt.Outcome != record.OutcomeDone || receipt.Proof != record.ProofReread || sim.Orders() != 3 {
		t.Fatalf("%+v, %v, %d orders", receipt, err, sim.Orders())
	}
	id := receipt.Records[0].Body.(record.Registration).ID
	gone, err := src.Do.Do(soon(t), cleo(), record.CancelRegistration{ID: id})
	if err != nil || gone.Outcome != record.OutcomeDone || gone.Proof != record.ProofReread || sim.SeatsTaken("140") != 0 {
		t.Errorf("%+v, %v", gone, err)
	}
}

// The connector waits for B no longer than half of the time left.
func TestHangingBLeavesTimeToLook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		order := `{"@type":"Order","@id":"` + orderID(uuid1) + `","orderedItem":[{"@id":"i1","position":0,"orderItemStatus":"https://openactive.io/OrderItemConfirmed",` +
			`"orderedItem":"https://loisirs.exemple.test/s/1","acceptedOffer":"https://x.exemple.test/o"}]}`
		quote := `{"@type":"OrderQuote","orderedItem":[{"position":0,"orderedItem":"https://loisirs.exemple.test/s/1","acceptedOffer":"https://x.exemple.test/o"}],"totalPaymentDue":{"price":0}}`
		began, waited := time.Now(), time.Duration(0)
		s := &script{answers: map[string]string{
			"/api/order-quote-templates/" + uuid1: quote, "/api/order-quotes/" + uuid1: quote, "/api/orders/" + uuid1: order,
		}}
		src := hanging(t, s, func(ctx context.Context) {
			<-ctx.Done()
			waited = time.Since(began)
		})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		receipt, err := src.Do.Do(ctx, record.NewRef("F-1"), record.Register{Session: "https://loisirs.exemple.test/s/1", Offer: "https://x.exemple.test/o", Order: uuid1})
		if err != nil || receipt.Outcome != record.OutcomeDone || receipt.Proof != record.ProofReread {
			t.Errorf("%+v, %v", receipt, err)
		}
		if waited != 5*time.Second {
			t.Errorf("waited %v of 10 s", waited)
		}
	})
}

func TestCancelledWhileBooking(t *testing.T) {
	t.Parallel()
	quote := `{"@type":"OrderQuote","orderedItem":[{"position":0,"orderedItem":"https://loisirs.exemple.test/s/1","acceptedOffer":"https://x.exemple.test/o"}],"totalPaymentDue":{"price":0}}`
	s := &script{answers: map[string]string{"/api/order-quote-templates/" + uuid1: quote, "/api/order-quotes/" + uuid1: quote}}
	ctx, cancel := context.WithCancel(t.Context())
	src := hanging(t, s, func(ctx context.Context) {
		cancel()
		<-ctx.Done()
	})
	receipt, err := src.Do.Do(ctx, record.NewRef("F-1"), record.Register{Session: "https://loisirs.exemple.test/s/1", Offer: "https://x.exemple.test/o", Order: uuid1})
	if !errors.Is(err, connectors.ErrOutcomeUnknown) || receipt.Outcome != record.OutcomeUnknown {
		t.Errorf("%+v, %v", receipt, err)
	}
}
