-- What administrators and operators set in the console, and what customers say of answers with one click.

CREATE TABLE macros (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 100),
    body TEXT NOT NULL CHECK (length(body) BETWEEN 1 AND 10000),
    updated_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How far the assistant goes by itself. The empty intent stands for the whole channel; what is not named is 'auto'.
CREATE TABLE autonomy (
    channel TEXT NOT NULL CHECK (channel IN ('web', 'email', 'whatsapp')),
    intent TEXT NOT NULL DEFAULT '',
    level TEXT NOT NULL CHECK (level IN ('off', 'draft', 'auto')),
    PRIMARY KEY (channel, intent)
) STRICT, WITHOUT ROWID;

CREATE TABLE ratings (
    ticket_id BLOB PRIMARY KEY NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    score INTEGER NOT NULL CHECK (score BETWEEN 1 AND 5),
    rated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX ratings_by_time ON ratings (rated_at);
CREATE INDEX audit_by_action ON audit (action, id);
CREATE INDEX messages_by_time ON messages (created_at);
CREATE INDEX tickets_by_time ON tickets (created_at);
