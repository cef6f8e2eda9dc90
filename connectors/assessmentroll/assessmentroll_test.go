package assessmentroll

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

var update = flag.Bool("update", false, "write the golden files anew")

// source opens a roll through its kind, as the guard does.
func source(t testing.TB, change func(*Settings)) connectors.Source {
	t.Helper()
	s := defaults()
	change(&s)
	if problems := s.Validate(); len(problems) > 0 {
		t.Fatalf("settings: %v", problems)
	}
	src, err := Kind().Open(&s, connectors.Deps{Log: slog.New(slog.DiscardHandler), HTTP: http.DefaultClient})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func fileSource(t testing.TB, path string) connectors.Source {
	t.Helper()
	return source(t, func(s *Settings) { s.File = connectors.Path(path) })
}

// list returns everything a source holds.
func list(t testing.TB, src connectors.Source, since connectors.Cursor) ([]record.Record, connectors.Cursor, error) {
	t.Helper()
	var records []record.Record
	cursor, err := src.List.List(t.Context(), since, func(r record.Record) error {
		records = append(records, r)
		return nil
	})
	return records, cursor, err
}

func write(t testing.TB, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "roll.xml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func sample(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("testdata/roll.xml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// golden compares v as JSON with a file of testdata.
func golden(t *testing.T, name string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	path := filepath.Join("testdata", name)
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
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	records, _, err := list(t, fileSource(t, "testdata/roll.xml"), "")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "roll.json", records)
}

// TestOwners looks for the owner's name in everything that leaves the
// connector, its log included.
func TestOwners(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := defaults()
	s.File = "testdata/roll.xml"
	src, err := Kind().Open(&s, connectors.Deps{Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	records, _, err := list(t, src, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		unit, ok := r.Body.(record.Unit)
		if !ok {
			t.Fatalf("a %T", r.Body)
		}
		text, err := json.Marshal(unit)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("CANARI")) {
			t.Errorf("unit %s holds an owner or an annex", r.Key)
		}
	}
	if !strings.Contains(sample(t), "CANARI") {
		t.Error("the sample names no owner: the test proves nothing")
	}
	if want := `"matricules_padded":1,"values_unreadable":1`; !strings.Contains(log.String(), want) {
		t.Errorf("log %s, want %s", log.String(), want)
	}
	for _, private := range []string{"CANARI", "0719", "ERABLES", "n/d"} {
		if strings.Contains(log.String(), private) {
			t.Errorf("the log holds %q", private)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	src := fileSource(t, "testdata/roll.xml")
	for name, tc := range map[string]struct {
		ask, want string // want is a matricule
		err       error
	}{
		"ten digits":                 {"0719810976", "071981097600000000", nil},
		"ten digits, dashes":         {"0719-81-0976", "071981097600000000", nil},
		"other dashes and spaces":    {" 0719\u201181\u20130976\u00A0", "071981097600000000", nil},
		"eighteen":                   {"071981097600000000", "071981097600000000", nil},
		"eighteen, dashes":           {"0719-81-0976-0-000-0000", "071981097600000000", nil},
		"with the municipality":      {"99001 0719-81-0976-0-000-0000", "071981097600000000", nil},
		"short, one unit on it":      {"0720-11-0001", "072011000170000000", nil},
		"short, padded in the roll":  {"0719-81-1234", "071981123440010000", nil},
		"one of a tower":             {"0800-00-0100-1-001-0002", "080000010010010002", nil},
		"a tower, short":             {"0800-00-0100", "", connectors.ErrRefused},
		"not on the roll":            {"9999-99-9999", "", connectors.ErrNotFound},
		"not on the roll, full":      {"071981097610000000", "", connectors.ErrNotFound},
		"of another municipality":    {"99002071981097600000000", "", connectors.ErrNotFound},
		"lost its leading zero":      {"719810976", "", connectors.ErrRefused},
		"nothing":                    {"", "", connectors.ErrRefused},
		"dashes only":                {"--", "", connectors.ErrRefused},
		"letters":                    {"07198109A6", "", connectors.ErrRefused},
		"digits of another alphabet": {"٠٧١٩٨١٠٩٧٦", "", connectors.ErrRefused},
		"fourteen digits":            {"07198109760001", "", connectors.ErrRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			records, err := src.Find.Find(t.Context(), record.NewRef(tc.ask))
			if !errors.Is(err, tc.err) || err != nil && len(records) > 0 {
				t.Fatalf("%d records, error %v, want %v", len(records), err, tc.err)
			}
			if err != nil {
				if digits := strings.Trim(tc.ask, " -"); digits != "" && strings.Contains(err.Error(), digits) {
					t.Errorf("error %q holds the matricule", err)
				}
				return
			}
			unit, ok := records[0].Body.(record.Unit)
			if len(records) != 1 || !ok || unit.Matricule != tc.want || records[0].Owner != record.NewRef(tc.ask) {
				t.Errorf("%d records, first %s, want %s owned by who was asked for", len(records), unit.Matricule, tc.want)
			}
		})
	}
}

// TestFindIsList wants each unit of a list back from Find, the same.
func TestFindIsList(t *testing.T) {
	t.Parallel()
	src := fileSource(t, "testdata/roll.xml")
	records, _, err := list(t, src, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range records {
		got, err := src.Find.Find(t.Context(), want.Owner)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]record.Record{want}, got, cmp.AllowUnexported(record.Ref{})); diff != "" {
			t.Errorf("unit %s (-list +find):\n%s", want.Key, diff)
		}
	}
}
