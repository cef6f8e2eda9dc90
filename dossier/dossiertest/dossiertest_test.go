package dossiertest_test

import (
	"context"
	"log/slog"
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
	for rule, defect := range map[string]func(*dossier.SQLite) dossier.Store{
		"links lead to their citizens only":                  func(s *dossier.SQLite) dossier.Store { return sharedLinks{s} },
		"a card that is gone or expired signs nobody in":     func(s *dossier.SQLite) dossier.Store { return openForEver{s, map[string]record.Citizen{}} },
		"a registry that contradicts itself changes nothing": func(s *dossier.SQLite) dossier.Store { return lenient{s} },
		"sessions end at their expiry":                       func(s *dossier.SQLite) dossier.Store { return forgetful{s} },
		"active citizens are those seen since":               func(s *dossier.SQLite) dossier.Store { return visitless{s} },
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			err := dossiertest.Check(t.Context(), rule, t.TempDir(), func(folder string) (dossier.Store, error) {
				s, err := dossier.OpenSQLite(filepath.Join(folder, "dossier.db"), slog.New(slog.DiscardHandler), time.UTC)
				return defect(s), err
			})
			if err == nil {
				t.Error("not noticed")
			}
		})
	}
}
