package open311_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/open311"
	"github.com/semenligne/sem/connectors/open311/open311sim"
	"github.com/semenligne/sem/connectors/record"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares records with a file of testdata.
func golden(t *testing.T, name string, got []record.Record) {
	t.Helper()
	data, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name+".golden.json")
	if *update {
		if err := os.WriteFile(path, append(data, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path) //nolint:gosec // a file of this folder
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(data)+"\n"); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

const adasIDs = "ids:26-004417,1002"

func TestFindBook(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "xml"} {
		_, source := start(t, town(), func(s *open311.Settings) { s.Format = format })
		got, err := find(t.Context(), source, adasIDs)
		if err != nil {
			t.Fatal(format, err)
		}
		golden(t, "find", got)
		got, err = list(t.Context(), source)
		if err != nil {
			t.Fatal(format, err)
		}
		golden(t, "services", got)
	}
}

var _ = open311sim.Dialect{}
