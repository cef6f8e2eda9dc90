package openactive_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/openactive/openactivesim"
	"github.com/semenligne/sem/connectors/record"
)

// TestHoldSeat keeps the one place of a session: nobody else gets it until it is
// given back, and who keeps it can take it.
func TestHoldSeat(t *testing.T) {
	t.Parallel()
	town := seed()
	now := time.Now().UTC().Truncate(time.Second)
	town.Now = func() time.Time { return now }
	town.Terms = []openactivesim.Terms{
		{Name: "Conditions", URL: "https://loisirs.exemple.test/conditions", Consent: true},
		{Name: "Sans adresse"},
	}
	sim := startSim(t, town)
	src := open(t, sim)
	act := func(who record.Ref, a record.Action) record.Receipt {
		t.Helper()
		r, err := src.Do.Do(soon(t), who, a)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	other := yoga(sim)
	other.Order, other.Email = uuid2, "dan@exemple.test"
	dan := record.NewRef("account:F-4004")

	held := act(cleo(), record.HoldSeat{Register: yoga(sim)})
	free := record.Cents(0)
	want := &record.Quote{
		Total: &free, Currency: "CAD", HeldUntil: now.Add(15 * time.Minute),
		Terms: []record.Terms{{Name: "Conditions", URL: "https://loisirs.exemple.test/conditions", Consent: true}},
	}
	if diff := cmp.Diff(want, held.Quote); diff != "" || held.Outcome != record.OutcomeDone || held.Reference != uuid1 || held.Link != "" {
		t.Errorf("held: %s for %s, quote (-want +got):\n%s", held.Outcome, held.Reference, diff)
	}
	if r := act(dan, record.HoldSeat{Register: other}); r.Refusal != "seats_reserved" || r.Quote != nil || sim.Leases() != 1 || sim.SeatsTaken("140") != 0 {
		t.Errorf("a second person: %s, leases %d, seats %d", r.Refusal, sim.Leases(), sim.SeatsTaken("140"))
	}
	for range 2 {
		if r := act(cleo(), record.ReleaseSeat{Order: uuid1}); r.Outcome != record.OutcomeDone || sim.Leases() != 0 {
			t.Errorf("given back: %s, leases %d", r.Outcome, sim.Leases())
		}
	}
	if r := act(dan, record.HoldSeat{Register: other}); r.Quote == nil || sim.Leases() != 1 {
		t.Errorf("the second person afterwards: %s", r.Refusal)
	}
	if r := act(dan, other); r.Outcome != record.OutcomeDone || r.Reference != uuid2 || sim.SeatsTaken("140") != 1 || sim.Leases() != 0 {
		t.Errorf("taken: %s %s, seats %d, leases %d", r.Outcome, r.Refusal, sim.SeatsTaken("140"), sim.Leases())
	}
	if r := act(dan, record.ReleaseSeat{Order: uuid2}); r.Outcome != record.OutcomeDone || sim.SeatsTaken("140") != 1 {
		t.Errorf("giving back what was taken: %s, seats %d", r.Outcome, sim.SeatsTaken("140"))
	}
}

// TestPaidFirst: where the town takes payment before it confirms, the person goes
// on at its own checkout, with no lease of ours in the way.
func TestPaidFirst(t *testing.T) {
	t.Parallel()
	town := seed()
	town.Series[1].Offers[0].Cents, town.Series[1].Offers[0].Prepayment = 500, "Required"
	sim := startSim(t, town)
	src := open(t, sim)
	held, err := src.Do.Do(soon(t), cleo(), record.HoldSeat{Register: yoga(sim)})
	if err != nil || held.Quote == nil || !held.Quote.Prepayment || *held.Quote.Total != 500 || !held.Quote.HeldUntil.IsZero() {
		t.Fatalf("%+v, %v", held, err)
	}
	taken, err := src.Do.Do(soon(t), cleo(), yoga(sim))
	if err != nil || taken.Refusal != "payment_required" || sim.SeatsTaken("140") != 0 {
		t.Errorf("%+v, %v", taken, err)
	}
	for _, r := range []record.Receipt{held, taken} {
		if !strings.HasPrefix(r.Link, "http://"+sim.Addr()+"/") || sim.Leases() != 0 {
			t.Errorf("checkout at %q, leases %d", r.Link, sim.Leases())
		}
	}
}

// TestAgreedPrice: nobody is registered at another price than the one agreed to,
// and the place is not kept from others meanwhile.
func TestAgreedPrice(t *testing.T) {
	t.Parallel()
	town := seed()
	town.Series[1].Offers[0].Cents, town.Series[1].Offers[0].Prepayment = 500, "Unavailable"
	sim := startSim(t, town)
	src := open(t, sim)
	register := yoga(sim)
	for _, agreed := range []record.Cents{0, 499, 501} {
		register.Agreed = &agreed
		r, err := src.Do.Do(soon(t), cleo(), register)
		if err != nil || r.Outcome != record.OutcomeRefused || r.Refusal != "price_changed" || sim.SeatsTaken("140") != 0 || sim.Leases() != 0 {
			t.Errorf("at %d: %+v, %v, leases %d", agreed, r, err, sim.Leases())
		}
	}
	register.Agreed = new(record.Cents(500))
	if r, err := src.Do.Do(soon(t), cleo(), register); err != nil || r.Outcome != record.OutcomeDone || sim.SeatsTaken("140") != 1 {
		t.Errorf("at the price agreed to: %+v, %v", r, err)
	}
}

// TestQuoteOdd: what a quote does not say plainly is not promised.
func TestQuoteOdd(t *testing.T) {
	t.Parallel()
	quote := `{"@type":"OrderQuote","orderedItem":[{"position":0,"orderedItem":"SESSION","acceptedOffer":"OFFER"}],` +
		`"totalPaymentDue":{"price":57.49,"priceCurrency":"CAD"},"totalPaymentTax":[{"price":2.50},{"price":"4.99"}],` +
		`"lease":{"leaseExpires":"2099-01-01T00:00:00-05:00"},` +
		`"bookingService":{"termsOfService":{"url":"https://logiciel.exemple.test/vie-privee"}}}`
	cents := func(n record.Cents) *record.Cents { return &n }
	usual := func() *record.Quote {
		return &record.Quote{
			Total: cents(5749), Tax: cents(749), Currency: "CAD", HeldUntil: time.Date(2099, 1, 1, 5, 0, 0, 0, time.UTC),
			Terms: []record.Terms{{URL: "https://logiciel.exemple.test/vie-privee"}},
		}
	}
	for name, c := range map[string]struct {
		from, to string
		status   int
		lost     bool
		change   func(*record.Quote)
		refusal  string
		reason   string
	}{
		"as usual":               {},
		"no lease":               {from: `"leaseExpires"`, to: `"x"`, change: func(q *record.Quote) { q.HeldUntil = time.Time{} }},
		"a lease in words":       {from: "2099-01-01T00:00:00-05:00", to: "bientôt", change: func(q *record.Quote) { q.HeldUntil = time.Time{} }},
		"a lease that is over":   {from: "2099", to: "2019", change: func(q *record.Quote) { q.HeldUntil = time.Time{} }},
		"a tax that is no sum":   {from: `"4.99"`, to: `"un peu"`, change: func(q *record.Quote) { q.Tax = nil }},
		"no total":               {from: "totalPaymentDue", to: "x", change: func(q *record.Quote) { q.Total, q.Currency = nil, "" }},
		"terms that are a trap":  {from: "https://logiciel.exemple.test/vie-privee", to: "javascript:alert(1)", change: func(q *record.Quote) { q.Terms = nil }},
		"a total that is no sum": {from: "57.49", to: `"gratuit"`, reason: connectors.ReasonMalformed},
		"another session":        {from: "SESSION", to: "https://x.exemple.test/s/9", reason: connectors.ReasonMalformed},
		"half a quote":           {from: `"totalPaymentTax":[`, to: "", reason: connectors.ReasonMalformed},
		"full":                   {status: 409, from: quote, to: `{"@type":"OpportunityIsFullError"}`, refusal: "activity_full"},
		"out of service":         {status: 503, reason: connectors.ReasonUnavailable},
		"reply lost":             {lost: true, reason: connectors.ReasonUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := startSim(t, seed())
			body := quote
			if c.from != "" {
				body = strings.Replace(quote, c.from, c.to, 1)
			}
			body = strings.NewReplacer("SESSION", yoga(sim).Session, "OFFER", "http://"+sim.Addr()+"/series/10#/offers/u").Replace(body)
			src, p := tapped(t, sim, func(name string, _ int, req *http.Request) (*http.Response, error) {
				switch {
				case name != "PUT order-quotes":
					return nil, nil
				case c.lost:
					return nil, sentThenLost(req)
				case c.status != 0:
					return answer(req, c.status, body), nil
				}
				return answer(req, 200, body), nil
			})
			got, err := src.Do.Do(soon(t), cleo(), record.HoldSeat{Register: yoga(sim)})
			if connectors.Reason(err) != orOK(c.reason) || got.Refusal != c.refusal {
				t.Fatalf("%s, %v; want %s, %s", got.Refusal, err, c.refusal, orOK(c.reason))
			}
			want := usual()
			if c.change != nil {
				c.change(want)
			}
			if c.reason != "" || c.refusal != "" {
				want = nil
			}
			if diff := cmp.Diff(want, got.Quote); diff != "" {
				t.Errorf("quote (-want +got):\n%s", diff)
			}
			if released := p.count("DELETE order-quotes") == 1; released != (want == nil) || p.count("PUT orders") != 0 {
				t.Errorf("calls: %s", p.order)
			}
		})
	}
}

