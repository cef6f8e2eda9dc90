package tabular

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

var update = flag.Bool("update", false, "write the golden files anew")

// townSettings are those of a registry without birth dates.
func townSettings(path string) Settings {
	s := defaults()
	s.File = connectors.Path(path)
	s.Columns = Columns{
		Card: "carte", Name: []string{"prenom", "nom"}, Expires: "expiration",
		Links: StringMap{"library": "no_usager", "recreation": "compte", "property": "matricules", "requests": "compte_requetes"},
	}
	s.Prefixes = StringMap{"requests": "account:"}
	return s
}

// goldenSettings are those of testdata/cartes.csv with all its columns.
func goldenSettings() Settings {
	s := townSettings("testdata/cartes.csv")
	s.Columns.Born = "naissance"
	return s
}

// list reads a file through the kind, as the guard does.
func list(t *testing.T, s Settings, since connectors.Cursor) ([]record.Record, connectors.Cursor, error) {
	t.Helper()
	if problems := s.Validate(); len(problems) > 0 {
		t.Fatalf("settings: %v", problems)
	}
	source, err := Kind().Open(&s, connectors.Deps{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	var records []record.Record
	cursor, err := source.List.List(t.Context(), since, func(r record.Record) error {
		records = append(records, r)
		return nil
	})
	return records, cursor, err
}

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cartes.csv")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestGolden(t *testing.T) {
	t.Parallel()
	records, _, err := list(t, goldenSettings(), "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(records, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile("testdata/cartes.json", got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/cartes.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func TestDialects(t *testing.T) {
	t.Parallel()
	want := record.Card{
		Number: "004217", Name: "Zoé Désilets", Expires: record.Date{Year: 2028, Month: time.June, Day: 30},
		Links: map[string][]string{"property": {"0719-81-0976", "0720-11-0001"}},
	}
	const latin = "Carte;pr\xE9nom;expire;matricules\r\n004217;Zo\xE9 D\xE9silets;2028-06-30;0719-81-0976|0720-11-0001\r\n"
	for name, tc := range map[string]struct {
		content string
		change  func(*Settings)
	}{
		"semicolon":                  {"carte;prénom;expire;matricules\n004217;Zoé Désilets;2028-06-30;0719-81-0976|0720-11-0001\n", nil},
		"byte-order mark":            {"\uFEFFcarte;prénom;expire;matricules\n004217;Zoé Désilets;2028-06-30;0719-81-0976|0720-11-0001\n", nil},
		"byte-order mark, quoted":    {"\uFEFF\"carte\";\"prénom\";expire;matricules\n\"004217\";Zoé Désilets;2028-06-30;0719-81-0976|0720-11-0001\n", nil},
		"comma":                      {"carte,prénom,expire,matricules\n004217,Zoé Désilets,2028-06-30,0719-81-0976|0720-11-0001\n", nil},
		"tab":                        {"carte\tprénom\texpire\tmatricules\n004217\tZoé Désilets\t2028-06-30\t0719-81-0976|0720-11-0001\n", nil},
		"carriage returns":           {"carte;prénom;expire;matricules\r\n004217;Zoé Désilets;2028-06-30;0719-81-0976|0720-11-0001\r\n", nil},
		"windows-1252":               {latin, func(s *Settings) { s.Charset = "windows-1252" }},
		"iso-8859-1":                 {latin, func(s *Settings) { s.Charset = "iso-8859-1" }},
		"accents composed apart":     {"carte;pre\u0301nom;expire;matricules\n004217;Zoe\u0301 De\u0301silets;2028-06-30;0719-81-0976|0720-11-0001\n", nil},
		"columns moved and added":    {"notes;matricules;expire;prénom;carte\n\"a;\nb\";0719-81-0976|0720-11-0001;2028-06-30;Zoé Désilets;004217\n", nil},
		"spaces and blank lines":     {"carte ; prénom;expire;matricules\n\n 004217 ; Zoé  Désilets ;2028-06-30; 0719-81-0976 | 0720-11-0001 | 0719-81-0976\n\n", nil},
		"list with spaces":           {"carte;prénom;expire;matricules\n004217;Zoé Désilets;2028-06-30;0719-81-0976 0720-11-0001\n", func(s *Settings) { s.ListSep = "space" }},
		"list with the delimiter":    {"carte;prénom;expire;matricules\n004217;Zoé Désilets;2028-06-30;\"0719-81-0976;0720-11-0001\"\n", func(s *Settings) { s.ListSep = ";" }},
		"list with a slash, doubled": {"carte;prénom;expire;matricules\n004217;Zoé Désilets;2028-06-30;/0719-81-0976//0720-11-0001/\n", func(s *Settings) { s.ListSep = "/" }},
		"day first":                  {"carte;prénom;expire;matricules\n004217;Zoé Désilets;30/06/2028;0719-81-0976|0720-11-0001\n", func(s *Settings) { s.DateFormat = DateDayFirst }},
		"compact date":               {"carte;prénom;expire;matricules\n004217;Zoé Désilets;20280630;0719-81-0976|0720-11-0001\n", func(s *Settings) { s.DateFormat = DateCompact }},
		"last line open, accepted":   {"carte;prénom;expire;matricules\n004217;Zoé Désilets;2028-06-30;0719-81-0976|0720-11-0001", func(s *Settings) { s.LastLine = LastLineAny }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := defaults()
			s.File = connectors.Path(write(t, tc.content))
			s.Columns = Columns{Card: "carte", Name: []string{"prénom"}, Expires: "expire", Links: StringMap{"property": "matricules"}}
			if tc.change != nil {
				tc.change(&s)
			}
			records, _, err := list(t, s, "")
			if err != nil {
				t.Fatal(err)
			}
			if len(records) != 1 {
				t.Fatalf("%d records, want 1", len(records))
			}
			if diff := cmp.Diff(record.Body(want), records[0].Body); diff != "" {
				t.Errorf("card (-want +got):\n%s", diff)
			}
			if records[0].Owner != record.NewRef("004217") || records[0].Key != "004217" {
				t.Error("key and owner are not the card number")
			}
		})
	}
}

// TestRefused holds the whole file back; the error says where and never what.
func TestRefused(t *testing.T) {
	t.Parallel()
	const good = "carte;prenom;nom;expiration;no_usager;compte;matricules;compte_requetes\n" +
		"100001;Canari;Secret;2028-01-01;29900;F-1;0719-81-0976;c1\n"
	for name, tc := range map[string]struct{ content, want string }{
		"empty":                              {"", "no column \"carte\""},
		"another file":                       {"<html><body>Session expirée</body></html>\n", "no column \"carte\""},
		"missing column":                     {"carte;prenom;nom;expiration;no_usager;compte;matricules\n", "line 1: no column \"compte_requetes\""},
		"column twice":                       {"carte;prenom;nom;expiration;no_usager;compte;matricules;compte_requetes;NOM\n", "column \"nom\" stands there twice"},
		"shifted":                            {good + "100002;Canari;Secret;;2028-01-01;29900;F-1;0719-81-0976;c1\n", "line 3: not as many columns"},
		"short":                              {good + "100002;Canari\n", "line 3: not as many columns"},
		"card twice":                         {good + "100002;Canari;Secret;;;;;\n100001;Canari;Secret;;;;;\n", "line 4: the same card as on line 2"},
		"card too short":                     {good + "4217;Canari;Secret;;;;;\n", "line 3: column \"carte\" is not 6 digits"},
		"card not digits":                    {good + "1E+05;Canari;Secret;;;;;\n", "line 3: column \"carte\" is not 6 digits"},
		"card in wide digits":                {good + "１００００２;Canari;Secret;;;;;\n", "line 3: column \"carte\" is not 6 digits"},
		"no card":                            {good + ";Canari;Secret;;;;;\n", "line 3: column \"carte\" is not 6 digits"},
		"odd date":                           {good + "100002;Canari;Secret;01/02/2028;;;;\n", "line 3: column \"expiration\": not a date"},
		"day that is none":                   {good + "100002;Canari;Secret;2027-02-30;;;;\n", "line 3: column \"expiration\": not a date"},
		"stray quote":                        {good + "100002;Can\"ari;Secret;;;;;\n", "line 3: a quote"},
		"open quote":                         {good + "100002;\"Canari;Secret;;;;;\n", "line 3: a quote"},
		"quote without end":                  {good + "100002;\"" + strings.Repeat("Canari\n", 40_000), "too long, or a quote never ends"},
		"wrong charset":                      {good + "100002;Canari\xE9;Secret;;;;;\n", "line 3: not UTF-8: set charset"},
		"utf-8 as windows-1252":              {good + "100002;Cañari;Secret;;;;;\n", "set charset: utf-8"},
		"utf-8 as windows-1252, with a mark": {"\uFEFF" + good, "set charset: utf-8"},
		"utf-16":                             {"\xFF\xFEc\x00a\x00r\x00t\x00e\x00", "UTF-16"},
		"nul":                                {good + "100002;Canari;Secret;;299\x0000;;;\n", "UTF-16"},
		"control character":                  {good + "100002;Canari;Secret;;299\x0100;;;\n", "line 3: column \"no_usager\""},
		"cut in the last row":                {good + "100002;Canari;Secret;;29900;F-2;0719-81-0976;c", "may be cut"},
		"too many rows":                      {good + "100002;;;;;;;\n100003;;;;;;;\n100004;;;;;;;\n", "line 5: more than 3 rows"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := townSettings(write(t, tc.content))
			s.MaxRows = 3
			if strings.HasPrefix(name, "utf-8 as ") {
				s.Charset = "windows-1252"
			}
			_, cursor, err := list(t, s, "")
			if !errors.Is(err, connectors.ErrMalformed) || cursor != "" {
				t.Fatalf("cursor %q, error %v, want malformed", cursor, err)
			}
			if !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %q does not say %q", err, tc.want)
			}
			for _, canary := range []string{"Canari", "Secret", "29900", "0719", "100001", "100002", "4217"} {
				if strings.Contains(err.Error(), canary) {
					t.Errorf("error %q holds a value of the file", err)
				}
			}
		})
	}
}

