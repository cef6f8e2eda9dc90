package configs_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/semenligne/sem/configs"
	"github.com/semenligne/sem/connectors"
)

// thing is a kind with a setting of every type.
type thing struct {
	Address  string            `json:"address,omitempty" jsonschema:"host and port"`
	Password connectors.Secret `json:"password_file,omitzero" jsonschema:"file of the password"`
	Account  string            `json:"account,omitempty" jsonschema:"account"`
	Code     string            `json:"code,omitempty" jsonschema:"code, with its leading zeros"`
	File     connectors.Path   `json:"file,omitempty" jsonschema:"a file"`
	Limits   map[string]int    `json:"limits,omitempty" jsonschema:"limits"`
	List     []string          `json:"list,omitempty" jsonschema:"a list"`
	Ratio    *float64          `json:"ratio,omitempty" jsonschema:"a number"`
	On       bool              `json:"on,omitempty" jsonschema:"a switch"`
}

func (s *thing) Validate() []connectors.Problem {
	if s.Address == "" {
		return []connectors.Problem{connectors.Problemf("address", "host:port is wanted")}
	}
	return nil
}

func (s *thing) Dials() []string { return []string{s.Address} }

func kinds() []connectors.Kind {
	return []connectors.Kind{connectors.Define("thing", "a thing", connectors.DomainOther,
		func() thing { return thing{Account: "default"} },
		func(thing, connectors.Deps) (connectors.Source, error) { return connectors.Source{}, nil })}
}

func parse(t *testing.T, file string) (*configs.Config, configs.Problems) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"THING_ADDRESS": "roll.example:80", "THING_PASSWORD": "fromenv"}
	return configs.Parse(filepath.Base(file), "testdata", data, kinds(), func(k string) (string, bool) {
		v, ok := env[k]
		return v, ok
	})
}

// TestBad holds every mistake to the message in the first lines of its file:
// each "want" is found in one problem, and there are no more problems.
func TestBad(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.bad.yaml")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, problems := parse(t, file)
			wants := 0
			for line := range strings.Lines(string(data)) {
				want, ok := strings.CutPrefix(strings.TrimSpace(line), "# want: ")
				if !ok {
					continue
				}
				wants++
				if !strings.Contains(problems.Error(), want) {
					t.Errorf("no problem says\n  %s\nthere are\n%v", want, problems)
				}
			}
			if len(problems) < wants || len(problems) > wants+1 {
				t.Errorf("%d problems for %d wanted:\n%v", len(problems), wants, problems)
			}
			if strings.Contains(problems.Error(), "hunter2") {
				t.Errorf("a secret shows in\n%v", problems)
			}
		})
	}
}

func TestGood(t *testing.T) {
	t.Parallel()
	// A checkout makes every file readable by all, which is worth a warning.
	if err := os.Chmod("testdata/secret.txt", 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"testdata/sources.good.yaml", "testdata/full.good.yaml"} {
		config, problems := parse(t, file)
		if len(problems) > 0 {
			t.Errorf("%s:\n%v", file, problems)
		}
		if s := config.Sources[0]; s.Of.Name != "thing" || s.HideAfter < s.FreshFor || s.Guard.Parallel == 0 {
			t.Errorf("%s: source %+v", file, s)
		}
	}
	config, _ := parse(t, "testdata/full.good.yaml")
	first, ok1 := config.Sources[0].Settings.(*thing)
	second, ok2 := config.Sources[1].Settings.(*thing)
	if !ok1 || !ok2 {
		t.Fatal("settings of another type")
	}
	for got, want := range map[string]string{
		first.Code: "0719", first.Account: "0042", first.Password.Reveal(): "hunter2", fmt.Sprint(first.Limits): "map[a:1 b:2]",
		fmt.Sprint(first.List): "[x y]", second.Account: "default", second.Address: "roll.example:80", second.Password.Reveal(): "fromenv",
		string(second.File): "testdata/roll.xml", config.Sources[0].Poll.Jitter.String(): "30s", config.Sources[0].HideAfter.String(): "7d",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if s := fmt.Sprintf("%+v %#v", first, first); strings.Contains(s, "hunter2") {
		t.Errorf("a secret shows in %s", s)
	}
}

// TestSchemaAgrees checks that the schema accepts what the decoder accepts and
// refuses an unknown key.
func TestSchemaAgrees(t *testing.T) {
	t.Parallel()
	text, err := configs.Schema(kinds())
	if err != nil {
		t.Fatal(err)
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	source := func(settings string) any {
		var v any
		if err := json.Unmarshal([]byte(`{"sources":[{"name":"a","kind":"thing","fresh_for":"15m","settings":`+settings+`}]}`), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	if err := resolved.Validate(source(`{"address":"a:1","password_file":"x"}`)); err != nil {
		t.Errorf("a good file is refused: %v", err)
	}
	if err := resolved.Validate(source(`{"address":"a:1","password":"${THING_PASSWORD}"}`)); err != nil {
		t.Errorf("a secret by variable is refused: %v", err)
	}
	if err := resolved.Validate(source(`{"address":"a:1","password":"hunter2"}`)); err == nil {
		t.Error("a secret in the file is accepted")
	}
	if err := resolved.Validate(source(`{"adress":"a:1"}`)); err == nil {
		t.Error("an unknown key is accepted")
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		config, problems := configs.Parse("f", "testdata", data, kinds(), func(string) (string, bool) { return "", false })
		if !problems.Broken() && len(config.Sources) == 0 {
			t.Error("a file without sources is accepted")
		}
	})
}
