package aggregator

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

func TestHistoryPreservesFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		records := []record.Record{service("s1")}
		h := newHouse(t, registerOf(), whole("services", listOf(func() []record.Record { return records })))
		pass := func(reason string) {
			h.refresh("services", reason)
			time.Sleep(time.Minute)
		}
		pass("ok")
		records = []record.Record{loan("", "a")}
		pass("malformed")
		records = []record.Record{service("s1")}
		for range 2 * keptAttempts {
			pass("ok")
		}
		got := h.History("services")
		if len(got) != keptAttempts+1 {
			t.Fatalf("%d attempts, want %d and the failure", len(got), keptAttempts)
		}
		for i, a := range got {
			if i > 0 && !a.At.Before(got[i-1].At) {
				t.Errorf("attempt %d is not older than the one before", i)
			}
		}
		if oldest := got[keptAttempts]; oldest.Reason != connectors.ReasonMalformed {
			t.Errorf("oldest attempt %q, want the failure", oldest.Reason)
		}
		if h.History("nothing") != nil {
			t.Error("history of an unknown source")
		}
	})
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewPedanticRegistry()
	m, err := newMetrics(reg, []string{"library", "roll"})
	if err != nil {
		t.Fatal(err)
	}
	m.passed("library", Result{Reason: "ok", Records: 7})
	m.passed("library", Result{Reason: "unavailable"})
	m.passed("library", Result{Reason: "held_back", Records: 1})
	problems, err := testutil.GatherAndLint(reg)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	m.passed("roll", Result{Reason: "held_back"})
	m.passed("roll", Result{Reason: "ok", Unchanged: true})
	for want, c := range map[float64]prometheus.Collector{
		7: m.records.WithLabelValues("library"),
		1: m.heldBy.WithLabelValues("library"),
		0: m.heldBy.WithLabelValues("roll"),
	} {
		if got := testutil.ToFloat64(c); got != want {
			t.Errorf("%v, want %v", got, want)
		}
	}
	if n := testutil.CollectAndCount(m.passes); n != 2*(len(connectors.Reasons())+2) {
		t.Errorf("%d series, want every reason of both sources", n)
	}
}
