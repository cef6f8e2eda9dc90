package assessmentroll

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// TestRefusedRolls are well-formed or nearly, and still not to be trusted: no
// record may be kept, nothing may be found, and the error holds nothing of the
// roll.
func TestRefusedRolls(t *testing.T) {
	t.Parallel()
	content := sample(t)
	replace := func(old, with string) string {
		if !strings.Contains(content, old) {
			t.Fatalf("the sample has no %q", old)
		}
		return strings.Replace(content, old, with, 1)
	}
	for name, tc := range map[string]struct {
		content, want string
		change        func(*Settings)
	}{
		"web page":               {content: "<html><body>maintenance</body></html>", want: "not an assessment roll"},
		"another document":       {content: "<rss version=\"2.0\"></rss>", want: "not an assessment roll"},
		"empty":                  {content: "", want: "cut"},
		"cut in a unit":          {content: content[:len(content)/2], want: "cut"},
		"without its end":        {content: replace("</RL>\n", ""), want: "cut"},
		"more after its end":     {content: content + "<RLUEx/>", want: "second root"},
		"without units":          {content: "<RL><RLM01A>99001</RLM01A></RL>", want: "without units"},
		"matricule twice":        {content: replace("<RL0104F>0002</RL0104F>", "<RL0104F>0001</RL0104F>"), want: "a matricule that stood"},
		"matricule missing":      {content: replace("<RL0104C>0976</RL0104C>", ""), want: "without matricule"},
		"matricule of letters":   {content: replace("<RL0104C>0976</RL0104C>", "<RL0104C>09O6</RL0104C>"), want: "not digits"},
		"matricule too long":     {content: replace("<RL0104C>0976</RL0104C>", "<RL0104C>00976</RL0104C>"), want: "not digits"},
		"municipality missing":   {content: replace("<RLM01A>99001</RLM01A>", ""), want: "no municipality"},
		"municipality odd":       {content: replace("99001", "SAINT"), want: "no municipality"},
		"two municipalities":     {content: replace("</RLM01A>", "</RLM01A><RLM01A>99002</RLM01A>"), want: "twice"},
		"other municipality":     {content: content, want: "another municipality", change: func(s *Settings) { s.Municipality = "72005" }},
		"other year":             {content: content, want: "another year", change: func(s *Settings) { s.Year = 2025 }},
		"no year, one expected":  {content: replace("<RLM02A>2026</RLM02A>", ""), want: "another year", change: func(s *Settings) { s.Year = 2026 }},
		"year that is none":      {content: replace("2026", "MMXX"), want: "no year"},
		"value twice":            {content: replace("<RL0404A>444000</RL0404A>", "<RL0404A>444000</RL0404A><RL0404A>1</RL0404A>"), want: "twice and differs"},
		"element inside a value": {content: replace("444000", "444<b/>000"), want: "inside one that holds text"},
		"text between elements":  {content: replace("<RL0105A>", "Canari<RL0105A>"), want: "text between elements"},
		"unit inside a unit":     {content: replace("<RL0105A>1000</RL0105A>", "<RLUEx></RLUEx>"), want: "directly in RL"},
		"unit inside an annex":   {content: replace("texte CANARI", "<RLUEx></RLUEx>"), want: "directly in RL"},
		"units in a wrapper":     {content: "<RL><RLM01A>99001</RLM01A><UNITES><RLUEx></RLUEx></UNITES></RL>", want: "directly in RL"},
		"too many units":         {content: content, want: "max_units", change: func(s *Settings) { s.MaxUnits = 4 }},
		"too many bytes":         {content: content, want: "max_bytes", change: func(s *Settings) { s.MaxBytes = int64(len(content)) - 1 }},
		"unit too large":         {content: replace("<RL0105A>1000", strings.Repeat("<X>xxxxxxxx</X>", maxUnit/14)+"<RL0105A>1000"), want: "too large"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, tc.content)
			src := source(t, func(s *Settings) {
				s.File = connectors.Path(path)
				if tc.change != nil {
					tc.change(s)
				}
			})
			_, cursor, err := list(t, src, "")
			if !errors.Is(err, connectors.ErrMalformed) || cursor != "" {
				t.Fatalf("list: cursor %q, error %v, want malformed", cursor, err)
			}
			if !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %q does not say %q", err, tc.want)
			}
			for _, private := range []string{"0719", "0976", "444", "Canari", "CANARI", "ERABLES"} {
				if strings.Contains(err.Error(), private) {
					t.Errorf("error %q holds %q of the roll", err, private)
				}
			}
			records, err := src.Find.Find(t.Context(), record.NewRef("0719-81-0976"))
			if !errors.Is(err, connectors.ErrMalformed) || len(records) > 0 {
				t.Errorf("find: %d records, error %v, want malformed", len(records), err)
			}
		})
	}
}

