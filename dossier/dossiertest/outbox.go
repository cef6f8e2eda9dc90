package dossiertest

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"sync"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// renewal is one that a citizen sends at an instant after day.
func renewal(citizen record.Citizen, item string, after time.Duration) dossier.Transaction {
	return dossier.Transaction{
		Citizen: citizen, Source: "library", Ref: record.NewRef("P-" + string(citizen)), Action: record.Renew{Item: item},
		About: "L’hiver", Key: "form " + item, Accepted: day().Add(after),
	}
}

func letter(citizen record.Citizen, subject string) dossier.Transaction {
	to := []mail.Address{{Name: "Anne", Address: "anne@exemple.test"}}
	return dossier.Transaction{Citizen: citizen, Source: "mail", Action: record.Message{To: to, Subject: subject, Text: "Bonjour"}, Key: subject, Accepted: day()}
}

// as is what the store must make of a transaction that it accepted.
func as(sent dossier.Transaction, id string) dossier.Transaction {
	sent.ID, sent.State, sent.NotBefore = id, dossier.Pending, sent.Accepted
	if sent.For == "" {
		sent.For = sent.Citizen
	}
	return sent
}

// accepted accepts transactions that must be new, and returns them as they stand.
func (b *bench) accepted(ctx context.Context, all ...dossier.Transaction) ([]dossier.Transaction, error) {
	var stored []dossier.Transaction
	for _, t := range all {
		got, again, err := b.Accept(ctx, t)
		if err != nil || again {
			return nil, fmt.Errorf("acceptance: again %v: %w", again, err)
		}
		stored = append(stored, got)
	}
	return stored, nil
}

// expectDue compares the IDs of what is due.
func (b *bench) expectDue(ctx context.Context, what, source string, at time.Time, want ...dossier.Transaction) error {
	due, err := b.DueTransactions(ctx, source, at, 100)
	if err != nil {
		return err
	}
	return equal(what+": due", ids(due), ids(want))
}

func ids(all []dossier.Transaction) (ids []string) {
	for _, t := range all {
		ids = append(ids, t.ID)
	}
	return ids
}

func transactionsKept(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	point := &record.Point{Lat: 45.5, Long: -73.9}
	first, second := renewal(p.anne, "1", 0), dossier.Transaction{
		ID: "11111111-2222-4333-8444-555555555555", Citizen: p.anne, For: p.mia, Source: "requests", About: "Nid-de-poule", Key: "k",
		Action:   record.Submit{ServiceCode: "7", Point: point, Attributes: map[string][]string{"COTE": {"N", "S"}}},
		Accepted: day().Add(time.Minute),
	}
	stored, err := s.accepted(ctx, first, second, renewal(p.bruno, "1", 0))
	if err != nil {
		return err
	}
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	if !uuid.MatchString(stored[0].ID) || stored[0].ID == stored[2].ID {
		return errors.New("an ID must be a random UUID in lower case")
	}
	want := []dossier.Transaction{as(second, second.ID), as(first, stored[0].ID)}
	if err := equal("accepted", stored[:2], []dossier.Transaction{want[1], want[0]}); err != nil {
		return err
	}
	for range 2 {
		list, err := s.Transactions(ctx, p.anne)
		one, err2 := s.Transaction(ctx, p.anne, second.ID)
		none, err3 := s.Transactions(ctx, p.mia)
		_, others := s.Transaction(ctx, p.mia, second.ID)
		if !errors.Is(others, dossier.ErrNotFound) {
			return fmt.Errorf("read by somebody else: %w, want ErrNotFound", others)
		}
		steps, err4 := s.Journal(ctx, second.ID)
		if err := errors.Join(err, err2, err3, err4, equal("transactions", list, want), equal("transaction", one, want[0]),
			equal("of another", len(none), 0), s.reopen(),
			equal("journal", steps, []dossier.Step{{At: second.Accepted, To: dossier.Pending, By: dossier.ByCitizen}})); err != nil {
			return err
		}
	}
	return nil
}

