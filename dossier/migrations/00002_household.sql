-- +goose Up
ALTER TABLE citizens ADD COLUMN born TEXT NOT NULL DEFAULT '';  -- ISO day, '' for unknown
ALTER TABLE citizens ADD COLUMN font TEXT NOT NULL DEFAULT '';
ALTER TABLE citizens ADD COLUMN reduced_data INTEGER NOT NULL DEFAULT 0;

CREATE TABLE members (
    holder TEXT NOT NULL REFERENCES citizens (id),
    member TEXT NOT NULL REFERENCES citizens (id),
    basis  TEXT NOT NULL CHECK (basis IN ('card', 'family')),
    since  INTEGER NOT NULL,
    PRIMARY KEY (holder, member),
    CHECK (holder <> member)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_member ON members (member);

-- The ledger of consents: rows are closed, never removed.
CREATE TABLE grants (
    id        INTEGER PRIMARY KEY,
    person    TEXT NOT NULL REFERENCES citizens (id),
    viewer    TEXT NOT NULL REFERENCES citizens (id),
    dataset   TEXT NOT NULL CHECK (dataset IN ('loans', 'schedule', 'requests')),
    basis     TEXT NOT NULL CHECK (basis IN ('own', 'parental')),
    wording   TEXT NOT NULL,
    language  TEXT NOT NULL,
    given     INTEGER NOT NULL,
    until     INTEGER,           -- the agreed end, if any
    withdrawn INTEGER            -- taken back or replaced
) STRICT;
CREATE UNIQUE INDEX grants_live ON grants (viewer, person, dataset) WHERE withdrawn IS NULL;
CREATE INDEX grants_viewer ON grants (viewer);
CREATE INDEX grants_person ON grants (person);

CREATE TABLE calendars (
    id       TEXT PRIMARY KEY,
    hash     BLOB NOT NULL UNIQUE, -- SHA-256 of the token; the token is nowhere
    owner    TEXT NOT NULL REFERENCES citizens (id),
    person   TEXT REFERENCES citizens (id), -- NULL for the whole household
    wording  TEXT NOT NULL,
    language TEXT NOT NULL,
    created  INTEGER NOT NULL,
    used     INTEGER,
    revoked  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX calendars_owner ON calendars (owner);

-- +goose Down
DROP TABLE calendars;
DROP TABLE grants;
DROP TABLE members;
ALTER TABLE citizens DROP COLUMN reduced_data;
ALTER TABLE citizens DROP COLUMN font;
ALTER TABLE citizens DROP COLUMN born;