// TestReleaseOdd: a place that could not be given back is told, and what names
// no order goes nowhere.
func TestReleaseOdd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		action record.Action
		status int
		reason string
		calls  int
	}{
		"no such lease":       {record.ReleaseSeat{Order: uuid1}, 404, connectors.ReasonOK, 1},
		"out of service":      {record.ReleaseSeat{Order: uuid1}, 503, connectors.ReasonUnavailable, 1},
		"not let in":          {record.ReleaseSeat{Order: uuid1}, 403, connectors.ReasonDenied, 1},
		"no order":            {record.ReleaseSeat{}, 204, connectors.ReasonRefused, 0},
		"a path":              {record.ReleaseSeat{Order: "../orders/" + uuid1}, 204, connectors.ReasonRefused, 0},
		"a hold of no order":  {record.HoldSeat{}, 204, connectors.ReasonRefused, 0},
		"a hold of any order": {record.HoldSeat{Register: record.Register{Order: "la mienne"}}, 204, connectors.ReasonRefused, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src, p := tapped(t, startSim(t, seed()), func(_ string, _ int, req *http.Request) (*http.Response, error) {
				return answer(req, c.status, ""), nil
			})
			_, err := src.Do.Do(soon(t), cleo(), c.action)
			if connectors.Reason(err) != c.reason || len(p.order) != c.calls || errors.Is(err, connectors.ErrOutcomeUnknown) {
				t.Errorf("%v, calls %s; want %s, %d", err, p.order, c.reason, c.calls)
			}
		})
	}
}
