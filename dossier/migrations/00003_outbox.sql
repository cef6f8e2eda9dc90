-- +goose Up
-- What citizens sent, before it is attempted and for good.
CREATE TABLE transactions (
    seq        INTEGER PRIMARY KEY, -- the order in which they were accepted
    id         TEXT NOT NULL UNIQUE,
    citizen    TEXT NOT NULL REFERENCES citizens (id),
    person     TEXT NOT NULL REFERENCES citizens (id), -- whose account
    source     TEXT NOT NULL,
    ref        TEXT NOT NULL,
    account    TEXT NOT NULL,       -- what is done in order, one after the other
    action     TEXT NOT NULL,       -- JSON
    about      TEXT NOT NULL,
    key        TEXT NOT NULL,       -- the form's own
    follows    TEXT NOT NULL,       -- id of another, or ''
    state      TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'checking', 'parked', 'done', 'refused', 'dropped')),
    reason     TEXT NOT NULL DEFAULT '',
    attempts   INTEGER NOT NULL DEFAULT 0,
    checks     INTEGER NOT NULL DEFAULT 0,
    accepted   INTEGER NOT NULL,
    sent       INTEGER,
    settled    INTEGER,
    not_before INTEGER NOT NULL,
    receipt    TEXT,                -- JSON, NULL until something is known
    UNIQUE (citizen, key)
) STRICT;
CREATE INDEX transactions_due ON transactions (source, state, not_before) WHERE state IN ('pending', 'sending', 'checking');
CREATE INDEX transactions_account ON transactions (source, account, seq) WHERE state IN ('pending', 'sending', 'checking');
CREATE INDEX transactions_unsettled ON transactions (source, state, accepted) WHERE state IN ('pending', 'sending', 'checking', 'parked');

-- The journal: rows are added, never changed.
CREATE TABLE steps (
    id             INTEGER PRIMARY KEY,
    transaction_id TEXT NOT NULL REFERENCES transactions (id),
    at             INTEGER NOT NULL,
    from_state     TEXT NOT NULL, -- '' for the first
    to_state       TEXT NOT NULL,
    reason         TEXT NOT NULL,
    by             TEXT NOT NULL
) STRICT;
CREATE INDEX steps_transaction ON steps (transaction_id, id);

-- +goose Down
DROP TABLE steps;
DROP TABLE transactions;