func keys(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	register := dossier.Transaction{Citizen: p.anne, Source: "recreation", Action: record.Register{Session: "x"}, Key: "r", Accepted: day()}
	sent := []dossier.Transaction{renewal(p.anne, "1", 0), register, letter(p.anne, "Plainte")}
	stored, err := s.accepted(ctx, sent...)
	if err != nil {
		return err
	}
	order := stored[1].Action.(record.Register).Order
	message := stored[2].Action.(record.Message).ID
	if err := errors.Join(equal("order", order, stored[1].ID), equal("message", message, stored[2].ID), s.Begin(ctx, stored[0].ID, day())); err != nil {
		return err
	}
	if stored[0], err = s.Transaction(ctx, p.anne, stored[0].ID); err != nil {
		return err
	}
	for i, t := range sent {
		t.Accepted, t.About = day().Add(time.Hour), "otherwise worded"
		got, again, err := s.Accept(ctx, t)
		if err := errors.Join(err, equal("again", again, true), equal("as it stands", got, stored[i])); err != nil {
			return err
		}
	}
	for what, change := range map[string]func(*dossier.Transaction){
		"source":  func(t *dossier.Transaction) { t.Source = "other" },
		"person":  func(t *dossier.Transaction) { t.For = p.mia },
		"account": func(t *dossier.Transaction) { t.Ref = record.NewRef("other") },
		"action":  func(t *dossier.Transaction) { t.Action = record.Renew{Item: "2"} },
		"kind":    func(t *dossier.Transaction) { t.Action = record.RenewAll{} },
	} {
		other := sent[0]
		change(&other)
		if got, _, err := s.Accept(ctx, other); !errors.Is(err, dossier.ErrKeyReused) || got.ID != "" {
			return fmt.Errorf("the key with another %s: %w, want ErrKeyReused and nothing else", what, err)
		}
	}
	theirs := sent[0]
	theirs.Citizen = p.bruno
	if _, err := s.accepted(ctx, theirs); err != nil {
		return fmt.Errorf("another citizen's key: %w", err)
	}
	list, err := s.Transactions(ctx, p.anne)
	return errors.Join(err, equal("transactions", len(list), 3), s.keysAtOnce(ctx, p.leo))
}

// keysAtOnce: a form posted many times at once is one transaction.
func (b *bench) keysAtOnce(ctx context.Context, citizen record.Citizen) error {
	const posts = 8
	var group sync.WaitGroup
	errs, fresh := make([]error, posts), make([]bool, posts)
	for i := range posts {
		group.Go(func() {
			_, again, err := b.Accept(ctx, renewal(citizen, "1", 0))
			errs[i], fresh[i] = err, !again
		})
	}
	group.Wait()
	n := 0
	for _, f := range fresh {
		if f {
			n++
		}
	}
	list, err := b.Transactions(ctx, citizen)
	return errors.Join(errors.Join(errs...), err, equal("new ones", n, 1), equal("transactions", len(list), 1))
}

func acceptRefuses(ctx context.Context, s *bench) error {
	p, err := s.family(ctx)
	if err != nil {
		return err
	}
	for what, tc := range map[string]struct {
		change func(*dossier.Transaction)
		want   error
	}{
		"no source":        {func(t *dossier.Transaction) { t.Source = "" }, dossier.ErrRefused},
		"no action":        {func(t *dossier.Transaction) { t.Action = nil }, dossier.ErrRefused},
		"no key":           {func(t *dossier.Transaction) { t.Key = "" }, dossier.ErrRefused},
		"no instant":       {func(t *dossier.Transaction) { t.Accepted = time.Time{} }, dossier.ErrRefused},
		"no citizen":       {func(t *dossier.Transaction) { t.Citizen = "" }, dossier.ErrNotFound},
		"unknown citizen":  {func(t *dossier.Transaction) { t.Citizen = "nobody" }, dossier.ErrNotFound},
		"for somebody odd": {func(t *dossier.Transaction) { t.For = "nobody" }, dossier.ErrNotFound},
	} {
		t := renewal(p.anne, "1", 0)
		tc.change(&t)
		if got, again, err := s.Accept(ctx, t); !errors.Is(err, tc.want) || again || got.ID != "" {
			return fmt.Errorf("%s: %w, want %w and nothing else", what, err, tc.want)
		}
	}
	all, err := s.Unsettled(ctx)
	return errors.Join(err, equal("transactions", len(all), 0))
}
