package openactive_test

import (
	"testing"

	"github.com/semenligne/sem/connectors/record"
)

// Properties may carry the prefix, or the address, of their vocabulary.
func TestPrefixedProperties(t *testing.T) {
	t.Parallel()
	item := `{"state":"updated","kind":"ScheduledSession","id":"1","modified":1,"data":{"@type":"oa:ScheduledSession","@id":"https://loisirs.exemple.test/s/1",` +
		`"schema:superEvent":{"@id":"https://loisirs.exemple.test/series/1"},"https://schema.org/startDate":"2026-12-15T18:30:00-05:00","oa:remainingAttendeeCapacity":3,` +
		`"schema:eventStatus":"schema:EventCancelled","schema:offers":{"@id":"https://x.exemple.test/o","schema:price":"12.50"}}}`
	series := `{"state":"updated","kind":"SessionSeries","id":"1","modified":1,"data":{"@type":"oa:SessionSeries","@id":"https://loisirs.exemple.test/series/1","schema:name":"Yoga"}}`
	s := &script{answers: map[string]string{"/f": page("/f?1", item, series), "/f?1": page("/f?1")}}
	got, _ := list(t, s.open(t, nil, "/f"), "")
	a := got["https://loisirs.exemple.test/s/1"]
	if a.Name != "Yoga" || a.Start.IsZero() || a.Remaining == nil || *a.Remaining != 3 || a.Status != record.ActivityCancelled {
		t.Errorf("%+v", a)
	}
	if len(a.Offers) != 1 || a.Offers[0].Price == nil || *a.Offers[0].Price != 1250 {
		t.Errorf("%+v", a.Offers)
	}
}

func TestNegativePriceIsUnknown(t *testing.T) {
	t.Parallel()
	s := &script{answers: map[string]string{
		"/f": page("/f?1", session("1", "1", `,"name":"Yoga","offers":[{"@id":"https://x.exemple.test/o","price":-4}]`)), "/f?1": page("/f?1"),
	}}
	got, _ := list(t, s.open(t, nil, "/f"), "")
	if offers := got["https://loisirs.exemple.test/s/1"].Offers; len(offers) != 1 || offers[0].Price != nil {
		t.Errorf("%+v", offers)
	}
}
