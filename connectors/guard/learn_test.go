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

type learnerFunc func(context.Context) (record.Receipt, error)

func (f learnerFunc) Learn(ctx context.Context, _ record.Ref, _ record.Action, _ time.Time) (record.Receipt, error) {
	return f(ctx)
}

func TestLearn(t *testing.T) {
	t.Parallel()
	says := func(outcome record.Outcome, refusal string, records ...record.Record) learnerFunc {
		return func(context.Context) (record.Receipt, error) {
			return record.Receipt{Outcome: outcome, Refusal: refusal, Records: records, Note: "canary"}, nil
		}
	}
	other := loan(record.NewRef("29000000000002"), "2")
	for _, c := range []struct {
		name    string
		learn   learnerFunc
		want    error
		outcome record.Outcome
		records int
		took    time.Duration
	}{
		{"done", says(record.OutcomeDone, "", loan(person(), "1")), nil, record.OutcomeDone, 1, 0},
		{"done, town-wide record", says(record.OutcomeDone, "", loan(record.Ref{}, "1")), nil, record.OutcomeDone, 1, 0},
		{"not done", says(record.OutcomeRefused, record.NotDone), nil, record.OutcomeRefused, 0, 0},
		{"unknown", says(record.OutcomeUnknown, "", loan(person(), "1")), nil, record.OutcomeUnknown, 1, 0},
		{"refused for a reason of the source", says(record.OutcomeRefused, "too_many_renewals"), connectors.ErrDefect, "", 0, 0},
		{"no outcome", says("", ""), connectors.ErrDefect, "", 0, 0},
		{"done by somebody else's record", says(record.OutcomeDone, "", loan(person(), "1"), other), connectors.ErrMalformed, "", 0, 0},
		{"done by a record given twice", says(record.OutcomeDone, "", loan(person(), "1"), loan(person(), "1")), connectors.ErrMalformed, "", 0, 0},
		{"done by a record without key", says(record.OutcomeDone, "", loan(person(), "")), connectors.ErrDefect, "", 0, 0},
		{"an error, with a receipt", func(context.Context) (record.Receipt, error) {
			return record.Receipt{Outcome: record.OutcomeDone}, connectors.ErrMalformed
		}, connectors.ErrMalformed, "", 0, 0},
		{"an action's error", func(context.Context) (record.Receipt, error) {
			return record.Receipt{}, connectors.ErrOutcomeUnknown
		}, connectors.ErrDefect, "", 0, 0},
		{"cut short", func(ctx context.Context) (record.Receipt, error) { <-ctx.Done(); return record.Receipt{}, ctx.Err() }, connectors.ErrUnavailable, "", 0, 10 * time.Second},
		{"left behind", func(context.Context) (record.Receipt, error) {
			<-time.After(time.Hour)
			return record.Receipt{Outcome: record.OutcomeDone}, nil
		}, connectors.ErrUnavailable, "", 0, 10*time.Second + grace},
		{"panic", func(context.Context) (record.Receipt, error) { panic("canary") }, connectors.ErrDefect, "", 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := New("biblio", connectors.Source{Learn: c.learn}, Defaults(), Deps{})
				began := time.Now()
				got, err := g.Source().Learn.Learn(t.Context(), person(), record.RenewAll{}, began.Add(-time.Minute))
				if took := time.Since(began); !errors.Is(err, c.want) || got.Outcome != c.outcome || len(got.Records) != c.records || took != c.took {
					t.Errorf("%q with %d records, %v, after %s; want %q with %d, %v, after %s", got.Outcome, len(got.Records), err, took, c.outcome, c.records, c.want, c.took)
				}
				if err != nil && (got.Note != "" || errors.Is(err, connectors.ErrOutcomeUnknown)) {
					t.Errorf("beside %v: %q; want nothing, and a read's meaning", err, got.Note)
				}
				<-time.After(time.Hour) // the one left behind
			})
		})
	}
}

// What is read is stamped, like everything else that is read.
func TestLearnStamps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := New("biblio", newFake(func(context.Context, int) error { return nil }).source(), Defaults(), Deps{}).Source()
		got, err := s.Learn.Learn(t.Context(), person(), record.RenewAll{}, time.Now())
		if err != nil || len(got.Records) != 1 || got.Records[0].Source != "biblio" || !got.Records[0].ReadAt.Equal(time.Now()) {
			t.Errorf("%+v, %v", got.Records, err)
		}
	})
}

func TestLearnWithoutWhatOrWhen(t *testing.T) {
	t.Parallel()
	f := newFake(func(context.Context, int) error { return nil })
	s := New("biblio", f.source(), Defaults(), Deps{}).Source()
	if _, err := s.Learn.Learn(t.Context(), person(), nil, time.Now()); !errors.Is(err, connectors.ErrRefused) {
		t.Errorf("no action: %v; want refused", err)
	}
	if _, err := s.Learn.Learn(t.Context(), person(), record.RenewAll{}, time.Time{}); !errors.Is(err, connectors.ErrRefused) {
		t.Errorf("no instant: %v; want refused", err)
	}
	if f.called() != 0 {
		t.Errorf("%d calls reached the connector", f.called())
	}
}

// Actions whose replies are lost open the breaker of the actions; learning what
// became of them goes on, and its own failures open the breaker of the reads.
func TestLearnIsARead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		metrics := NewMetrics(prometheus.NewRegistry())
		var learns error
		src := newFake(func(context.Context, int) error { return connectors.ErrOutcomeUnknown }).source()
		src.Learn = learnerFunc(func(context.Context) (record.Receipt, error) {
			return record.Receipt{Outcome: record.OutcomeUnknown}, learns
		})
		g := New("biblio", src, config(noRetries), Deps{Metrics: metrics})
		learn := func() error {
			_, err := g.Source().Learn.Learn(t.Context(), person(), record.RenewAll{}, time.Now())
			return err
		}
		for range 5 {
			_, _ = g.Source().Do.Do(t.Context(), person(), record.RenewAll{})
		}
		if s := g.Status(); s.Actions != Open || s.Reads != Closed {
			t.Fatalf("breakers: actions %s, reads %s; want open, closed", s.Actions, s.Reads)
		}
		if err := learn(); err != nil {
			t.Errorf("learning while actions are not let through: %v", err)
		}
		learns = connectors.ErrMalformed
		for range 5 {
			_ = learn()
		}
		if err := learn(); !errors.Is(err, connectors.ErrUnavailable) || g.Status().Reads != Open {
			t.Errorf("after five failures: %v, reads %s; want unavailable, open", err, g.Status().Reads)
		}
		for reason, want := range map[string]float64{"ok": 1, "malformed": 5, "unavailable": 1} {
			if got := testutil.ToFloat64(metrics.calls.WithLabelValues("biblio", "learn", reason)); got != want {
				t.Errorf("%v calls ended %s; want %v", got, reason, want)
			}
		}
	})
}
