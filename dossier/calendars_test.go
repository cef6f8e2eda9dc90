package dossier_test

import (
	"bytes"
	"encoding/base64"
	"path/filepath"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// TestTokenAtRest: no file of the dossier holds what opens a calendar.
func TestTokenAtRest(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "dossier.db")
	s, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ImportCards(t.Context(), []record.Card{{Number: "1"}}); err != nil {
		t.Fatal(err)
	}
	owner, err := s.ByCard(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	token, err := s.CreateCalendar(t.Context(), dossier.Calendar{Owner: owner, Wording: "canary wording", Language: "fr", Created: now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.FindCalendar(t.Context(), token, now); err != nil {
		t.Error(err)
	}
	bits, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	files := append(read(t, path), read(t, path+"-wal")...)
	if !bytes.Contains(files, []byte("canary wording")) {
		t.Error("the calendar is in neither file: nothing was searched")
	}
	if bytes.Contains(files, []byte(token)) || bytes.Contains(files, bits) {
		t.Error("the token is at rest")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
