-- Records of counted log files that were not counted: copies of others, and those of impossible times.
CREATE TABLE log_file_left_out (
    file    INTEGER PRIMARY KEY REFERENCES log_file (id) ON DELETE CASCADE,
    records BLOB NOT NULL -- where they stand in the file, from 0: each as its distance from the one before
) STRICT;
