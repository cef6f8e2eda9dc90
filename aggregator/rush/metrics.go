package rush

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/semenligne/sem/dossier"
)

// metrics are labelled by configured source, state and closed reasons only.
type metrics struct{ tickets, turns *prometheus.CounterVec }

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		tickets: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sem_rush_tickets_total", Help: "Tickets of the waiting room, by the states that they came to.",
		}, []string{"source", "state"}),
		turns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sem_rush_turns_total", Help: "Places asked for in turn, by the answer.",
		}, []string{"source", "reason"}),
	}
	if reg == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.tickets, m.turns} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) came(t dossier.Ticket) {
	m.tickets.WithLabelValues(t.Source, string(t.State)).Inc()
}

func (m *metrics) asked(source, reason string) { m.turns.WithLabelValues(source, reason).Inc() }
