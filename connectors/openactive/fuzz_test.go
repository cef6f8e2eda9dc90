package openactive

import (
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// fuzzed is a source that reads and never calls.
func fuzzed() *source {
	return &source{settings: defaults(), catalogue: newCatalogue(nil), mapper: mapper{
		zone: time.UTC, waiting: []string{"waitingListLength"},
		tiers: tiers{property: "palier", resident: regexp.MustCompile(`(?i)resident`), other: regexp.MustCompile(`(?i)non`)},
	}}
}

func FuzzRPDEPage(f *testing.F) {
	for _, name := range []string{"series", "sessions", "others"} {
		b, err := os.ReadFile("testdata/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"next":"x","items":[{"state":"deleted","kind":"Event","id":1,"modified":"2"}]}`))
	s := fuzzed()
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := parsePage(body)
		if err != nil {
			if connectors.Reason(err) != connectors.ReasonMalformed {
				t.Errorf("reason %s", connectors.Reason(err))
			}
			return
		}
		store := &feed{things: map[string]*thing{}}
		err = p.each(func(i item) error {
			store.apply(s.mapper.arrival(i))
			return nil
		})
		if err != nil && connectors.Reason(err) != connectors.ReasonMalformed {
			t.Errorf("reason %s", connectors.Reason(err))
		}
		now := (&catalogue{feeds: []*feed{store}}).snapshot()
		for _, key := range now.keys() {
			r, _, ok := now.record(key, time.UTC)
			if !ok || r.Key == "" || r.Body == nil {
				t.Errorf("a key without a record: %q", key)
			}
			if _, err := r.MarshalJSON(); err != nil {
				t.Error(err)
			}
		}
	})
}

func FuzzOrder(f *testing.F) {
	const uuid = "1f6e1f3a-0000-4000-8000-00000000000a"
	f.Add([]byte(`{"@type":"Order","@id":"https://x.test/orders/` + uuid + `","customer":{"email":"a@x.test","identifier":7},` +
		`"orderedItem":[{"@id":"i","position":0,"orderItemStatus":"https://openactive.io/OrderItemConfirmed","orderedItem":"https://x.test/s","acceptedOffer":{"@id":"o","price":1.5}}]}`))
	f.Add([]byte(`{"@type":"OpportunityIsFullError","error":{"@type":"X"},"orderedItem":[{"error":[{"@type":"UnknownOfferError"}]}]}`))
	s := fuzzed()
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := decodeNode(body)
		if err != nil {
			return
		}
		_ = refused(errorsOf(n))
		_ = itemOf(n, basket{uuid: uuid, session: "https://x.test/s", offer: "o"})
		o, err := s.parseOrder(n)
		if err != nil {
			if connectors.Reason(err) != connectors.ReasonMalformed {
				t.Errorf("reason %s", connectors.Reason(err))
			}
			return
		}
		if !uuidForm.MatchString(o.uuid) {
			t.Errorf("order %q", o.uuid)
		}
		keys := map[string]bool{}
		for _, r := range s.registrations(o, record.NewRef("x")) {
			if keys[r.Key] {
				t.Errorf("key twice: %q", r.Key)
			}
			keys[r.Key] = true
		}
		overlay(n, n)
	})
}
