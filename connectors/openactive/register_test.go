package openactive_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/openactive"
	"github.com/semenligne/sem/connectors/openactive/openactivesim"
	"github.com/semenligne/sem/connectors/record"
)

// yoga asks for the one place of a free session.
func yoga(sim *openactivesim.Server) record.Register {
	return record.Register{
		Session: "http://" + sim.Addr() + "/series/10/sessions/140", Order: uuid1,
		Email: "cleo@exemple.test", GivenName: "Cléo", FamilyName: "Tran", AttendeeGivenName: "Cléo",
	}
}

func cleo() record.Ref { return record.NewRef("account:F-3003") }

func TestRegisterAndCancel(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*openactive.Settings)
		calls  []string
	}{
		"as usual": {nil, []string{"PUT order-quote-templates", "PUT order-quotes", "PUT orders"}},
		"without the anonymous quote": {
			func(s *openactive.Settings) { s.Quote = openactive.QuoteSkip }, []string{"PUT order-quotes", "PUT orders"},
		},
		"references as objects, with a broker": {
			func(s *openactive.Settings) {
				s.References, s.BrokerRole, s.BrokerName = openactive.ReferenceObject, "AgentBroker", "Ville inventée"
			}, []string{"PUT order-quote-templates", "PUT order-quotes", "PUT orders"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSim(t, seed())
			var change []func(*openactive.Settings)
			if test.change != nil {
				change = append(change, test.change)
			}
			src, p := tapped(t, sim, nil, change...)
			receipt, err := src.Do.Do(soon(t), cleo(), yoga(sim))
			if err != nil || receipt.Outcome != record.OutcomeDone || receipt.Proof != record.ProofReply || receipt.Reference != uuid1 {
				t.Fatalf("%+v, %v", receipt, err)
			}
			if diff := cmp.Diff(test.calls, p.order); diff != "" {
				t.Error(diff)
			}
			if sim.SeatsTaken("140") != 1 || sim.Leases() != 0 {
				t.Errorf("seats %d, leases %d", sim.SeatsTaken("140"), sim.Leases())
			}
			place := registrations(t, src, cleo().Reveal())
			if len(place) != 1 || place[0].Name != "Yoga doux" || place[0].Person != "Cléo" || place[0].Order != uuid1 {
				t.Fatalf("%+v", place)
			}
			gone, err := src.Do.Do(soon(t), cleo(), record.CancelRegistration{ID: place[0].ID})
			if err != nil || gone.Outcome != record.OutcomeDone || sim.SeatsTaken("140") != 0 || len(gone.Records) != 1 {
				t.Fatalf("cancel: %+v, %v, seats %d", gone, err, sim.SeatsTaken("140"))
			}
			if got := gone.Records[0].Body.(record.Registration).Status; got != record.RegistrationCancelled {
				t.Errorf("read back: %s", got)
			}
		})
	}
}

func TestRegisterDrawsItsOwnUUID(t *testing.T) {
	t.Parallel()
	sim := startSim(t, seed())
	src := open(t, sim)
	a := yoga(sim)
	a.Order = ""
	receipt, err := src.Do.Do(soon(t), cleo(), a)
	if err != nil || receipt.Outcome != record.OutcomeDone || len(receipt.Reference) != 36 || receipt.Reference[14] != '4' {
		t.Errorf("%+v, %v", receipt, err)
	}
}

func TestRegisterTwiceUnderOneUUIDIsOneOrder(t *testing.T) {
	t.Parallel()
	seed := seed()
	seed.Sessions[2].Capacity = 5
	sim := startSim(t, seed)
	src := open(t, sim)
	for range 2 {
		receipt, err := src.Do.Do(soon(t), cleo(), yoga(sim))
		if err != nil || receipt.Outcome != record.OutcomeDone {
			t.Fatalf("%+v, %v", receipt, err)
		}
	}
	other := yoga(sim)
	other.Email = "dan@exemple.test"
	receipt, err := src.Do.Do(soon(t), record.NewRef("account:F-4004"), other)
	if err != nil || receipt.Refusal != "order_exists" {
		t.Errorf("another person under the same UUID: %+v, %v", receipt, err)
	}
	if sim.Orders() != 3 || sim.SeatsTaken("140") != 1 {
		t.Errorf("orders %d, seats %d", sim.Orders(), sim.SeatsTaken("140"))
	}
}

