-- What the detector knows of an account, so that a start need not judge all counts again; those of the newest days.
CREATE TABLE learned (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    account   TEXT    NOT NULL,
    day       INTEGER NOT NULL, -- minute: the day that the account was in
    made_with TEXT    NOT NULL, -- the detector, and what was set
    reached   INTEGER NOT NULL, -- minute: what was counted before it was judged in every Region
    state     BLOB    NOT NULL, -- zlib, postcard
    UNIQUE (account, day)
) STRICT;

-- Up to where counts of which Region are in it: a count before that makes it untrue.
CREATE TABLE learned_region (
    region  INTEGER NOT NULL REFERENCES region (id),
    learned INTEGER NOT NULL REFERENCES learned (id) ON DELETE CASCADE,
    reached INTEGER NOT NULL, -- minute
    PRIMARY KEY (region, learned)
) STRICT, WITHOUT ROWID;
CREATE INDEX learned_region_of ON learned_region (learned);
