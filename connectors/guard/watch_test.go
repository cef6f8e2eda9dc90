package guard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// The same failure is logged once, then when it changes and when it is over.
func TestLogOnChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var now error
		log, lines := logged()
		g := New("biblio", newFake(func(context.Context, int) error { return now }).source(), config(func(c *Config) {
			c.Retries, c.Breaker.Failures = 0, 100
		}), Deps{Log: log})
		for _, c := range []struct {
			name string
			err  error
			want string // in the one new line; empty for none
		}{
			{"well", nil, ""},
			{"an answer", connectors.ErrNotFound, ""},
			{"fails", unavailable(), "level=WARN"},
			{"fails again", unavailable(), ""},
			{"fails otherwise", connectors.ErrMalformed, "reason=malformed"},
			{"and again", connectors.ErrMalformed, ""},
			{"an answer is a recovery", connectors.ErrDenied, "answers again"},
			{"well again", nil, ""},
		} {
			lines.Reset()
			now = c.err
			_ = find(t.Context(), g)
			got := lines.String()
			if n := strings.Count(got, "\n"); (c.want == "") != (n == 0) || n > 1 || !strings.Contains(got, c.want) {
				t.Errorf("%s: logged %q; want %q", c.name, got, c.want)
			}
		}
	})
}

// A caller that goes away is neither a failure nor a recovery.
func TestCancellationIsNotLogged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, lines := logged()
		f := newFake(func(ctx context.Context, n int) error {
			if n == 2 {
				return connectors.ErrMalformed
			}
			<-ctx.Done()
			return ctx.Err()
		})
		g := New("biblio", f.source(), Defaults(), Deps{Log: log})
		leave := func() {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			if err := find(ctx, g); !errors.Is(err, context.Canceled) {
				t.Errorf("%v; want canceled", err)
			}
		}
		leave()
		if s := g.Status(); lines.Len() != 0 || !s.LastFailure.IsZero() {
			t.Errorf("logged %q, last failure %s", lines, s.LastFailure)
		}
		_ = find(t.Context(), g)
		lines.Reset()
		leave()
		if lines.Len() != 0 {
			t.Errorf("logged %q", lines)
		}
	})
}

// That we ourselves are not let in is for IT; that a person is not, is not.
func TestDeniedCheckIsLogged(t *testing.T) {
	t.Parallel()
	log, lines := logged()
	s := New("biblio", newFake(func(context.Context, int) error { return connectors.ErrDenied }).source(), Defaults(), Deps{Log: log}).Source()
	_, _ = s.Authenticate.Authenticate(t.Context(), "29000000000001", "0000")
	_, _ = s.Find.Find(t.Context(), person())
	if lines.Len() != 0 {
		t.Errorf("a person's refusal is logged: %s", lines)
	}
	_ = s.Check(t.Context())
	if !strings.Contains(lines.String(), "reason=denied") {
		t.Errorf("logged %q; want reason=denied", lines)
	}
}

