package dossier_test

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/dossier/dossiertest"
)

var _ scs.CtxStore = (*dossier.SQLite)(nil)

func open(path string) (*dossier.SQLite, error) {
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		return nil, err
	}
	return dossier.OpenSQLite(path, slog.New(slog.DiscardHandler), zone)
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	dossiertest.Run(t, func(folder string) (dossier.Store, error) {
		return open(filepath.Join(folder, "dossier.db"))
	})
}
