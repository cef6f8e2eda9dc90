package dossiertest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

const opening = "recreation 2026-12-01T14:00:00Z"

func seed() []byte { return bytes.Repeat([]byte("s"), 32) }

// ticketOf wants a place in a session for somebody.
func ticketOf(citizen record.Citizen, n int, session, attendee string) dossier.Ticket {
	id := fmt.Sprintf("00000000-0000-4000-8000-%012d", n)
	return dossier.Ticket{
		ID: id, Window: opening, Citizen: citizen, Source: "recreation", Ref: record.NewRef("F1"), About: "Swimming", Arrived: day().Add(time.Duration(n)),
		Action: record.Register{Session: session, Offer: "o", Order: id, AttendeeGivenName: attendee},
	}
}

// enter stores tickets and returns the first error.
func (b *bench) enter(ctx context.Context, tickets ...dossier.Ticket) error {
	for _, t := range tickets {
		if _, _, err := b.Enter(ctx, t); err != nil {
			return fmt.Errorf("entering: %w", err)
		}
	}
	return nil
}

// room is a family and a window that is prepared.
func (b *bench) room(ctx context.Context) (people, error) {
	p, err := b.family(ctx)
	if err != nil {
		return p, err
	}
	_, err = b.PrepareDraw(ctx, opening, seed(), day())
	return p, err
}

func ticketIDs(tickets []dossier.Ticket) (list []string) {
	for _, t := range tickets {
		list = append(list, t.ID)
	}
	return list
}

// hold brings a waiting ticket to held.
func (b *bench) hold(ctx context.Context, t dossier.Ticket) (dossier.Ticket, error) {
	t.State, t.HeldUntil = dossier.TicketHeld, day().Add(time.Minute)
	t.Receipt = record.Receipt{Outcome: record.OutcomeDone, Quote: &record.Quote{HeldUntil: t.HeldUntil}}
	return t, errors.Join(b.Ask(ctx, t.ID, day()), b.MoveTicket(ctx, dossier.TicketWaiting, t, day()))
}

