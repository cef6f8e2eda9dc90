package guard

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/semenligne/sem/connectors"
)

// op names an operation in metrics and logs.
type op string

const (
	opCheck        op = "check"
	opFind         op = "find"
	opList         op = "list"
	opDo           op = "do"
	opLearn        op = "learn"
	opSend         op = "send"
	opAuthenticate op = "authenticate"
)

// Metrics counts the calls of all sources.
type Metrics struct {
	calls       *prometheus.CounterVec
	duration    *prometheus.HistogramVec
	state       *prometheus.GaugeVec
	transitions *prometheus.CounterVec
	lastSuccess *prometheus.GaugeVec
}

// NewMetrics registers the metrics. Labels are closed sets: the configured
// source names, seven operations, the reasons of package connectors and the
// three states of a breaker.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sem_source_calls_total",
			Help: "Calls of a source by operation and by how they ended, those that the guard turned away included.",
		}, []string{"source", "op", "reason"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "sem_source_call_duration_seconds",
			Help:    "Duration of the calls that reached the source, waiting for their turn and retries included.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 120, 600},
		}, []string{"source", "op"}),
		state: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "sem_source_breaker_state",
			Help: "1 for the state of the source's worst breaker, 0 for the other states.",
		}, []string{"source", "state"}),
		transitions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sem_source_breaker_transitions_total",
			Help: "Changes of the source's breakers, by the state they changed to.",
		}, []string{"source", "state"}),
		lastSuccess: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "sem_source_last_success_timestamp_seconds",
			Help: "When a call of the source last succeeded; absent before the first.",
		}, []string{"source"}),
	}
	reg.MustRegister(m.calls, m.duration, m.state, m.transitions, m.lastSuccess)
	return m
}

// sourceMetrics are the metrics of one source, with label values resolved.
type sourceMetrics struct {
	calls       map[op]map[string]prometheus.Counter
	duration    map[op]prometheus.Observer
	state       map[State]prometheus.Gauge
	transitions map[State]prometheus.Counter
	lastSuccess func() prometheus.Gauge
}

func (m *Metrics) source(name string, ops []op) sourceMetrics {
	s := sourceMetrics{
		calls: map[op]map[string]prometheus.Counter{}, duration: map[op]prometheus.Observer{},
		state: map[State]prometheus.Gauge{}, transitions: map[State]prometheus.Counter{},
		lastSuccess: func() prometheus.Gauge { return m.lastSuccess.WithLabelValues(name) },
	}
	for _, o := range ops {
		s.calls[o] = map[string]prometheus.Counter{}
		for _, reason := range connectors.Reasons() {
			s.calls[o][reason] = m.calls.WithLabelValues(name, string(o), reason)
		}
		s.duration[o] = m.duration.WithLabelValues(name, string(o))
	}
	for _, state := range []State{Closed, HalfOpen, Open} {
		s.state[state] = m.state.WithLabelValues(name, string(state))
		s.transitions[state] = m.transitions.WithLabelValues(name, string(state))
	}
	s.show(Closed)
	return s
}

// show makes a state the current one.
func (s sourceMetrics) show(current State) {
	for state, gauge := range s.state {
		gauge.Set(0)
		if state == current {
			gauge.Set(1)
		}
	}
}
