package assessmentroll

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

// blob is a GeoPackage point, by the book: header, then WKB. envelope is how
// many numbers the header's envelope holds.
func blob(order binary.ByteOrder, envelope int, wkbType uint32, long, lat float64) []byte {
	kind := map[int]byte{0: 0, 4: 1, 6: 2, 8: 4}[envelope]
	var b bytes.Buffer
	little := byte(0)
	if order == binary.LittleEndian {
		little = 1
	}
	b.WriteString("GP")
	b.Write([]byte{0, kind<<1 | little})
	for _, v := range []any{uint32(4269), make([]float64, envelope), little, wkbType, long, lat} {
		if err := binary.Write(&b, order, v); err != nil {
			panic(err) // a bytes.Buffer takes everything
		}
	}
	return b.Bytes()
}

// line is a GeoPackage line of two positions.
func line() []byte {
	from, to := blob(binary.LittleEndian, 0, 2, -73, 45), blob(binary.LittleEndian, 0, 2, -74, 45)
	const head = 8 + 5 // of GeoPackage, and of WKB
	return slices.Concat(from[:head], []byte{2, 0, 0, 0}, from[head:], to[head:])
}

// geoPackage writes one with a layer of points, as the ministry's.
func geoPackage(t *testing.T, srs int, statements ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rôle 100%?.gpkg")
	db, err := sql.Open("sqlite", "file:"+strings.NewReplacer("%", "%25", "?", "%3f").Replace(path))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec("CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT, srs_id INTEGER, z TINYINT, m TINYINT)")
	for _, year := range []string{"2024", "2026"} {
		exec("INSERT INTO gpkg_geometry_columns VALUES (?, 'le \"geom\"', 'POINT', ?, 0, 0)", "rol_unite_p_"+year, srs)
		exec(`CREATE TABLE rol_unite_p_` + year + ` (fid INTEGER PRIMARY KEY, "le ""geom""" BLOB, id_provinc TEXT, code_mun TEXT, arrond TEXT, rejet TEXT, date_entree TEXT, mat18 TEXT)`)
	}
	add := func(table, municipality, matricule string, geometry []byte) {
		t.Helper()
		exec(fmt.Sprintf(`INSERT INTO %s ("le ""geom""", code_mun, mat18) VALUES (?, ?, ?)`, table), geometry, municipality, matricule)
	}
	at := func(long, lat float64) []byte { return blob(binary.LittleEndian, 4, 1, long, lat) }
	add("rol_unite_p_2026", "99001", "071981097600000000", at(-73.9012345, 45.5612345))
	add("rol_unite_p_2026", "99001", "080000010010010001", at(-73.91, 45.57))
	add("rol_unite_p_2026", "99001", "080000010010010002", at(-73.91, 45.57)) // the same tower
	add("rol_unite_p_2026", "99001", "072011000170000000", at(-73.92, 45.58))
	add("rol_unite_p_2026", "99001", "072011000170000000", at(-73.93, 45.59)) // in two places: in none
	add("rol_unite_p_2026", "99001", "071981123440010000", nil)
	add("rol_unite_p_2026", "99002", "071981123440010000", at(-70, 46))
	add("rol_unite_p_2024", "99001", "071981097600000000", at(-71, 47))
	for _, s := range statements {
		exec(s)
	}
	return path
}

// pointsOf lists the sample roll and returns its points by matricule.
func pointsOf(t *testing.T, points Points) (map[string]record.Point, error) {
	t.Helper()
	src := source(t, func(s *Settings) { s.File, s.Points = "testdata/roll.xml", points })
	records, _, err := list(t, src, "")
	found := map[string]record.Point{}
	for _, r := range records {
		if unit, ok := r.Body.(record.Unit); ok && unit.Point != nil {
			found[unit.Matricule] = *unit.Point
		}
	}
	return found, err
}

func TestGeoPackage(t *testing.T) {
	t.Parallel()
	got, err := pointsOf(t, Points{GeoPackage: connectors.Path(geoPackage(t, 4269))})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]record.Point{
		"071981097600000000": {Lat: 45.5612345, Long: -73.9012345},
		"080000010010010001": {Lat: 45.57, Long: -73.91},
		"080000010010010002": {Lat: 45.57, Long: -73.91},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("points (-want +got):\n%s", diff)
	}
}

func TestGeoPackageRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		path string
		want error
	}{
		"no such file":   {"testdata/none.gpkg", connectors.ErrUnavailable},
		"not a database": {"testdata/roll.xml", connectors.ErrMalformed},
		"in metres":      {geoPackage(t, 32198), connectors.ErrMalformed},
		"no layer":       {geoPackage(t, 4269, "DELETE FROM gpkg_geometry_columns"), connectors.ErrMalformed},
		"no table":       {geoPackage(t, 4269, "DROP TABLE rol_unite_p_2026"), connectors.ErrMalformed},
		"a line":         {geoPackage(t, 4269, fmt.Sprintf(`UPDATE rol_unite_p_2026 SET "le ""geom""" = x'%x'`, line())), connectors.ErrMalformed},
		"lost zeros":     {geoPackage(t, 4269, "UPDATE rol_unite_p_2026 SET mat18 = '71981097600000000'"), connectors.ErrMalformed},
		"off the Earth":  {geoPackage(t, 4269, fmt.Sprintf(`UPDATE rol_unite_p_2026 SET "le ""geom""" = x'%x'`, blob(binary.LittleEndian, 0, 1, 45, -91))), connectors.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := pointsOf(t, Points{GeoPackage: connectors.Path(tc.path)}); !errors.Is(err, tc.want) {
				t.Errorf("error %v, want %v", err, tc.want)
			}
		})
	}
	after, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range after {
		if strings.HasSuffix(entry.Name(), "-journal") || entry.Name() == "none.gpkg" {
			t.Errorf("reading left %s behind", entry.Name())
		}
	}
}

