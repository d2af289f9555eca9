-- Work to do and messages to send. A row leaves 'waiting' only by a lease, and a lease ends by an outcome or by time.

CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id BLOB NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    ticket_id BLOB NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    message_id BLOB NOT NULL UNIQUE REFERENCES messages (id) ON DELETE CASCADE,
    -- void: a newer message's job answered this one too.
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'leased', 'done', 'void', 'dead')),
    due_at INTEGER NOT NULL,
    lease TEXT,
    leased_until INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    last_error TEXT,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    CHECK ((state = 'leased') = (lease IS NOT NULL)),
    CHECK ((state = 'leased') = (leased_until IS NOT NULL)),
    CHECK ((state IN ('done', 'void', 'dead')) = (finished_at IS NOT NULL))
) STRICT;
CREATE INDEX jobs_unfinished ON jobs (id) WHERE state IN ('waiting', 'leased');
CREATE INDEX jobs_unfinished_by_conversation ON jobs (conversation_id, id) WHERE state IN ('waiting', 'leased');
CREATE INDEX jobs_dead ON jobs (finished_at) WHERE state = 'dead';
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE state IN ('done', 'void');
CREATE INDEX jobs_by_ticket ON jobs (ticket_id);

CREATE TABLE outbox (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    ticket_id BLOB NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    message_id BLOB NOT NULL UNIQUE REFERENCES messages (id) ON DELETE CASCADE,
    channel TEXT NOT NULL CHECK (channel IN ('web', 'email', 'whatsapp')),
    recipient TEXT,
    subject TEXT,
    parts TEXT NOT NULL CHECK (json_valid(parts) AND json_array_length(parts) >= 1),
    automatic INTEGER NOT NULL CHECK (automatic IN (0, 1)),
    idempotency_key TEXT NOT NULL UNIQUE,
    -- cancelled: a person took over before it went out.
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'leased', 'done', 'dead', 'cancelled')),
    due_at INTEGER NOT NULL,
    lease TEXT,
    leased_until INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    last_error TEXT,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    CHECK ((state = 'leased') = (lease IS NOT NULL)),
    CHECK ((state = 'leased') = (leased_until IS NOT NULL)),
    CHECK ((state IN ('done', 'dead', 'cancelled')) = (finished_at IS NOT NULL))
) STRICT;
CREATE INDEX outbox_unfinished ON outbox (sequence) WHERE state IN ('waiting', 'leased');
CREATE INDEX outbox_unfinished_by_ticket ON outbox (ticket_id, sequence) WHERE state IN ('waiting', 'leased');
CREATE INDEX outbox_dead ON outbox (finished_at) WHERE state = 'dead';

-- One row an attempt, for the record.
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    outbox_id BLOB NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    attempt INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('delivered', 'retry', 'failed')),
    error TEXT,
    finished_at INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_by_outbox ON deliveries (outbox_id);

-- The provider's ids of what we sent, for its status updates.
CREATE TABLE delivery_receipts (
    channel TEXT NOT NULL CHECK (channel IN ('web', 'email', 'whatsapp')),
    provider_message_id TEXT NOT NULL,
    message_id BLOB NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    PRIMARY KEY (channel, provider_message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_receipts_by_message ON delivery_receipts (message_id);

CREATE TABLE metrics (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('web', 'email', 'whatsapp')),
    value REAL NOT NULL,
    ticket_id BLOB REFERENCES tickets (id) ON DELETE SET NULL,
    recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX metrics_by_name ON metrics (name, recorded_at);
CREATE INDEX metrics_by_ticket ON metrics (ticket_id);
