package openactive_test

import (
	"context"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/openactive"
	"github.com/semenligne/sem/connectors/record"
)

// A server may do without C1: the quote with the person says all of it again.
func TestServerWithoutAnonymousQuote(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			sim := startSim(t, seed())
			src, p := tapped(t, sim, func(name string, _ int, req *http.Request) (*http.Response, error) {
				if name == "PUT order-quote-templates" {
					return answer(req, status, ""), nil
				}
				return nil, nil
			})
			receipt, err := src.Do.Do(soon(t), cleo(), yoga(sim))
			if err != nil || receipt.Outcome != record.OutcomeDone || sim.SeatsTaken("140") != 1 {
				t.Fatalf("%+v, %v, %d seats", receipt, err, sim.SeatsTaken("140"))
			}
			if diff := cmp.Diff([]string{"PUT order-quote-templates", "PUT order-quotes", "PUT orders"}, p.order); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Errors come as one object, in the property error, or as a bare list.
func TestErrorShapes(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"@type":"OpportunityIsFullError","statusCode":409}`,
		`{"error":{"@type":"OpportunityIsFullError"}}`,
		`{"error":[{"@type":"OpportunityIsFullError"}]}`,
		`[{"@type":"OpportunityIsFullError"}]`,
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			sim := startSim(t, seed())
			src, _ := tapped(t, sim, func(name string, _ int, req *http.Request) (*http.Response, error) {
				if name == "PUT orders" {
					return answer(req, http.StatusConflict, body), nil
				}
				return nil, nil
			})
			receipt, err := src.Do.Do(soon(t), cleo(), yoga(sim))
			if err != nil || receipt.Refusal != "activity_full" || sim.Leases() != 0 {
				t.Errorf("%+v, %v, %d leases", receipt, err, sim.Leases())
			}
		})
	}
}

// Nothing was booked yet when a quote does not come: the outcome is known.
func TestHangingQuoteIsUnavailable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &tap{next: &script{}, hook: func(name string, _ int, req *http.Request) (*http.Response, error) {
			if req.Method != http.MethodPut {
				return nil, nil
			}
			<-req.Context().Done()
			return nil, req.Context().Err()
		}}
		src := p.open(t, func(s *openactive.Settings) { s.BookingURL = "https://loisirs.exemple.test/api" })
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, err := src.Do.Do(ctx, record.NewRef("F-1"), record.Register{Session: "https://loisirs.exemple.test/s/1", Offer: "https://x.exemple.test/o", Order: uuid1})
		if connectors.Reason(err) != connectors.ReasonUnavailable || ctx.Err() != nil {
			t.Errorf("%v, %v", err, ctx.Err())
		}
	})
}

// A quote that does not speak of payment leaves it to what the offer says.
func TestPrepaymentOfTheCatalogue(t *testing.T) {
	t.Parallel()
	offer := `{"@type":"Offer","@id":"https://x.exemple.test/o","price":40,"prepayment":"https://openactive.io/Required"}`
	quote := `{"@type":"OrderQuote","orderedItem":[{"position":0,"orderedItem":"https://loisirs.exemple.test/s/1","acceptedOffer":"https://x.exemple.test/o"}],"totalPaymentDue":{"price":40}}`
	s := &script{answers: map[string]string{
		"/f": page("/f?1", session("1", "1", `,"name":"Yoga","offers":[`+offer+`]`)), "/f?1": page("/f?1"),
		"/api/order-quote-templates/" + uuid1: quote, "/api/order-quotes/" + uuid1: quote,
	}}
	src := s.open(t, func(s *openactive.Settings) { s.BookingURL = "https://loisirs.exemple.test/api" }, "/f")
	receipt, err := src.Do.Do(soon(t), record.NewRef("F-1"), record.Register{Session: "https://loisirs.exemple.test/s/1", Order: uuid1})
	if err != nil || receipt.Refusal != "payment_required" {
		t.Errorf("%+v, %v", receipt, err)
	}
}
