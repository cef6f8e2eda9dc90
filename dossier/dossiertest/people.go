package dossiertest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// three imports the three people and returns their ids.
func (b *bench) three(ctx context.Context) ([]record.Citizen, error) {
	if _, err := b.ImportCards(ctx, []record.Card{anne(), bruno(), clara()}); err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	return b.citizens(ctx, "100001", "100002", "100003")
}

func notFound(ctx context.Context, s *bench) error {
	c, err := s.three(ctx)
	if err != nil {
		return err
	}
	for what, call := range map[string]func() error{
		"card":               func() error { _, err := s.ByCard(ctx, "999999"); return err },
		"no card":            func() error { _, err := s.ByCard(ctx, ""); return err },
		"profile":            func() error { _, err := s.Profile(ctx, "nobody"); return err },
		"choices":            func() error { return s.SaveChoices(ctx, "nobody", dossier.Choices{}) },
		"visit":              func() error { return s.Seen(ctx, "nobody", day()) },
		"credential":         func() error { _, err := s.Credential(ctx, c[0]); return err },
		"somebody's":         func() error { _, err := s.Credential(ctx, "nobody"); return err },
		"credential written": func() error { return s.SetCredential(ctx, "nobody", "hash") },
	} {
		if err := call(); !errors.Is(err, dossier.ErrNotFound) {
			return fmt.Errorf("%s: %w, want ErrNotFound", what, err)
		}
	}
	return s.expectLinks(ctx, "nobody")
}

func kept(ctx context.Context, s *bench) error {
	c, err := s.three(ctx)
	if err != nil {
		return err
	}
	choices := dossier.Choices{Language: "en", TextSize: 150, Contrast: "more", Font: "dyslexia", ReducedData: true}
	if err := errors.Join(
		s.SaveChoices(ctx, c[0], choices),
		s.Seen(ctx, c[0], day()),
		s.Seen(ctx, c[0], day().Add(time.Hour)),
		s.SetCredential(ctx, c[0], "first"),
		s.SetCredential(ctx, c[0], "second"),
		s.SetCredential(ctx, c[1], "other")); err != nil {
		return err
	}
	for range 2 {
		p, err := s.Profile(ctx, c[0])
		if err != nil {
			return err
		}
		untouched, err := s.Profile(ctx, c[1])
		if err != nil {
			return err
		}
		hash, err := s.Credential(ctx, c[0])
		if err != nil {
			return err
		}
		if err := errors.Join(
			equal("profile", p, dossier.Profile{Name: anne().Name, Choices: choices, LastVisit: day()}),
			equal("another profile", untouched, dossier.Profile{Name: bruno().Name}),
			equal("credential", hash, "second")); err != nil {
			return err
		}
		if err := s.reopen(); err != nil {
			return err
		}
	}
	return nil
}

