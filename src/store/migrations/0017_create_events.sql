-- What other systems are told of: events for the broker, notes for teams. Both are written with the change they tell of.

CREATE TABLE events (
    -- Order of commit, which is the order of sending.
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    kind TEXT NOT NULL CHECK (kind IN ('message_received', 'escalation_raised', 'turn_finished', 'dead_letter')),
    channel TEXT CHECK (channel IN ('web', 'email', 'whatsapp')),
    -- An erased ticket takes its events along.
    ticket_id BLOB REFERENCES tickets (id) ON DELETE CASCADE,
    payload TEXT NOT NULL CHECK (json_valid(payload)),
    created_at INTEGER NOT NULL,
    -- The broker confirmed it.
    published_at INTEGER
) STRICT;
CREATE INDEX events_unpublished ON events (sequence) WHERE published_at IS NULL;
CREATE INDEX events_published ON events (published_at) WHERE published_at IS NOT NULL;
CREATE INDEX events_by_ticket ON events (ticket_id) WHERE ticket_id IS NOT NULL;

CREATE TABLE notifications (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    escalation_id BLOB NOT NULL REFERENCES escalations (id) ON DELETE CASCADE,
    way TEXT NOT NULL CHECK (way IN ('webhook', 'mail')),
    recipient TEXT NOT NULL DEFAULT '' CHECK (length(recipient) <= 320),
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'dead')),
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    last_error TEXT,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    CHECK ((state = 'waiting') = (finished_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX notifications_due ON notifications (due_at) WHERE state = 'waiting';
CREATE INDEX notifications_by_escalation ON notifications (escalation_id);
