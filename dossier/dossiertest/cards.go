package dossiertest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

func importOpens(ctx context.Context, s *bench) error {
	if err := s.imported(ctx, dossier.Imported{Added: 3}, anne(), bruno(), clara(), clara()); err != nil {
		return err
	}
	c, err := s.citizens(ctx, "100001", "100002", "100003")
	if err != nil {
		return err
	}
	if c[0] == c[1] || c[1] == c[2] || c[0] == c[2] {
		return errors.New("two cards, one dossier")
	}
	for i, card := range []record.Card{anne(), bruno(), clara()} {
		if len(c[i]) < 22 || string(c[i]) == card.Number {
			return errors.New("a citizen's id must be random, 128 bits or more")
		}
		p, err := s.Profile(ctx, c[i])
		if err != nil {
			return err
		}
		if err := equal("profile", p, dossier.Profile{Name: card.Name}); err != nil {
			return err
		}
	}
	return errors.Join(
		s.expectLinks(ctx, c[0], link("library", "P1"), link("roll", "R1"), link("roll", "R2")),
		s.expectLinks(ctx, c[1], link("library", "P2"), link("roll", "R2")),
		s.expectLinks(ctx, c[2]))
}

func importAgain(ctx context.Context, s *bench) error {
	if err := s.imported(ctx, dossier.Imported{Added: 2}, anne(), bruno()); err != nil {
		return err
	}
	before, err := s.citizens(ctx, "100001", "100002")
	if err != nil {
		return err
	}
	if err := s.imported(ctx, dossier.Imported{}, bruno(), anne()); err != nil {
		return err
	}
	after, err := s.citizens(ctx, "100001", "100002")
	if err != nil {
		return err
	}
	return equal("citizens", after, before)
}

func importChanges(ctx context.Context, s *bench) error {
	if err := s.imported(ctx, dossier.Imported{Added: 2}, anne(), bruno()); err != nil {
		return err
	}
	c, err := s.citizens(ctx, "100001", "100002")
	if err != nil {
		return err
	}
	choices := dossier.Choices{Language: "en"}
	if err := errors.Join(s.SetCredential(ctx, c[0], "hash"), s.SaveChoices(ctx, c[0], choices)); err != nil {
		return err
	}
	changed := anne()
	changed.Name = "Anne Ouellet"
	changed.Links = map[string][]string{"library": {"P9"}}
	if err := s.imported(ctx, dossier.Imported{Added: 1, Changed: 1}, changed, bruno(), clara()); err != nil {
		return err
	}
	if again, err := s.ByCard(ctx, "100001"); err != nil || again != c[0] {
		return fmt.Errorf("another dossier after a change: %w", err)
	}
	p, err := s.Profile(ctx, c[0])
	if err != nil {
		return err
	}
	hash, err := s.Credential(ctx, c[0])
	if err != nil {
		return err
	}
	return errors.Join(
		equal("profile", p, dossier.Profile{Name: "Anne Ouellet", Choices: choices}),
		equal("credential", hash, "hash"),
		s.expectLinks(ctx, c[0], link("library", "P9")),
		s.expectLinks(ctx, c[1], link("library", "P2"), link("roll", "R2")))
}

func cardsEnd(ctx context.Context, s *bench) error {
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		return err
	}
	// The day is read again should midnight fall between.
	for {
		today := record.DateOf(time.Now().In(zone))
		err := cardsEndOn(ctx, s, today)
		if today == record.DateOf(time.Now().In(zone)) {
			return err
		}
	}
}

