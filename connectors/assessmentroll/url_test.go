package assessmentroll

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/assessmentroll/rollsim"
	"github.com/semenligne/sem/connectors/record"
)

// house is a unit that tests ask for.
func house() rollsim.Unit {
	return rollsim.Unit{
		Matricule: "0719810976", Addresses: []rollsim.Address{{Number: "14", Type: "RU", Link: "M", Street: "ERABLES"}},
		Lots: []string{"9000123"}, Use: "1000", Area: 627, LandValue: 136_000, BuildingValue: 308_000, Previous: 334_500,
		Building: &rollsim.Building{Storeys: 1, Year: 2004, Link: 1, Genre: 1, Dwellings: 1},
	}
}

func serve(t *testing.T, roll rollsim.Roll) *rollsim.Server {
	t.Helper()
	server, err := rollsim.Start("127.0.0.1:0", roll)
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

func urlSource(t testing.TB, address string) connectors.Source {
	t.Helper()
	return source(t, func(s *Settings) { s.URL, s.Municipality = address, rollsim.Municipality })
}

func TestURL(t *testing.T) {
	t.Parallel()
	server := serve(t, rollsim.Of(house(), rollsim.Unit{Matricule: "080000010010010001", LandValue: 5_000_000_000}))
	src := urlSource(t, server.URL())
	if err := src.Check(t.Context()); err != nil {
		t.Errorf("check: %v", err)
	}
	records, first, err := list(t, src, "")
	if err != nil || len(records) != 2 || first == "" {
		t.Fatalf("%d records, cursor %q, error %v", len(records), first, err)
	}
	found, err := src.Find.Find(t.Context(), record.NewRef("0800-00-0100"))
	if err != nil || len(found) != 1 || found[0].Key != "99001080000010010010001" {
		t.Errorf("found %d, error %v", len(found), err)
	}
	if _, err := src.Find.Find(t.Context(), record.NewRef("0800-00-0101")); !errors.Is(err, connectors.ErrNotFound) {
		t.Errorf("error %v, want not found", err)
	}
	again, second, err := list(t, src, first)
	if err != nil || len(again) != 0 || second != first {
		t.Errorf("unchanged: %d records, same cursor %t, error %v", len(again), second == first, err)
	}
	if err := server.SetRoll(rollsim.Of(house())); err != nil {
		t.Fatal(err)
	}
	again, second, err = list(t, src, first)
	if err != nil || len(again) != 1 || second == first {
		t.Errorf("changed: %d records, same cursor %t, error %v", len(again), second == first, err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for fault, tc := range map[rollsim.Fault]struct{ check, read error }{
		rollsim.FaultError:   {connectors.ErrUnavailable, connectors.ErrUnavailable},
		rollsim.FaultMissing: {connectors.ErrUnavailable, connectors.ErrUnavailable}, // not "this unit is not on the roll"
		rollsim.FaultDenied:  {connectors.ErrDenied, connectors.ErrDenied},
		rollsim.FaultEmpty:   {connectors.ErrMalformed, connectors.ErrMalformed},
		rollsim.FaultHTML:    {connectors.ErrMalformed, connectors.ErrMalformed},
		rollsim.FaultHollow:  {nil, connectors.ErrMalformed},
		rollsim.FaultCharset: {nil, connectors.ErrMalformed},
		rollsim.FaultCut:     {nil, connectors.ErrMalformed},
		rollsim.FaultForeign: {nil, connectors.ErrMalformed},
		rollsim.FaultTwice:   {nil, connectors.ErrMalformed},
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			server := serve(t, rollsim.Roll{Units: rollsim.Generate(1, 50)})
			server.SetFault(fault)
			src := urlSource(t, server.URL())
			if err := src.Check(t.Context()); !errors.Is(err, tc.check) {
				t.Errorf("check: %v, want %v", err, tc.check)
			}
			if _, cursor, err := list(t, src, ""); !errors.Is(err, tc.read) || cursor != "" {
				t.Errorf("list: cursor %q, error %v, want %v", cursor, err, tc.read)
			}
			if records, err := src.Find.Find(t.Context(), record.NewRef("0000-00-0000")); !errors.Is(err, tc.read) || len(records) > 0 {
				t.Errorf("find: %d records, error %v, want %v", len(records), err, tc.read)
			}
			server.SetFault(rollsim.FaultNone)
			if records, _, err := list(t, src, ""); err != nil || len(records) != 50 {
				t.Errorf("healed: %d records, error %v", len(records), err)
			}
		})
	}
}

// TestOddServers are servers that know less HTTP than ours.
func TestOddServers(t *testing.T) {
	t.Parallel()
	var roll strings.Builder
	if _, err := rollsim.Of(house()).WriteTo(&roll); err != nil {
		t.Fatal(err)
	}
	whole := func(w http.ResponseWriter) { _, _ = w.Write([]byte(roll.String())) }
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		want    error
		cursor  bool // there is one
	}{
		"no validators":   {func(w http.ResponseWriter, _ *http.Request) { whole(w) }, nil, false},
		"tag without 304": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("ETag", "W/\"1\""); whole(w) }, nil, true},
		"date only": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Last-Modified", "Wed, 01 Apr 2026 12:00:00 GMT")
			whole(w)
		}, nil, true},
		"304 out of nowhere": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }, connectors.ErrMalformed, false},
		"a part unasked":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusPartialContent); whole(w) }, connectors.ErrMalformed, false},
		"busy":               {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }, connectors.ErrUnavailable, false},
		"gone":               {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }, connectors.ErrUnavailable, false},
		"length that lies": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			whole(w)
		}, connectors.ErrMalformed, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(tc.handler)
			defer server.Close()
			src := urlSource(t, server.URL+"/role.xml?cle=Canari")
			records, cursor, err := list(t, src, "")
			if !errors.Is(err, tc.want) || (cursor != "") != tc.cursor {
				t.Fatalf("cursor %q, error %v, want %v", cursor, err, tc.want)
			}
			if err != nil {
				if strings.Contains(err.Error(), "Canari") {
					t.Errorf("error %q holds the query string", err)
				}
				return
			}
			again, second, err := list(t, src, cursor)
			wanted := len(records)
			if tc.cursor {
				wanted = 0
			}
			if err != nil || len(again) != wanted || second != cursor {
				t.Errorf("again: %d records, want %d, same cursor %t, error %v", len(again), wanted, second == cursor, err)
			}
		})
	}
}