// Neither logs nor errors nor metrics hold a person, whatever happens.
func TestNoPersonGetsOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var lines bytes.Buffer
		log := slog.New(slog.NewJSONHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
		reg := prometheus.NewRegistry()
		metrics := NewMetrics(reg)
		failures := []error{
			unavailable(), connectors.ErrDenied, connectors.ErrNotFound, connectors.ErrMalformed, connectors.ErrRefused,
			connectors.ErrOutcomeUnknown, connectors.ErrPaused, fmt.Errorf("patron 29000000000001 said canary"), nil,
		}
		f := newFake(func(_ context.Context, n int) error {
			if n%10 == 9 {
				panic("29000000000001 canary")
			}
			return failures[n%len(failures)]
		})
		s := New("biblio", f.source(), config(func(c *Config) { c.Breaker.Failures = 50 }), Deps{Log: log, Metrics: metrics}).Source()
		var said strings.Builder
		for range 90 {
			_, err1 := s.Find.Find(t.Context(), person())
			_, err2 := s.Do.Do(t.Context(), person(), record.Renew{Item: "canary"})
			_, err3 := s.Authenticate.Authenticate(t.Context(), "29000000000001", "canary")
			_, err4 := s.Learn.Learn(t.Context(), person(), record.Renew{Item: "canary"}, time.Now())
			_, err5 := s.Send.Send(t.Context(), record.Message{Subject: "canary"})
			fmt.Fprint(&said, err1, err2, err3, err4, err5)
		}
		families, err := reg.Gather()
		if err != nil {
			t.Fatal(err)
		}
		if lines.Len() == 0 || said.Len() == 0 || len(families) == 0 {
			t.Fatal("nothing was said at all")
		}
		for what, text := range map[string]string{"log": lines.String(), "errors": said.String(), "metrics": fmt.Sprint(families)} {
			if strings.Contains(text, "canary") || strings.Contains(text, "2900000") {
				t.Errorf("%s hold a person:\n%s", what, text)
			}
		}
	})
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		metrics := NewMetrics(reg)
		f := newFake(func(_ context.Context, n int) error {
			<-time.After(2 * time.Second)
			if n == 2 {
				return connectors.ErrMalformed
			}
			return nil
		})
		g := New("biblio", f.source(), Defaults(), Deps{Metrics: metrics})
		New("loisirs", f.source(), Defaults(), Deps{Metrics: metrics})
		if n := testutil.CollectAndCount(metrics.lastSuccess); n != 0 {
			t.Errorf("%d sources succeeded before any call", n)
		}
		_ = find(t.Context(), g)
		succeeded := time.Now()
		_ = find(t.Context(), g)
		g.Kill("test")
		_ = find(t.Context(), g)

		for reason, want := range map[string]float64{"ok": 1, "malformed": 1, "paused": 1, "unavailable": 0} {
			if got := testutil.ToFloat64(metrics.calls.WithLabelValues("biblio", "find", reason)); got != want {
				t.Errorf("%v calls ended %s; want %v", got, reason, want)
			}
		}
		if got := testutil.ToFloat64(metrics.lastSuccess.WithLabelValues("biblio")); got != float64(succeeded.Unix()) {
			t.Errorf("last success %v; want %v", got, succeeded.Unix())
		}
		problems, err := testutil.GatherAndLint(reg)
		if err != nil || len(problems) != 0 {
			t.Errorf("promlint: %v, %v", problems, err)
		}
		closedLabels(t, reg)
	})
}

func closedLabels(t *testing.T, reg *prometheus.Registry) {
	t.Helper()
	allowed := map[string][]string{
		"source": {"biblio", "loisirs"},
		"op":     {"check", "find", "list", "do", "learn", "send", "authenticate"},
		"reason": connectors.Reasons(),
		"state":  {"closed", "half_open", "open"},
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, f := range families {
		names = append(names, f.GetName())
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if !slices.Contains(allowed[l.GetName()], l.GetValue()) {
					t.Errorf("%s has the label %s=%q", f.GetName(), l.GetName(), l.GetValue())
				}
			}
			if h := m.GetHistogram(); h.GetSampleCount() > 0 && (h.GetSampleCount() != 2 || h.GetSampleSum() != 4) {
				t.Errorf("%d durations of %v s together; want 2 of 4", h.GetSampleCount(), h.GetSampleSum())
			}
		}
	}
	want := []string{
		"sem_source_breaker_state", "sem_source_breaker_transitions_total", "sem_source_call_duration_seconds",
		"sem_source_calls_total", "sem_source_last_success_timestamp_seconds",
	}
	if !slices.Equal(names, want) {
		t.Errorf("metrics %v; want %v", names, want)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var now error
		g := New("biblio", newFake(func(context.Context, int) error { return now }).source(), Defaults(), Deps{})
		if s := g.Status(); !s.LastSuccess.IsZero() || !s.LastFailure.IsZero() || s.Reason != "" || s.Source != "biblio" {
			t.Errorf("before any call: %+v", s)
		}
		_ = find(t.Context(), g)
		well := time.Now().UTC()
		<-time.After(time.Minute)
		now = connectors.ErrMalformed
		if err := find(t.Context(), g); !errors.Is(err, now) {
			t.Fatal(err)
		}
		if s := g.Status(); !s.LastSuccess.Equal(well) || !s.LastFailure.Equal(time.Now()) || s.Reason != "malformed" {
			t.Errorf("after a failure: %+v", s)
		}
	})
}