// TestBorn reads birth dates; a day that cannot be one holds the file back.
func TestBorn(t *testing.T) {
	t.Parallel()
	today := record.DateOf(time.Now())
	for name, tc := range map[string]struct {
		cell  string
		want  record.Date
		fails string
	}{
		"a day":          {"2012-02-29", record.Date{Year: 2012, Month: time.February, Day: 29}, ""},
		"today":          {today.String(), today, ""},
		"none":           {" ", record.Date{}, ""},
		"no such day":    {"2013-02-29", record.Date{}, "not a date"},
		"another format": {"03/04/2012", record.Date{}, "not a date"},
		"the future":     {today.AddDays(30).String(), record.Date{}, "in the future"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := defaults()
			s.File = connectors.Path(write(t, "carte;naissance\n100001;"+tc.cell+"\n"))
			s.Columns = Columns{Card: "carte", Born: "Naissance"}
			records, _, err := list(t, s, "")
			if tc.fails != "" {
				if !errors.Is(err, connectors.ErrMalformed) || !strings.Contains(err.Error(), "line 2: column \"Naissance\"") ||
					!strings.Contains(err.Error(), tc.fails) || strings.Contains(err.Error(), tc.cell) {
					t.Errorf("error %v, want malformed: %s", err, tc.fails)
				}
				return
			}
			if err != nil || len(records) != 1 {
				t.Fatalf("%d records, %v", len(records), err)
			}
			if diff := cmp.Diff(record.Body(record.Card{Number: "100001", Born: tc.want}), records[0].Body); diff != "" {
				t.Errorf("card (-want +got):\n%s", diff)
			}
		})
	}
}