func TestRaceForTheLastSeat(t *testing.T) {
	t.Parallel()
	sim := startSim(t, seed())
	src := open(t, sim)
	var wg sync.WaitGroup
	results := make(chan record.Receipt, 8)
	for range cap(results) {
		wg.Go(func() {
			a := yoga(sim)
			a.Order = ""
			receipt, err := src.Do.Do(soon(t), cleo(), a)
			if err != nil {
				t.Error(err)
			}
			results <- receipt
		})
	}
	wg.Wait()
	close(results)
	done := 0
	for r := range results {
		switch {
		case r.Outcome == record.OutcomeDone:
			done++
		case r.Refusal != "activity_full" && r.Refusal != "seats_reserved":
			t.Errorf("%+v", r)
		}
	}
	if done != 1 || done != sim.SeatsTaken("140") || sim.Leases() != 0 {
		t.Errorf("%d done, %d seats, %d leases", done, sim.SeatsTaken("140"), sim.Leases())
	}
}

func TestRegisterOnFullSessionWithWaitingList(t *testing.T) {
	t.Parallel()
	sim := startSim(t, seed())
	src := open(t, sim)
	a := yoga(sim)
	a.Session, a.Offer = "http://"+sim.Addr()+"/series/9/sessions/133", "http://"+sim.Addr()+"/series/9#/offers/res"
	receipt, err := src.Do.Do(soon(t), cleo(), a)
	if err != nil || receipt.Outcome != record.OutcomeDone {
		t.Fatalf("%+v, %v", receipt, err)
	}
	got := receipt.Records[0].Body.(record.Registration)
	if got.Status != record.RegistrationWaiting || got.Rank == nil || *got.Rank != 2 {
		t.Errorf("%+v", got)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	pool := func(s *openactivesim.Server) string { return "http://" + s.Addr() + "/series/9/sessions/132" }
	tests := map[string]struct {
		seed    func(*openactivesim.Seed)
		action  func(*openactivesim.Server, *record.Register)
		hook    func(name string, n int, req *http.Request) (*http.Response, error)
		refusal string
		records int
		calls   []string // nil: not looked at
	}{
		"unknown session": {
			action:  func(_ *openactivesim.Server, a *record.Register) { a.Session += "0" },
			refusal: "unknown_activity", calls: []string{},
		},
		"unknown offer": {
			action:  func(_ *openactivesim.Server, a *record.Register) { a.Offer = "https://x.exemple.test/o" },
			refusal: "unknown_offer", records: 1, calls: []string{},
		},
		"two offers and no choice": {
			action:  func(s *openactivesim.Server, a *record.Register) { a.Session = pool(s) },
			refusal: "offer_ambiguous", records: 1, calls: []string{},
		},
		"an offer with a step that we do not speak": {
			action:  func(s *openactivesim.Server, a *record.Register) { a.Session = "http://" + s.Addr() + "/courses/20" },
			refusal: "not_bookable", records: 1, calls: []string{},
		},
		"cancelled session": {
			seed:    func(s *openactivesim.Seed) { s.Sessions[2].Status = "EventCancelled" },
			refusal: "not_bookable", records: 1, calls: []string{},
		},
		"full": {
			seed:    func(s *openactivesim.Seed) { s.Sessions[2].Capacity = 0 },
			refusal: "activity_full", calls: []string{"PUT order-quote-templates", "DELETE order-quotes"},
		},
		"attendee wanted": {
			seed:    func(s *openactivesim.Seed) { s.Sessions[2].AttendeeNames = true },
			action:  func(_ *openactivesim.Server, a *record.Register) { a.AttendeeGivenName = "" },
			refusal: "details_missing",
		},
		"attendee given": {
			seed: func(s *openactivesim.Seed) { s.Sessions[2].AttendeeNames = true },
		},
		"email wanted": {
			action:  func(_ *openactivesim.Server, a *record.Register) { a.Email = "" },
			refusal: "details_missing",
		},
		"prepayment": {
			seed: func(s *openactivesim.Seed) {
				s.Series[1].Offers[0].Cents, s.Series[1].Offers[0].Prepayment = 500, "Required"
			},
			refusal: "payment_required", records: 1, calls: []string{"PUT order-quote-templates", "PUT order-quotes", "DELETE order-quotes"},
		},
		"prepayment optional": {
			seed: func(s *openactivesim.Seed) {
				s.Series[1].Offers[0].Cents, s.Series[1].Offers[0].Prepayment = 550, "Optional"
			},
		},
		"prepayment found out at B": {
			hook: func(name string, _ int, req *http.Request) (*http.Response, error) {
				if name == "PUT orders" {
					return oops(req, 400, "MissingPaymentDetailsError"), nil
				}
				return nil, nil
			},
			refusal: "payment_required", records: 1,
		},
		"price changed at B": {
			hook: func(name string, _ int, req *http.Request) (*http.Response, error) {
				if name == "PUT orders" {
					return oops(req, 400, "TotalPaymentDueMismatchError"), nil
				}
				return nil, nil
			},
			refusal: "price_changed",
		},
		"B says only that it cannot; the quote says why": {
			hook: func(name string, n int, req *http.Request) (*http.Response, error) {
				switch {
				case name == "PUT orders":
					return oops(req, 409, "UnableToProcessOrderItemError"), nil
				case name == "PUT order-quotes" && n == 2:
					return answer(req, 409, `{"@type":"OrderQuote","orderedItem":[{"position":0,"error":[{"@type":"OpportunityIsInConflictError"}]}]}`), nil
				}
				return nil, nil
			},
			refusal: "conflict",
		},
		"an error that we have no word for": {
			hook: func(name string, _ int, req *http.Request) (*http.Response, error) {
				if name == "PUT order-quotes" {
					return oops(req, 400, "SomethingNewError"), nil
				}
				return nil, nil
			},
			refusal: "refused_by_source",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed := seed()
			if test.seed != nil {
				test.seed(&seed)
			}
			sim := startSim(t, seed)
			src, p := tapped(t, sim, test.hook)
			a := yoga(sim)
			if test.action != nil {
				test.action(sim, &a)
			}
			receipt, err := src.Do.Do(soon(t), cleo(), a)
			if err != nil || receipt.Refusal != test.refusal || (receipt.Outcome == record.OutcomeDone) != (test.refusal == "") {
				t.Fatalf("%+v, %v", receipt, err)
			}
			if test.refusal != "" && (len(receipt.Records) != test.records || sim.Orders() != 2) {
				t.Errorf("%d records, %d orders", len(receipt.Records), sim.Orders())
			}
			if test.calls != nil && !cmp.Equal(test.calls, append([]string{}, p.order...)) {
				t.Errorf("calls: %s", p.order)
			}
			if sim.Leases() != 0 {
				t.Error("a lease stayed behind")
			}
		})
	}
}

