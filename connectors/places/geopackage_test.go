package places

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/connectortest"
	"github.com/semenligne/sem/connectors/record"
)

// blob is a GeoPackage geometry, by the book: header without envelope, then
// well-known binary.
func blob(t *testing.T, wkb ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("GP\x00\x01\x00\x00\x00\x00")
	for _, v := range append([]any{byte(1)}, wkb...) {
		if err := binary.Write(&b, binary.LittleEndian, v); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// packageOf writes a GeoPackage with a layer of places in MTM zone 8 and one of
// sectors in degrees, then does more to it.
func packageOf(t *testing.T, more ...string) connectors.Path {
	t.Helper()
	path := filepath.Join(t.TempDir(), "carte 100%?.gpkg")
	db, err := sql.Open("sqlite", "file:"+strings.NewReplacer("%", "%25", "?", "%3f").Replace(path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec("CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, organization TEXT, organization_coordsys_id INTEGER, definition TEXT, description TEXT)")
	exec("INSERT INTO gpkg_spatial_ref_sys VALUES ('MTM 8', 100, 'epsg', 2950, '', ''), ('NAD83', 4269, 'EPSG', 4269, '', ''), ('undefined', -1, 'NONE', -1, '', '')")
	exec("CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT, srs_id INTEGER, z TINYINT, m TINYINT)")
	exec("INSERT INTO gpkg_geometry_columns VALUES ('lieux \"publics\"', 'geom', 'GEOMETRY', 100, 0, 0), ('secteurs', 'shape', 'MULTIPOLYGON', 4269, 0, 0)")
	exec(`CREATE TABLE "lieux ""publics""" (fid INTEGER PRIMARY KEY, geom BLOB, nom TEXT, tel REAL, photo BLOB, ouvert DATETIME)`)
	add := func(nom string, tel any, geometry []byte) {
		t.Helper()
		exec(`INSERT INTO "lieux ""publics""" (geom, nom, tel, photo, ouvert) VALUES (?, ?, ?, x'ffd8ff', '2026-11-02')`, geometry, nom, tel)
	}
	add("Caserne", 4505550100.0, blob(t, uint32(1), 292_927.3, 5_044_811.0))
	add("Sans lieu", nil, nil)
	exec("CREATE TABLE secteurs (fid INTEGER PRIMARY KEY, shape BLOB, code TEXT)")
	exec("INSERT INTO secteurs (shape, code) VALUES (?, '07')", blob(t, uint32(3), uint32(1), uint32(4), []float64{-74, 45, -73, 45, -73, 46, -74, 46}))
	for _, query := range more {
		exec(query)
	}
	return connectors.Path(path)
}

func packageSettings(path connectors.Path) Settings {
	s := defaults()
	s.File, s.Format, s.Layer = path, FormatGeoPackage, `lieux "publics"`
	s.Fields = Fields{ID: "fid", Name: []string{"nom"}, Phone: "tel"}
	return s
}

func TestGeoPackage(t *testing.T) {
	t.Parallel()
	path := packageOf(t)
	records, cursor, err := list(t.Context(), t, packageSettings(path), "")
	if err != nil || len(records) != 2 || cursor == "" {
		t.Fatalf("%v, cursor %q, error %v", records, cursor, err)
	}
	p, _ := records[0].Body.(record.Place)
	if p.Name != "Caserne" || p.Phone != "4505550100" || records[0].Key != "1" || p.Point == nil || fmt.Sprintf("%.5f %.5f", p.Point.Lat, p.Point.Long) != "45.54311 -73.65204" {
		t.Errorf("%+v at %v", p, p.Point)
	}
	if diff := cmp.Diff(record.Place{Name: "Sans lieu"}, records[1].Body); diff != "" {
		t.Error(diff)
	}
	if records, again, err := list(t.Context(), t, packageSettings(path), cursor); err != nil || len(records) > 0 || again != cursor {
		t.Errorf("unchanged: %d records, error %v", len(records), err)
	}
	s := packageSettings(path)
	s.As, s.Layer, s.Fields = AsSectors, "secteurs", Fields{Code: "code"}
	records, _, err = list(t.Context(), t, s, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(record.Sector{Code: "07", Area: record.Area{{square()}}}, records[0].Body); diff != "" {
		t.Error(diff)
	}
}

// TestKitGeoPackage holds the connector to the contract with a file, which has
// no wire.
func TestKitGeoPackage(t *testing.T) {
	t.Parallel()
	path := packageOf(t)
	connectortest.Run(t, connectortest.Suite{
		Kind: Kind(),
		Settings: func(string) connectors.Settings {
			s := packageSettings(path)
			return &s
		},
		ListGolden: "testdata/geopackage.json",
		Persons:    []string{"Caserne", "4505550100"},
		Waive:      map[string]string{"quiet": "a place without position is logged once a list, counted"},
	})
}

func TestGeoPackageRefused(t *testing.T) {
	t.Parallel()
	named := func(name string) func(*Settings) { return func(s *Settings) { s.Layer = name } }
	for name, tc := range map[string]struct {
		more   string
		change func(*Settings)
		want   string
	}{
		"no such layer":    {"", named("parcs"), "no such layer"},
		"which layer":      {"", named(""), "several layers"},
		"no such column":   {"", func(s *Settings) { s.Fields.Phone = "telephone" }, "nowhere in the file"},
		"in unknown units": {"UPDATE gpkg_geometry_columns SET srs_id = -1", nil, "reference system"},
		"no geometry":      {`ALTER TABLE "lieux ""publics""" DROP COLUMN geom`, nil, "no column of geometry"},
		"no table":         {`DROP TABLE "lieux ""publics"""`, nil, "layer cannot be read"},
		"no rows":          {`DELETE FROM "lieux ""publics"""`, nil, "nothing in it"},
		"geometry as text": {`UPDATE "lieux ""publics""" SET geom = 'POINT(1 2)'`, nil, "row 1: geometry that is no blob"},
		"cut geometry":     {`UPDATE "lieux ""publics""" SET geom = x'4750000100000000010100'`, nil, "row 1: not well-known binary"},
		"not a GeoPackage": {"DROP TABLE gpkg_geometry_columns", nil, "list of layers"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := packageSettings(packageOf(t, tc.more))
			if tc.change != nil {
				tc.change(&s)
			}
			_, _, err := list(t.Context(), t, s, "")
			if !errors.Is(err, connectors.ErrMalformed) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %s", err, tc.want)
			}
		})
	}
	if _, _, err := list(t.Context(), t, packageSettings("testdata/places.json"), ""); !errors.Is(err, connectors.ErrMalformed) {
		t.Errorf("a text: error %v", err)
	}
	if _, _, err := list(t.Context(), t, packageSettings("testdata/none.gpkg"), ""); !errors.Is(err, connectors.ErrUnavailable) {
		t.Errorf("no file: error %v", err)
	}
}
