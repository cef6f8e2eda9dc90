package example_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/connectortest"
	"github.com/semenligne/sem/connectors/example"
	"github.com/semenligne/sem/connectors/example/examplesim"
	"github.com/semenligne/sem/connectors/record"
)

// The kit rewrites the golden file when this is set.
var _ = flag.Bool("update", false, "rewrite the golden files")

const key = "cle-inventee"

func seed() examplesim.Seed {
	return examplesim.Seed{Key: key, Holders: map[string][]examplesim.Permit{
		"H-1001": {
			{Number: "2026-0311", Type: "Abattage d'un fre\u0302ne", State: "D", Place: "14, rue des Essais", Issued: "2026-03-02", Expires: "2026-09-02", Fee: "25.00"},
			{Number: "2026-0420", Type: "Piscine hors terre", State: "E"},
			{Number: "2025-0007", Type: "Clôture", State: "X9", Fee: "0"},
		},
		"H-1002": nil,
	}}
}

func settings(addr string) *example.Settings {
	s, ok := example.Kind().Settings().(*example.Settings)
	if !ok {
		panic("example.Kind has other settings")
	}
	s.BaseURL, s.Key = "http://"+addr, connectors.NewSecret(key)
	return s
}

// TestConformance is all that a connector needs to run the kit.
func TestConformance(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, connectortest.Suite{
		Kind: example.Kind(),
		Start: func() (connectortest.Fake, error) {
			server, err := examplesim.Start("127.0.0.1:0", seed())
			if err != nil {
				return connectortest.Fake{}, err
			}
			return connectortest.Fake{
				Addr: server.Addr(), Close: server.Close,
				Foreign: func() { server.SetFault(examplesim.FaultForeign) },
			}, nil
		},
		Settings: func(addr string) connectors.Settings { return settings(addr) },
		Denied: func(addr string) connectors.Settings {
			s := settings(addr)
			s.Key = connectors.NewSecret("another-key")
			return s
		},
		Known: record.NewRef("H-1001"), Unknown: record.NewRef("H-9999"),
		FindGolden: "testdata/find.golden.json",
		Secrets:    []string{key, "another-key"},
		Persons:    []string{"H-1001", "H-9999", "14, rue des Essais", "2026-0311"},
	})
}

func find(t *testing.T, server *examplesim.Server, holder string) ([]record.Record, error) {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	source, err := example.Kind().Open(settings(server.Addr()), connectors.Deps{
		Log: slog.New(slog.DiscardHandler), HTTP: &http.Client{Transport: transport},
	})
	if err != nil {
		t.Fatal(err)
	}
	return source.Find.Find(t.Context(), record.NewRef(holder))
}

func start(t *testing.T) *examplesim.Server {
	t.Helper()
	server, err := examplesim.Start("127.0.0.1:0", seed())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// TestNone tells a confirmed "nothing" from everything that is not one.
func TestNone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		holder string
		fault  examplesim.Fault
		want   error
	}{
		"no permits":    {"H-1002", examplesim.FaultNone, nil},
		"nobody":        {"H-9999", examplesim.FaultNone, connectors.ErrNotFound},
		"server error":  {"H-1002", examplesim.FaultError, connectors.ErrUnavailable},
		"empty reply":   {"H-1002", examplesim.FaultEmpty, connectors.ErrMalformed},
		"wrong charset": {"H-1001", examplesim.FaultCharset, connectors.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t)
			server.SetFault(c.fault)
			got, err := find(t, server, c.holder)
			if len(got) > 0 || !errors.Is(err, c.want) {
				t.Errorf("%d records, error %v; want %v", len(got), err, c.want)
			}
		})
	}
}

func ExampleKind() {
	server, err := examplesim.Start("127.0.0.1:0", seed())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = server.Close() }()
	source, err := example.Kind().Open(settings(server.Addr()), connectors.Deps{HTTP: http.DefaultClient, Log: slog.Default()})
	if err != nil {
		fmt.Println(err)
		return
	}
	records, err := source.Find.Find(context.Background(), record.NewRef("H-1001"))
	if err != nil {
		fmt.Println(err)
		return
	}
	text, _ := json.Marshal(records[1].Body)
	fmt.Println(records[1].Key, string(text))
	// Output: 2026-0420 {"title":"Piscine hors terre","status":"À l'étude","details":[{"label":"Numéro","value":"2026-0420"}]}
}
