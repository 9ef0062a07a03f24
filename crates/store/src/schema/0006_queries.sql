-- Queries of event data stores, and what came of them.
CREATE TABLE query (
    number        INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order of their starts
    id            TEXT    NOT NULL UNIQUE,
    account       TEXT    NOT NULL,
    region        TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    state         INTEGER NOT NULL, -- 0 queued, 1 running, 2 finished, 3 failed, 4 cancelled, 5 timed out
    is_delivering INTEGER NOT NULL, -- 1: its result is still to be put into a bucket
    document      TEXT    NOT NULL  -- the statement, and all else
) STRICT;
CREATE INDEX query_by_time ON query (created_at);
CREATE INDEX query_under_way ON query (state, number) WHERE state < 2;
CREATE INDEX query_delivering ON query (number) WHERE is_delivering = 1;

-- The event data stores that a query asks.
CREATE TABLE query_store (
    store TEXT    NOT NULL,
    query INTEGER NOT NULL REFERENCES query (number) ON DELETE CASCADE,
    PRIMARY KEY (store, query)
) STRICT, WITHOUT ROWID;
CREATE INDEX query_store_of ON query_store (query);

-- Insight events in the order in which they were cut: who follows them remembers the last number.
CREATE TABLE insight_event_number (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    event  TEXT    NOT NULL UNIQUE REFERENCES insight_event (id) ON DELETE CASCADE
) STRICT;
INSERT INTO insight_event_number (event) SELECT id FROM insight_event ORDER BY created_at, id;
