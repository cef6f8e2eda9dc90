package geo

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/semenligne/sem/connectors"
)

// OpenPackage opens a GeoPackage, which is an SQLite file, for reading only.
func OpenPackage(path string) (*sql.DB, error) {
	// SQLite would make a file that is not there, and wait for a pipe's writer.
	if _, err := connectors.FileStamp(os.Stat(path)); err != nil {
		return nil, fmt.Errorf("geopackage: %w", err)
	}
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: "mode=ro&_pragma=query_only(1)"}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, fmt.Errorf("geopackage: %w", connectors.ErrUnavailable)
	}
	return db, nil
}

// PackageError hides the driver's words, which may quote the file's content.
func PackageError(ctx context.Context, what string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return fmt.Errorf("geopackage: %s cannot be read: %w", what, connectors.ErrMalformed)
}

// Quote writes a table's or column's name for SQL.
func Quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
