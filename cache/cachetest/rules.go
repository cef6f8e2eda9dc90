package cachetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
)

func neverWritten(ctx context.Context, s *bench) error {
	d, err := s.Dashboard(ctx, anne)
	if err != nil {
		return err
	}
	if d.Version != 0 {
		return fmt.Errorf("version %d of nothing, want 0", d.Version)
	}
	if view := d.Section("library").At(day()); view.State != cache.Unknown {
		return fmt.Errorf("state %q, want unknown", view.State)
	}
	t, err := s.Town(ctx, "services")
	if err != nil {
		return err
	}
	return same(t, cache.Section{Source: "services"})
}

func wholeSection(ctx context.Context, s *bench) error {
	recreation, library := section("recreation", "r1"), section("library", "a", "b", "c")
	if err := putAll(ctx, s, anne, recreation, library); err != nil {
		return err
	}
	if err := expect(ctx, s, anne, recreation, library); err != nil {
		return err
	}
	next := library.Succeeded([]record.Record{loan("b")}, day().Add(time.Hour), ages())
	if err := putAll(ctx, s, anne, next); err != nil {
		return err
	}
	if err := expect(ctx, s, anne, recreation, next); err != nil {
		return err
	}
	empty := next.Succeeded(nil, day().Add(2*time.Hour), ages())
	failed := empty.Failed("unavailable", day().Add(3*time.Hour))
	for _, step := range []cache.Section{empty, failed} {
		if err := putAll(ctx, s, anne, step); err != nil {
			return err
		}
		if err := expect(ctx, s, anne, recreation, step); err != nil {
			return err
		}
	}
	return nil
}

func immutable(ctx context.Context, s *bench) error {
	before := section("library", "a")
	if err := putAll(ctx, s, anne, before); err != nil {
		return err
	}
	d, err := s.Dashboard(ctx, anne)
	if err != nil {
		return err
	}
	if err := putAll(ctx, s, anne, section("library", "b", "c"), section("recreation", "r")); err != nil {
		return err
	}
	if state := d.Section("recreation").At(day()).State; state != cache.Unknown {
		return fmt.Errorf("a dashboard already handed out learned of another section: %s", state)
	}
	return same(d.Section("library"), before)
}

func isolation(ctx context.Context, s *bench) error {
	citizens := []record.Citizen{anne, annex, bruno}
	for _, c := range citizens {
		if err := putAll(ctx, s, c, section("library", string(c))); err != nil {
			return err
		}
	}
	for range 2 {
		for _, c := range citizens {
			if err := expect(ctx, s, c, section("library", string(c))); err != nil {
				return fmt.Errorf("%s: %w", c, err)
			}
		}
		if err := s.reopen(); err != nil {
			return err
		}
	}
	return nil
}

func nobody(ctx context.Context, s *bench) error {
	for _, c := range []record.Citizen{"", anne + "\x00library"} {
		if err := s.Put(ctx, c, section("library", "a")); !errors.Is(err, cache.ErrNobody) {
			return fmt.Errorf("put for %q: %w, want ErrNobody", c, err)
		}
		if _, err := s.Dashboard(ctx, c); !errors.Is(err, cache.ErrNobody) {
			return fmt.Errorf("dashboard of %q: %w, want ErrNobody", c, err)
		}
		if err := s.Forget(ctx, c); !errors.Is(err, cache.ErrNobody) {
			return fmt.Errorf("forget %q: %w, want ErrNobody", c, err)
		}
	}
	if err := s.Put(ctx, anne, cache.Section{}); err == nil {
		return errors.New("a section without a source was taken")
	}
	return nil
}

func townApart(ctx context.Context, s *bench) error {
	services, mine := section("services", "s1", "s2"), section("services", "own")
	if err := s.PutTown(ctx, services); err != nil {
		return err
	}
	if err := putAll(ctx, s, anne, mine); err != nil {
		return err
	}
	for range 2 {
		if err := expect(ctx, s, anne, mine); err != nil {
			return err
		}
		if err := expect(ctx, s, bruno, cache.Section{Source: "services"}); err != nil {
			return err
		}
		t, err := s.Town(ctx, "services")
		if err != nil {
			return err
		}
		if err := same(t, services); err != nil {
			return err
		}
		if err := s.reopen(); err != nil {
			return err
		}
	}
	return nil
}

