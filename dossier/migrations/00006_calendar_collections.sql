-- +goose Up
-- Whether the owner asked for the collection days of their address too.
ALTER TABLE calendars ADD COLUMN collections INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE calendars DROP COLUMN collections;
