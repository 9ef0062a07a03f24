-- What is remembered. A migration that has landed is never changed: the next one changes what it made.
-- Moments are milliseconds since 1970; minutes, hours and days are counted from there too.
-- A slot is a stretch of time (a day, an hour, five minutes) in the upper bits and a number of ours in the lower ones:
-- one key, in the order of time, so that a stretch is read, and forgotten, in one go.
-- What may be long stands last in its row: the columns before it are read without it.

-- Settings-like things: trails, rules, topics, functions, buckets.
CREATE TABLE resource (
    kind       TEXT    NOT NULL,
    account    TEXT    NOT NULL,
    region     TEXT    NOT NULL, -- '' where the kind knows no Region
    parent     TEXT    NOT NULL, -- '' where it belongs to nothing else
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    document   TEXT    NOT NULL, -- JSON
    PRIMARY KEY (kind, account, region, parent, name)
) STRICT;

CREATE TABLE tag (
    arn   TEXT NOT NULL,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (arn, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_by_key ON tag (key, arn);

-- Account-Regions, and how far each has come.
CREATE TABLE region (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    account          TEXT    NOT NULL,
    region           TEXT    NOT NULL,
    watched_from     INTEGER, -- minutes, both included
    watched_to       INTEGER,
    newest_delivered INTEGER, -- minute
    evaluated_until  INTEGER, -- minute
    UNIQUE (account, region)
) STRICT;

-- Numbers of series. AUTOINCREMENT: the number of a forgotten one is never given to another.
CREATE TABLE series (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    region   INTEGER NOT NULL REFERENCES region (id),
    source   TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    error    TEXT,             -- NULL: all calls
    category INTEGER NOT NULL,
    writes   INTEGER NOT NULL, -- 1: some of its calls change something
    last_day INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX series_of_subject ON series (name, source, region, ifnull(error, 0), category);

CREATE TABLE counts   (slot INTEGER PRIMARY KEY, minutes BLOB NOT NULL) STRICT; -- day << 32 | series
CREATE TABLE activity (slot INTEGER PRIMARY KEY, minutes BLOB NOT NULL) STRICT; -- day << 32 | region

-- Who called: five minutes << 32 | series, and later hour << 32 | series.
CREATE TABLE attribution_fine (
    slot    INTEGER PRIMARY KEY,
    entries INTEGER NOT NULL,
    calls   INTEGER NOT NULL,
    counts  BLOB    NOT NULL
) STRICT;
CREATE TABLE attribution_hour (
    slot    INTEGER PRIMARY KEY,
    entries INTEGER NOT NULL,
    calls   INTEGER NOT NULL,
    counts  BLOB    NOT NULL
) STRICT;

-- Stretches of which nothing is known.
CREATE TABLE gap (
    region   INTEGER NOT NULL REFERENCES region (id),
    start    INTEGER NOT NULL,
    end      INTEGER,
    expected REAL    NOT NULL,
    PRIMARY KEY (region, start)
) STRICT, WITHOUT ROWID;

-- The ledger of log files. A folder holds those of an account, Region and day: its path is long, and stored once.
CREATE TABLE log_folder (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    bucket TEXT NOT NULL,
    path   TEXT NOT NULL, -- up to the last slash, which is of it
    UNIQUE (bucket, path)
) STRICT;
CREATE TABLE log_file (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    folder     INTEGER NOT NULL REFERENCES log_folder (id),
    name       TEXT    NOT NULL,
    etag       TEXT    NOT NULL,
    size       INTEGER NOT NULL,
    region     INTEGER REFERENCES region (id),
    delivered  INTEGER, -- minute
    noticed_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    state      INTEGER NOT NULL, -- 0 new, 1 counted, 2 refused
    batch      INTEGER,
    records    INTEGER NOT NULL,
    reason     TEXT,
    UNIQUE (folder, name)
) STRICT;
CREATE INDEX log_file_by_state ON log_file (state, changed_at, id);
CREATE INDEX log_file_by_batch ON log_file (batch) WHERE batch IS NOT NULL;

-- Numbers that only grow.
CREATE TABLE progress (name TEXT PRIMARY KEY, reached INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- Fingerprints of eventIDs, sorted: hour << 36 | account << 8 | run.
CREATE TABLE event_id_account (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE event_ids (slot INTEGER PRIMARY KEY, ids BLOB NOT NULL) STRICT;

-- Insights, as they stand, and the Start and End records that were cut of them.
CREATE TABLE insight (
    id               TEXT    PRIMARY KEY, -- sharedEventID
    account          TEXT    NOT NULL,
    region           TEXT    NOT NULL,
    start            INTEGER NOT NULL,
    end              INTEGER,
    origin           INTEGER NOT NULL, -- 0 live, 1 found in history, 2 a test
    form             INTEGER NOT NULL, -- how the document is written
    changed_at       INTEGER NOT NULL,
    document         TEXT    NOT NULL
) STRICT;
CREATE INDEX insight_open ON insight (account, region) WHERE end IS NULL;
CREATE INDEX insight_by_start ON insight (start, id);

CREATE TABLE insight_event (
    id         TEXT    PRIMARY KEY, -- eventID
    insight    TEXT    NOT NULL REFERENCES insight (id),
    state      INTEGER NOT NULL, -- 0 Start, 1 End
    at         INTEGER NOT NULL, -- minute
    account    TEXT    NOT NULL,
    region     TEXT    NOT NULL,
    source     TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    category   INTEGER NOT NULL,
    is_error   INTEGER NOT NULL, -- 1: ApiErrorRateInsight
    origin     INTEGER NOT NULL,
    form       INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    sent_at    INTEGER, -- to EventBridge
    document   TEXT    NOT NULL,
    UNIQUE (insight, state)
) STRICT;
CREATE INDEX insight_event_by_time ON insight_event (at, id);
CREATE INDEX insight_event_by_name ON insight_event (name, at, id);
CREATE INDEX insight_event_by_source ON insight_event (source, at, id);
CREATE INDEX insight_event_unsent ON insight_event (at, id) WHERE sent_at IS NULL AND origin <> 1;

-- The outbox: what is to be delivered, to whom.
CREATE TABLE delivery (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    kind             TEXT    NOT NULL,
    target           TEXT    NOT NULL,
    in_order         TEXT,             -- those that share it are delivered one after the other
    created_at       INTEGER NOT NULL,
    state            INTEGER NOT NULL, -- 0 waiting, 1 done, 2 dead
    attempts         INTEGER NOT NULL,
    runs             INTEGER NOT NULL, -- of a function, that failed
    first_attempt_at INTEGER,
    next_attempt_at  INTEGER NOT NULL,
    taken_until      INTEGER,          -- somebody is at it
    last_error       TEXT,
    outcome          TEXT,
    changed_at       INTEGER NOT NULL,
    payload          BLOB    NOT NULL
) STRICT;
CREATE INDEX delivery_due ON delivery (next_attempt_at, id, taken_until, in_order, target, state) WHERE state = 0;
CREATE INDEX delivery_taken ON delivery (target, taken_until, state) WHERE state = 0 AND taken_until IS NOT NULL;
CREATE INDEX delivery_in_order ON delivery (in_order, id, state) WHERE state = 0 AND in_order IS NOT NULL;
CREATE INDEX delivery_of_state ON delivery (state, id, changed_at);
CREATE INDEX delivery_of_kind ON delivery (kind, state, created_at);
CREATE INDEX delivery_of_target ON delivery (target, id);
