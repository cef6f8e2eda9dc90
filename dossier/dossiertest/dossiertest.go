// Package dossiertest holds every dossier store to what package dossier
// promises.
package dossiertest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// Open opens the store of a folder: a second Open of the same folder, after
// Close, finds what the first one held. The town's zone is America/Toronto.
type Open func(folder string) (dossier.Store, error)

// Rule is one promise.
type Rule struct {
	Name  string
	check func(ctx context.Context, s *bench) error
}

// Rules returns every promise.
func Rules() []Rule {
	return []Rule{
		{"import opens one dossier a card", importOpens},
		{"import of the same registry changes nothing", importAgain},
		{"import changes names and links, and keeps the rest", importChanges},
		{"a card that is gone or expired signs nobody in", cardsEnd},
		{"a registry that contradicts itself changes nothing", importConflict},
		{"links lead to their citizens only", linksApart},
		{"whoever is not there is not found", notFound},
		{"choices, visits and credentials are kept", kept},
		{"active citizens are those seen since", active},
		{"failures are counted by key and time", failures},
		{"sessions end at their expiry", sessions},
		{"birth dates follow the registry", birthDates},
		{"a household holds whom it was given", households},
		{"a household refuses what cannot be", householdsRefuse},
		{"a family file has relatives", relatives},
		{"a family file lets in whom it may", joining},
		{"a family file that is withdrawn rests parental consent", fileGone},
		{"who is removed takes everything along", removal},
		{"consents are kept, one of them live", consents},
		{"consent is given by whom age allows", consentsRefuse},
		{"consents given at once leave one live", consentsAtOnce},
		{"a calendar opens by its token alone", calendars},
		{"a revoked calendar is no calendar", calendarsEnd},
		{"a calendar ends with its owner's right", calendarsExpire},
		{"a calendar needs an opt-in and a member", calendarsRefuse},
		{"use of a calendar is noted by the hour", calendarUse},
		{"a photo is its citizen's alone", photosKept},
		{"photos go with what owns them", photosGo},
		{"a photo is shared by its token alone", photosShared},
		{"photos have limits", photosLimits},
		{"photos end with what they were sent with", photosEnd},
		{"photos are accepted with what they are sent with", photosAccepted},
		{"a transaction is kept as it was sent", transactionsKept},
		{"a key is one transaction", keys},
		{"what cannot be accepted is not", acceptRefuses},
		{"an account is served in order", accountsInOrder},
		{"what is due is due from its time on", dueInTime},
		{"an attempt is noted once, before it is made", attempts},
		{"settling is one step, letters included", settling},
		{"what a dead process was sending is checked", recovery},
		{"what is parked waits for an operator", operators},
		{"the backlog is what is not settled", backlogs},
		{"a person has one ticket for a place", ticketsOnce},
		{"the order of turns is drawn once, and anybody can check it", drawIsFair},
		{"a ticket moves one way", turnsMove},
		{"a kept place is taken with its transaction", placeTaken},
		{"drafts are kept until they are sent or old", draftsKept},
		{"drafts have limits", draftsLimits},
		{"all of it survives closing", durable},
		{"concurrent writers lose nothing", concurrent},
		{"a context that ended changes nothing", ended},
		{"a registry of ten times the cards takes some ten times as long", large},
	}
}

// Run checks every rule as a subtest.
func Run(t *testing.T, open Open) {
	t.Helper()
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			t.Parallel()
			if err := rule.run(t.Context(), open, t.TempDir()); err != nil {
				t.Error(err)
			}
		})
	}
}

// Check returns how a store breaks one rule, nil when it keeps it.
func Check(ctx context.Context, rule, folder string, open Open) error {
	for _, r := range Rules() {
		if r.Name == rule {
			return r.run(ctx, open, folder)
		}
	}
	return nil
}

func (r Rule) run(ctx context.Context, open Open, folder string) (err error) {
	b := &bench{open: open, folder: folder}
	if err := b.reopen(); err != nil {
		return err
	}
	defer func() {
		if closed := b.Close(); err == nil {
			err = closed
		}
	}()
	return r.check(ctx, b)
}

// bench is an open store that a rule may close and open again.
type bench struct {
	dossier.Store
	open   Open
	folder string
}

func (b *bench) reopen() error {
	if b.Store != nil {
		if err := b.Close(); err != nil {
			return fmt.Errorf("close: %w", err)
		}
	}
	s, err := b.open(b.folder)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	b.Store = s
	return nil
}

// imported imports the registry and checks the counts.
func (b *bench) imported(ctx context.Context, want dossier.Imported, cards ...record.Card) error {
	got, err := b.ImportCards(ctx, cards)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	return equal("imported", got, want)
}

// citizens returns who holds the cards.
func (b *bench) citizens(ctx context.Context, numbers ...string) ([]record.Citizen, error) {
	var all []record.Citizen
	for _, number := range numbers {
		c, err := b.ByCard(ctx, number)
		if err != nil {
			return nil, fmt.Errorf("card: %w", err)
		}
		all = append(all, c)
	}
	return all, nil
}

func (b *bench) expectLinks(ctx context.Context, citizen record.Citizen, want ...dossier.Link) error {
	links, err := b.Links(ctx, citizen)
	if err != nil {
		return fmt.Errorf("links: %w", err)
	}
	return equal("links", revealed(links), revealed(want))
}

// revealed makes links comparable: a Ref hides itself from a diff.
func revealed(links []dossier.Link) []string {
	var out []string
	for _, l := range links {
		out = append(out, l.Source+"="+l.Ref.Reveal())
	}
	return out
}

func equal(what string, got, want any) error {
	refs := cmp.Comparer(func(a, b record.Ref) bool { return a == b })
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), refs); diff != "" {
		return fmt.Errorf("%s (-want +got):\n%s", what, diff)
	}
	return nil
}

func link(source, ref string) dossier.Link {
	return dossier.Link{Source: source, Ref: record.NewRef(ref)}
}

// anne has a library card and two properties, one of them with bruno.
func anne() record.Card {
	return record.Card{
		Number: "100001", Name: "Anne Bérubé-Ouellet",
		Links: map[string][]string{"library": {"P1"}, "roll": {"R1", "R2"}},
	}
}

func bruno() record.Card {
	return record.Card{Number: "100002", Name: "Bruno", Links: map[string][]string{"library": {"P2"}, "roll": {"R2"}}}
}

// clara is new in town and linked to nothing.
func clara() record.Card { return record.Card{Number: "100003", Name: "Clara"} }

func day() time.Time { return time.Date(2026, time.November, 24, 15, 4, 5, 678, time.UTC) }