func forget(ctx context.Context, s *bench) error {
	library, recreation := section("library", "a"), section("recreation", "r")
	for _, c := range []record.Citizen{anne, annex, bruno} {
		if err := putAll(ctx, s, c, library, recreation); err != nil {
			return err
		}
	}
	if err := s.Forget(ctx, anne); err != nil {
		return err
	}
	for range 2 {
		if err := expect(ctx, s, anne, cache.Section{Source: "library"}, cache.Section{Source: "recreation"}); err != nil {
			return err
		}
		for _, c := range []record.Citizen{annex, bruno} {
			if err := expect(ctx, s, c, library, recreation); err != nil {
				return fmt.Errorf("%s: %w", c, err)
			}
		}
		if err := s.reopen(); err != nil {
			return err
		}
	}
	return s.Forget(ctx, "citizen-nobody")
}

func versions(ctx context.Context, s *bench) error {
	steps := []func() error{
		func() error { return s.Put(ctx, anne, section("library", "a")) },
		func() error { return s.Put(ctx, anne, section("library", "a")) }, // the date counts too
		func() error { return s.Put(ctx, anne, section("recreation", "r")) },
		func() error { return s.Put(ctx, anne, section("library", "a").Failed("unavailable", day())) },
		func() error {
			return errors.Join(s.Forget(ctx, anne), s.Put(ctx, anne, section("library", "a")))
		},
	}
	var last uint64
	for i, step := range steps {
		if err := step(); err != nil {
			return err
		}
		d, err := s.Dashboard(ctx, anne)
		if err != nil {
			return err
		}
		if d.Version <= last {
			return fmt.Errorf("step %d: version %d after %d", i, d.Version, last)
		}
		last = d.Version
	}
	return nil
}

func ended(ctx context.Context, s *bench) error {
	if err := putAll(ctx, s, anne, section("library", "a")); err != nil {
		return err
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Put(over, anne, section("library", "b")); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("put: %w, want context.Canceled", err)
	}
	if err := s.Forget(over, anne); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("forget: %w, want context.Canceled", err)
	}
	return expect(ctx, s, anne, section("library", "a"))
}

func reopen(ctx context.Context, s *bench) error {
	never := cache.Section{Source: "requests"}.Failed("denied", day())
	empty := section("recreation")
	library := section("library", "a", "b").Failed("malformed", day().Add(time.Minute))
	if err := putAll(ctx, s, anne, never, empty, library); err != nil {
		return err
	}
	if err := s.PutTown(ctx, section("services", "s")); err != nil {
		return err
	}
	// What changed since the day is found again too.
	grown := section("loans", "a").Succeeded([]record.Record{loan("a"), loan("b")}, day().Add(time.Hour), ages())
	if err := putAll(ctx, s, anne, grown); err != nil {
		return err
	}
	if err := s.reopen(); err != nil {
		return err
	}
	if err := expect(ctx, s, anne, never, empty, library, grown); err != nil {
		return err
	}
	t, err := s.Town(ctx, "services")
	if err != nil {
		return err
	}
	return same(t, section("services", "s"))
}

func reopenVersions(ctx context.Context, s *bench) error {
	var last uint64
	for i := range 3 {
		if err := putAll(ctx, s, anne, section("library", "a")); err != nil {
			return err
		}
		d, err := s.Dashboard(ctx, anne)
		if err != nil {
			return err
		}
		if d.Version <= last {
			return fmt.Errorf("opening %d: version %d after %d", i, d.Version, last)
		}
		last = d.Version
		if err := s.reopen(); err != nil {
			return err
		}
		if d, err = s.Dashboard(ctx, anne); err != nil || d.Version != last {
			return fmt.Errorf("opening %d: version %d, %w; want %d again", i, d.Version, err, last)
		}
	}
	return nil
}