// Quotes that no honest yes may follow.
func TestQuotesThatAreNoYes(t *testing.T) {
	t.Parallel()
	base := `{"@type":"OrderQuote","orderedItem":[{"position":0,"orderedItem":"SESSION","acceptedOffer":{"@type":"Offer","@id":"OFFER","price":0}MORE}],"totalPaymentDue":{"price":0}}`
	tests := map[string]struct{ from, to, refusal, reason string }{
		"as it should be":         {"MORE", "", "", connectors.ReasonOK},
		"approval":                {`{"@type":"OrderQuote",`, `{"@type":"OrderQuote","orderRequiresApproval":true,`, "approval_required", connectors.ReasonOK},
		"a telephone number":      {"MORE", `,"attendeeDetailsRequired":["https://schema.org/telephone"]`, "details_missing", connectors.ReasonOK},
		"a form":                  {"MORE", `,"orderItemIntakeForm":[{"@type":"BooleanFormFieldSpecification","valueRequired":true}]`, "details_missing", connectors.ReasonOK},
		"another price":           {`"price":0}MORE`, `"price":12.50}`, "price_changed", connectors.ReasonOK},
		"another session":         {"SESSION", "https://x.exemple.test/s/other", "", connectors.ReasonMalformed},
		"another offer":           {"OFFER", "https://x.exemple.test/o/other", "", connectors.ReasonMalformed},
		"another position":        {`"position":0`, `"position":1`, "", connectors.ReasonMalformed},
		"a total that is no sum":  {`"totalPaymentDue":{"price":0}`, `"totalPaymentDue":{"price":"gratuit"}`, "", connectors.ReasonMalformed},
		"a total with a fraction": {`"totalPaymentDue":{"price":0}`, `"totalPaymentDue":{"price":0.001}`, "", connectors.ReasonMalformed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSim(t, seed())
			body := strings.Replace(base, test.from, test.to, 1)
			body = strings.NewReplacer("MORE", "", "SESSION", yoga(sim).Session, "OFFER", "http://"+sim.Addr()+"/series/10#/offers/u").Replace(body)
			src, p := tapped(t, sim, func(name string, _ int, req *http.Request) (*http.Response, error) {
				if name == "PUT order-quotes" {
					return answer(req, 200, body), nil
				}
				return nil, nil
			})
			receipt, err := src.Do.Do(soon(t), cleo(), yoga(sim))
			if connectors.Reason(err) != test.reason || receipt.Refusal != test.refusal {
				t.Fatalf("%+v, %v", receipt, err)
			}
			no := test.reason != connectors.ReasonOK || test.refusal != ""
			if no != (p.count("PUT orders") == 0) || no != (p.count("DELETE order-quotes") == 1) {
				t.Errorf("calls: %s", p.order)
			}
		})
	}
}
