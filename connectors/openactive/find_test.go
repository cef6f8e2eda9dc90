package openactive_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/openactive"
	"github.com/semenligne/sem/connectors/openactive/openactivesim"
	"github.com/semenligne/sem/connectors/record"
)

const (
	uuid1 = "1f6e1f3a-0000-4000-8000-00000000000a"
	uuid2 = "1f6e1f3a-0000-4000-8000-00000000000b"
)

// booked opens a source that has a booking server and no feeds.
func (s *script) booked(t *testing.T) connectors.Source {
	t.Helper()
	return s.open(t, func(s *openactive.Settings) { s.BookingURL = "https://loisirs.exemple.test/api/" })
}

func orderID(uuid string) string { return "https://loisirs.exemple.test/api/orders/" + uuid }

// place writes one place of an order; rest is more of it.
func place(uuid, n, rest string) string {
	return `{"@type":"OrderItem","@id":"` + orderID(uuid) + `#/orderedItem/` + n + `","orderedItem":"https://loisirs.exemple.test/s/1"` + rest + `}`
}

// change writes one item of the orders feed.
func change(uuid, modified, data string) string {
	return `{"state":"updated","kind":"Order","@id":"` + uuid + `","modified":` + modified + `,"data":{"@type":"Order",` + data + `}}`
}

const (
	mine     = `"customer":{"@type":"Person","identifier":"F-1","email":"ada@exemple.test"}`
	theirs   = `"customer":{"@type":"Person","identifier":"F-2","email":"bob@exemple.test"}`
	full     = `,"orderItemStatus":"https://openactive.io/OrderItemConfirmed","attendee":{"@type":"Person","givenName":"Léo"},"acceptedOffer":{"@type":"Offer","@id":"https://x.exemple.test/o","price":40}`
	customer = `"customer":`
)

