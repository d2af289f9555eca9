-- What the operators' inbox sorts, counts and finds by. The columns added to tickets repeat what other tables say; the
-- triggers below keep them true whoever writes, so that a list of 100,000 tickets is one walk along one index.

ALTER TABLE messages ADD COLUMN author TEXT CHECK (length(author) <= 100);
-- Approved, but not as it stood.
ALTER TABLE drafts ADD COLUMN edited INTEGER NOT NULL DEFAULT 0 CHECK (edited IN (0, 1));

ALTER TABLE tickets ADD COLUMN assignee_id BLOB REFERENCES operators (id);
ALTER TABLE tickets ADD COLUMN snoozed_until INTEGER;
ALTER TABLE tickets ADD COLUMN spam INTEGER NOT NULL DEFAULT 0 CHECK (spam IN (0, 1));
ALTER TABLE tickets ADD COLUMN language TEXT;
-- The mood of the newest customer message that was read.
ALTER TABLE tickets ADD COLUMN sentiment REAL;
-- The oldest customer message that nobody has answered; a notice that a person will look is no answer.
ALTER TABLE tickets ADD COLUMN waiting_since INTEGER;
-- Of the newest draft, while somebody has to look at it.
ALTER TABLE tickets ADD COLUMN draft_state TEXT CHECK (draft_state IN ('held', 'flagged'));
ALTER TABLE tickets ADD COLUMN last_message_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN last_role TEXT;
ALTER TABLE tickets ADD COLUMN last_preview TEXT;

CREATE TRIGGER inbox_message_added AFTER INSERT ON messages BEGIN
    UPDATE tickets SET
        last_message_at = new.created_at,
        last_role = new.role,
        last_preview = substr(replace(new.content, char(10), ' '), 1, 140),
        snoozed_until = CASE WHEN new.direction = 'inbound' THEN NULL ELSE snoozed_until END,
        waiting_since = CASE
            WHEN new.direction = 'inbound' THEN coalesce(waiting_since, new.created_at)
            WHEN new.answers = 1 AND (new.role = 'operator' OR NOT EXISTS (
                SELECT 1 FROM escalations WHERE ticket_id = new.ticket_id AND resolved_at IS NULL)) THEN NULL
            ELSE waiting_since END
    WHERE id = new.ticket_id;
END;
CREATE TRIGGER inbox_message_removed AFTER DELETE ON messages BEGIN
    UPDATE tickets SET (last_message_at, last_role, last_preview) = (
            SELECT coalesce(max(sequence) * 0 + created_at, 0), role, substr(replace(content, char(10), ' '), 1, 140)
            FROM messages WHERE ticket_id = old.ticket_id),
        waiting_since = (
            SELECT min(created_at) FROM messages
            WHERE ticket_id = old.ticket_id AND direction = 'inbound' AND set_aside = 0 AND sequence > (
                SELECT coalesce(max(sequence), 0) FROM messages WHERE ticket_id = old.ticket_id AND answers = 1))
    WHERE id = old.ticket_id AND EXISTS (SELECT 1 FROM messages WHERE ticket_id = old.ticket_id);
END;
CREATE TRIGGER inbox_message_changed AFTER UPDATE OF content ON messages BEGIN
    UPDATE tickets SET last_preview = substr(replace(new.content, char(10), ' '), 1, 140)
    WHERE id = new.ticket_id
      AND new.sequence = (SELECT max(sequence) FROM messages WHERE ticket_id = new.ticket_id);
END;
-- Messages to a person are set aside by the assistant, and yet that person has them to answer.
CREATE TRIGGER inbox_message_set_aside AFTER UPDATE OF set_aside ON messages WHEN new.set_aside = 1 AND old.set_aside = 0 BEGIN
    UPDATE tickets SET waiting_since = (
            SELECT min(created_at) FROM messages
            WHERE ticket_id = new.ticket_id AND direction = 'inbound' AND set_aside = 0 AND sequence > (
                SELECT coalesce(max(sequence), 0) FROM messages WHERE ticket_id = new.ticket_id AND answers = 1))
    WHERE id = new.ticket_id AND taken_over_at IS NULL AND status <> 'escalated';
