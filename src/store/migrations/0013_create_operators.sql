-- People who work the console: how they sign in, what they may do, and the programs that act for them.
-- Both tables were made before anybody could sign in and are empty.
DROP TABLE sessions;
DROP TABLE operators;

CREATE TABLE operators (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 100),
    role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'administrator')),
    -- A PHC string: algorithm, parameters, salt and hash.
    password_hash TEXT NOT NULL,
    -- Base32. A second step that was begun but not confirmed asks for nothing.
    totp_secret TEXT,
    totp_confirmed INTEGER NOT NULL DEFAULT 0 CHECK (totp_confirmed IN (0, 1)),
    -- The step of the code used last: no code counts twice.
    totp_last_step INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER,
    disabled_at INTEGER,
    CHECK (totp_confirmed = 0 OR totp_secret IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_codes (
    operator_id BLOB NOT NULL REFERENCES operators (id) ON DELETE CASCADE,
    -- SHA-256 of the code.
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    used_at INTEGER,
    PRIMARY KEY (operator_id, code_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    -- SHA-256 of the token: reading the file gives nobody a session.
    token_hash BLOB PRIMARY KEY NOT NULL CHECK (length(token_hash) = 32),
    -- The name of the session in the list; it opens nothing.
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    operator_id BLOB NOT NULL REFERENCES operators (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    address TEXT NOT NULL CHECK (length(address) <= 100),
    client TEXT NOT NULL CHECK (length(client) <= 300)
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_operator ON sessions (operator_id);
CREATE INDEX sessions_by_age ON sessions (last_seen_at);

-- Failed sign-ins by the name that was typed, whether anybody bears it or not: nobody learns from a lock which names exist.
CREATE TABLE sign_in_failures (
    name TEXT PRIMARY KEY NOT NULL COLLATE NOCASE CHECK (length(name) <= 100),
    failures INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_failures_by_age ON sign_in_failures (last_at);

CREATE TABLE api_tokens (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    scope TEXT NOT NULL CHECK (scope IN ('read', 'act', 'admin')),
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;
