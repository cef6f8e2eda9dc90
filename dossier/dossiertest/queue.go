package dossiertest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// settled settles a transaction from sending, in a state, with a reason.
func (b *bench) settled(ctx context.Context, t dossier.Transaction, from, to dossier.TransactionState, at time.Time) error {
	t.State, t.Reason = to, "why"
	return b.Settle(ctx, from, t, at)
}

func accountsInOrder(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	elsewhere := renewal(p.anne, "9", 0)
	elsewhere.Source = "other"
	// No account: each citizen's are in order, but for what is handed in.
	anonymous := renewal(p.anne, "anonymous", 0)
	anonymous.Ref = record.Ref{}
	named := renewal(p.anne, "named", 0)
	named.Ref = record.NewRef(string(p.anne))
	t, err := s.accepted(ctx, renewal(p.anne, "1", 0), renewal(p.anne, "2", 0), renewal(p.bruno, "1", 0), elsewhere, anonymous, named,
		letter(p.anne, "first"), letter(p.anne, "second"))
	if err != nil {
		return err
	}
	at, rest := day().Add(time.Hour), []dossier.Transaction{t[2], t[4], t[5]}
	with := func(first ...dossier.Transaction) []dossier.Transaction { return append(first, rest...) }
	limited, err := s.DueTransactions(ctx, "library", at, 2)
	if err := errors.Join(err, equal("two at most", ids(limited), ids([]dossier.Transaction{t[0], t[2]})),
		s.expectDue(ctx, "at first", "library", at, with(t[0])...),
		s.expectDue(ctx, "elsewhere", "other", at, t[3]), s.expectDue(ctx, "letters", "mail", at, t[6], t[7]),
		s.Begin(ctx, t[0].ID, at), s.expectDue(ctx, "while the first is sent", "library", at, rest...)); err != nil {
		return err
	}
	later := t[0]
	later.NotBefore = at.Add(time.Minute)
	if err := errors.Join(s.settled(ctx, later, dossier.Sending, dossier.Checking, at),
		s.expectDue(ctx, "while the first waits to be checked", "library", at, rest...),
		s.settled(ctx, later, dossier.Checking, dossier.Pending, at),
		s.expectDue(ctx, "while the first waits for another attempt", "library", at, rest...),
		s.expectDue(ctx, "when its time comes", "library", later.NotBefore, with(t[0])...)); err != nil {
		return err
	}
	return errors.Join(s.settled(ctx, t[0], dossier.Pending, dossier.Parked, at),
		s.expectDue(ctx, "once the first is parked", "library", at, with(t[1])...),
		s.Replay(ctx, t[0].ID, "op", at), s.expectDue(ctx, "once it is replayed", "library", at, with(t[0])...),
		s.settled(ctx, t[0], dossier.Pending, dossier.Refused, at),
		s.expectDue(ctx, "once it is final", "library", at, with(t[1])...))
}

func dueInTime(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	next := func(what string, want time.Time) error {
		got, err := s.NextDue(ctx, "library")
		return errors.Join(err, equal(what+": next due", got, want))
	}
	if err := next("nothing", time.Time{}); err != nil {
		return err
	}
	t, err := s.accepted(ctx, renewal(p.anne, "1", time.Minute), renewal(p.anne, "2", 0), renewal(p.bruno, "1", time.Hour))
	if err != nil {
		return err
	}
	if err := errors.Join(next("held up", day().Add(time.Minute)),
		s.expectDue(ctx, "before", "library", t[0].NotBefore.Add(-1)), s.expectDue(ctx, "then", "library", t[0].NotBefore, t[0]),
		s.Begin(ctx, t[0].ID, day()), next("while one is sent", day().Add(time.Hour))); err != nil {
		return err
	}
	return errors.Join(s.settled(ctx, t[0], dossier.Sending, dossier.Done, day()), next("after it", day()),
		s.settled(ctx, t[1], dossier.Pending, dossier.Parked, day()), s.settled(ctx, t[2], dossier.Pending, dossier.Done, day()),
		next("all parked or final", time.Time{}))
}