func active(ctx context.Context, s *bench) error {
	c, err := s.three(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(s.Seen(ctx, c[0], day()), s.Seen(ctx, c[1], day().Add(-time.Hour))); err != nil {
		return err
	}
	for since, want := range map[time.Time][]record.Citizen{
		day().Add(time.Nanosecond): nil,
		day():                      {c[0]},
		day().Add(-time.Hour):      {c[0], c[1]},
		{}:                         {c[0], c[1]},
	} {
		got, err := s.Active(ctx, since)
		if err != nil {
			return err
		}
		if err := equal("active since "+since.String(), got, want); err != nil {
			return err
		}
	}
	return nil
}

func failures(ctx context.Context, s *bench) error {
	at := []time.Time{day(), day().Add(time.Minute), day().Add(2 * time.Minute)}
	for _, i := range []int{2, 0, 1} {
		if err := s.AddFailure(ctx, "key", at[i]); err != nil {
			return err
		}
	}
	if err := s.AddFailure(ctx, "other", at[0]); err != nil {
		return err
	}
	expect := func(key string, since time.Time, want ...time.Time) error {
		got, err := s.Failures(ctx, key, since)
		return errors.Join(err, equal("failures of "+key, got, want))
	}
	if err := errors.Join(expect("key", time.Time{}, at...), expect("key", at[1], at[1:]...),
		expect("other", time.Time{}, at[0]), expect("none", time.Time{})); err != nil {
		return err
	}
	if err := errors.Join(s.reopen(), s.PurgeFailures(ctx, at[1]), expect("key", time.Time{}, at[1:]...),
		expect("other", time.Time{})); err != nil {
		return err
	}
	return errors.Join(s.AddFailure(ctx, "other", at[0]), s.ClearFailures(ctx, "key"),
		expect("key", time.Time{}), expect("other", time.Time{}, at[0]))
}

func sessions(ctx context.Context, s *bench) error {
	later, past := time.Now().Add(time.Hour), time.Now().Add(-time.Second)
	expect := func(token string, want string, found bool) error {
		data, ok, err := s.FindCtx(ctx, token)
		return errors.Join(err, equal("session "+token, []any{string(data), ok}, []any{want, found}))
	}
	if err := errors.Join(
		s.CommitCtx(ctx, "a", []byte("one"), later),
		s.CommitCtx(ctx, "a", []byte("two"), later),
		s.CommitCtx(ctx, "b", []byte("other"), later),
		s.CommitCtx(ctx, "expired", []byte("old"), past),
		s.CommitCtx(ctx, "empty", nil, later)); err != nil {
		return err
	}
	if err := errors.Join(s.reopen(), expect("a", "two", true), expect("b", "other", true),
		expect("expired", "", false), expect("unknown", "", false), expect("empty", "", true)); err != nil {
		return err
	}
	return errors.Join(s.DeleteCtx(ctx, "a"), s.DeleteCtx(ctx, "a"), expect("a", "", false),
		s.PurgeSessions(ctx, time.Now()), expect("b", "other", true),
		s.PurgeSessions(ctx, later.Add(time.Second)), expect("b", "", false))
}

func durable(ctx context.Context, s *bench) error {
	c, err := s.three(ctx)
	if err != nil {
		return err
	}
	for range 2 {
		if err := errors.Join(s.reopen(), s.Ping(ctx)); err != nil {
			return err
		}
		again, err := s.citizens(ctx, "100001", "100002", "100003")
		if err != nil {
			return err
		}
		if err := errors.Join(equal("citizens", again, c),
			s.expectLinks(ctx, c[1], link("library", "P2"), link("roll", "R2"))); err != nil {
			return err
		}
	}
	return nil
}

func concurrent(ctx context.Context, s *bench) error {
	const writers, rounds = 8, 10
	c, err := s.three(ctx)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	errs := make(chan error, writers)
	for w := range writers {
		wg.Go(func() {
			for i := range rounds {
				key := strconv.Itoa(w)
				err := errors.Join(
					s.AddFailure(ctx, key, day().Add(time.Duration(i))),
					s.Seen(ctx, c[w%3], day()),
					s.CommitCtx(ctx, key, []byte(key), time.Now().Add(time.Hour)))
				if _, found := s.ByCard(ctx, "100001"); err == nil {
					err = found
				}
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	select {
	case err := <-errs:
		return err
	default:
	}
	for w := range writers {
		got, err := s.Failures(ctx, strconv.Itoa(w), time.Time{})
		if err := errors.Join(err, equal("failures", len(got), rounds)); err != nil {
			return err
		}
	}
	return nil
}

func ended(ctx context.Context, s *bench) error {
	c, err := s.three(ctx)
	if err != nil {
		return err
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.ImportCards(over, []record.Card{anne()}); err == nil {
		return errors.New("imported without a context")
	}
	if err := s.SetCredential(over, c[0], "hash"); err == nil {
		return errors.New("written without a context")
	}
	if _, err := s.citizens(ctx, "100001", "100002", "100003"); err != nil {
		return err
	}
	if _, err := s.Credential(ctx, c[0]); !errors.Is(err, dossier.ErrNotFound) {
		return fmt.Errorf("credential: %w, want ErrNotFound", err)
	}
	return nil
}
