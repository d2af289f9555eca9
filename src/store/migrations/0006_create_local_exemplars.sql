-- Messages whose decision an operator of this box has put right: the triage decides those like them the same way.
-- A row holds a customer's words, so it goes with the customer; one that was undone stays for the record.
CREATE TABLE local_exemplars (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    text TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 6000),
    should TEXT NOT NULL CHECK (should IN ('answer', 'escalate')),
    category TEXT NOT NULL
        CHECK (category IN ('billing', 'legal', 'security', 'account', 'technical', 'churn', 'general')),
    language TEXT,
    -- Both null when it was imported.
    ticket_id BLOB REFERENCES tickets (id) ON DELETE CASCADE,
    message_id BLOB REFERENCES messages (id) ON DELETE CASCADE,
    note TEXT CHECK (length(note) <= 2000),
    marked_by TEXT NOT NULL CHECK (length(marked_by) BETWEEN 1 AND 100),
    marked_at INTEGER NOT NULL,
    undone_by TEXT CHECK (length(undone_by) BETWEEN 1 AND 100),
    undone_at INTEGER,
    CHECK ((ticket_id IS NULL) = (message_id IS NULL)),
    CHECK ((undone_by IS NULL) = (undone_at IS NULL))
) STRICT;
-- A message has one right decision at a time.
CREATE UNIQUE INDEX local_exemplars_in_force ON local_exemplars (message_id) WHERE undone_at IS NULL;
CREATE INDEX local_exemplars_by_ticket ON local_exemplars (ticket_id);
CREATE INDEX local_exemplars_by_message ON local_exemplars (message_id);

-- Counts every change, whichever process made it, so that a running server notices with one read.
CREATE TABLE local_exemplars_version (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
) STRICT;
INSERT INTO local_exemplars_version (id, version) VALUES (1, 0);
CREATE TRIGGER local_exemplars_added AFTER INSERT ON local_exemplars BEGIN
    UPDATE local_exemplars_version SET version = version + 1;
END;
CREATE TRIGGER local_exemplars_changed AFTER UPDATE ON local_exemplars BEGIN
    UPDATE local_exemplars_version SET version = version + 1;
END;
CREATE TRIGGER local_exemplars_removed AFTER DELETE ON local_exemplars BEGIN
    UPDATE local_exemplars_version SET version = version + 1;
END;