END;
CREATE TRIGGER inbox_triage_added AFTER INSERT ON triage_results BEGIN
    UPDATE tickets SET
        language = coalesce(new.language, language),
        sentiment = new.sentiment_score,
        spam = CASE WHEN new.kind = 'spam' AND new.decision = 'ignored' THEN 1 ELSE spam END
    WHERE id = new.ticket_id;
END;
CREATE TRIGGER inbox_draft_added AFTER INSERT ON drafts BEGIN
    UPDATE tickets SET draft_state = CASE WHEN new.state IN ('held', 'flagged') THEN new.state END WHERE id = new.ticket_id;
END;
CREATE TRIGGER inbox_draft_changed AFTER UPDATE OF state ON drafts BEGIN
    UPDATE tickets SET draft_state = (
        SELECT CASE WHEN state IN ('held', 'flagged') THEN state END FROM drafts
        WHERE ticket_id = new.ticket_id ORDER BY created_at DESC, rowid DESC LIMIT 1)
    WHERE id = new.ticket_id;
END;

-- What was there before.
UPDATE tickets SET
    (last_message_at, last_role, last_preview) = (
        SELECT coalesce(max(sequence) * 0 + created_at, tickets.created_at), role, substr(replace(content, char(10), ' '), 1, 140)
        FROM messages WHERE ticket_id = tickets.id),
    waiting_since = (
        SELECT min(created_at) FROM messages
        WHERE ticket_id = tickets.id AND direction = 'inbound' AND (set_aside = 0 OR tickets.status = 'escalated') AND sequence > (
            SELECT coalesce(max(sequence), 0) FROM messages WHERE ticket_id = tickets.id AND answers = 1)),
    draft_state = (
        SELECT CASE WHEN state IN ('held', 'flagged') THEN state END FROM drafts
        WHERE ticket_id = tickets.id ORDER BY created_at DESC, rowid DESC LIMIT 1),
    (language, sentiment) = (
        SELECT language, sentiment_score FROM triage_results WHERE ticket_id = tickets.id ORDER BY decided_at DESC LIMIT 1);

-- All that a view or a filter asks for, in the order of the list: the walk never touches the table.
CREATE INDEX tickets_inbox ON tickets (last_message_at, id, spam, status, snoozed_until, assignee_id, draft_state,
    waiting_since, channel, assigned_to, plan, sentiment, language);
CREATE INDEX tickets_by_assignee ON tickets (assignee_id) WHERE assignee_id IS NOT NULL;
CREATE INDEX escalations_resolved ON escalations (resolved_at) WHERE resolved_at IS NOT NULL;

