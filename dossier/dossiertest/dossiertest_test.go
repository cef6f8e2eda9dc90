package dossiertest_test

import (
	"context"
	"log/slog"
	"maps"
	"path/filepath"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/dossier/dossiertest"
)

// The defects: each is a good store with one promise broken.

type sharedLinks struct{ *dossier.SQLite }

func (s sharedLinks) Owners(ctx context.Context, _ string) (map[record.Ref][]record.Citizen, error) {
	return s.SQLite.Owners(ctx, "library")
}

type openForEver struct {
	*dossier.SQLite
	seen map[string]record.Citizen
}

func (s openForEver) ByCard(ctx context.Context, card string) (record.Citizen, error) {
	citizen, err := s.SQLite.ByCard(ctx, card)
	if err != nil && s.seen[card] != "" {
		return s.seen[card], nil
	}
	s.seen[card] = citizen
	return citizen, err
}

type lenient struct{ *dossier.SQLite }

func (s lenient) ImportCards(ctx context.Context, cards []record.Card) (dossier.Imported, error) {
	byNumber := map[string]record.Card{}
	for _, c := range cards {
		byNumber[c.Number] = c
	}
	delete(byNumber, "")
	cards = nil
	for _, c := range byNumber {
		cards = append(cards, c)
	}
	return s.SQLite.ImportCards(ctx, cards)
}

type forgetful struct{ *dossier.SQLite }

func (s forgetful) CommitCtx(ctx context.Context, token string, data []byte, _ time.Time) error {
	return s.SQLite.CommitCtx(ctx, token, data, time.Now().Add(time.Hour))
}

type visitless struct{ *dossier.SQLite }

func (s visitless) Seen(context.Context, record.Citizen, time.Time) error { return nil }

// TestKitNoticesDefects: a kit that passes everything proves nothing.
func TestKitNoticesDefects(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	defects := map[string]func(*dossier.SQLite) dossier.Store{
		"links lead to their citizens only":                      func(s *dossier.SQLite) dossier.Store { return sharedLinks{s} },
		"a card that is gone or expired signs nobody in":         func(s *dossier.SQLite) dossier.Store { return openForEver{s, map[string]record.Citizen{}} },
		"a registry that contradicts itself changes nothing":     func(s *dossier.SQLite) dossier.Store { return lenient{s} },
		"sessions end at their expiry":                           func(s *dossier.SQLite) dossier.Store { return forgetful{s} },
		"active citizens are those seen since":                   func(s *dossier.SQLite) dossier.Store { return visitless{s} },
		"choices, visits and credentials are kept":               func(s *dossier.SQLite) dossier.Store { return plainFont{s} },
		"birth dates follow the registry":                        func(s *dossier.SQLite) dossier.Store { return ageless{s} },
		"a household holds whom it was given":                    func(s *dossier.SQLite) dossier.Store { return mutual{s} },
		"a household refuses what cannot be":                     func(s *dossier.SQLite) dossier.Store { return narcissist{s} },
		"a family file has relatives":                            func(s *dossier.SQLite) dossier.Store { return sameHouse{s} },
		"a family file lets in whom it may":                      func(s *dossier.SQLite) dossier.Store { return obliging{s} },
		"a family file that is withdrawn rests parental consent": func(s *dossier.SQLite) dossier.Store { return unwithdrawn{s} },
		"who is removed takes everything along":                  func(s *dossier.SQLite) dossier.Store { return sticky{s} },
		"consents are kept, one of them live":                    func(s *dossier.SQLite) dossier.Store { return swappedLedger{s} },
		"consent is given by whom age allows":                    func(s *dossier.SQLite) dossier.Store { return timeless{s} },
		"consents given at once leave one live":                  func(s *dossier.SQLite) dossier.Store { return unledgered{s, make(chan struct{}, 1)} },
		"a calendar opens by its token alone":                    func(s *dossier.SQLite) dossier.Store { return weakToken{s} },
		"a revoked calendar is no calendar":                      func(s *dossier.SQLite) dossier.Store { return undead{s, map[string]dossier.Calendar{}} },
		"a calendar ends with its owner's right":                 func(s *dossier.SQLite) dossier.Store { return undead{s, map[string]dossier.Calendar{}} },
		"a calendar needs an opt-in and a member":                func(s *dossier.SQLite) dossier.Store { return silent{s} },
		"use of a calendar is noted by the hour":                 func(s *dossier.SQLite) dossier.Store { return unused{s} },
		"a photo is its citizen's alone":                         func(s *dossier.SQLite) dossier.Store { return twice{s} },
		"photos go with what owns them":                          func(s *dossier.SQLite) dossier.Store { return hoarder{s} },
		"a photo is shared by its token alone":                   func(s *dossier.SQLite) dossier.Store { return everOpen{s} },
		"photos have limits":                                     func(s *dossier.SQLite) dossier.Store { return generous{s} },
	}
	maps.Copy(defects, outboxDefects())
	maps.Copy(defects, waitingDefects())
	for rule, defect := range defects {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			check := func(with func(*dossier.SQLite) dossier.Store) error {
				return dossiertest.Check(t.Context(), rule, t.TempDir(), func(folder string) (dossier.Store, error) {
					s, err := dossier.OpenSQLite(filepath.Join(folder, "dossier.db"), slog.New(slog.DiscardHandler), zone)
					return with(s), err
				})
			}
			if err := check(func(s *dossier.SQLite) dossier.Store { return s }); err != nil {
				t.Errorf("noticed where there is none: %v", err)
			}
			if err := check(defect); err == nil {
				t.Error("not noticed")
			}
		})
	}
}
