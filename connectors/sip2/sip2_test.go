package sip2

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"flag"
	"log/slog"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/connectors/sip2/sip2sim"
)

var update = flag.Bool("update", false, "write the golden files anew")

// card is the reader with loans, holds and fees of library.
const card, pin = "210001", "4821"

// library is the invented library that tests read.
func library() sip2sim.Library {
	day := func(s string) time.Time {
		t, err := time.Parse("2006-01-02 15:04", s+" 23:59")
		if err != nil {
			panic(err) // a mistake in the table below
		}
		return t
	}
	return sip2sim.Library{
		Institution: "VILLE",
		Items: []sip2sim.Item{
			{Barcode: "33001", Title: "Contes du Richelieu | tome 1", Media: "001", Branch: "Centre"},
			{Barcode: "33002", Title: "L'hiver à Deux-Montagnes", Media: "001", Branch: "Centre"},
			{Barcode: "33003", Title: "Le jardin des érables", Media: "006"},
			{Barcode: "33004", Title: "Cartes anciennes"},
			{Barcode: "33005", Title: "Été sur le lac"},
		},
		Patrons: []sip2sim.Patron{
			{
				Card: card, PIN: pin, Name: "Zoé Légaré",
				Loans: []sip2sim.Loan{{Item: "33001", Due: day("2026-03-08")}, {Item: "33002", Due: day("2026-01-15")}},
				Holds: []sip2sim.Hold{{Item: "33003", Ready: true}, {Item: "33004"}},
				Fees:  []sip2sim.Fee{{Text: "Amende, Été", Cents: 1575}, {Text: "Photocopies", Cents: 25}},
				Flags: []int{10},
			},
			{Card: "210002", PIN: "1111", Name: "Aimé Côté"},
			{Card: "210003", PIN: "2222", Name: "Rita Roy", Holds: []sip2sim.Hold{{Item: "33005"}}, Loans: []sip2sim.Loan{{Item: "33099", Due: day("2026-02-01")}}},
		},
	}
}

// simulate starts a library system that ends with the test.
func simulate(t testing.TB, lib sip2sim.Library, config sip2sim.Config) *sip2sim.Server {
	t.Helper()
	sim, err := sip2sim.Start("127.0.0.1:0", lib, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	return sim
}

// testDeps are what cmd hands to a source, without the allow-list.
func testDeps(log *bytes.Buffer) connectors.Deps {
	logger := slog.New(slog.DiscardHandler)
	if log != nil {
		logger = slog.New(slog.NewTextHandler(log, nil))
	}
	var d net.Dialer
	return connectors.Deps{Log: logger, HTTP: http.DefaultClient, Dial: d.DialContext, TLS: &tls.Config{MinVersion: tls.VersionTLS12}}
}

// openAt opens a source at an address; change adjusts the default settings.
func openAt(t testing.TB, addr string, change ...func(*Settings)) connectors.Source {
	t.Helper()
	return openWith(t, testDeps(nil), addr, change...)
}

func openWith(t testing.TB, deps connectors.Deps, addr string, change ...func(*Settings)) connectors.Source {
	t.Helper()
	s := defaults()
	s.Address = addr
	for _, c := range change {
		c(&s)
	}
	if problems := s.Validate(); len(problems) > 0 {
		t.Fatalf("settings: %v", problems)
	}
	source, err := Kind().Open(&s, deps)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = source.Close() })
	return source
}

// deadline is the context that the guard gives a call.
func deadline(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func golden(t *testing.T, path string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// personalities are the systems that every test of the whole speaks to.
func personalities() map[string]sip2sim.Config {
	return map[string]sip2sim.Config{
		"plain":     {Personality: sip2sim.Plain},
		"koha":      {Personality: sip2sim.Koha, User: "sem", Password: "secret-koha"},
		"evergreen": {Personality: sip2sim.Evergreen, User: "sem", Password: "secret-eg"},
	}
}

func account(c sip2sim.Config) func(*Settings) {
	return func(s *Settings) {
		s.LoginUser, s.LoginPassword = c.User, connectors.NewSecret(c.Password)
	}
}

func TestFindGolden(t *testing.T) {
	t.Parallel()
	for name, config := range personalities() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := openAt(t, simulate(t, library(), config).Addr(), account(config))
			records, err := source.Find.Find(deadline(t, 10*time.Second), record.NewRef(card))
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "testdata/find-"+name+".json", records)
		})
	}
}
