package places

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/places/placessim"
	"github.com/semenligne/sem/connectors/record"
)

// list opens a source and lists it. A failure emits what it emits: the receiver
// throws it away.
func list(ctx context.Context, t *testing.T, s Settings, since connectors.Cursor) ([]record.Record, connectors.Cursor, error) {
	t.Helper()
	if problems := s.Validate(); len(problems) > 0 {
		t.Fatalf("settings: %v", problems)
	}
	src, err := open(s, connectors.Deps{HTTP: http.DefaultClient, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	var records []record.Record
	cursor, err := src.List.List(ctx, since, func(r record.Record) error {
		records = append(records, r)
		return nil
	})
	return records, cursor, err
}

// of are settings for a file with this content.
func of(t *testing.T, format Format, content string, change func(*Settings)) Settings {
	t.Helper()
	s := defaults()
	s.Format = format
	s.File = connectors.Path(filepath.Join(t.TempDir(), "carte"))
	if err := os.WriteFile(string(s.File), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&s)
	}
	return s
}

// read lists a file with this content, and returns its bodies.
func read(t *testing.T, format Format, content string, change func(*Settings)) ([]record.Body, error) {
	t.Helper()
	records, _, err := list(t.Context(), t, of(t, format, content, change), "")
	var bodies []record.Body
	for _, r := range records {
		bodies = append(bodies, r.Body)
	}
	return bodies, err
}

func serve(t *testing.T, content placessim.Files) *placessim.Server {
	t.Helper()
	server, err := placessim.Start("127.0.0.1:0", content)
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

func TestCursor(t *testing.T) {
	t.Parallel()
	server := serve(t, files())
	s := *placesOf(server.Addr())
	records, first, err := list(t.Context(), t, s, "")
	if err != nil || len(records) != 3 || first == "" {
		t.Fatalf("%d records, cursor %q, error %v", len(records), first, err)
	}
	records, again, err := list(t.Context(), t, s, first)
	if err != nil || len(records) != 0 || again != first {
		t.Errorf("unchanged: %d records, cursor %q, error %v", len(records), again, err)
	}
	other := s
	other.Category = "Lieu"
	if records, again, err = list(t.Context(), t, other, first); err != nil || len(records) != 3 || again == first {
		t.Errorf("other settings: %d records, cursor %q, error %v", len(records), again, err)
	}
	changed := files()
	changed["/lieux.geojson"] = strings.Replace(changed["/lieux.geojson"], "Ruisseau", "Ruisselet", 1)
	server.SetFiles(changed)
	if records, again, err = list(t.Context(), t, s, first); err != nil || len(records) != 3 || again == first {
		t.Errorf("changed: %d records, cursor %q, error %v", len(records), again, err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for fault, want := range map[placessim.Fault]error{
		placessim.FaultError:   connectors.ErrUnavailable,
		placessim.FaultMissing: connectors.ErrUnavailable,
		placessim.FaultDenied:  connectors.ErrDenied,
		placessim.FaultEmpty:   connectors.ErrMalformed,
		placessim.FaultHTML:    connectors.ErrMalformed,
		placessim.FaultHollow:  connectors.ErrMalformed,
		placessim.FaultCharset: connectors.ErrMalformed,
		placessim.FaultCut:     connectors.ErrMalformed,
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			server := serve(t, files())
			for _, settings := range []func(string) *Settings{placesOf, tableOf} {
				s := *settings(server.Addr())
				server.SetFault(fault)
				records, cursor, err := list(t.Context(), t, s, "")
				if !errors.Is(err, want) || cursor != "" {
					t.Errorf("%d records, cursor %q, error %v, want %v", len(records), cursor, err, want)
				}
				server.SetFault(placessim.FaultNone)
				if records, _, err = list(t.Context(), t, s, ""); err != nil || len(records) != 3 {
					t.Errorf("healed: %d records, error %v", len(records), err)
				}
			}
		})
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	s := of(t, FormatGeoJSON, files()["/lieux.geojson"], nil)
	records, cursor, err := list(t.Context(), t, s, "")
	if err != nil || len(records) != 3 || cursor == "" {
		t.Fatalf("%d records, cursor %q, error %v", len(records), cursor, err)
	}
	if records, again, err := list(t.Context(), t, s, cursor); err != nil || len(records) != 0 || again != cursor {
		t.Errorf("unchanged: %d records, cursor %q, error %v", len(records), again, err)
	}
	s.MaxBytes = 100
	if _, _, err := list(t.Context(), t, s, ""); !errors.Is(err, connectors.ErrMalformed) {
		t.Errorf("too long: error %v", err)
	}
	for _, path := range []string{filepath.Join(t.TempDir(), "none"), t.TempDir()} {
		s.File = connectors.Path(path)
		if _, _, err := list(t.Context(), t, s, ""); !errors.Is(err, connectors.ErrUnavailable) || strings.Contains(err.Error(), path) {
			t.Errorf("no file: error %v", err)
		}
	}
}

func TestEmitStops(t *testing.T) {
	t.Parallel()
	s := of(t, FormatGeoJSON, files()["/lieux.geojson"], nil)
	src, err := open(s, connectors.Deps{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("enough of it")
	if _, err := src.List.List(t.Context(), "", func(record.Record) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("error %v", err)
	}
	if err := src.Check(t.Context()); err != nil {
		t.Errorf("check: %v", err)
	}
}

// TestHuge holds a file to its caps.
func TestHuge(t *testing.T) {
	t.Parallel()
	var features []placessim.Feature
	for i := range 50 {
		features = append(features, placessim.Point(map[string]any{"N": i}, -73.9, 45.5))
	}
	content := placessim.Collection(features...)
	limit := func(n int) func(*Settings) {
		return func(s *Settings) { s.MaxPlaces, s.Fields.ID = n, "N" }
	}
	if bodies, err := read(t, FormatGeoJSON, content, limit(50)); err != nil || len(bodies) != 50 {
		t.Errorf("%d places, error %v", len(bodies), err)
	}
	if _, err := read(t, FormatGeoJSON, content, limit(49)); !errors.Is(err, connectors.ErrMalformed) {
		t.Errorf("error %v", err)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*Settings)
		key    string
	}{
		"no file":               {func(s *Settings) { s.File = "" }, "file"},
		"file and url":          {func(s *Settings) { s.URL = "https://donnees.ville.example/a" }, "url"},
		"a url of another sort": {func(s *Settings) { s.File, s.URL = "", "ftp://donnees.ville.example/a" }, "url"},
		"a url with a user":     {func(s *Settings) { s.File, s.URL = "", "https://a:b@donnees.ville.example/a" }, "url"},
		"no format":             {func(s *Settings) { s.Format = "" }, "format"},
		"as another thing":      {func(s *Settings) { s.As = "people" }, "as"},
		"a layer of GeoJSON":    {func(s *Settings) { s.Layer = "parcs" }, "layer"},
		"GeoPackage by url":     {func(s *Settings) { s.Format, s.File, s.URL = FormatGeoPackage, "", "https://donnees.ville.example/a" }, "url"},
		"CSV without position":  {func(s *Settings) { s.Format = FormatCSV }, "fields"},
		"half a position":       {func(s *Settings) { s.Fields.X = "lon" }, "fields"},
		"CSV of sectors":        {func(s *Settings) { s.Format, s.As, s.Fields = FormatCSV, AsSectors, Fields{X: "x", Y: "y", Code: "c"} }, "as"},
		"sectors without code":  {func(s *Settings) { s.As = AsSectors }, "fields"},
		"places with streams":   {func(s *Settings) { s.Streams = []string{"a"} }, "as"},
		"two sorts of streams": {func(s *Settings) {
			s.As, s.Streams, s.Fields = AsSectors, []string{"a"}, Fields{Code: "c", Stream: "f"}
		}, "streams"},
		"an empty property": {func(s *Settings) { s.Fields.Name = []string{""} }, "fields"},
		"an empty label":    {func(s *Settings) { s.Fields.Details = Labels{"": "a"} }, "fields"},
		"another charset":   {func(s *Settings) { s.Charset = "latin" }, "charset"},
		"last line":         {func(s *Settings) { s.LastLine = "cut" }, "last_line"},
		"another system":    {func(s *Settings) { s.System = "EPSG:3857" }, "system"},
		"a box upside down": {func(s *Settings) { s.Box = Box{South: 46, North: 45, West: -74, East: -73} }, "box"},
		"outside":           {func(s *Settings) { s.Outside = "keep" }, "outside"},
		"no bytes":          {func(s *Settings) { s.MaxBytes = 0 }, "max_bytes"},
		"no places":         {func(s *Settings) { s.MaxPlaces = -1 }, "max_places"},
	} {
		s := defaults()
		s.File, s.Format = "lieux.geojson", FormatGeoJSON
		tc.change(&s)
		problems := s.Validate()
		if len(problems) != 1 || problems[0].Key != tc.key {
			t.Errorf("%s: %v, want one about %s", name, problems, tc.key)
		}
	}
	s := defaults()
	s.URL = "https://donnees.ville.example:8443/a"
	if diff := cmp.Diff([]string{"donnees.ville.example:8443"}, s.Dials()); diff != "" {
		t.Error(diff)
	}
	s.URL = "http://donnees.ville.example/a"
	if diff := cmp.Diff([]string{"donnees.ville.example:80"}, s.Dials()); diff != "" {
		t.Error(diff)
	}
	if got := fmt.Sprint((&Settings{}).Dials()); got != "[]" {
		t.Errorf("a file dials %s", got)
	}
}
