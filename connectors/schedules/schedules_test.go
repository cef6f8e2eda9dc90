package schedules

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/connectortest"
	"github.com/semenligne/sem/connectors/record"
)

// The kit rewrites the golden files when this is set.
var _ = flag.Bool("update", false, "rewrite the golden files")

func settings(file string) *Settings {
	s := defaults()
	s.File = connectors.Path(file)
	return &s
}

// TestKit holds the connector to the contract, with each format of file.
func TestKit(t *testing.T) {
	t.Parallel()
	for file, golden := range map[string]string{"regles.yaml": "regles.golden.json", "dates.csv": "dates.golden.json", "semaines.csv": "semaines.golden.json"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, connectortest.Suite{
				Kind:       Kind(),
				Settings:   func(string) connectors.Settings { return settings("testdata/" + file) },
				ListGolden: "testdata/" + golden,
				Persons:    []string{"14, rue des Essais", "bac-brun"},
			})
		})
	}
}

func list(t *testing.T, s *Settings) ([]record.Record, error) {
	t.Helper()
	source, err := Kind().Open(s, connectors.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	var got []record.Record
	_, err = source.List.List(t.Context(), "", func(r record.Record) error {
		got = append(got, r)
		return nil
	})
	return got, err
}

func written(t *testing.T, name, text string) *Settings {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return settings(file)
}

// TestMistakes changes the good file in one place each.
func TestMistakes(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile("testdata/regles.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, new, want string }{
		"biweekly without anchor":    {"    anchor: 2026-11-16\n", "", "collections 2: every two weeks or more without an anchor"},
		"anchor on another day":      {"2026-11-16", "2026-11-17", "collections 2: anchor is none of the days"},
		"unknown weekday":            {"[mercredi]", "[mercerdi]", "collections 3: no such weekday"},
		"overlap":                    {"from: 11-07", "from: 11-02", "collections 2: plans 2024-11-04, as collections 1 does: seasons overlap"},
		"gap":                        {"from: 11-07", "from: 11-10", "collections 1: the seasons of its stream leave out 11-07"},
		"season that is no day":      {"to: 11-06", "to: 11-31", "collections 1: season"},
		"unknown stream":             {"- stream: ordures", "- stream: ordure", "collections 3: no stream of this code"},
		"days and dates":             {"    dates: [2026-10-31, 2026-11-14]", "    days: [lundi]\n    dates: [2026-10-31, 2026-11-14]", "collections 4: write either days or dates"},
		"unknown key":                {"    iso_weeks: odd", "    isoweeks: odd", "line 20: a key that no rule has"},
		"date that is none":          {"2026-10-31", "2026-02-30", "line 24: no such date or hour"},
		"hour that is none":          {"until: 16 h", "until: 26 h", "line 22: no such date or hour"},
		"exception on no day":        {"date: 2026-12-28", "date: 2026-12-27", "exceptions 1: no rule has this day"},
		"exception of a wider rule":  {"{streams: [feuilles], to: 2026-11-21,", "{streams: [feuilles], sectors: [A], to: 2026-11-21,", "exceptions 2: a rule is for more sectors"},
		"exception without day":      {"to: 2026-11-21, ", "", "exceptions 2: write date, to, or both"},
		"policy":                     {"policy: next_day", "policy: tomorrow", "collections 1: no such holiday policy"},
		"policy without holidays":    {"next_day, days: [christmas, new_year]", "next_day", "collections 1: a holiday policy without holidays"},
		"holiday":                    {"[christmas, new_year]", "[noel]", "collections 1: no such holiday"},
		"colour alone":               {`color: "#7a4b1e", icon: leaf, letter: B`, `color: "#7a4b1e"`, "streams 1: a colour alone"},
		"colour":                     {"#7a4b1e", "brown", "streams 1: color"},
		"31st not said":              {"      on_31: allowed\n", "", "watering.rules 1: on_31: write allowed or forbidden"},
		"device":                     {"[hand, mobile]", "[hands]", "watering.rules 1: no such device"},
		"window without end":         {"[{from: 20 h, to: 23 h}]", "[{from: 20 h}]", "watering.rules 1: windows"},
		"weekdays missing":           {"      weekdays: [lundi, jeudi]\n", "", "watering.rules 2: weekdays is missing"},
		"ban without beginning":      {"{from: 2026-07-15}, sectors: [A]", "{to: 2026-07-15}, sectors: [A]", "watering.bans 1: period: from is missing"},
		"permit without end":         {"{from: 2026-07-01, to: 2026-07-15}", "{from: 2026-07-01}", "watering.permits 1: period"},
		"permit ends before it does": {"to: 2026-07-15}}", "to: 2026-06-15}}", "watering.permits 1: ends before it begins"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(string(good), c.old) {
				t.Fatalf("the good file has no %q", c.old)
			}
			got, err := list(t, written(t, "r.yaml", strings.Replace(string(good), c.old, c.new, 1)))
			if len(got) > 0 || !errors.Is(err, connectors.ErrMalformed) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%d records, error %v; want %q", len(got), err, c.want)
			}
		})
	}
}

