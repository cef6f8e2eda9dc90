package sip2

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/connectors/sip2/sip2sim"
)

// TestSilence: a system that accepts and says nothing keeps nobody longer than
// the settings, nor longer than the caller's deadline.
func TestSilence(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ deadline, want time.Duration }{
		"by the settings": {time.Hour, 5 * time.Second},
		"by the caller":   {time.Second, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), c.deadline)
				defer cancel()
				began := time.Now()
				_, err := (&fake{answer: literally("")}).open(t).Find.Find(ctx, record.NewRef("210001"))
				if connectors.Reason(err) != connectors.ReasonUnavailable || time.Since(began) != c.want {
					t.Errorf("%v after %s; want %s", err, time.Since(began), c.want)
				}
			})
		})
	}
}

// TestCanceled: a caller that goes away is not the source's failure.
func TestCanceled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		source := (&fake{answer: always("63", literally(""))}).open(t)
		done := make(chan error)
		go func() {
			_, err := source.Find.Find(ctx, record.NewRef("210001"))
			done <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-done; connectors.Reason(err) != connectors.ReasonCanceled {
			t.Errorf("%v", err)
		}
	})
}

// TestMoreCallersThanWorkers: no more connections than the pool has, and every
// caller is served.
func TestMoreCallersThanWorkers(t *testing.T) {
	t.Parallel()
	sim := simulate(t, library(), sip2sim.Config{})
	source := openAt(t, sim.Addr())
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			if records, err := source.Find.Find(deadline(t, 20*time.Second), record.NewRef(card)); err != nil || len(records) != 8 {
				t.Errorf("%d records, %v", len(records), err)
			}
		})
	}
	all.Wait()
	if n := sim.MostConnections(); n > 2 {
		t.Errorf("%d connections at a time", n)
	}
}

// TestQueueDeadline: a caller whose turn does not come gives up in time.
func TestQueueDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := (&fake{answer: always("63", literally(""))}).open(t, func(s *Settings) { s.Pool = 1 })
		go source.Find.Find(t.Context(), record.NewRef("210001")) //nolint:errcheck // it waits
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := source.Check(ctx); !errors.Is(err, connectors.ErrUnavailable) {
			t.Errorf("%v", err)
		}
	})
}

// TestDroppedWhileIdle: a pooled connection that the system closed is noticed
// before anything is sent on it.
func TestDroppedWhileIdle(t *testing.T) {
	t.Parallel()
	sim := simulate(t, library(), sip2sim.Config{})
	source := openAt(t, sim.Addr())
	for range 3 {
		if _, err := source.Find.Find(deadline(t, 10*time.Second), record.NewRef(card)); err != nil {
			t.Fatal(err)
		}
		sim.DropConnections()
		if _, err := source.Authenticate.Authenticate(deadline(t, 10*time.Second), card, pin); err != nil {
			t.Fatal(err)
		}
		sim.DropConnections()
		if _, err := source.Do.Do(deadline(t, 10*time.Second), record.NewRef(card), record.Renew{Item: "33002"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := sim.Renewals("33002"); n != 3 {
		t.Errorf("renewed %d times", n)
	}
}

// TestDeadWhileIdle: a pooled connection that fell silent costs one short wait.
func TestDeadWhileIdle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answer: func(a asked) string {
			if a.dial == 1 && a.code == "99" && a.nth > 0 {
				return ""
			}
			return normal(a)
		}}
		source := f.open(t)
		for range 2 {
			if _, err := source.Find.Find(t.Context(), record.NewRef("210001")); err != nil {
				t.Fatal(err)
			}
		}
		if f.dials != 2 {
			t.Errorf("%d connections", f.dials)
		}
	})
}

// TestIdleClosed: an unused connection is closed, and a used one is kept.
func TestIdleClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answer: normal}
		source := f.open(t)
		for _, c := range []struct {
			after time.Duration
			dials int
		}{{0, 1}, {29 * time.Second, 1}, {31 * time.Second, 2}} {
			<-time.After(c.after) // virtual
			if err := source.Check(t.Context()); err != nil || f.dials != c.dials {
				t.Errorf("%s later: %d connections, %v; want %d", c.after, f.dials, err, c.dials)
			}
		}
		if err := errors.Join(source.Close(), source.Close()); err != nil {
			t.Error(err)
		}
		if err := source.Check(t.Context()); !errors.Is(err, connectors.ErrUnavailable) {
			t.Errorf("after Close: %v", err)
		}
	})
}

// TestLateAnswer: an answer that comes after its question was given up never
// meets the next person's.
func TestLateAnswer(t *testing.T) {
	t.Parallel()
	t.Run("after a timeout", func(t *testing.T) {
		t.Parallel()
		sim := simulate(t, library(), sip2sim.Config{})
		source := openAt(t, sim.Addr(), impatient)
		if err := source.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		sim.SetFault(sip2sim.FaultLate)
		if _, err := source.Find.Find(deadline(t, 10*time.Second), record.NewRef(card)); !errors.Is(err, connectors.ErrUnavailable) {
			t.Errorf("%v", err)
		}
		sim.SetFault(sip2sim.FaultNone)
		records, err := source.Find.Find(deadline(t, 10*time.Second), record.NewRef("210002"))
		if err != nil || len(records) != 1 { // a balance
			t.Errorf("%d records, %v", len(records), err)
		}
	})
	t.Run("twice over", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := &fake{answer: func(a asked) string {
				if a.code == "17" && a.dial == 1 {
					return normal(a) + sealReply(normalBody(asked{code: "63", text: strings.Repeat(" ", 40)}), "9")
				}
				return normal(a)
			}}
			source := f.open(t)
			for range 2 {
				if _, err := source.Find.Find(t.Context(), record.NewRef("210001")); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
			}
			if f.dials != 2 {
				t.Errorf("a connection with a message left over was used again")
			}
		})
	})
}

// TestFaults: what a sick system says never becomes records.
func TestFaults(t *testing.T) {
	t.Parallel()
	whole := map[sip2sim.Fault]bool{
		sip2sim.FaultNone: true, sip2sim.FaultUnreadOnce: true, sip2sim.FaultStale: true, sip2sim.FaultChecksumOnce: true,
		sip2sim.FaultStatus: true, sip2sim.FaultSwallow: true,
	}
	for name, config := range personalities() {
		for _, fault := range sip2sim.Faults() {
			t.Run(name+"/"+string(fault), func(t *testing.T) {
				t.Parallel()
				sim := simulate(t, library(), config)
				sim.SetFault(fault)
				source := openAt(t, sim.Addr(), account(config), impatient)
				records, err := source.Find.Find(deadline(t, 10*time.Second), record.NewRef(card))
				ref, authErr := source.Authenticate.Authenticate(deadline(t, 10*time.Second), card, pin)
				if whole[fault] {
					if err != nil || len(records) != 8 || authErr != nil {
						t.Errorf("%d records, %v; PIN %v", len(records), err, authErr)
					}
					return
				}
				if got := connectors.Reason(err); records != nil || got != connectors.ReasonMalformed && got != connectors.ReasonUnavailable {
					t.Errorf("%d records, %v", len(records), err)
				}
				if (authErr == nil) != (fault == sip2sim.FaultEmpty) || ref.IsZero() == (authErr == nil) {
					t.Errorf("PIN: %v", authErr)
				}
			})
		}
	}
}
