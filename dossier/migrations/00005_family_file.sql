-- +goose Up
-- The source whose family file had both when the basis is 'family', else ''.
ALTER TABLE members ADD COLUMN file TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE members DROP COLUMN file;