// TestAllAtOnce: several mistakes are told together.
func TestAllAtOnce(t *testing.T) {
	t.Parallel()
	_, err := list(t, written(t, "r.yaml", "collections:\n- {stream: a, days: [lundi], every: 2}\n- {stream: a, days: [luni]}\n- {days: [lundi], iso_weeks: paire}\n"))
	for _, want := range []string{"collections 1: every two weeks", "collections 2: no such weekday", "collections 3: stream is missing", "collections 3: iso_weeks"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v lacks %q", err, want)
		}
	}
}

func TestCSVMistakes(t *testing.T) {
	t.Parallel()
	const dates, weeks = "secteur,flux,date\n", "secteur,flux,jour,frequence,debut,fin\n"
	for name, c := range map[string]struct{ text, want string }{
		"empty":             {"", "no header"},
		"header":            {"secteur,date\n", "line 1: write secteur"},
		"no rows":           {dates, "no rule at all"},
		"date":              {dates + "A,x,31/10/2026\n", "line 2: no date"},
		"date twice":        {dates + "A,x,2026-10-31\nA,x,2026-10-31\n", "line 3: the same"},
		"cells":             {dates + "A,x\n", "line 2: not as many cells"},
		"weekday":           {weeks + "A,x,lunid,1,,\n", "line 2: no such weekday"},
		"frequency":         {weeks + "A,x,lundi,parfois,,\n", "line 2: no such frequency"},
		"biweekly unbound":  {weeks + "A,x,lundi,2,,\n", "line 2: every second week"},
		"ends before":       {weeks + "A,x,lundi,1,2026-05-01,2026-04-01\n", "collections 1: ends before it begins"},
		"overlap":           {weeks + "A,x,lundi,1,2026-05-01,2026-11-06\nA,x,lundi,1,2026-11-01,\n", "collections 2: plans 2026-11-02"},
		"overlap with town": {weeks + ",x,lundi,1,,\nA,x,lundi,1,,\n", "collections 2: plans"},
		"charset":           {dates + "A,d\xE9chets,2026-10-31\n", "not UTF-8"},
		"no stream":         {dates + "A,,2026-10-31\n", "collections 1: stream is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := list(t, written(t, "r.csv", c.text))
			if len(got) > 0 || !errors.Is(err, connectors.ErrMalformed) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%d records, error %v; want %q", len(got), err, c.want)
			}
		})
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	if _, err := list(t, settings("testdata/none.yaml")); !errors.Is(err, connectors.ErrUnavailable) {
		t.Errorf("no file: %v", err)
	}
	s := written(t, "r.csv", "secteur;flux;date\nA;d\xE9chets;2026-10-31\n")
	s.Charset = "windows-1252"
	got, err := list(t, s)
	if err != nil || got[0].Key != "collection_rule:déchets/A/" {
		t.Errorf("windows-1252: %v, %v", got, err)
	}
	for _, bad := range []*Settings{{}, settings("rules.xml"), {File: "a.csv", Charset: "ebcdic"}} {
		if len(bad.Validate()) == 0 {
			t.Errorf("%+v is valid", bad)
		}
	}
}

// FuzzRules feeds any bytes in both formats: each end is records with keys, or
// ErrMalformed.
func FuzzRules(f *testing.F) {
	for _, name := range []string{"regles.yaml", "dates.csv", "semaines.csv"} {
		body, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, strings.HasSuffix(name, ".csv"))
	}
	f.Fuzz(func(t *testing.T, body []byte, table bool) {
		r := rules{*settings("r.yaml")}
		if table {
			r.File = "r.csv"
		}
		got, err := r.records(body)
		if err != nil {
			if len(got) > 0 || connectors.Reason(err) != connectors.ReasonMalformed {
				t.Fatalf("%d records, error %v", len(got), err)
			}
			return
		}
		for _, rec := range got {
			if rec.Key == "" || rec.Body == nil {
				t.Fatal("a record without key or body")
			}
		}
	})
}
