package aggregator

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"
)

// Run reads sources on their schedule and serves touches until the context
// ends, and returns nil once nothing of it runs any more. Each source has its
// own job and its own workers: none waits for another. A pass that outlasts
// its interval is not joined by a second one; the next begins with the next
// interval. Every source is read soon after the start; a list is read again
// when the card registry links somebody to it. Call it once.
func (a *Aggregator) Run(ctx context.Context) error {
	scheduler, err := gocron.NewScheduler(gocron.WithLocation(a.o.Zone))
	if err != nil {
		return fmt.Errorf("aggregator: schedule: %w", err)
	}
	for _, s := range a.sources {
		if err := a.schedule(ctx, scheduler, s); err != nil {
			return errors.Join(err, scheduler.Shutdown())
		}
	}
	var wg sync.WaitGroup
	wg.Go(func() { a.look(ctx) })
	for _, s := range a.sources {
		wg.Go(func() { a.followKicks(ctx, s) })
		for range a.o.Workers {
			wg.Go(func() { a.work(ctx, s) })
		}
	}
	scheduler.Start()
	<-ctx.Done()
	err = scheduler.Shutdown()
	wg.Wait()
	if err != nil {
		return fmt.Errorf("aggregator: schedule: %w", err)
	}
	return nil
}

// schedule makes the job of one source.
func (a *Aggregator) schedule(ctx context.Context, scheduler gocron.Scheduler, s *source) error {
	var when gocron.JobDefinition
	switch {
	case s.Poll.Cron != "":
		when = gocron.CronJob(s.Poll.Cron, false)
	case s.Poll.Every > 0:
		when = gocron.DurationJob(s.Poll.Every)
	default:
		if s.lister != nil {
			s.kick()
		}
		return nil
	}
	_, err := scheduler.NewJob(when,
		gocron.NewTask(func() { a.polled(ctx, s) }),
		gocron.WithName(s.Name),
		gocron.WithSingletonMode(gocron.LimitModeReschedule),
		gocron.WithStartAt(gocron.WithStartImmediately()))
	if err != nil {
		return fmt.Errorf("aggregator: schedule of %s: %w", s.Name, err)
	}
	return nil
}

// pausedLook is how often it is asked whether a pause is over.
const pausedLook = 15 * time.Second

// polled makes one scheduled pass, after a random delay so that sources are
// not read all at once. One that falls into a pause is made after it.
func (a *Aggregator) polled(ctx context.Context, s *source) {
	if s.Poll.Jitter > 0 {
		delay := time.NewTimer(rand.N(s.Poll.Jitter)) //nolint:gosec // spreading load, not secrecy
		defer delay.Stop()
		select {
		case <-ctx.Done():
			return
		case <-delay.C:
		}
	}
	if a.o.Paused(s.Name) {
		s.kick()
		return
	}
	a.refreshed(ctx, s)
}

// followKicks makes the passes that are asked for between scheduled ones, when
// the source is not paused any more.
func (a *Aggregator) followKicks(ctx context.Context, s *source) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.kicked:
			a.awaitPause(ctx, s)
			a.refreshed(ctx, s)
		}
	}
}

// awaitPause returns when the source is not paused, or the context ended. One pass
// then serves for all that were asked for meanwhile.
func (a *Aggregator) awaitPause(ctx context.Context, s *source) {
	for a.o.Paused(s.Name) && ctx.Err() == nil {
		wait := time.NewTimer(pausedLook)
		select {
		case <-ctx.Done():
		case <-wait.C:
		}
		wait.Stop()
		select {
		case <-s.kicked:
		default:
		}
	}
}

// refreshed is Refresh for nobody in particular: it logs and counts itself.
func (a *Aggregator) refreshed(ctx context.Context, s *source) {
	if ctx.Err() == nil {
		_, _ = a.Refresh(ctx, s.Name)
	}
}
