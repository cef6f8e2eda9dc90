package guard

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semenligne/sem/connectors"
)

func TestKillSwitch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, lines := logged()
		f := newFake(func(context.Context, int) error { return nil })
		g := New("biblio", f.source(), Defaults(), Deps{Log: log})
		g.Kill("canary: upgrade")
		err := find(t.Context(), g)
		if !errors.Is(err, connectors.ErrPaused) || f.called() != 0 {
			t.Errorf("%v, %d calls; want paused, none", err, f.called())
		}
		if s := g.Status(); s.Killed == nil || s.Killed.Reason != "canary: upgrade" || !s.Killed.Since.Equal(time.Now()) {
			t.Errorf("status %+v", s.Killed)
		}
		if strings.Contains(err.Error()+lines.String(), "canary") {
			t.Error("the reason left the status")
		}
		<-time.After(100 * time.Hour)
		if err := find(t.Context(), g); !errors.Is(err, connectors.ErrPaused) {
			t.Errorf("after days: %v", err)
		}
		g.Revive()
		if err := find(t.Context(), g); err != nil || g.Status().Killed != nil {
			t.Errorf("revived: %v", err)
		}
		g.KillUntil("vendor", time.Now().Add(time.Hour))
		<-time.After(59 * time.Minute)
		if err := find(t.Context(), g); !errors.Is(err, connectors.ErrPaused) {
			t.Errorf("before its end: %v", err)
		}
		<-time.After(time.Minute)
		if err := find(t.Context(), g); err != nil {
			t.Errorf("at its end: %v", err)
		}
		if s := g.Status().Reads; s != Closed {
			t.Errorf("breaker %s: a pause is no failure", s)
		}
	})
}

// A call that waited while the source was switched off is not made.
func TestKillReachesTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		f := newFake(func(context.Context, int) error { <-hold; return nil })
		g := New("biblio", f.source(), config(func(c *Config) { c.Parallel = 1 }), Deps{})
		running, waiting := make(chan error, 1), make(chan error, 1)
		go func() { running <- find(t.Context(), g) }()
		synctest.Wait()
		go func() { waiting <- find(t.Context(), g) }()
		synctest.Wait()
		g.Kill("now")
		close(hold)
		if err := <-running; err != nil {
			t.Errorf("the call under way: %v", err)
		}
		if err := <-waiting; !errors.Is(err, connectors.ErrPaused) || f.called() != 1 {
			t.Errorf("the waiting call: %v, %d calls; want paused, 1", err, f.called())
		}
		if n := g.Status().InFlight; n != 0 {
			t.Errorf("%d slots lost", n)
		}
	})
}

func TestMaintenance(t *testing.T) {
	t.Parallel()
	toronto, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	night := Window{From: "23:30", To: "01:15"}
	sunday := Window{Days: []string{"sun"}, From: "02:00", To: "04:30"}
	saturday := Window{Days: []string{"sat"}, From: "22:00", To: "06:00"}
	for _, c := range []struct {
		name   string
		window Window
		at     string // local
		want   bool
	}{
		{"before", sunday, "2026-12-13 01:59", false},
		{"begins", sunday, "2026-12-13 02:00", true},
		{"last minute", sunday, "2026-12-13 04:29", true},
		{"ends", sunday, "2026-12-13 04:30", false},
		{"another day", sunday, "2026-12-14 03:00", false},
		{"past midnight, evening", night, "2026-12-14 23:45", true},
		{"past midnight, morning", night, "2026-12-15 01:14", true},
		{"past midnight, over", night, "2026-12-15 01:15", false},
		{"past midnight, by the day it began", saturday, "2026-12-13 05:59", true},
		{"the evening of the next day", saturday, "2026-12-13 23:00", false},
		{"the morning of its day", saturday, "2026-12-12 05:00", false},
		{"the whole day", Window{Days: []string{"mon"}, From: "00:00", To: "00:00"}, "2026-12-14 12:00", true},
		{"clock goes back", Window{From: "01:00", To: "02:00"}, "2026-11-01 01:30", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at, err := time.ParseInLocation("2006-01-02 15:04", c.at, toronto)
			if err != nil {
				t.Fatal(err)
			}
			g := New("x", connectors.Source{}, config(func(cfg *Config) { cfg.Maintenance = []Window{c.window} }), Deps{Zone: toronto})
			err = g.paused(at.UTC())
			if errors.Is(err, connectors.ErrPaused) != c.want {
				t.Errorf("%v; want paused %t", err, c.want)
			}
		})
	}
}
