-- Counted files by whose they are and when they were delivered: sought when a second place has files of the same time.
CREATE INDEX log_file_by_delivery ON log_file (region, delivered) WHERE state = 1;
