package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// parkedAndPending is a configuration whose dossier has one transaction of each
// kind; their IDs come first.
func parkedAndPending(t *testing.T) (parked, pending, file string) {
	t.Helper()
	folder := t.TempDir()
	s, err := dossier.OpenSQLite(filepath.Join(folder, "dossier.db"), slog.New(slog.DiscardHandler), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	_, err1 := s.ImportCards(t.Context(), []record.Card{{Number: reader, Name: "Maude Canari"}})
	who, err2 := s.ByCard(t.Context(), reader)
	at := time.Now().Add(-time.Hour)
	accept := func(key string) dossier.Transaction {
		stored, _, err := s.Accept(t.Context(), dossier.Transaction{
			Citizen: who, Source: "requests", Ref: record.NewRef(reader), About: "Canari perdu", Key: key, Accepted: at,
			Action: record.Submit{ServiceCode: "7", Description: "Canari perdu", Email: "canari@exemple.test"},
		})
		if err != nil {
			t.Fatal(err)
		}
		return stored
	}
	first, second := accept("one"), accept("two")
	err3 := s.Begin(t.Context(), first.ID, at)
	first.State, first.Reason, first.Attempts = dossier.Parked, "outcome_unknown", 1
	err4 := s.Settle(t.Context(), dossier.Sending, first, at)
	file = filepath.Join(folder, "sem.yaml")
	text := fmt.Sprintf("data_dir: %q\nsources:\n  - {name: library, kind: sip2, settings: {address: \"127.0.0.1:1\"}}\n", folder)
	err5 := os.WriteFile(file, []byte(text), 0o600)
	if err := errors.Join(err1, err2, err3, err4, err5, s.Close()); err != nil {
		t.Fatal(err)
	}
	return first.ID, second.ID, file
}

func TestOutbox(t *testing.T) {
	t.Parallel()
	parked, pending, file := parkedAndPending(t)
	list := func(want ...string) {
		t.Helper()
		a := sem(t, "", "outbox", "-c", file)
		lines := strings.Split(strings.TrimSpace(a.out), "\n")
		if a.code != exitOK || len(lines) != len(want)+1 {
			t.Fatalf("code %d, %s\n%s", a.code, a.err, a.out)
		}
		for i, w := range want {
			if got := strings.Join(strings.Fields(lines[i+1]), " "); !regexp.MustCompile("^" + w + "$").MatchString(got) {
				t.Errorf("line %q, want %q", got, w)
			}
		}
		if strings.Contains(strings.ToLower(a.out), "canari") || strings.Contains(a.out, reader) {
			t.Errorf("a person in the list:\n%s", a.out)
		}
	}
	waits := pending + " requests submit pending - 0 0 1h0m\\ds 0s"
	list(parked+" requests submit parked outcome_unknown 1 0 1h0m\\ds -", waits)
	if a := sem(t, "", "outbox", "-c", file, "-as", "Marie", "replay", parked); a.code != exitOK {
		t.Errorf("replay: code %d, %s", a.code, a.err)
	}
	list(parked+" requests submit pending outcome_unknown 0 0 1h0m\\ds 0s", waits)
	a := sem(t, "", "outbox", "-c", file, "show", parked)
	var steps []string
	for _, line := range strings.Split(strings.TrimSpace(a.out), "\n")[1:] {
		steps = append(steps, strings.Join(strings.Fields(line)[1:], " "))
	}
	want := "- pending - citizen|pending sending - relay|sending parked outcome_unknown relay|parked pending outcome_unknown Marie"
	if got := strings.Join(steps, "|"); a.code != exitOK || got != want {
		t.Errorf("code %d, journal %q, want %q", a.code, got, want)
	}
}

func TestOutboxDrop(t *testing.T) {
	t.Parallel()
	parked, pending, file := parkedAndPending(t)
	for _, tc := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"drop", pending}, exitFailed, "not parked"},
		{[]string{"replay", pending}, exitFailed, "not parked"},
		{[]string{"drop", "else"}, exitFailed, "no transaction has this id"},
		{[]string{"show", "else"}, exitFailed, "no transaction has this id"},
		{[]string{"drop"}, exitUsage, "usage"},
		{[]string{"burn", parked}, exitUsage, "usage"},
		{[]string{"-as", "relay", "drop", parked}, exitFailed, "another meaning"},
		{[]string{"drop", parked}, exitOK, ""},
		{[]string{"drop", parked}, exitFailed, "not parked"},
	} {
		a := sem(t, "", append([]string{"outbox", "-c", file}, tc.args...)...)
		if a.code != tc.code || !strings.Contains(a.err, tc.says) {
			t.Errorf("%v: code %d, %q; want %d, %q", tc.args, a.code, a.err, tc.code, tc.says)
		}
	}
}
