-- Who was erased, so that a copy made before is put right when it is restored: a digest of the customer's id and nothing of the person.
CREATE TABLE erasures (
    -- SHA-256.
    customer_hash BLOB PRIMARY KEY NOT NULL CHECK (length(customer_hash) = 32),
    erased_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The records stay append-only, but what a person wrote can be blanked: nothing else of a row, and to nothing else.
DROP TRIGGER egress_is_final;
CREATE TRIGGER egress_is_final BEFORE UPDATE ON egress
WHEN new.request_text <> '' OR new.id <> old.id OR new.at <> old.at OR new.ticket_id IS NOT old.ticket_id
    OR new.destination <> old.destination OR new.model <> old.model OR new.purpose <> old.purpose
    OR new.request_bytes <> old.request_bytes OR new.response_bytes <> old.response_bytes
    OR new.redactions <> old.redactions OR new.cost_micros <> old.cost_micros OR new.outcome <> old.outcome
    OR new.prompt_tokens <> old.prompt_tokens OR new.completion_tokens <> old.completion_tokens
BEGIN SELECT RAISE(ABORT, 'the egress ledger is append-only'); END;
DROP TRIGGER audit_is_final;
CREATE TRIGGER audit_is_final BEFORE UPDATE ON audit
WHEN new.details <> '{}' OR new.id <> old.id OR new.at <> old.at OR new.actor <> old.actor
    OR new.action <> old.action OR new.subject <> old.subject
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE INDEX egress_by_ticket ON egress (ticket_id) WHERE ticket_id IS NOT NULL;
CREATE INDEX message_attachments ON attachments (message_id);

-- How each alert stands, so that a restart tells nobody anything twice.
CREATE TABLE alert_states (
    rule TEXT PRIMARY KEY NOT NULL CHECK (length(rule) BETWEEN 1 AND 100),
    -- Since when the threshold is crossed without a break; NULL while it is not.
    crossed_since INTEGER,
    firing_since INTEGER,
    value REAL
) STRICT, WITHOUT ROWID;

-- What the single values of an hour add up to; they stay when the values go.
CREATE TABLE metric_hours (
    name TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('web', 'email', 'whatsapp')),
    -- The hour's first moment.
    hour INTEGER NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    total REAL NOT NULL,
    minimum REAL NOT NULL,
    maximum REAL NOT NULL,
    PRIMARY KEY (name, channel, hour)
) STRICT, WITHOUT ROWID;
