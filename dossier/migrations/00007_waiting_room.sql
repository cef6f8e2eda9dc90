-- +goose Up
-- The draw of each window. The seed is told once it is drawn.
CREATE TABLE draws (
    window   TEXT PRIMARY KEY,
    seed     BLOB NOT NULL CHECK (length(seed) = 32),
    prepared INTEGER NOT NULL,
    drawn    INTEGER
) STRICT;

-- Who waits for a place, and what became of it.
CREATE TABLE tickets (
    id         TEXT PRIMARY KEY, -- the order of the registration
    window     TEXT NOT NULL REFERENCES draws (window),
    citizen    TEXT NOT NULL REFERENCES citizens (id),
    source     TEXT NOT NULL,
    ref        TEXT NOT NULL,
    session    TEXT NOT NULL,
    attendee   TEXT NOT NULL,
    action     TEXT NOT NULL,    -- JSON
    about      TEXT NOT NULL,
    arrived    INTEGER NOT NULL,
    rank       INTEGER NOT NULL, -- 0 until the draw
    state      TEXT NOT NULL CHECK (state IN ('waiting', 'held', 'done', 'refused', 'left', 'lapsed')),
    reason     TEXT NOT NULL DEFAULT '',
    held_until INTEGER,
    receipt    TEXT,             -- JSON, NULL until a place is kept
    asked      INTEGER,          -- when the source was first asked for the place
    settled    INTEGER,
    released   INTEGER           -- when a place that nobody wants was given back
) STRICT;
CREATE UNIQUE INDEX tickets_once ON tickets (window, citizen, session, attendee) WHERE state IN ('waiting', 'held', 'done');
CREATE INDEX tickets_turn ON tickets (window, state, rank, session);
CREATE INDEX tickets_session ON tickets (window, session, state, rank);
CREATE INDEX tickets_asked ON tickets (window, asked);
CREATE INDEX tickets_unreleased ON tickets (window, state) WHERE asked IS NOT NULL AND released IS NULL;
CREATE INDEX tickets_citizen ON tickets (citizen, arrived);

-- +goose Down
DROP TABLE tickets;
DROP TABLE draws;