func attempts(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	t, err := s.accepted(ctx, renewal(p.anne, "1", 0))
	if err != nil {
		return err
	}
	at := day().Add(time.Second)
	if err := s.Begin(ctx, t[0].ID, at); err != nil {
		return err
	}
	for _, id := range []string{t[0].ID, "else"} {
		if err := s.Begin(ctx, id, at.Add(time.Hour)); !errors.Is(err, dossier.ErrMoved) {
			return fmt.Errorf("begun twice, or not there: %w, want ErrMoved", err)
		}
	}
	want := t[0]
	want.State, want.Attempts, want.Sent = dossier.Sending, 1, at
	if err := s.reopen(); err != nil {
		return err
	}
	got, err := s.Transaction(ctx, p.anne, want.ID)
	steps, err2 := s.Journal(ctx, want.ID)
	return errors.Join(err, err2, equal("while sending", got, want), equal("journal", steps, []dossier.Step{
		{At: day(), To: dossier.Pending, By: dossier.ByCitizen},
		{At: at, From: dossier.Pending, To: dossier.Sending, By: dossier.ByRelay},
	}))
}

func settling(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	stored, err := s.accepted(ctx, renewal(p.anne, "1", 0))
	if err != nil {
		return err
	}
	t, at, end := stored[0], day().Add(time.Second), day().Add(time.Minute)
	loan := record.Record{Key: "1", Owner: t.Ref, Source: "library", ReadAt: end, Body: record.Loan{Title: "L’hiver"}}
	t.State, t.Reason, t.Attempts, t.Checks, t.NotBefore, t.Sent = dossier.Done, "ok", 1, 2, end, at
	t.Receipt = record.Receipt{Outcome: record.OutcomeDone, Reference: "R1", Records: []record.Record{loan}}
	orphan := letter("nobody", "Reçu")
	if err := s.Settle(ctx, dossier.Sending, t, end); !errors.Is(err, dossier.ErrMoved) {
		return fmt.Errorf("settled from a state that it is not in: %w, want ErrMoved", err)
	}
	if err := s.Begin(ctx, t.ID, at); err != nil {
		return err
	}
	if err := s.Settle(ctx, dossier.Sending, t, end, letter(p.anne, "Reçu"), orphan); !errors.Is(err, dossier.ErrNotFound) {
		return fmt.Errorf("with a message of nobody: %w, want ErrNotFound", err)
	}
	if list, err := s.Transactions(ctx, p.anne); err != nil || len(list) != 1 || list[0].State != dossier.Sending {
		return fmt.Errorf("half of a step that failed was stored: %w", err)
	}
	if err := errors.Join(s.Settle(ctx, dossier.Sending, t, end, letter(p.anne, "Reçu"), letter(p.mia, "Reçu")), s.reopen()); err != nil {
		return err
	}
	for _, from := range []dossier.TransactionState{dossier.Sending, dossier.Checking, dossier.Done, dossier.Parked} {
		if err := s.Settle(ctx, from, t, end, letter(p.anne, "Reçu")); !errors.Is(err, dossier.ErrMoved) {
			return fmt.Errorf("settled again from %s: %w, want ErrMoved", from, err)
		}
	}
	t.Settled = end
	list, err := s.Transactions(ctx, p.anne)
	if err != nil || len(list) != 2 {
		return fmt.Errorf("%d transactions, want 2: %w", len(list), err)
	}
	steps, err := s.Journal(ctx, t.ID)
	receipt, err2 := s.Journal(ctx, list[0].ID)
	return errors.Join(err, err2, equal("settled", list[1], t), equal("follows", list[0].Follows, t.ID),
		equal("letter", []any{list[0].State, list[0].Accepted}, []any{dossier.Pending, end}),
		equal("last step", steps[len(steps)-1], dossier.Step{At: end, From: dossier.Sending, To: dossier.Done, Reason: "ok", By: dossier.ByRelay}),
		equal("letter's steps", receipt, []dossier.Step{{At: end, To: dossier.Pending, By: dossier.ByRelay}}))
}

func recovery(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	t, err := s.accepted(ctx, renewal(p.anne, "1", 0), renewal(p.bruno, "1", 0), renewal(p.mia, "1", 0))
	if err != nil {
		return err
	}
	at := day().Add(time.Hour)
	if err := errors.Join(s.Begin(ctx, t[0].ID, day()), s.Begin(ctx, t[1].ID, day()), s.reopen()); err != nil {
		return err
	}
	n, err := s.Recover(ctx, at)
	again, err2 := s.Recover(ctx, at)
	got, err3 := s.Transaction(ctx, p.anne, t[0].ID)
	steps, err4 := s.Journal(ctx, t[0].ID)
	if err := errors.Join(err, err2, err3, err4, equal("recovered", []int{n, again}, []int{2, 0}),
		s.expectDue(ctx, "recovered", "library", at, t...)); err != nil {
		return err
	}
	want := t[0]
	want.State, want.Reason, want.Attempts, want.Sent, want.NotBefore = dossier.Checking, dossier.ReasonInterrupted, 1, day(), at
	return errors.Join(equal("recovered", got, want), equal("last step", steps[len(steps)-1],
		dossier.Step{At: at, From: dossier.Sending, To: dossier.Checking, Reason: dossier.ReasonInterrupted, By: dossier.ByRelay}))
}

