-- +goose Up
-- What a citizen began to fill in: one a topic, until it is sent or expires.
CREATE TABLE drafts (
    citizen TEXT NOT NULL REFERENCES citizens (id),
    topic   TEXT NOT NULL,
    title   TEXT NOT NULL,
    content BLOB NOT NULL,
    saved   INTEGER NOT NULL,
    PRIMARY KEY (citizen, topic)
) STRICT, WITHOUT ROWID;
CREATE INDEX drafts_saved ON drafts (saved);

-- +goose Down
DROP TABLE drafts;
