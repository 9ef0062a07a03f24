-- The code of functions: zip archives, each known by what it is, and kept for as long as its function has it. What is set of a
-- function is a resource.
CREATE TABLE function_code (
    function TEXT NOT NULL, -- its ARN, without a version
    sha256   TEXT NOT NULL, -- of the archive, in base64, as AWS tells it
    size     INTEGER NOT NULL, -- bytes
    archive  BLOB    NOT NULL,
    PRIMARY KEY (function, sha256)
) STRICT;
