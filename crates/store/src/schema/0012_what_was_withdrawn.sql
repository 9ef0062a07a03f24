-- An insight that was told, and that corrected counts or settings no longer show: what goes on behind its End is another one.
ALTER TABLE insight ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
