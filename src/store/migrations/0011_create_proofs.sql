-- How far a message of several parts got, what proves that two addresses are one person's, and who became one.

CREATE TABLE sent_parts (
    outbox_id BLOB NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    number INTEGER NOT NULL CHECK (number >= 0),
    attempted_at INTEGER NOT NULL,
    -- NULL while nobody knows whether the provider has it.
    provider_message_id TEXT,
    PRIMARY KEY (outbox_id, number)
) STRICT, WITHOUT ROWID;

-- A code is never stored: it is derived from the row's id and the box's secret when it is sent and when it is checked.
CREATE TABLE one_time_codes (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    -- Who says that the address is theirs, by the ticket they said it in.
    asker_ticket_id BLOB NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    asker_customer_id BLOB NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    asked_by_message_id BLOB NOT NULL UNIQUE REFERENCES messages (id) ON DELETE CASCADE,
    -- The address in question, and the message that brings the code there.
    kind TEXT NOT NULL CHECK (kind IN ('email', 'phone', 'whatsapp')),
    value TEXT NOT NULL CHECK (length(value) BETWEEN 1 AND 320),
    target_customer_id BLOB NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    code_message_id BLOB NOT NULL UNIQUE REFERENCES messages (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'proven', 'spent', 'replaced')),
    proven_at INTEGER,
    -- The last message that tried it, and what came of it: a turn that is run again tries nothing twice.
    tried_by_message_id BLOB CHECK (length(tried_by_message_id) = 16),
    CHECK ((state = 'proven') = (proven_at IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX one_time_codes_by_asker ON one_time_codes (asker_customer_id, created_at);
CREATE INDEX one_time_codes_by_target ON one_time_codes (kind, value, created_at);

CREATE TABLE customer_merges (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    winner_id BLOB NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    loser_id BLOB NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    -- The operator's name, or 'code'.
    merged_by TEXT NOT NULL,
    merged_at INTEGER NOT NULL,
    -- What moved, for undoing it: JSON, ids in hexadecimal.
    moved TEXT NOT NULL CHECK (json_valid(moved)),
    undone_by TEXT,
    undone_at INTEGER,
    CHECK ((undone_by IS NULL) = (undone_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_merges_by_winner ON customer_merges (winner_id, merged_at);
CREATE INDEX customer_merges_by_loser ON customer_merges (loser_id, merged_at);

-- The last message from a number: WhatsApp's 24 hours run from it.
CREATE INDEX messages_by_sender ON messages (channel, sender, sequence) WHERE direction = 'inbound';
