package cachetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
)

// told waits for a value; a store that tells through a network has time to.
func told(ctx context.Context, c <-chan struct{}) error {
	patience, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	select {
	case <-c:
		return nil
	case <-patience.Done():
		return errors.New("nothing told")
	}
}

func watch(ctx context.Context, s *bench) error {
	changes, stop := s.Watch(anne)
	defer stop()
	other, stopOther := s.Watch(anne)
	for _, change := range []func() error{
		func() error { return s.Put(ctx, anne, section("library", "a")) },
		func() error { return s.Put(ctx, anne, section("library", "a")) },
		func() error { return s.Put(ctx, anne, section("library", "a").Failed("denied", day())) },
		func() error { return s.Forget(ctx, anne) },
	} {
		if err := change(); err != nil {
			return err
		}
		if err := errors.Join(told(ctx, changes), told(ctx, other)); err != nil {
			return err
		}
	}
	stopOther()
	// A receiver that does not listen holds nobody up, and hears the last change.
	for range 100 {
		if err := s.Put(ctx, anne, section("library", "b")); err != nil {
			return err
		}
	}
	if err := told(ctx, changes); err != nil {
		return err
	}
	select {
	case <-other:
		return errors.New("told after stop")
	default:
		return nil
	}
}

func watchApart(ctx context.Context, s *bench) error {
	changes, stop := s.Watch(bruno)
	defer stop()
	mine, stopMine := s.Watch(anne)
	defer stopMine()
	if err := putAll(ctx, s, anne, section("library", "a")); err != nil {
		return err
	}
	if err := told(ctx, mine); err != nil {
		return err
	}
	select {
	case <-changes:
		return errors.New("told of somebody else's change")
	default:
		return nil
	}
}

// concurrent lets writers and readers of several citizens at one another; each
// section carries its citizen, and a reader must never see another's, nor an
// older version after a newer one.
func concurrent(ctx context.Context, s *bench) error {
	const rounds = 40
	citizens := []record.Citizen{anne, annex, bruno}
	var fns []func() error
	for _, c := range citizens {
		for _, source := range []string{"library", "recreation"} {
			fns = append(fns, func() error {
				for range rounds {
					if err := s.Put(ctx, c, section(source, string(c))); err != nil {
						return err
					}
				}
				return nil
			})
		}
		fns = append(fns, func() error { return watchOver(ctx, s, c, rounds) })
	}
	if err := group(fns...); err != nil {
		return err
	}
	for _, c := range citizens {
		if err := expect(ctx, s, c, section("library", string(c)), section("recreation", string(c))); err != nil {
			return fmt.Errorf("%s: %w", c, err)
		}
	}
	return nil
}

func watchOver(ctx context.Context, s cache.Reader, c record.Citizen, rounds int) error {
	var last uint64
	for range rounds * 4 {
		d, err := s.Dashboard(ctx, c)
		if err != nil {
			return err
		}
		if d.Version < last {
			return fmt.Errorf("version %d after %d", d.Version, last)
		}
		last = d.Version
		for _, source := range []string{"library", "recreation"} {
			records, _ := d.Section(source).At(day()).Records()
			if len(records) > 1 || len(records) == 1 && records[0].Key != string(c) {
				return errors.New("somebody else's section")
			}
		}
	}
	return nil
}
