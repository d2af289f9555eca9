-- What running the box needs: people, settings, and the two ledgers that nobody may rewrite.

CREATE TABLE operators (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 100),
    role TEXT NOT NULL CHECK (role IN ('operator', 'admin')),
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    -- SHA-256 of the token: reading the file gives nobody a session.
    token_hash BLOB PRIMARY KEY NOT NULL CHECK (length(token_hash) = 32),
    operator_id BLOB NOT NULL REFERENCES operators (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_operator ON sessions (operator_id);

CREATE TABLE settings (
    name TEXT PRIMARY KEY NOT NULL,
    value BLOB NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE channel_settings (
    channel TEXT PRIMARY KEY NOT NULL CHECK (channel IN ('web', 'email', 'whatsapp')),
    enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    settings TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(settings)),
    updated_at INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
INSERT INTO channel_settings (channel) VALUES ('web'), ('email'), ('whatsapp');

-- Answers already given to a caller's idempotency key.
CREATE TABLE idempotency_keys (
    scope TEXT NOT NULL,
    key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    request_hash BLOB NOT NULL CHECK (length(request_hash) = 32),
    response TEXT NOT NULL CHECK (json_valid(response)),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Who did what. Written once, never changed; holds ids and names of actions, no message text.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(details))
) STRICT;
CREATE INDEX audit_by_subject ON audit (subject, at);
CREATE TRIGGER audit_is_final BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- Everything that left the box for a hosted model, with its text as sent (redacted).
CREATE TABLE egress (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    ticket_id BLOB CHECK (length(ticket_id) = 16),
    destination TEXT NOT NULL,
    model TEXT NOT NULL,
    purpose TEXT NOT NULL,
    request_text TEXT NOT NULL,
    request_bytes INTEGER NOT NULL CHECK (request_bytes >= 0),
    response_bytes INTEGER NOT NULL CHECK (response_bytes >= 0),
    redactions INTEGER NOT NULL CHECK (redactions >= 0),
    cost_micros INTEGER NOT NULL DEFAULT 0 CHECK (cost_micros >= 0),
    outcome TEXT NOT NULL
) STRICT;
CREATE INDEX egress_by_time ON egress (at);
CREATE TRIGGER egress_is_final BEFORE UPDATE ON egress BEGIN SELECT RAISE(ABORT, 'the egress ledger is append-only'); END;
CREATE TRIGGER egress_stays BEFORE DELETE ON egress BEGIN SELECT RAISE(ABORT, 'the egress ledger is append-only'); END;
