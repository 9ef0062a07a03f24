-- CloudWatch Logs: groups, the streams in them, and what was logged.

CREATE TABLE log_group (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    account        TEXT    NOT NULL,
    region         TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    retention_days INTEGER,          -- NULL: for ever
    stored_bytes   INTEGER NOT NULL, -- as AWS counts: of each event its message, and 26
    UNIQUE (account, region, name)
) STRICT;

CREATE TABLE log_stream (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    log_group        INTEGER NOT NULL REFERENCES log_group (id),
    name             TEXT    NOT NULL,
    created_at       INTEGER NOT NULL,
    first_at         INTEGER, -- of its events
    last_at          INTEGER,
    last_ingested_at INTEGER,
    UNIQUE (log_group, name)
) STRICT;

-- AUTOINCREMENT: pages go on after an event that may be gone by then; its number must not be another's.
CREATE TABLE log_event (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    log_group   INTEGER NOT NULL REFERENCES log_group (id),
    log_stream  INTEGER NOT NULL REFERENCES log_stream (id),
    at          INTEGER NOT NULL,
    ingested_at INTEGER NOT NULL,
    message     TEXT    NOT NULL
) STRICT;
CREATE INDEX log_event_of_group ON log_event (log_group, at, id, log_stream);
CREATE INDEX log_event_of_stream ON log_event (log_stream, at, id);
