-- +goose Up
-- Instants are Unix nanoseconds, days are ISO text. Card numbers and Refs are
-- kept as they are: this file is the town's register of who is who, and a hash
-- of so few digits would hide nothing. The file is readable by its owner only.
PRAGMA application_id = 0x53454d31;

CREATE TABLE citizens (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    language    TEXT NOT NULL DEFAULT '',
    text_size   INTEGER NOT NULL DEFAULT 0,
    contrast    TEXT NOT NULL DEFAULT '',
    seen        INTEGER,          -- the latest sign-in
    seen_before INTEGER           -- the one before it
) STRICT, WITHOUT ROWID;
CREATE INDEX citizens_seen ON citizens (seen);

CREATE TABLE cards (
    number  TEXT PRIMARY KEY,
    citizen TEXT NOT NULL REFERENCES citizens (id),
    digest  BLOB NOT NULL,        -- of all that the registry says of the card
    expires TEXT NOT NULL,        -- last valid day, '' for none
    open    INTEGER NOT NULL      -- 0 once the registry dropped the card
) STRICT, WITHOUT ROWID;
CREATE INDEX cards_citizen ON cards (citizen);

CREATE TABLE links (
    card   TEXT NOT NULL REFERENCES cards (number),
    source TEXT NOT NULL,
    ref    TEXT NOT NULL,
    PRIMARY KEY (card, source, ref)
) STRICT, WITHOUT ROWID;
CREATE INDEX links_source ON links (source, ref);

CREATE TABLE credentials (
    citizen TEXT PRIMARY KEY REFERENCES citizens (id),
    encoded TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE failures (
    key TEXT NOT NULL,
    at  INTEGER NOT NULL
) STRICT;
CREATE INDEX failures_key ON failures (key, at);
CREATE INDEX failures_at ON failures (at);

CREATE TABLE sessions (
    token  TEXT PRIMARY KEY,
    data   BLOB NOT NULL,
    expiry INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_expiry ON sessions (expiry);

-- +goose Down
DROP TABLE sessions;
DROP TABLE failures;
DROP TABLE credentials;
DROP TABLE links;
DROP TABLE cards;
DROP TABLE citizens;
