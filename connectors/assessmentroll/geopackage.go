package assessmentroll

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/geo"
)

// readGeoPackage reads the points of one municipality from the newest layer
// rol_unite_p_<year> of the ministry's GeoPackage (OGC 12-128r18), read-only.
func (p *points) readGeoPackage(ctx context.Context, path, municipality string) error {
	db, err := geo.OpenPackage(path)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // only read
	layer, err := findLayer(ctx, db)
	if err != nil {
		return err
	}
	rows, err := db.QueryContext(ctx, layer.query(), municipality)
	if err != nil {
		return geo.PackageError(ctx, "layer")
	}
	defer rows.Close() //nolint:errcheck // Err is looked at below
	for rows.Next() {
		var matricule string
		var blob []byte
		if err := rows.Scan(&matricule, &blob); err != nil {
			return geo.PackageError(ctx, "row")
		}
		if len(matricule) != fullDigits || !digitsOnly(matricule) {
			return fmt.Errorf("geopackage: a mat18 that is not 18 digits: %w", connectors.ErrMalformed)
		}
		geometry, err := geo.FromPackage(blob, geo.Degrees())
		switch {
		case err != nil:
			return fmt.Errorf("geopackage: %w: %w", err, connectors.ErrMalformed)
		case geometry.Empty():
			continue
		case len(geometry.Points) != 1 || len(geometry.Lines)+len(geometry.Area) > 0:
			return fmt.Errorf("geopackage: geometry that is no point: %w", connectors.ErrMalformed)
		}
		at := geometry.Points[0]
		if err := p.add(number(matricule), at.Lat, at.Long); err != nil {
			return fmt.Errorf("geopackage: %w: %w", err, connectors.ErrMalformed)
		}
	}
	if rows.Err() != nil {
		return geo.PackageError(ctx, "rows")
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
	return `SELECT mat18, ` + geo.Quote(l.column) + ` FROM ` + geo.Quote(l.table) + ` WHERE code_mun = ? AND mat18 IS NOT NULL`
}
