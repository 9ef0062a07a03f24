-- Log files that we put into buckets ourselves (insights, pushed events), until digests have listed them.
CREATE TABLE delivered_file (
    id           INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order in which they came to lie there
    bucket       TEXT    NOT NULL,
    prefix       TEXT    NOT NULL, -- what stands before AWSLogs/ in the key; '' where nothing does
    account      TEXT    NOT NULL,
    region       TEXT    NOT NULL,
    delivered_at INTEGER NOT NULL,
    oldest_event INTEGER,          -- seconds; NULL of a file without events
    newest_event INTEGER,
    hash         TEXT    NOT NULL, -- of its text, SHA-256 in hexadecimal
    key          TEXT    NOT NULL
) STRICT;
CREATE INDEX delivered_file_of_place ON delivered_file (bucket, prefix, account, region, id);
CREATE INDEX delivered_file_by_time ON delivered_file (delivered_at);
