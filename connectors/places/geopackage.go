package places

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/geo"
)

// layer is a table of features and its geometry's column.
type layer struct {
	table, column string
	system        geo.System
}

// readPackage reads one layer of a GeoPackage.
func (f *file) readPackage(ctx context.Context, use func(feature) error) error {
	db, err := geo.OpenPackage(string(f.settings.File))
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // only read
	l, err := f.findLayer(ctx, db)
	if err != nil {
		return err
	}
	rows, err := db.QueryContext(ctx, `SELECT * FROM `+geo.Quote(l.table)) //nolint:gosec // quoted
	if err != nil {
		return geo.PackageError(ctx, "layer")
	}
	defer rows.Close() //nolint:errcheck // Err is looked at below
	names, err := rows.Columns()
	if err != nil {
		return geo.PackageError(ctx, "columns")
	}
	for number := 1; rows.Next(); number++ {
		g, err := scanFeature(rows, names, l)
		if err != nil {
			return at("row", number, err)
		}
		g.number = number
		if err := use(g); err != nil {
			return err
		}
	}
	if rows.Err() != nil {
		return geo.PackageError(ctx, "rows")
	}
	return nil
}

// findLayer returns the layer that settings name, or the only one.
func (f *file) findLayer(ctx context.Context, db *sql.DB) (layer, error) {
	rows, err := db.QueryContext(ctx, `SELECT c.table_name, c.column_name, s.organization, s.organization_coordsys_id
		FROM gpkg_geometry_columns c JOIN gpkg_spatial_ref_sys s ON s.srs_id = c.srs_id
		WHERE ? IN ('', c.table_name) ORDER BY c.table_name LIMIT 2`, f.settings.Layer)
	if err != nil {
		return layer{}, geo.PackageError(ctx, "list of layers")
	}
	defer rows.Close() //nolint:errcheck // Err is looked at below
	var found []layer
	for rows.Next() {
		var l layer
		var organization string
		var code int
		if err := rows.Scan(&l.table, &l.column, &organization, &code); err != nil {
			return layer{}, geo.PackageError(ctx, "list of layers")
		}
		var known bool
		if l.system, known = geo.SystemOf(code); !known || !strings.EqualFold(organization, "EPSG") {
			return layer{}, fmt.Errorf("geopackage: a reference system that is not known: %w", connectors.ErrMalformed)
		}
		found = append(found, l)
	}
	switch {
	case rows.Err() != nil:
		return layer{}, geo.PackageError(ctx, "list of layers")
	case len(found) == 0:
		return layer{}, fmt.Errorf("geopackage: no such layer: %w", connectors.ErrMalformed)
	case len(found) > 1:
		return layer{}, fmt.Errorf("geopackage: several layers, and none is named in settings: %w", connectors.ErrMalformed)
	}
	return found[0], nil
}

// scanFeature reads one row.
func scanFeature(rows *sql.Rows, names []string, l layer) (feature, error) {
	cells := make([]any, len(names))
	targets := make([]any, len(names))
	for i := range cells {
		targets[i] = &cells[i]
	}
	if err := rows.Scan(targets...); err != nil {
		return feature{}, errors.New("not readable")
	}
	g := feature{values: make(map[string]string, len(names))}
	geometry := slices.Index(names, l.column)
	for i, cell := range cells {
		if i == geometry {
			continue
		}
		switch v := cell.(type) {
		case []byte: // pictures and the like are not for us
			g.values[names[i]] = ""
		case time.Time:
			g.values[names[i]] = v.Format(time.RFC3339)
		case float64:
			g.values[names[i]] = strconv.FormatFloat(v, 'f', -1, 64)
		case nil:
			g.values[names[i]] = ""
		default:
			g.values[names[i]] = fmt.Sprint(v)
		}
	}
	if geometry < 0 {
		return feature{}, errors.New("no column of geometry")
	}
	blob, isBlob := cells[geometry].([]byte)
	if !isBlob && cells[geometry] != nil {
		return feature{}, errors.New("geometry that is no blob")
	}
	var err error
	g.geometry, err = geo.FromPackage(blob, l.system)
	return g, err
}