func TestOrdersFeed(t *testing.T) {
	t.Parallel()
	got := func(uuid, n string, change func(*record.Registration)) record.Registration {
		r := record.Registration{
			ID: uuid + "#" + orderID(uuid) + "#/orderedItem/" + n, Order: uuid, Session: "https://loisirs.exemple.test/s/1",
			Person: "Léo", Status: record.RegistrationConfirmed, Price: new(record.Cents(4000)),
		}
		if change != nil {
			change(&r)
		}
		return r
	}
	tests := map[string]struct {
		items []string
		want  []record.Registration
	}{
		"others' orders stay theirs": {
			items: []string{
				change(uuid1, "1", mine+`,"orderedItem":[`+place(uuid1, "1", full)+`]`),
				change(uuid2, "2", theirs+`,"orderedItem":[`+place(uuid2, "1", full)+`]`),
			}, want: []record.Registration{got(uuid1, "1", nil)},
		},
		"an order without customer is nobody's": {
			items: []string{change(uuid1, "1", `"orderedItem":[`+place(uuid1, "1", full)+`]`)},
		},
		"a partial update changes what it names": {
			items: []string{
				change(uuid1, "1", mine+`,"orderedItem":[`+place(uuid1, "1", full)+`,`+place(uuid1, "2", full)+`]`),
				change(uuid1, "2", `"orderedItem":[`+place(uuid1, "2", `,"orderItemStatus":"https://openactive.io/SellerCancelled","cancellationMessage":"Bassin fermé"`)+`]`),
			}, want: []record.Registration{got(uuid1, "1", nil), got(uuid1, "2", func(r *record.Registration) {
				r.Status, r.Notice = record.RegistrationCancelled, "Bassin fermé"
			})},
		},
		"an older update changes nothing": {
			items: []string{
				change(uuid1, "5", mine+`,"orderedItem":[`+place(uuid1, "1", full)+`]`),
				change(uuid1, "4", `"orderedItem":[`+place(uuid1, "1", `,"orderItemStatus":"https://openactive.io/CustomerCancelled"`)+`]`),
			}, want: []record.Registration{got(uuid1, "1", nil)},
		},
		"a tombstone removes": {
			items: []string{
				change(uuid1, "1", mine+`,"orderedItem":[`+place(uuid1, "1", full)+`]`),
				`{"state":"deleted","kind":"Order","id":"` + uuid1 + `","modified":2}`,
			},
		},
		"an order that becomes another's is lost": {
			items: []string{
				change(uuid1, "1", mine+`,"orderedItem":[`+place(uuid1, "1", full)+`]`),
				change(uuid1, "2", theirs+`,"orderedItem":[`+place(uuid1, "1", full)+`]`),
			},
		},
		"proposals are passed over": {
			items: []string{`{"state":"updated","kind":"OrderProposal","id":"` + uuid1 + `","modified":2,"data":{"@type":"OrderProposal"}}`},
		},
		"states, ranks and a named account": {
			items: []string{change(uuid1, "1", customer+`{"@type":"Person","identifier":[{"@type":"PropertyValue","name":"compte","value":"F-1"}]},"orderedItem":[`+
				place(uuid1, "1", full+`,"orderItemStatus":"https://openactive.io/AttendeeAttended"`)+`,`+
				place(uuid1, "2", full+`,"orderItemStatus":"https://openactive.io/AttendeeAbsent"`)+`,`+
				place(uuid1, "3", full+`,"orderItemStatus":"https://ville.exemple.test/ns#OrderItemWaiting","ville:waitingListPosition":"4"`)+`,`+
				place(uuid1, "4", full+`,"orderItemStatus":"https://openactive.io/SomethingNew"`)+`]`)},
			want: []record.Registration{
				got(uuid1, "1", func(r *record.Registration) { r.Status = record.RegistrationAttended }),
				got(uuid1, "2", func(r *record.Registration) { r.Status = record.RegistrationAbsent }),
				got(uuid1, "3", func(r *record.Registration) { r.Status, r.Rank = record.RegistrationWaiting, new(4) }),
				got(uuid1, "4", func(r *record.Registration) { r.Status = record.RegistrationUnknown }),
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{answers: map[string]string{
				"/api/orders-rpde":     page("/api/orders-rpde?a=1", test.items...),
				"/api/orders-rpde?a=1": page("/api/orders-rpde?a=1"),
			}}
			for _, ref := range []string{"account:F-1", "F-1"} {
				if diff := cmp.Diff(test.want, registrations(t, s.booked(t), ref)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestOrdersByUUID(t *testing.T) {
	t.Parallel()
	good := `{"@type":"Order","@id":"` + orderID(uuid1) + `",` + mine + `,"orderedItem":[` + place(uuid1, "1", full) + `]}`
	other := `{"@type":"Order","@id":"` + orderID(uuid2) + `",` + theirs + `,"orderedItem":[` + place(uuid2, "1", full) + `]}`
	tests := map[string]struct {
		answers map[string]string
		ref     string
		want    []record.RegistrationStatus
		reason  string
	}{
		"found":            {answers: map[string]string{"/api/orders/" + uuid1: good}, ref: "orders:" + uuid1, want: []record.RegistrationStatus{"confirmed"}},
		"unknown":          {ref: "orders:" + uuid1, reason: connectors.ReasonNotFound},
		"one of two known": {answers: map[string]string{"/api/orders/" + uuid1: good}, ref: "orders:" + uuid1 + "," + uuid2, want: []record.RegistrationStatus{"confirmed", "unknown"}},
		"another's order":  {answers: map[string]string{"/api/orders/" + uuid1: other}, ref: "orders:" + uuid1, reason: connectors.ReasonMalformed},
		"two names":        {answers: map[string]string{"/api/orders/" + uuid1: `{"@type":"Order","@id":"` + orderID(uuid1) + `","identifier":"` + uuid2 + `"}`}, ref: "orders:" + uuid1, reason: connectors.ReasonMalformed},
		"no name":          {answers: map[string]string{"/api/orders/" + uuid1: `{"@type":"Order"}`}, ref: "orders:" + uuid1, reason: connectors.ReasonMalformed},
		"one item twice":   {answers: map[string]string{"/api/orders/" + uuid1: `{"@type":"Order","@id":"` + orderID(uuid1) + `","orderedItem":[` + place(uuid1, "1", full) + "," + place(uuid1, "1", full) + `]}`}, ref: "orders:" + uuid1, reason: connectors.ReasonMalformed},
		"a quote":          {answers: map[string]string{"/api/orders/" + uuid1: `{"@type":"OrderQuote","@id":"` + orderID(uuid1) + `"}`}, ref: "orders:" + uuid1, reason: connectors.ReasonMalformed},
		"cut":              {answers: map[string]string{"/api/orders/" + uuid1: good[:80]}, ref: "orders:" + uuid1, reason: connectors.ReasonMalformed},
		"denied":           {answers: map[string]string{"/api/orders/" + uuid1: "403"}, ref: "orders:" + uuid1, reason: connectors.ReasonDenied},
		"one fails, none":  {answers: map[string]string{"/api/orders/" + uuid1: good, "/api/orders/" + uuid2: "503"}, ref: "orders:" + uuid1 + "," + uuid2, reason: connectors.ReasonUnavailable},
		"GET not offered, the feed knows one": {answers: map[string]string{
			"/api/orders/" + uuid1: "405", "/api/orders-rpde": page("/api/orders-rpde?a=1", change(uuid1, "1", `"orderedItem":`+place(uuid1, "1", full))),
			"/api/orders-rpde?a=1": page("/api/orders-rpde?a=1"),
		}, ref: "orders:" + uuid1 + "," + uuid2, want: []record.RegistrationStatus{"confirmed", "unknown"}},
		"GET does not find it, the feed does": {answers: map[string]string{
			"/api/orders-rpde":     page("/api/orders-rpde?a=1", change(uuid1, "1", `"orderedItem":`+place(uuid1, "1", full))),
			"/api/orders-rpde?a=1": page("/api/orders-rpde?a=1"),
		}, ref: "orders:" + uuid1, want: []record.RegistrationStatus{"confirmed"}},
		"GET does not find it, the feed fails": {answers: map[string]string{"/api/orders-rpde": "503"}, ref: "orders:" + uuid1, reason: connectors.ReasonUnavailable},
		"not a UUID":                           {ref: "orders:../../admin", reason: connectors.ReasonRefused},
		"empty":                                {ref: "account:", reason: connectors.ReasonRefused},
		"no feed":                              {ref: "account:F-1", reason: connectors.ReasonMalformed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{answers: test.answers}
			records, err := s.booked(t).Find.Find(soon(t), record.NewRef(test.ref))
			if reason := connectors.Reason(err); reason != orOK(test.reason) {
				t.Fatalf("reason %s: %v", reason, err)
			}
			var got []record.RegistrationStatus
			for _, r := range records {
				got = append(got, r.Body.(record.Registration).Status)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheTownCancels(t *testing.T) {
	t.Parallel()
	sim := startSim(t, seed())
	src := open(t, sim)
	if err := sim.CancelOrder(orderBob, "Le bassin est fermé."); err != nil {
		t.Fatal(err)
	}
	bob := registrations(t, src, "account:F-2002")
	if len(bob) != 1 || bob[0].Status != record.RegistrationCancelled || bob[0].Notice != "Le bassin est fermé." {
		t.Errorf("%+v", bob)
	}
	ada := registrations(t, src, account)
	if len(ada) != 2 || ada[1].Status != record.RegistrationConfirmed { // Léo waited for that place
		t.Errorf("%+v", ada)
	}
}

// A bare order, such as a feed gives, is named by the catalogue.
func TestRegistrationsAreNamedByTheCatalogue(t *testing.T) {
	t.Parallel()
	s := published(t, "sessions", "series")
	s.set("/api/orders/"+uuid1, `{"@type":"Order","@id":"`+orderID(uuid1)+`","orderedItem":{"@type":"OrderItem","@id":"i1","orderedItem":{"@type":"ScheduledSession","@id":"https://loisirs.exemple.test/sessions/11"}}}`)
	src := s.open(t, func(s *openactive.Settings) { s.BookingURL = "https://loisirs.exemple.test/api" }, "/sessions", "/series")
	got := registrations(t, src, "orders:"+uuid1)
	if len(got) != 1 || got[0].Name != "Natation, niveau 2" || !got[0].Start.Equal(time.Date(2027, 3, 16, 22, 30, 0, 0, time.UTC)) || got[0].ID != uuid1+"#i1" {
		t.Errorf("%+v", got)
	}
}

func TestSimulatorFaultsReachNobody(t *testing.T) {
	t.Parallel()
	sim := startSim(t, seed())
	src := open(t, sim)
	for fault, want := range map[openactivesim.Fault]string{
		openactivesim.FaultError:   connectors.ReasonUnavailable,
		openactivesim.FaultEmpty:   connectors.ReasonMalformed,
		openactivesim.FaultForeign: connectors.ReasonMalformed,
		openactivesim.FaultHTML:    connectors.ReasonMalformed,
		openactivesim.FaultCharset: connectors.ReasonMalformed,
		openactivesim.FaultDrift:   connectors.ReasonMalformed,
	} {
		sim.SetFault(fault)
		records, err := src.Find.Find(soon(t), record.NewRef("orders:"+orderAda))
		if reason := connectors.Reason(err); reason != want || len(records) != 0 {
			t.Errorf("%s: %s, %d records: %v", fault, reason, len(records), err)
		}
	}
	sim.SetFault(openactivesim.FaultNone)
	if got := registrations(t, src, "orders:"+orderAda); len(got) != 2 {
		t.Errorf("after the faults: %+v", got)
	}
}
