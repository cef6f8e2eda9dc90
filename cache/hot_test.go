package cache

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/semenligne/sem/connectors/record"
)

func TestHotIsBoundedByBytes(t *testing.T) {
	t.Parallel()
	h := newHot(20_000)
	put := func(i int, size int64) {
		h.put(record.Citizen(fmt.Sprint(i)), Dashboard{}, map[string]int64{"library": size})
		if h.bytes > h.limit {
			t.Fatalf("%d bytes of %d", h.bytes, h.limit)
		}
		var sum int64
		for element := h.order.Front(); element != nil; element = element.Next() {
			sum += element.Value.(*hotEntry).bytes
		}
		if sum != h.bytes || h.order.Len() != len(h.index) {
			t.Fatalf("%d bytes counted, %d kept; %d entries, %d indexed", h.bytes, sum, h.order.Len(), len(h.index))
		}
	}
	for i := range 100 {
		put(i%40, int64(100*(i%7)))
		h.get("1") // looked at all the time: it stays
	}
	if _, ok := h.get("1"); !ok {
		t.Error("the dashboard used last was let go")
	}
	if len(h.index) == 40 {
		t.Error("nothing was let go")
	}
	put(1, 1_000_000) // larger than all: never kept
	if _, ok := h.get("1"); ok || h.bytes != 0 {
		t.Errorf("kept beyond the limit: %d bytes", h.bytes)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	a := newAges()
	now := time.Now()
	for i, age := range []time.Duration{30 * time.Second, 10 * time.Minute, 3 * time.Hour} {
		at := now.Add(-age)
		a.moved(record.Citizen(fmt.Sprint(i)), "library", nil, &at)
	}
	a.moved("0", "roll", nil, &time.Time{}) // never read
	a.moved(town, "services", nil, &now)    // not of a citizen
	before, after := now.Add(-time.Hour), now
	a.moved("4", "library", nil, &before)
	a.moved("4", "library", &before, &after)
	a.moved("5", "library", nil, &before)
	a.moved("5", "library", &before, nil)

	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(newMetrics(a))
	if problems, err := testutil.GatherAndLint(reg); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	dashboards, sources := a.snapshot()
	if dashboards != 4 {
		t.Errorf("%d dashboards, want 4", dashboards)
	}
	if len(sources) != 2 {
		t.Errorf("%d sources, want library and roll", len(sources))
	}
	count, sum, buckets := histogram(sources["library"], now.Unix())
	if count != 4 || buckets[300] != 2 || buckets[900] != 3 || buckets[6*3600] != 4 {
		t.Errorf("count %d, buckets %v", count, buckets)
	}
	if want := 3*3600 + 600 + 30.0; sum < want || sum > want+4*60 {
		t.Errorf("sum %v, want %v, each of 4 rounded up to the minute", sum, want)
	}
	if count, sum, buckets := histogram(sources["roll"], now.Unix()); count != 1 || sum != 0 || buckets[7*86400] != 0 {
		t.Errorf("never read: count %d, sum %v, buckets %v", count, sum, buckets)
	}
}
