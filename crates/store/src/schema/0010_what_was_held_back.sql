-- Insights that are kept and shown, and were told to nobody: somebody had said that such a change is expected, or had muted the API.
ALTER TABLE insight ADD COLUMN held_by TEXT; -- what was said, by its id
CREATE INDEX insight_held ON insight (held_by, start) WHERE held_by IS NOT NULL;
