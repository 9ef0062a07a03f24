-- Events that came through channels, until they are in the lake.
CREATE TABLE audit_event (
    number INTEGER PRIMARY KEY, -- in the order in which they came; never given again
    at     INTEGER NOT NULL,
    bytes  INTEGER NOT NULL,    -- of this one's record and of those before it that waited when it came
    record TEXT    NOT NULL
) STRICT;

-- Those that came lately: what is sent again is kept once.
CREATE TABLE audit_event_id (
    id     BLOB    PRIMARY KEY, -- 16 bytes
    number INTEGER NOT NULL,
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_event_id_by_number ON audit_event_id (number);