CREATE TABLE ticket_labels (
    ticket_id BLOB NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    label TEXT NOT NULL COLLATE NOCASE CHECK (length(label) BETWEEN 1 AND 50),
    PRIMARY KEY (ticket_id, label)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_labels_by_label ON ticket_labels (label);

-- What operators tell each other; it never leaves.
CREATE TABLE notes (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    ticket_id BLOB NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    author TEXT NOT NULL CHECK (length(author) <= 100),
    text TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 10000),
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX notes_by_ticket ON notes (ticket_id, created_at);

-- How things stood before a reply was queued, for as long as it can be called back.
CREATE TABLE undoable_replies (
    outbox_id BLOB PRIMARY KEY NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    before TEXT NOT NULL CHECK (json_valid(before))
) STRICT;

-- Words of messages, subjects and customers.
CREATE VIRTUAL TABLE message_words USING fts5 (
    content, content = 'messages', content_rowid = 'sequence', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
CREATE TRIGGER message_words_added AFTER INSERT ON messages BEGIN
    INSERT INTO message_words (rowid, content) VALUES (new.sequence, new.content);
END;
CREATE TRIGGER message_words_removed AFTER DELETE ON messages BEGIN
    INSERT INTO message_words (message_words, rowid, content) VALUES ('delete', old.sequence, old.content);
END;
CREATE TRIGGER message_words_changed AFTER UPDATE OF content ON messages BEGIN
    INSERT INTO message_words (message_words, rowid, content) VALUES ('delete', old.sequence, old.content);
    INSERT INTO message_words (rowid, content) VALUES (new.sequence, new.content);
END;
INSERT INTO message_words (message_words) VALUES ('rebuild');

-- Tickets and customers have no row numbers: one row of words each, numbered here.
CREATE TABLE found_subjects (
    id INTEGER PRIMARY KEY,
    ticket_id BLOB NOT NULL UNIQUE REFERENCES tickets (id) ON DELETE CASCADE,
    words TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE subject_words USING fts5 (
    words, content = 'found_subjects', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
CREATE TRIGGER found_subjects_added AFTER INSERT ON found_subjects BEGIN
    INSERT INTO subject_words (rowid, words) VALUES (new.id, new.words);
END;
CREATE TRIGGER found_subjects_removed AFTER DELETE ON found_subjects BEGIN
    INSERT INTO subject_words (subject_words, rowid, words) VALUES ('delete', old.id, old.words);
END;
CREATE TRIGGER found_subjects_changed AFTER UPDATE OF words ON found_subjects BEGIN
    INSERT INTO subject_words (subject_words, rowid, words) VALUES ('delete', old.id, old.words);
    INSERT INTO subject_words (rowid, words) VALUES (new.id, new.words);
END;
CREATE TRIGGER tickets_found_added AFTER INSERT ON tickets BEGIN
    INSERT INTO found_subjects (ticket_id, words)
    VALUES (new.id, new.subject || ' ' || new.reference || ' ' || coalesce(new.requester_name, ''));
END;
CREATE TRIGGER tickets_found_changed AFTER UPDATE OF subject, requester_name ON tickets BEGIN
    UPDATE found_subjects SET words = new.subject || ' ' || new.reference || ' ' || coalesce(new.requester_name, '')
    WHERE ticket_id = new.id;
END;
INSERT INTO found_subjects (ticket_id, words)
SELECT id, subject || ' ' || reference || ' ' || coalesce(requester_name, '') FROM tickets;

CREATE TABLE found_customers (
    id INTEGER PRIMARY KEY,
    customer_id BLOB NOT NULL UNIQUE REFERENCES customers (id) ON DELETE CASCADE,
    words TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE customer_words USING fts5 (
    words, content = 'found_customers', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
CREATE TRIGGER found_customers_added AFTER INSERT ON found_customers BEGIN
    INSERT INTO customer_words (rowid, words) VALUES (new.id, new.words);
END;
CREATE TRIGGER found_customers_removed AFTER DELETE ON found_customers BEGIN
    INSERT INTO customer_words (customer_words, rowid, words) VALUES ('delete', old.id, old.words);
END;
CREATE TRIGGER found_customers_changed AFTER UPDATE OF words ON found_customers BEGIN
    INSERT INTO customer_words (customer_words, rowid, words) VALUES ('delete', old.id, old.words);
    INSERT INTO customer_words (rowid, words) VALUES (new.id, new.words);
END;
CREATE TRIGGER customers_found_added AFTER INSERT ON customers BEGIN
    INSERT INTO found_customers (customer_id, words) VALUES (new.id, coalesce(new.name, ''));
END;
CREATE TRIGGER customers_found_changed AFTER UPDATE OF name ON customers BEGIN
    UPDATE found_customers SET words = coalesce(new.name, '') || ' ' || coalesce(
        (SELECT group_concat(value, ' ') FROM identifiers WHERE customer_id = new.id), '')
    WHERE customer_id = new.id;
END;
CREATE TRIGGER identifiers_found_added AFTER INSERT ON identifiers BEGIN
    UPDATE found_customers SET words = words || ' ' || new.value WHERE customer_id = new.customer_id;
END;
CREATE TRIGGER identifiers_found_moved AFTER UPDATE OF customer_id ON identifiers BEGIN
    UPDATE found_customers SET words = coalesce((SELECT name FROM customers WHERE id = found_customers.customer_id), '') || ' ' ||
        coalesce((SELECT group_concat(value, ' ') FROM identifiers WHERE customer_id = found_customers.customer_id), '')
    WHERE customer_id IN (old.customer_id, new.customer_id);
END;
CREATE TRIGGER identifiers_found_removed AFTER DELETE ON identifiers BEGIN
    UPDATE found_customers SET words = coalesce((SELECT name FROM customers WHERE id = found_customers.customer_id), '') || ' ' ||
        coalesce((SELECT group_concat(value, ' ') FROM identifiers WHERE customer_id = found_customers.customer_id), '')
    WHERE customer_id = old.customer_id;
END;
INSERT INTO found_customers (customer_id, words)
SELECT id, coalesce(name, '') || ' ' || coalesce(
    (SELECT group_concat(value, ' ') FROM identifiers WHERE customer_id = customers.id), '') FROM customers;