func cardsEndOn(ctx context.Context, s *bench, today record.Date) error {
	last, over := bruno(), clara()
	last.Expires, over.Expires = today, today.AddDays(-1)
	if _, err := s.ImportCards(ctx, []record.Card{anne(), last, over}); err != nil {
		return err
	}
	c, err := s.citizens(ctx, "100001", "100002")
	if err != nil {
		return fmt.Errorf("valid today: %w", err)
	}
	if err := s.missing(ctx, "100003"); err != nil {
		return fmt.Errorf("expired yesterday: %w", err)
	}
	if err := s.SetCredential(ctx, c[0], "hash"); err != nil {
		return err
	}
	if err := s.imported(ctx, dossier.Imported{Closed: 1}, last, over); err != nil {
		return err
	}
	if err := s.missing(ctx, "100001"); err != nil {
		return fmt.Errorf("dropped by the registry: %w", err)
	}
	owners, err := s.Owners(ctx, "roll")
	if err != nil {
		return err
	}
	if len(owners[record.NewRef("R1")]) != 0 {
		return errors.New("the links of a dropped card are still followed")
	}
	if hash, err := s.Credential(ctx, c[0]); err != nil || hash != "hash" {
		return fmt.Errorf("the dossier of a dropped card must stay: %w", err)
	}
	if err := s.imported(ctx, dossier.Imported{Changed: 1}, anne(), last, over); err != nil {
		return err
	}
	if again, err := s.ByCard(ctx, "100001"); err != nil || again != c[0] {
		return fmt.Errorf("a card that came back must open the same dossier: %w", err)
	}
	return s.expectLinks(ctx, c[0], link("library", "P1"), link("roll", "R1"), link("roll", "R2"))
}

func (b *bench) missing(ctx context.Context, number string) error {
	if _, err := b.ByCard(ctx, number); !errors.Is(err, dossier.ErrNotFound) {
		return fmt.Errorf("card: %w, want ErrNotFound", err)
	}
	return nil
}

func importConflict(ctx context.Context, s *bench) error {
	if err := s.imported(ctx, dossier.Imported{Added: 1}, anne()); err != nil {
		return err
	}
	other := bruno()
	other.Name = "Somebody else"
	for _, cards := range [][]record.Card{{clara(), bruno(), other}, {clara(), {Name: "No number"}}} {
		if n, err := s.ImportCards(ctx, cards); !errors.Is(err, dossier.ErrConflict) || n != (dossier.Imported{}) {
			return fmt.Errorf("%v, %w; want ErrConflict", n, err)
		}
		if err := errors.Join(s.missing(ctx, "100002"), s.missing(ctx, "100003")); err != nil {
			return err
		}
		if _, err := s.ByCard(ctx, "100001"); err != nil {
			return fmt.Errorf("a refused registry closed a card: %w", err)
		}
	}
	return nil
}

func linksApart(ctx context.Context, s *bench) error {
	if err := s.imported(ctx, dossier.Imported{Added: 3}, anne(), bruno(), clara()); err != nil {
		return err
	}
	c, err := s.citizens(ctx, "100001", "100002")
	if err != nil {
		return err
	}
	roll, err := s.Owners(ctx, "roll")
	if err != nil {
		return err
	}
	if len(roll) != 2 {
		return fmt.Errorf("%d owned refs in the roll, want 2", len(roll))
	}
	if err := equal("owners", roll[record.NewRef("R1")], c[:1]); err != nil {
		return err
	}
	shared := roll[record.NewRef("R2")]
	if len(shared) != 2 || shared[0] == shared[1] {
		return fmt.Errorf("%d owners of a shared property, want 2", len(shared))
	}
	nothing, err := s.Owners(ctx, "recreation")
	if err != nil {
		return err
	}
	return equal("owners", len(nothing), 0)
}

func large(ctx context.Context, s *bench) error {
	cards := make([]record.Card, 20_000)
	for i := range cards {
		n := strconv.Itoa(200_000 + i)
		cards[i] = record.Card{Number: n, Name: "Citizen " + n, Links: map[string][]string{"library": {"P" + n}, "roll": {"R" + n}}}
	}
	const few = 2_000
	start := time.Now()
	if err := s.imported(ctx, dossier.Imported{Added: few}, cards[:few]...); err != nil {
		return err
	}
	// A tenth of the cards in so much time: whatever grows with the square of
	// their number takes a hundred times as long, not ten.
	tenth := time.Since(start)
	start = time.Now()
	if err := s.imported(ctx, dossier.Imported{Added: len(cards) - few}, cards...); err != nil {
		return err
	}
	if took := time.Since(start); took > 40*tenth {
		return fmt.Errorf("%d cards took %.0f times as long as %d", len(cards), float64(took)/float64(tenth), few)
	}
	if err := s.imported(ctx, dossier.Imported{Closed: 1}, cards[1:]...); err != nil {
		return err
	}
	owners, err := s.Owners(ctx, "roll")
	if err != nil {
		return err
	}
	return equal("owners", len(owners), len(cards)-1)
}