func TestPointsCSV(t *testing.T) {
	t.Parallel()
	want := map[string]record.Point{
		"071981097600000000": {Lat: 45.5612345, Long: -73.9012345},
		"080000010010010001": {Lat: 45.57, Long: -73.91},
		"080000010010010002": {Lat: 45.58, Long: -73.92},
	}
	for name, content := range map[string]string{
		"commas":     "matricule,lat,lon\n0719-81-0976,45.5612345,-73.9012345\n080000010010010002,45.58,-73.92\n0800-00-0100,45.57,-73.91\n",
		"semicolons": "\uFEFFLon;Matricule;autre;LAT\r\n-73.9012345;0719810976;\"a;b\";45.5612345\r\n-73.92;99001080000010010010002;;45.58\r\n-73.91;0800000100;;45.57\r\n-1;99002072011000170000000;;45\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := pointsOf(t, Points{CSV: connectors.Path(write(t, content))})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("points (-want +got):\n%s", diff)
			}
		})
	}
	for name, content := range map[string]string{
		"empty":         "",
		"no column":     "matricule,lat\n",
		"nowhere":       "matricule,lat,lon\n0719810976,0,0\n",
		"swapped":       "matricule,lat,lon\n0719810976,-173.9,45.5\n",
		"not a number":  "matricule,lat,lon\n0719810976,\"45,5\",-73.9\n",
		"infinite":      "matricule,lat,lon\n0719810976,Inf,-73.9\n",
		"lost its zero": "matricule,lat,lon\n719810976,45.5,-73.9\n",
		"shifted":       "matricule,lat,lon\n0719810976,45.5,-73.9,x\n",
		"endless quote": "matricule,lat,lon\n0719810976,\"" + strings.Repeat("4", 2*maxRow) + ",-73.9\n",
		"not UTF-8":     "matricule,lat,lon\n0719810976\xE9,45.5,-73.9\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := pointsOf(t, Points{CSV: connectors.Path(write(t, content))})
			if !errors.Is(err, connectors.ErrMalformed) {
				t.Fatalf("error %v, want malformed", err)
			}
			if strings.Contains(err.Error(), "0719") || strings.Contains(err.Error(), "71981") {
				t.Errorf("error %q holds a matricule", err)
			}
		})
	}
}

// FuzzSideFile reads any bytes as points: it must end, in points or in one
// failure.
func FuzzSideFile(f *testing.F) {
	f.Add("matricule,lat,lon\n0719-81-0976,45.5,-73.9\n")
	f.Add("\uFEFFlon;lat;matricule\r\n\"-73.9\";45.5;99001071981097600000000\r\n")
	f.Fuzz(func(t *testing.T, content string) {
		var p points
		err := p.readRows(t.Context(), strings.NewReader(content), "99001")
		if err != nil && connectors.Reason(err) != connectors.ReasonMalformed {
			t.Fatalf("error %v", err)
		}
		p.sort()
		for _, l := range p.list {
			if at := p.of(l.key); at == nil || !at.Valid() {
				t.Fatalf("point %v", at)
			}
		}
	})
}

func TestStreets(t *testing.T) {
	t.Parallel()
	path := write(t, "no;odonyme\n1;rue des Érables\n2;boulevard de l’Église\n3;1re Avenue\n4;rue du Parc\n5;rue du Pârc\n6;Côte & Fils\n")
	src := source(t, func(s *Settings) {
		s.File, s.Streets = "testdata/roll.xml", connectors.Path(path)
		s.StreetTypes, s.StreetLinks = Codes{"BO": "boul.", "ZZ": "zone"}, Codes{"9": "de"}
	})
	records, _, err := list(t, src, "")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range records {
		if unit, ok := r.Body.(record.Unit); ok {
			for _, a := range unit.Addresses {
				got = append(got, a.Text)
			}
		}
	}
	want := []string{
		"14, rue des Érables", "16A-18 1/2, boul. l'Église Ouest", "201, 1re Avenue, app. 3, ARR", "zone de Côte & Fils X",
		"100, rue du PARC, app. 101", "100, rue du PARC, app. 102", // two spellings: neither
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
}

func TestFoldWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Érables": "ERABLES", "ST-EUSTACHE": "SAINT EUSTACHE", "Sainte-Thérèse": "SAINTE THERESE", "STE-THERESE": "SAINTE THERESE",
		"l’Île-d'Orléans": "L ILE D ORLEANS", " 1re  Avenue ": "1RE AVENUE", "": "", "—": "",
	} {
		if got := foldWords(text); got != want {
			t.Errorf("%q folds to %q, want %q", text, got, want)
		}
	}
}