// TestDialects are rolls that say the same in another way.
func TestDialects(t *testing.T) {
	t.Parallel()
	content := sample(t)
	want, _, err := list(t, fileSource(t, "testdata/roll.xml"), "")
	if err != nil {
		t.Fatal(err)
	}
	latin := strings.ReplaceAll(strings.Replace(content, "utf-8", "windows-1252", 1), "&#xd4;", "Ô")
	latin, err = charmap.Windows1252.NewEncoder().String(latin)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"byte-order mark":    "\uFEFF" + content,
		"no declaration":     content[strings.Index(content, "<!--"):],
		"windows-1252":       latin,
		"iso-8859-1":         strings.Replace(latin, "windows-1252", "ISO-8859-1", 1),
		"carriage returns":   strings.ReplaceAll(content, "\n", "\r\n"),
		"one line":           strings.ReplaceAll(content, "\n", ""),
		"version 2.5":        strings.Replace(content, "2.9", "2.5", 1),
		"prefix":             strings.NewReplacer("</", "</r:", "<R", "<r:R", "<V", "<r:V", "<a", "<r:a").Replace(content),
		"lots without group": strings.NewReplacer("<RL0103>", "", "</RL0103>", "").Replace(content),
		"spaces in values":   strings.NewReplacer("<RL0404A>", "<RL0404A>\n ", "</RL0404A>", "\t</RL0404A>").Replace(content),
		"comments in values": strings.NewReplacer("<RL0404A>2", "<RL0404A>2<!-- -->", "ERABLES", "ERA<!-- -->BLES").Replace(content),
		"values given twice": strings.Replace(content, "<RL0105A>1000</RL0105A>", "<RL0105A>1000</RL0105A><RL0105A>1000</RL0105A>", 1),
		"annexes everywhere": strings.NewReplacer("<RLUEx>", "<RLUEx><ANNEXE><RL0104A>9</RL0104A>x</ANNEXE>", "<RL0104>", "<RL0104><AUTRE/>").Replace(content),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := fileSource(t, write(t, content))
			got, _, err := list(t, src, "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(record.Ref{})); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			for _, unit := range want {
				found, err := src.Find.Find(t.Context(), unit.Owner)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff([]record.Record{unit}, found, cmp.AllowUnexported(record.Ref{})); diff != "" {
					t.Errorf("found (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestCursor(t *testing.T) {
	t.Parallel()
	path := write(t, sample(t))
	streets := filepath.Join(t.TempDir(), "rues.csv")
	if err := os.WriteFile(streets, []byte("odonyme\nrue des Érables\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	src := source(t, func(s *Settings) { s.File, s.Streets = connectors.Path(path), connectors.Path(streets) })
	records, first, err := list(t, src, "")
	if err != nil || len(records) != 5 || first == "" {
		t.Fatalf("%d records, cursor %q, error %v", len(records), first, err)
	}
	if records, second, err := list(t, src, first); err != nil || len(records) != 0 || second != first {
		t.Errorf("unchanged: %d records, same cursor %t, error %v", len(records), second == first, err)
	}
	if records, _, err := list(t, src, first+"x"); err != nil || len(records) != 5 {
		t.Errorf("a cursor of nobody's: %d records, error %v", len(records), err)
	}
	later := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for _, changed := range []string{path, streets} {
		if err := os.Chtimes(changed, later, later); err != nil {
			t.Fatal(err)
		}
		records, second, err := list(t, src, first)
		if err != nil || len(records) != 5 || second == first {
			t.Errorf("%s touched: %d records, same cursor %t, error %v", filepath.Base(changed), len(records), second == first, err)
		}
		first = second
	}
	other := source(t, func(s *Settings) {
		s.File, s.Streets, s.Uses = connectors.Path(path), connectors.Path(streets), Codes{"1000": "Résidence"}
	})
	if records, _, err := list(t, other, first); err != nil || len(records) != 5 {
		t.Errorf("other settings: %d records, error %v", len(records), err)
	}
}

// TestReplaced finds units in a file that is replaced by others between and
// during calls.
func TestReplaced(t *testing.T) {
	t.Parallel()
	content := sample(t)
	path := write(t, content)
	src := fileSource(t, path)
	total := func() (record.Cents, error) {
		records, err := src.Find.Find(t.Context(), record.NewRef("0719-81-0976"))
		if err != nil {
			return 0, err
		}
		unit, ok := records[0].Body.(record.Unit)
		if !ok {
			t.Fatalf("a %T", records[0].Body)
		}
		return *unit.Values.Total, nil
	}
	replace := func(content string, at time.Time) {
		t.Helper()
		next := path + ".new"
		if err := errors.Join(os.WriteFile(next, []byte(content), 0o600), os.Chtimes(next, at, at), os.Rename(next, path)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := total(); got != 444_000_00 || err != nil {
		t.Fatalf("first: %d, error %v", got, err)
	}
	replace(strings.Replace(content, ">444000<", ">555000<", 1), time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC))
	if got, err := total(); got != 555_000_00 || err != nil {
		t.Errorf("same length, other time: %d, error %v", got, err)
	}
	replace(content[:len(content)-100], time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
	if _, err := total(); !errors.Is(err, connectors.ErrMalformed) {
		t.Errorf("cut: error %v, want malformed", err)
	}
	replace(content, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC))
	_, err := src.List.List(t.Context(), "", func(record.Record) error {
		return os.WriteFile(path, []byte(strings.Repeat(" ", len(content)-1)), 0o600)
	})
	if !errors.Is(err, connectors.ErrUnavailable) {
		t.Errorf("written anew while read: error %v, want unavailable", err)
	}
}

// TestIndexKept wants one reading of a file for many finds, whether the first
// was a list or a find.
func TestIndexKept(t *testing.T) {
	t.Parallel()
	path := write(t, sample(t))
	s := defaults()
	s.File = connectors.Path(path)
	r := &roll{settings: s, log: slog.New(slog.DiscardHandler), turn: make(chan struct{}, 1)}
	find := func() *index {
		t.Helper()
		if _, err := r.Find(t.Context(), record.NewRef("0719-81-0976")); err != nil {
			t.Fatal(err)
		}
		return r.index
	}
	found := find()
	if found == nil || find() != found {
		t.Error("the second find read the file again")
	}
	if _, err := r.List(t.Context(), "", func(record.Record) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if listed := r.index; listed == nil || listed == found || find() != listed {
		t.Error("the list's index was not used")
	}
	later := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	listed := r.index
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
	if find() == listed {
		t.Error("the index outlived its file")
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		path string
		want error
	}{
		"a roll":                {"testdata/roll.xml", nil},
		"a cut roll":            {write(t, sample(t)[:1000]), nil}, // Check looks at the start only
		"not a roll":            {write(t, "<html/>"), connectors.ErrMalformed},
		"not XML":               {write(t, "%PDF-1.7"), connectors.ErrMalformed},
		"empty":                 {write(t, ""), connectors.ErrMalformed},
		"no such file":          {"testdata/none.xml", connectors.ErrUnavailable},
		"a pipe":                {pipe, connectors.ErrUnavailable},
		"a folder":              {"testdata", connectors.ErrUnavailable},
		"odd start":             {write(t, "<?xml version=\"1.0\" encoding=\"UTF-16\"?><RL/>"), connectors.ErrMalformed},
		"root in small letters": {write(t, "<rl/>"), connectors.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := fileSource(t, tc.path).Check(t.Context()); !errors.Is(err, tc.want) {
				t.Errorf("error %v, want %v", err, tc.want)
			}
		})
	}
}

func TestCallerStops(t *testing.T) {
	t.Parallel()
	src := fileSource(t, "testdata/roll.xml")
	stop := errors.New("stop")
	calls := 0
	_, err := src.List.List(t.Context(), "", func(record.Record) error { calls++; return stop })
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("%d calls, error %v", calls, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := src.List.List(ctx, "", func(record.Record) error { return nil }); connectors.Reason(err) != connectors.ReasonCanceled {
		t.Errorf("list: error %v, want cancelled", err)
	}
	if _, err := src.Find.Find(ctx, record.NewRef("0719-81-0976")); connectors.Reason(err) != connectors.ReasonCanceled {
		t.Errorf("find: error %v, want cancelled", err)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	valid := func() Settings { s := defaults(); s.File = "roll.xml"; return s }
	for name, tc := range map[string]struct {
		change func(*Settings)
		want   []string
	}{
		"good file":          {func(*Settings) {}, nil},
		"good address":       {func(s *Settings) { s.File, s.URL = "", "https://example.org/RL99001_2026.xml" }, nil},
		"unorganised":        {func(s *Settings) { s.Municipality = "NR340" }, nil},
		"neither":            {func(s *Settings) { s.File = "" }, []string{"file"}},
		"both":               {func(s *Settings) { s.URL = "https://example.org/" }, []string{"url"}},
		"relative":           {func(s *Settings) { s.File, s.URL = "", "/roll.xml" }, []string{"url"}},
		"other scheme":       {func(s *Settings) { s.File, s.URL = "", "ftp://example.org/roll.xml" }, []string{"url"}},
		"user in address":    {func(s *Settings) { s.File, s.URL = "", "https://u:p@example.org/" }, []string{"url"}},
		"municipality":       {func(s *Settings) { s.Municipality = "7205" }, []string{"municipality"}},
		"year":               {func(s *Settings) { s.Year = 26 }, []string{"year"}},
		"two sets of points": {func(s *Settings) { s.Points = Points{"a", "b"} }, []string{"points"}},
		"caps":               {func(s *Settings) { s.MaxBytes, s.MaxUnits = 0, 0 }, []string{"max_bytes", "max_units"}},
		"codes":              {func(s *Settings) { s.StreetTypes, s.Uses = Codes{"": "x"}, Codes{"1000": " "} }, []string{"street_types", "uses"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := valid()
			tc.change(&s)
			var keys []string
			for _, p := range s.Validate() {
				keys = append(keys, p.Key)
			}
			if diff := cmp.Diff(tc.want, keys); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
	s := Settings{URL: "https://example.org/role/RL99001_2026.xml"}
	if diff := cmp.Diff([]string{"example.org:443"}, s.Dials()); diff != "" {
		t.Errorf("dials (-want +got):\n%s", diff)
	}
}
