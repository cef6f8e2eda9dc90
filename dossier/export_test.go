package dossier

import "context"

// Pragma returns a setting of the writing connection.
func (s *SQLite) Pragma(ctx context.Context, name string) (value string, err error) {
	err = s.write.QueryRowContext(ctx, "PRAGMA "+name).Scan(&value)
	return value, err
}