func operators(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	t, err := s.accepted(ctx, renewal(p.anne, "1", 0), renewal(p.bruno, "1", 0))
	if err != nil {
		return err
	}
	at := day().Add(time.Hour)
	for what, err := range map[string]error{"replayed": s.Replay(ctx, t[0].ID, "op", at), "dropped": s.Drop(ctx, t[0].ID, "op", at)} {
		if !errors.Is(err, dossier.ErrMoved) {
			return fmt.Errorf("%s, not parked: %w, want ErrMoved", what, err)
		}
	}
	for what, err := range map[string]error{"replayed": s.Replay(ctx, "else", "op", at), "dropped": s.Drop(ctx, "else", "op", at)} {
		if !errors.Is(err, dossier.ErrNotFound) {
			return fmt.Errorf("%s, not there: %w, want ErrNotFound", what, err)
		}
	}
	for i := range t {
		err = errors.Join(err, s.Begin(ctx, t[i].ID, day()))
		t[i].Attempts = 3
		err = errors.Join(err, s.settled(ctx, t[i], dossier.Sending, dossier.Parked, day()))
	}
	if err := errors.Join(err, s.expectDue(ctx, "parked", "library", at)); err != nil {
		return err
	}
	if err := s.Replay(ctx, t[0].ID, "", at); !errors.Is(err, dossier.ErrRefused) {
		return fmt.Errorf("replayed by nobody: %w, want ErrRefused", err)
	}
	if err := errors.Join(s.Replay(ctx, t[0].ID, "Marie", at), s.Drop(ctx, t[1].ID, "Marie", at), s.reopen()); err != nil {
		return err
	}
	replayed, err1 := s.Transaction(ctx, p.anne, t[0].ID)
	dropped, err2 := s.Transaction(ctx, p.bruno, t[1].ID)
	steps, err3 := s.Journal(ctx, t[0].ID)
	last, err4 := s.Journal(ctx, t[1].ID)
	return errors.Join(err1, err2, err3, err4,
		equal("replayed", []any{replayed.State, replayed.Attempts, replayed.NotBefore}, []any{dossier.Pending, 0, at}),
		equal("dropped", []any{dropped.State, dropped.Settled}, []any{dossier.Dropped, at}),
		equal("replay", steps[3], dossier.Step{At: at, From: dossier.Parked, To: dossier.Pending, Reason: "why", By: "Marie"}),
		equal("drop", last[3], dossier.Step{At: at, From: dossier.Parked, To: dossier.Dropped, Reason: "why", By: "Marie"}))
}

func backlogs(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	t, err := s.accepted(ctx, letter(p.anne, "first"), renewal(p.anne, "1", time.Minute), renewal(p.bruno, "1", 2*time.Minute), renewal(p.mia, "1", 0),
		renewal(p.leo, "1", 0))
	if err != nil {
		return err
	}
	if err := errors.Join(s.settled(ctx, t[3], dossier.Pending, dossier.Done, day()), s.settled(ctx, t[4], dossier.Pending, dossier.Parked, day())); err != nil {
		return err
	}
	unsettled, err := s.Unsettled(ctx)
	counts, err2 := s.Backlog(ctx)
	_, none := s.Journal(ctx, "else")
	if !errors.Is(none, dossier.ErrNotFound) {
		return fmt.Errorf("journal of what is not there: %w, want ErrNotFound", none)
	}
	return errors.Join(err, err2, equal("unsettled", ids(unsettled), ids([]dossier.Transaction{t[0], t[1], t[2], t[4]})),
		equal("backlog", counts, []dossier.Backlog{
			{Source: "library", State: dossier.Parked, Count: 1, Oldest: day()},
			{Source: "library", State: dossier.Pending, Count: 2, Oldest: day().Add(time.Minute)},
			{Source: "mail", State: dossier.Pending, Count: 1, Oldest: day()},
		}))
}
