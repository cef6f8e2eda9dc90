package guard

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

type senderFunc func(context.Context) (record.Receipt, error)

func (f senderFunc) Send(ctx context.Context, _ record.Message) (record.Receipt, error) {
	return f(ctx)
}

func TestSend(t *testing.T) {
	t.Parallel()
	gives := func(outcome record.Outcome, err error) senderFunc {
		return func(context.Context) (record.Receipt, error) {
			return record.Receipt{Outcome: outcome, Reference: "20261124-7"}, err
		}
	}
	for _, c := range []struct {
		name    string
		send    senderFunc
		want    error
		outcome record.Outcome
		took    time.Duration
	}{
		{"done", gives(record.OutcomeDone, nil), nil, record.OutcomeDone, 0},
		{"refused", gives(record.OutcomeRefused, nil), nil, record.OutcomeRefused, 0},
		{"not taken", gives(record.OutcomeDone, unavailable()), connectors.ErrUnavailable, "", 0},
		{"denied", gives("", connectors.ErrDenied), connectors.ErrDenied, "", 0},
		{"perhaps taken", gives("", connectors.ErrOutcomeUnknown), connectors.ErrOutcomeUnknown, record.OutcomeUnknown, 0},
		{"no outcome", gives("", nil), connectors.ErrOutcomeUnknown, record.OutcomeUnknown, 0},
		{"unknown without error", gives(record.OutcomeUnknown, nil), connectors.ErrOutcomeUnknown, record.OutcomeUnknown, 0},
		{"panic", func(context.Context) (record.Receipt, error) { panic("canary") }, connectors.ErrOutcomeUnknown, record.OutcomeUnknown, 0},
		{"cut short", func(ctx context.Context) (record.Receipt, error) { <-ctx.Done(); return record.Receipt{}, ctx.Err() }, connectors.ErrOutcomeUnknown, record.OutcomeUnknown, 10 * time.Second},
		{"left behind", func(context.Context) (record.Receipt, error) {
			<-time.After(time.Hour)
			return record.Receipt{Outcome: record.OutcomeDone}, nil
		}, connectors.ErrOutcomeUnknown, record.OutcomeUnknown, 10*time.Second + grace},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				metrics := NewMetrics(prometheus.NewRegistry())
				g := New("courriel", connectors.Source{Send: c.send}, config(func(cfg *Config) { cfg.Retries = 3 }), Deps{Metrics: metrics})
				began := time.Now()
				got, err := g.Source().Send.Send(t.Context(), record.Message{})
				if took := time.Since(began); !errors.Is(err, c.want) || got.Outcome != c.outcome || took != c.took {
					t.Errorf("%q, %v, after %s; want %q, %v, after %s", got.Outcome, err, took, c.outcome, c.want, c.took)
				}
				if n := testutil.ToFloat64(metrics.calls.WithLabelValues("courriel", "send", connectors.Reason(c.want))); n != 1 {
					t.Errorf("%v calls counted as %s; want 1", n, connectors.Reason(c.want))
				}
				<-time.After(time.Hour) // the one left behind
			})
		})
	}
}

// Messages that end unknown open the breaker of the actions, and no other.
func TestSendIsAnAction(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(func(context.Context, int) error { return connectors.ErrOutcomeUnknown })
		g := New("courriel", f.source(), Defaults(), Deps{})
		for range 5 {
			_, _ = g.Source().Send.Send(t.Context(), record.Message{})
		}
		if _, err := g.Source().Send.Send(t.Context(), record.Message{}); !errors.Is(err, connectors.ErrUnavailable) || f.called() != 5 {
			t.Errorf("%v after %d calls; want unavailable after 5", err, f.called())
		}
		if s := g.Status(); s.Actions != Open || s.Reads != Closed {
			t.Errorf("breakers: actions %s, reads %s; want open, closed", s.Actions, s.Reads)
		}
	})
}

// A source that is switched off or maintained is neither written to nor read.
func TestPausedLearnAndSend(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(func(context.Context, int) error { return nil })
		always := Window{From: "00:00", To: "00:00"}
		killed := New("courriel", f.source(), Defaults(), Deps{})
		killed.Kill("test")
		maintained := New("courriel", f.source(), config(func(c *Config) { c.Maintenance = []Window{always} }), Deps{})
		for name, g := range map[string]*Guard{"killed": killed, "maintained": maintained} {
			_, err1 := g.Source().Learn.Learn(t.Context(), person(), record.RenewAll{}, time.Now())
			_, err2 := g.Source().Send.Send(t.Context(), record.Message{})
			if !errors.Is(err1, connectors.ErrPaused) || !errors.Is(err2, connectors.ErrPaused) || f.called() != 0 {
				t.Errorf("%s: learn %v, send %v, %d calls; want paused, paused, none", name, err1, err2, f.called())
			}
		}
	})
}
