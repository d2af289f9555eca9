-- Customers, what they wrote, and what it led to.
-- Every id is a UUID in 16 bytes; every column ending in _at is microseconds since 1970 in UTC.

CREATE TABLE customers (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    name TEXT CHECK (length(name) <= 300),
    -- What the company knows. What a sender claims stands on the ticket.
    plan TEXT CHECK (plan IN ('free', 'pro', 'enterprise')),
    created_at INTEGER NOT NULL,
    last_contact_at INTEGER NOT NULL,
    conversation_count INTEGER NOT NULL DEFAULT 0 CHECK (conversation_count >= 0),
    -- Set when an operator merged this customer into another one.
    merged_into BLOB REFERENCES customers (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE identifiers (
    kind TEXT NOT NULL CHECK (kind IN ('email', 'phone', 'whatsapp')),
    -- Normal form: case-folded address, E.164 number.
    value TEXT NOT NULL CHECK (length(value) BETWEEN 1 AND 320),
    customer_id BLOB NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    verified INTEGER NOT NULL DEFAULT 0 CHECK (verified IN (0, 1)),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX identifiers_by_customer ON identifiers (customer_id);
-- Proof once given stays given.
CREATE TRIGGER identifiers_stay_verified BEFORE UPDATE OF verified ON identifiers
WHEN old.verified = 1 AND new.verified = 0
BEGIN SELECT RAISE(ABORT, 'a verified identifier stays verified'); END;

CREATE TABLE conversations (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    customer_id BLOB NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    -- Whether the sender proved the address. A typed-in address never joins a proven one's conversation.
    trust TEXT NOT NULL CHECK (trust IN ('verified', 'unverified')),
    status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'escalated', 'resolved')),
    initial_channel TEXT NOT NULL CHECK (initial_channel IN ('web', 'email', 'whatsapp')),
    current_channel TEXT NOT NULL CHECK (current_channel IN ('web', 'email', 'whatsapp')),
    started_at INTEGER NOT NULL,
    last_message_at INTEGER NOT NULL,
    ended_at INTEGER,
    sentiment_score REAL CHECK (sentiment_score BETWEEN -1 AND 1),
    sentiment_trend TEXT NOT NULL DEFAULT 'unknown'
        CHECK (sentiment_trend IN ('improving', 'stable', 'declining', 'unknown')),
    resolution_notes TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX conversations_by_customer ON conversations (customer_id, trust, last_message_at DESC);
CREATE INDEX conversations_by_status ON conversations (status, last_message_at DESC);

CREATE TABLE conversation_topics (
    conversation_id BLOB NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    topic TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, topic)
) STRICT, WITHOUT ROWID;

CREATE TABLE tickets (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    reference TEXT NOT NULL UNIQUE CHECK (length(reference) BETWEEN 16 AND 20),
    conversation_id BLOB NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    customer_id BLOB NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    channel TEXT NOT NULL CHECK (channel IN ('web', 'email', 'whatsapp')),
    -- Name and plan as the sender of this ticket gave them: never another person's who wrote under the same address.
    requester_name TEXT CHECK (length(requester_name) <= 300),
    plan TEXT NOT NULL DEFAULT 'free' CHECK (plan IN ('free', 'pro', 'enterprise')),
    subject TEXT NOT NULL CHECK (length(subject) <= 1000),
    category TEXT NOT NULL DEFAULT 'general'
        CHECK (category IN ('general', 'technical', 'billing', 'feedback', 'bug_report')),
    priority TEXT NOT NULL DEFAULT 'medium' CHECK (priority IN ('low', 'medium', 'high', 'urgent')),
    status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'in_progress', 'escalated', 'resolved', 'closed')),
    stage TEXT NOT NULL DEFAULT 'received' CHECK (stage IN
        ('received', 'reading', 'searching', 'writing', 'checking', 'with_a_person', 'answered', 'failed')),
    stage_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    resolved_at INTEGER,
    resolution_notes TEXT,
    assigned_to TEXT,
    assigned_mailbox TEXT,
    -- While set, a person has it and nothing automatic is sent.
    taken_over_by TEXT,
    taken_over_at INTEGER,
    -- The customer was told of the latest hand-over.
    hand_over_acknowledged INTEGER NOT NULL DEFAULT 0 CHECK (hand_over_acknowledged IN (0, 1)),
    feedback TEXT CHECK (feedback IN ('helped', 'not_helped')),
    CHECK ((taken_over_by IS NULL) = (taken_over_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX tickets_by_conversation ON tickets (conversation_id, created_at DESC);
CREATE INDEX tickets_by_customer ON tickets (customer_id);
CREATE INDEX tickets_by_status ON tickets (status, created_at DESC);

CREATE TABLE messages (
    -- Order of acceptance: what "newer" means everywhere.
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    conversation_id BLOB NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    ticket_id BLOB NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    direction TEXT NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    role TEXT NOT NULL CHECK (role IN ('customer', 'assistant', 'operator', 'system')),
    channel TEXT NOT NULL CHECK (channel IN ('web', 'email', 'whatsapp')),
    -- The provider's id of an inbound message; those of outbound ones stand in delivery_receipts.
    provider_message_id TEXT CHECK (length(provider_message_id) BETWEEN 1 AND 1000),
    -- Where an answer to an inbound message goes.
    sender TEXT,
    content TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    sentiment_score REAL CHECK (sentiment_score BETWEEN -1 AND 1),
    intent TEXT,
    -- JSON list of the passages an answer was taken from.
    sources TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(sources)),
    -- Written by the assistant and approved by nobody.
    automatic INTEGER NOT NULL DEFAULT 0 CHECK (automatic IN (0, 1)),
    -- An outbound message answers what came before it. One that only says "a person will look" does not.
    answers INTEGER NOT NULL DEFAULT 0 CHECK (answers IN (0, 1)),
    -- A turn decided that an inbound message needs no further answer.
    set_aside INTEGER NOT NULL DEFAULT 0 CHECK (set_aside IN (0, 1)),
    delivery_status TEXT CHECK (delivery_status IN ('pending', 'sent', 'delivered', 'read', 'failed')),
    UNIQUE (channel, provider_message_id),
    CHECK ((direction = 'inbound') = (delivery_status IS NULL)),
    CHECK (direction = 'outbound' OR provider_message_id IS NOT NULL)
) STRICT;
CREATE INDEX messages_by_ticket ON messages (ticket_id, sequence);
CREATE INDEX messages_by_conversation ON messages (conversation_id, sequence);

-- What came in, untouched. Apart from messages so that reading a conversation never drags it along.
CREATE TABLE message_raw (
    message_id BLOB PRIMARY KEY NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    raw BLOB NOT NULL
) STRICT;

CREATE TABLE triage_results (
    message_id BLOB PRIMARY KEY NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    ticket_id BLOB NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    language TEXT,
    language_served INTEGER NOT NULL CHECK (language_served IN (0, 1)),
    intent TEXT NOT NULL,
    sentiment_score REAL NOT NULL CHECK (sentiment_score BETWEEN -1 AND 1),
    sentiment_confidence REAL NOT NULL,
    injection_score REAL NOT NULL,
    injection_flagged INTEGER NOT NULL CHECK (injection_flagged IN (0, 1)),
    injection_evidence TEXT NOT NULL CHECK (json_valid(injection_evidence)),
    escalation_score REAL NOT NULL,
    escalation_category TEXT NOT NULL,
    escalation_urgency TEXT NOT NULL,
    decision TEXT NOT NULL,
    reason TEXT NOT NULL,
    decided_at INTEGER NOT NULL
) STRICT;
CREATE INDEX triage_results_by_ticket ON triage_results (ticket_id);

CREATE TABLE triage_signals (
    message_id BLOB NOT NULL REFERENCES triage_results (message_id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    class TEXT NOT NULL CHECK (class IN ('always', 'likely', 'never')),
    source TEXT NOT NULL,
    weight REAL NOT NULL,
    evidence TEXT NOT NULL,
    PRIMARY KEY (message_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX triage_signals_by_name ON triage_signals (name);

CREATE TABLE drafts (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    ticket_id BLOB NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    -- The newest customer message it answers.
    message_id BLOB NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    body TEXT NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('model', 'passage', 'hosted')),
    sources TEXT NOT NULL CHECK (json_valid(sources)),
    sentences TEXT NOT NULL CHECK (json_valid(sentences)),
    confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    -- held: waits for approval; flagged: sent, to be reviewed; unused: a person took the matter instead.
    state TEXT NOT NULL CHECK (state IN ('sent', 'flagged', 'held', 'unused', 'approved', 'rejected', 'superseded')),
    created_at INTEGER NOT NULL,
    decided_at INTEGER,
    decided_by TEXT
) STRICT;
CREATE INDEX drafts_by_ticket ON drafts (ticket_id, created_at);
CREATE INDEX drafts_waiting ON drafts (created_at) WHERE state IN ('held', 'flagged');

CREATE TABLE escalations (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    reference TEXT NOT NULL UNIQUE CHECK (reference GLOB 'ESC-????????'),
    ticket_id BLOB NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    -- Who saw the need: a decision, a draft that waits for approval, the customer, an operator, or a failure of ours.
    origin TEXT NOT NULL CHECK (origin IN ('decision', 'approval', 'feedback', 'operator', 'failure')),
    category TEXT NOT NULL
        CHECK (category IN ('billing', 'legal', 'security', 'account', 'technical', 'churn', 'general')),
    urgency TEXT NOT NULL CHECK (urgency IN ('critical', 'high', 'normal', 'low')),
    reason TEXT NOT NULL,
    summary TEXT NOT NULL,
    attempts TEXT NOT NULL CHECK (json_valid(attempts)),
    sentiment_score REAL NOT NULL CHECK (sentiment_score BETWEEN -1 AND 1),
    suggested_next_step TEXT NOT NULL,
    team TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    promise TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    notified_at INTEGER,
    resolved_at INTEGER,
    resolved_by TEXT
) STRICT;
-- One open hand-over a ticket.
CREATE UNIQUE INDEX escalations_open ON escalations (ticket_id) WHERE resolved_at IS NULL;
CREATE INDEX escalations_due ON escalations (due_at) WHERE resolved_at IS NULL;
CREATE INDEX escalations_by_ticket ON escalations (ticket_id);

CREATE TABLE feedback (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id BLOB NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    verdict TEXT NOT NULL CHECK (verdict IN ('helped', 'not_helped')),
    comment TEXT CHECK (length(comment) <= 5000),
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX feedback_by_ticket ON feedback (ticket_id);