func ticketsOnce(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	first := ticketOf(p.anne, 1, "swim", "Zoé")
	if _, _, err := s.Enter(ctx, first); !errors.Is(err, dossier.ErrNotFound) {
		return fmt.Errorf("before there is a draw: %w, want ErrNotFound", err)
	}
	if _, err := s.PrepareDraw(ctx, opening, seed(), day()); err != nil {
		return err
	}
	// Many posts of the same form at once are one ticket.
	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		all.Go(func() { _, _, errs[i] = s.Enter(ctx, first) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	stored, again, err1 := s.Enter(ctx, ticketOf(p.anne, 2, "swim", "Zoé"))
	other, fresh, err2 := s.Enter(ctx, ticketOf(p.anne, 3, "swim", "Léo"))
	if err := errors.Join(err1, err2, equal("again", []any{stored.ID, again, fresh}, []any{first.ID, true, false})); err != nil {
		return err
	}
	stolen, changed, bare := ticketOf(p.bruno, 1, "swim", "Zoé"), ticketOf(p.anne, 1, "chess", "Zoé"), ticketOf(p.anne, 4, "", "")
	for what, tc := range map[string]struct {
		ticket dossier.Ticket
		want   error
	}{"another's": {stolen, dossier.ErrKeyReused}, "other content": {changed, dossier.ErrKeyReused}, "no session": {bare, dossier.ErrRefused}, "nobody": {ticketOf("nobody", 5, "swim", ""), dossier.ErrNotFound}} {
		if _, _, err := s.Enter(ctx, tc.ticket); !errors.Is(err, tc.want) {
			return fmt.Errorf("%s: %w, want %w", what, err, tc.want)
		}
	}
	if err := s.reopen(); err != nil {
		return err
	}
	mine, err1 := s.Tickets(ctx, p.anne)
	got, err2 := s.Ticket(ctx, p.anne, first.ID)
	first.State = dossier.TicketWaiting
	if err := errors.Join(err1, err2, equal("ticket", got, first), equal("newest first", ticketIDs(mine), []string{other.ID, first.ID})); err != nil {
		return err
	}
	_, theirs := s.Ticket(ctx, p.bruno, first.ID)
	left := s.Leave(ctx, p.bruno, first.ID, day())
	if !errors.Is(theirs, dossier.ErrNotFound) || !errors.Is(left, dossier.ErrNotFound) {
		return fmt.Errorf("of somebody else: read %w, left %w; want ErrNotFound", theirs, left)
	}
	if err := s.Leave(ctx, p.anne, first.ID, day()); err != nil {
		return err
	}
	if err := s.Leave(ctx, p.anne, first.ID, day()); !errors.Is(err, dossier.ErrMoved) {
		return fmt.Errorf("left twice: %w, want ErrMoved", err)
	}
	stored, again, err = s.Enter(ctx, ticketOf(p.anne, 6, "swim", "Zoé"))
	return errors.Join(err, equal("again after leaving", again, false), equal("state", stored.State, dossier.TicketWaiting))
}

func drawIsFair(ctx context.Context, s *bench) error {
	p, err := s.room(ctx)
	if err != nil {
		return err
	}
	var present []string
	for n := range 40 {
		t := ticketOf(p.anne, n, "swim", fmt.Sprint("child ", n))
		present = append(present, t.ID)
		if err := s.enter(ctx, t); err != nil {
			return err
		}
	}
	if err := s.Leave(ctx, p.anne, present[0], day()); err != nil {
		return err
	}
	before, err := s.PrepareDraw(ctx, opening, bytes.Repeat([]byte("x"), 32), day()) // too late for another seed
	if err := errors.Join(err, equal("before the draw", before, dossier.Draw{Window: opening, Commitment: sha256.Sum256(seed())})); err != nil {
		return err
	}
	none, err := s.NextTickets(ctx, opening, nil, 5)
	if err := errors.Join(err, equal("turns before the draw", len(none), 0)); err != nil {
		return err
	}
	n, err1 := s.DrawOrder(ctx, opening, day())
	late := ticketOf(p.bruno, 41, "swim", "late")
	if err := errors.Join(err1, equal("present", n, 39), s.enter(ctx, late, ticketOf(p.bruno, 42, "chess", "later"))); err != nil {
		return err
	}
	n, err1 = s.DrawOrder(ctx, opening, day().Add(time.Hour))
	if err := errors.Join(err1, equal("drawn again", n, 0), s.reopen()); err != nil {
		return err
	}
	after, err1 := s.FindDraw(ctx, opening)
	queue, err2 := s.NextTickets(ctx, opening, nil, 100)
	some, err3 := s.NextTickets(ctx, opening, []string{"swim"}, 100)
	if err := errors.Join(err1, err2, err3, equal("after", after, dossier.Draw{Window: opening, Commitment: before.Commitment, Seed: seed(), Drawn: day()}),
		equal("without swimming", len(some), 1)); err != nil {
		return err
	}
	var order []string
	for i, t := range queue {
		order = append(order, t.ID)
		if t.Rank != i+1 {
			return fmt.Errorf("rank %d at place %d", t.Rank, i+1)
		}
	}
	want := append(dossier.Lots(after.Seed, present[1:]), late.ID, some[0].ID)
	if slices.IsSorted(want) {
		return errors.New("the order of the draw is that of the IDs")
	}
	progress, err := s.Progress(ctx, some[0], day())
	return errors.Join(err, equal("order", order, want), equal("progress", progress, dossier.Progress{Present: 41, Ahead: 40}))
}

func turnsMove(ctx context.Context, s *bench) error {
	p, err := s.room(ctx)
	if err != nil {
		return err
	}
	t := []dossier.Ticket{}
	for n := range 5 {
		t = append(t, ticketOf(p.anne, n, "swim", fmt.Sprint("child ", n)))
	}
	other := ticketOf(p.bruno, 9, "chess", "")
	_, drawn := s.DrawOrder(ctx, opening, day())
	if err := errors.Join(drawn, s.enter(ctx, append(t, other)...)); err != nil {
		return err
	}
	for i := range 3 {
		if t[i], err = s.hold(ctx, t[i]); err != nil {
			return err
		}
	}
	lapsed := t[0]
	lapsed.State = dossier.TicketLapsed
	if err := errors.Join(s.MoveTicket(ctx, dossier.TicketHeld, lapsed, day()), s.Leave(ctx, p.anne, t[1].ID, day()), s.Leave(ctx, p.anne, t[3].ID, day()), s.reopen()); err != nil {
		return err
	}
	if err1, err2 := s.Ask(ctx, t[3].ID, day()), s.MoveTicket(ctx, dossier.TicketWaiting, t[3], day()); !errors.Is(err1, dossier.ErrMoved) || !errors.Is(err2, dossier.ErrMoved) {
		return fmt.Errorf("a ticket that left: asked %w, moved %w; want ErrMoved", err1, err2)
	}
	early, err0 := s.RunOut(ctx, opening, t[2].HeldUntil.Add(-1))
	held, err1 := s.RunOut(ctx, opening, t[2].HeldUntil)
	owed, err2 := s.Unreleased(ctx, opening)
	crowd, err3 := s.Crowd(ctx, opening, "swim")
	if err := errors.Join(err0, err1, err2, err3, equal("run out early", len(early), 0), equal("run out", ticketIDs(held), []string{t[2].ID})); err != nil {
		return err
	}
	if err := errors.Join(equal("kept until", held[0].HeldUntil, t[2].HeldUntil), equal("quote", held[0].Receipt, t[2].Receipt),
		equal("to give back", ticketIDs(owed), []string{t[0].ID, t[1].ID}), equal("crowd", crowd, dossier.Crowd{Waiting: 1, Undecided: 3})); err != nil {
		return err
	}
	if err := s.Released(ctx, t[0].ID, day()); err != nil {
		return err
	}
	if err := s.Released(ctx, t[2].ID, day()); !errors.Is(err, dossier.ErrMoved) {
		return fmt.Errorf("a place that is kept, given back: %w, want ErrMoved", err)
	}
	refused, err1 := s.RefuseWaiting(ctx, opening, "swim", "activity_full", day())
	waiting, err2 := s.WaitingCitizens(ctx, opening)
	crowd, err3 = s.Crowd(ctx, opening, "swim")
	no, err4 := s.Ticket(ctx, p.anne, t[4].ID)
	return errors.Join(err1, err2, err3, err4, equal("refused", refused, []record.Citizen{p.anne}), equal("still waiting", waiting, []record.Citizen{p.bruno}),
		equal("crowd", crowd, dossier.Crowd{Undecided: 2}), equal("word", []any{no.State, no.Reason}, []any{dossier.TicketRefused, "activity_full"}))
}

func placeTaken(ctx context.Context, s *bench) error {
	p, err := s.room(ctx)
	if err != nil {
		return err
	}
	t := ticketOf(p.anne, 1, "swim", "Zoé")
	_, drawn := s.DrawOrder(ctx, opening, day())
	if err := errors.Join(drawn, s.enter(ctx, t)); err != nil {
		return err
	}
	send := func(change func(*dossier.Transaction)) error {
		x := dossier.Transaction{ID: t.ID, Key: t.ID, Citizen: t.Citizen, Source: t.Source, Ref: t.Ref, Action: t.Action, Accepted: day()}
		change(&x)
		_, _, err := s.Accept(ctx, x)
		return err
	}
	same := func(x *dossier.Transaction) {
		a := t.Action
		a.Agreed = new(record.Cents(7800))
		x.Action = a
	}
	if err := send(same); !errors.Is(err, dossier.ErrMoved) {
		return fmt.Errorf("confirmed before its turn: %w, want ErrMoved", err)
	}
	if t, err = s.hold(ctx, t); err != nil {
		return err
	}
	stranger := send(func(x *dossier.Transaction) { x.Citizen = p.bruno })
	elsewhere := send(func(x *dossier.Transaction) {
		a := t.Action
		a.Session = "chess"
		x.Action = a
	})
	if !errors.Is(stranger, dossier.ErrMoved) || !errors.Is(elsewhere, dossier.ErrKeyReused) {
		return fmt.Errorf("by a stranger %w, want ErrMoved; for another session %w, want ErrKeyReused", stranger, elsewhere)
	}
	none, err := s.Transactions(ctx, p.anne)
	if err := errors.Join(err, equal("accepted so far", len(none), 0), send(same), send(same), s.reopen()); err != nil {
		return err
	}
	got, err1 := s.Ticket(ctx, p.anne, t.ID)
	crowd, err2 := s.Crowd(ctx, opening, "swim")
	lapsed := t
	lapsed.State = dossier.TicketLapsed
	if err := s.MoveTicket(ctx, dossier.TicketHeld, lapsed, day()); !errors.Is(err, dossier.ErrMoved) {
		return fmt.Errorf("lapsed after it was confirmed: %w, want ErrMoved", err)
	}
	_, again, err3 := s.Enter(ctx, ticketOf(p.anne, 2, "swim", "Zoé"))
	return errors.Join(err1, err2, err3, equal("state", got.State, dossier.TicketDone), equal("undecided until it is settled", crowd.Undecided, 1), equal("another ticket is the same", again, true))
}
