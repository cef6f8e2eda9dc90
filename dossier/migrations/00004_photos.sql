-- +goose Up
-- The pictures are files beside the dossier, named by id; see Photos.
CREATE TABLE photos (
    id          TEXT PRIMARY KEY,
    citizen     TEXT NOT NULL REFERENCES citizens (id),
    key         TEXT NOT NULL,           -- of the form that it came with
    digest      BLOB NOT NULL,           -- SHA-256 of the file
    size        INTEGER NOT NULL,        -- bytes of the file
    thumbnail   BLOB NOT NULL,
    added       INTEGER NOT NULL,
    transaction_id TEXT NOT NULL DEFAULT '', -- '' for a draft
    place       INTEGER NOT NULL DEFAULT 0,  -- order within the transaction
    hash        BLOB UNIQUE,             -- SHA-256 of the token; the token is nowhere
    shared      INTEGER                  -- until when the token opens it
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX photos_once ON photos (citizen, key, digest);
CREATE INDEX photos_transaction ON photos (transaction_id);
CREATE INDEX photos_added ON photos (added);

-- +goose Down
DROP TABLE photos;
