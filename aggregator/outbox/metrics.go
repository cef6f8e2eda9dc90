package outbox

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/dossier"
)

// metrics are labelled by configured source, action, state and closed reasons
// only.
type metrics struct {
	transactions *prometheus.CounterVec
	attempts     *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer, store Dossier) (*metrics, error) {
	m := &metrics{
		transactions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sem_transactions_total", Help: "What citizens sent, by the states that it came to.",
		}, []string{"source", "action", "state"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sem_transaction_attempts_total", Help: "Attempts to do what citizens sent, by how they ended.",
		}, []string{"source", "reason"}),
	}
	if reg == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.transactions, m.attempts, newBacklog(store)} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) entered(t dossier.Transaction) {
	m.transactions.WithLabelValues(t.Source, t.Action.ActionName(), string(t.State)).Inc()
}

func (m *metrics) attempted(source string, err error) {
	m.attempts.WithLabelValues(source, connectors.Reason(err)).Inc()
}

// backlog counts what is not settled at the moment it is asked.
type backlog struct {
	store       Dossier
	count, ages *prometheus.Desc
}

func newBacklog(store Dossier) backlog {
	labels := []string{"source", "state"}
	return backlog{
		store: store,
		count: prometheus.NewDesc("sem_transactions_unsettled", "What citizens sent and is not settled yet.", labels, nil),
		ages:  prometheus.NewDesc("sem_transactions_oldest_seconds", "Age of the oldest of them.", labels, nil),
	}
}

// Describe implements prometheus.Collector.
func (b backlog) Describe(to chan<- *prometheus.Desc) { to <- b.count; to <- b.ages }

// Collect implements prometheus.Collector.
func (b backlog) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	all, err := b.store.Backlog(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(b.count, err)
		return
	}
	for _, one := range all {
		labels := []string{one.Source, string(one.State)}
		to <- prometheus.MustNewConstMetric(b.count, prometheus.GaugeValue, float64(one.Count), labels...)
		to <- prometheus.MustNewConstMetric(b.ages, prometheus.GaugeValue, time.Since(one.Oldest).Seconds(), labels...)
	}
}