// TestStripAndPrefix shapes identifiers as a source wants them.
func TestStripAndPrefix(t *testing.T) {
	t.Parallel()
	s := townSettings("testdata/cartes.csv")
	s.Strip = StringMap{"property": "- ", "requests": "c"}
	records, _, err := list(t, s, "")
	if err != nil {
		t.Fatal(err)
	}
	card, ok := records[0].Body.(record.Card)
	if !ok {
		t.Fatalf("a %T", records[0].Body)
	}
	want := map[string][]string{
		"library": {"29900001234567"}, "recreation": {"F-0042"}, "property": {"0719810976", "0720110001"}, "requests": {"account:42"},
	}
	if diff := cmp.Diff(want, card.Links); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
}

func TestCursor(t *testing.T) {
	t.Parallel()
	s := townSettings(write(t, "carte;prenom;nom;expiration;no_usager;compte;matricules;compte_requetes\n100001;;;;;;;\n"))
	records, first, err := list(t, s, "")
	if err != nil || len(records) != 1 {
		t.Fatalf("%d records, error %v", len(records), err)
	}
	records, second, err := list(t, s, first)
	if err != nil || len(records) != 0 || second != first {
		t.Errorf("unchanged file: %d records, cursor moved %t, error %v", len(records), second != first, err)
	}
	other := s
	other.Prefixes = nil
	if records, _, err = list(t, other, first); err != nil || len(records) != 1 {
		t.Errorf("other settings: %d records, error %v; want all again", len(records), err)
	}
	if err := os.Chtimes(string(s.File), time.Time{}, time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	if records, second, err = list(t, s, first); err != nil || len(records) != 1 || second == first {
		t.Errorf("touched file: %d records, same cursor %t, error %v; want all again", len(records), second == first, err)
	}
}

// TestChanged replaces the content in place between two rows.
func TestChanged(t *testing.T) {
	t.Parallel()
	path := write(t, "carte;prenom;nom;expiration;no_usager;compte;matricules;compte_requetes\n100001;;;;;;;\n")
	s := townSettings(path)
	source, err := Kind().Open(&s, connectors.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = source.List.List(t.Context(), "", func(record.Record) error {
		return os.WriteFile(path, []byte("carte\n"), 0o600)
	})
	if !errors.Is(err, connectors.ErrUnavailable) {
		t.Errorf("error %v, want unavailable", err)
	}
}

func TestMarker(t *testing.T) {
	t.Parallel()
	s := townSettings(write(t, "carte;prenom;nom;expiration;no_usager;compte;matricules;compte_requetes\n100001;;;;;;;\n"))
	s.Marker = connectors.Path(filepath.Join(t.TempDir(), "cartes.fini"))
	if _, _, err := list(t, s, ""); !errors.Is(err, connectors.ErrUnavailable) {
		t.Errorf("no marker: %v, want unavailable", err)
	}
	if err := os.WriteFile(string(s.Marker), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	written := time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		marker time.Time
		want   error
	}{
		"older": {written.Add(-time.Minute), connectors.ErrUnavailable},
		"newer": {written.Add(time.Minute), nil},
	} {
		if err := errors.Join(os.Chtimes(string(s.File), written, written), os.Chtimes(string(s.Marker), tc.marker, tc.marker)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := list(t, s, ""); !errors.Is(err, tc.want) {
			t.Errorf("%s marker: %v, want %v", name, err, tc.want)
		}
	}
}

func TestCheckAndErrors(t *testing.T) {
	t.Parallel()
	s := townSettings("testdata/cartes.csv")
	source, err := Kind().Open(&s, connectors.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	if err := source.Check(t.Context()); err != nil {
		t.Errorf("check: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := source.List.List(ctx, "", func(record.Record) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	stop := errors.New("stop")
	if _, err := source.List.List(t.Context(), "", func(record.Record) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("emit's error: %v", err)
	}
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"missing": "testdata/none.csv", "folder": "testdata", "pipe": pipe} {
		s := townSettings(path)
		source, err := Kind().Open(&s, connectors.Deps{})
		if err != nil {
			t.Fatal(err)
		}
		if err := source.Check(t.Context()); !errors.Is(err, connectors.ErrUnavailable) {
			t.Errorf("%s: %v, want unavailable", name, err)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	s := Settings{Columns: Columns{Name: []string{""}, Links: StringMap{"library": ""}}, Prefixes: StringMap{"other": "x"}, Strip: StringMap{"other": "-"}, ListSep: "||", Charset: "utf-16", Delimiter: "::"}
	var keys []string
	for _, p := range s.Validate() {
		keys = append(keys, p.Key)
	}
	want := []string{
		"file", "delimiter", "charset", "last_line", "date_format", "list_separator", "card_digits", "max_rows", "max_row_length",
		"columns", "columns", "columns", "prefix", "strip",
	}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