// TestGenerated reads generated rolls and checks them against their seeds.
func TestGenerated(t *testing.T) {
	t.Parallel()
	const units = 3000
	server := serve(t, rollsim.Roll{Units: rollsim.Generate(11, units), Owners: true})
	records, _, err := list(t, urlSource(t, server.URL()), "")
	if err != nil || len(records) != units {
		t.Fatalf("%d records, error %v", len(records), err)
	}
	i := 0
	for want := range rollsim.Generate(11, units) {
		unit, ok := records[i].Body.(record.Unit)
		if i++; !ok {
			t.Fatalf("a %T", records[i].Body)
		}
		if !strings.HasPrefix(unit.Matricule, want.Matricule) || strings.Trim(unit.Matricule[len(want.Matricule):], "0") != "" {
			t.Fatalf("unit %d has matricule %s, want %s", i, unit.Matricule, want.Matricule)
		}
		if diff := cmp.Diff(want.Lots, unit.Lots); diff != "" || unit.Use != want.Use {
			t.Errorf("unit %d: use %s, lots (-want +got):\n%s", i, unit.Use, diff)
		}
		if *unit.Values.Total != record.Cents(100*(want.LandValue+want.BuildingValue)) {
			t.Errorf("unit %d: total %d", i, *unit.Values.Total)
		}
		if vacant := want.Building == nil; vacant != (unit.Building == nil) || vacant != (unit.Values.Building == nil) || vacant != (len(unit.Addresses) == 0) {
			t.Errorf("unit %d: building %v, value %v", i, unit.Building, unit.Values.Building)
		}
	}
}
