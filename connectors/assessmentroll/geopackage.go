package assessmentroll

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"io/fs"
	"math"
	"net/url"
	"os"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/semenligne/sem/connectors"
)

// readGeoPackage reads the points of one municipality from the newest layer
// rol_unite_p_<year> of the ministry's GeoPackage (OGC 12-128r18), read-only.
func (p *points) readGeoPackage(ctx context.Context, path, municipality string) error {
	if info, err := os.Stat(path); err != nil {
		return fileError(err)
	} else if !info.Mode().IsRegular() {
		return fileError(fs.ErrInvalid)
	}
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: "mode=ro&_pragma=query_only(1)"}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return fmt.Errorf("geopackage: %w", connectors.ErrUnavailable)
	}
	defer db.Close() //nolint:errcheck // only read
	layer, err := findLayer(ctx, db)
	if err != nil {
		return err
	}
	rows, err := db.QueryContext(ctx, layer.query(), municipality)
	if err != nil {
		return sqlError(ctx, "layer")
	}
	defer rows.Close() //nolint:errcheck // Err is looked at below
	for rows.Next() {
		var matricule string
		var blob []byte
		if err := rows.Scan(&matricule, &blob); err != nil {
			return sqlError(ctx, "row")
		}
		if len(matricule) != fullDigits || !digitsOnly(matricule) {
			return fmt.Errorf("geopackage: a mat18 that is not 18 digits: %w", connectors.ErrMalformed)
		}
		long, lat, ok, err := geometryPoint(blob)
		if err != nil {
			return fmt.Errorf("geopackage: geometry: %w", err)
		}
		if !ok {
			continue
		}
		if err := p.add(number(matricule), lat, long); err != nil {
			return fmt.Errorf("geopackage: %w: %w", err, connectors.ErrMalformed)
		}
	}
	if rows.Err() != nil {
		return sqlError(ctx, "rows")
	}
	return nil
}

// layer is a table of points and its geometry column.
type layer struct{ table, column string }

// findLayer returns the newest layer of units. Its coordinates must be degrees:
// NAD83 (4269, or 4617 for CSRS), within a metre or two of WGS 84 (4326).
func findLayer(ctx context.Context, db *sql.DB) (layer, error) {
	var l layer
	var srs int
	err := db.QueryRowContext(ctx, `SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns
		WHERE table_name GLOB 'rol_unite_p_[0-9][0-9][0-9][0-9]' ORDER BY table_name DESC LIMIT 1`).Scan(&l.table, &l.column, &srs)
	switch {
	case err != nil && ctx.Err() != nil:
		return l, ctx.Err()
	case err != nil:
		return l, fmt.Errorf("geopackage: no layer rol_unite_p_<year>: %w", connectors.ErrMalformed)
	case srs != 4269 && srs != 4617 && srs != 4326:
		return l, fmt.Errorf("geopackage: layer in a reference system that is not degrees: %w", connectors.ErrMalformed)
	}
	return l, nil
}

func (l layer) query() string {
	quote := func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
	return `SELECT mat18, ` + quote(l.column) + ` FROM ` + quote(l.table) + ` WHERE code_mun = ? AND mat18 IS NOT NULL`
}

// sqlError hides the driver's words, which may quote the file's content.
func sqlError(ctx context.Context, what string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return fmt.Errorf("geopackage: %s cannot be read: %w", what, connectors.ErrMalformed)
}

// geometryPoint reads a GeoPackage geometry blob that holds a point: header
// (magic GP, version, flags, reference system, envelope), then WKB. ok is false
// for an empty geometry. x is the longitude.
func geometryPoint(b []byte) (x, y float64, ok bool, err error) {
	bad := fmt.Errorf("not a GeoPackage point: %w", connectors.ErrMalformed)
	if len(b) == 0 {
		return 0, 0, false, nil
	}
	if len(b) < 8 || b[0] != 'G' || b[1] != 'P' || b[2] != 0 {
		return 0, 0, false, bad
	}
	flags := b[3]
	envelope := [...]int{0, 32, 48, 48, 64}
	kind := int(flags >> 1 & 7)
	if kind >= len(envelope) || flags&0x20 != 0 { // 0x20: an extended type
		return 0, 0, false, bad
	}
	if flags&0x10 != 0 {
		return 0, 0, false, nil
	}
	wkb := b[min(len(b), 8+envelope[kind]):] //nolint:gosec // kind is below len(envelope)
	if len(wkb) < 21 || wkb[0] > 1 {
		return 0, 0, false, bad
	}
	var order binary.ByteOrder = binary.BigEndian
	if wkb[0] == 1 {
		order = binary.LittleEndian
	}
	// ISO WKB: 1 is a point; Z, M and ZM add thousands. EWKB sets high bits.
	if order.Uint32(wkb[1:])&0xFFFF%1000 != 1 {
		return 0, 0, false, bad
	}
	x = math.Float64frombits(order.Uint64(wkb[5:]))
	y = math.Float64frombits(order.Uint64(wkb[13:]))
	return x, y, !math.IsNaN(x) && !math.IsNaN(y), nil
}
