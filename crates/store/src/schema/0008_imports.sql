-- Log files whose events were brought into the lake without being counted: whoever counts them later keeps them no second time.
CREATE TABLE imported_file (
    bucket TEXT    NOT NULL,
    key    TEXT    NOT NULL,
    part   INTEGER NOT NULL, -- of all imports
    PRIMARY KEY (bucket, key)
) STRICT, WITHOUT ROWID;

-- What an import could not bring in.
CREATE TABLE import_failure (
    import  TEXT    NOT NULL, -- its id
    key     TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    message TEXT    NOT NULL,
    PRIMARY KEY (import, key)
) STRICT, WITHOUT ROWID;
