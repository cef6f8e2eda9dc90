package aggregator

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/semenligne/sem/connectors"
)

// metrics are labelled by configured source and by closed reasons only.
type metrics struct {
	records *prometheus.GaugeVec
	passes  *prometheus.CounterVec
	heldBy  *prometheus.GaugeVec
	dropped prometheus.Counter
}

func newMetrics(reg prometheus.Registerer, sources []string) (*metrics, error) {
	m := &metrics{
		records: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "sem_source_records", Help: "Records that the last good pass over the source handed over.",
		}, []string{"source"}),
		passes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sem_source_passes_total", Help: "Passes over the source, by how they ended.",
		}, []string{"source", "reason"}),
		heldBy: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "sem_source_held_back", Help: "1 while the last read of the source is held back as implausible.",
		}, []string{"source"}),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sem_touches_dropped_total", Help: "Requests to refresh one citizen that found the queue full.",
		}),
	}
	for _, source := range sources {
		m.records.WithLabelValues(source)
		m.heldBy.WithLabelValues(source)
		for _, reason := range append([]string{ReasonHeldBack, ReasonStore}, connectors.Reasons()...) {
			m.passes.WithLabelValues(source, reason)
		}
	}
	if reg == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.records, m.passes, m.heldBy, m.dropped} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// passed counts a pass. Only a complete one tells how many records there are,
// and whether the source is believed.
func (m *metrics) passed(source string, r Result) {
	m.passes.WithLabelValues(source, r.Reason).Inc()
	switch r.Reason {
	case connectors.ReasonOK:
		m.heldBy.WithLabelValues(source).Set(0)
		if !r.Unchanged {
			m.records.WithLabelValues(source).Set(float64(r.Records))
		}
	case ReasonHeldBack:
		m.heldBy.WithLabelValues(source).Set(1)
	}
}
