-- What acting tools did, by the caller's key: a call that is sent again does nothing again and gets the same answer.

CREATE TABLE tool_calls (
    caller TEXT NOT NULL CHECK (length(caller) BETWEEN 1 AND 200),
    key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 300),
    tool TEXT NOT NULL,
    -- A key used again for something else is refused.
    arguments_sha256 BLOB NOT NULL CHECK (length(arguments_sha256) = 32),
    result TEXT NOT NULL CHECK (json_valid(result)),
    done_at INTEGER NOT NULL,
    PRIMARY KEY (caller, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX tool_calls_by_age ON tool_calls (done_at);
