-- Everything that leaves the box, written before it does. Each row's hash covers the row and the hash before it, so that a row
-- that was changed, removed or put in between shows. Holds no content: its size and digest.
CREATE TABLE egress_ledger (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    -- Host and port.
    destination TEXT NOT NULL CHECK (length(destination) BETWEEN 1 AND 300),
    -- Kept when the ticket is erased: an id without its row says nothing of a person.
    ticket_id BLOB CHECK (length(ticket_id) = 16),
    byte_count INTEGER NOT NULL CHECK (byte_count >= 0),
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX egress_ledger_by_time ON egress_ledger (at);
CREATE INDEX egress_ledger_by_ticket ON egress_ledger (ticket_id) WHERE ticket_id IS NOT NULL;
CREATE TRIGGER egress_ledger_is_final BEFORE UPDATE ON egress_ledger
BEGIN SELECT RAISE(ABORT, 'the egress ledger is append-only'); END;
CREATE TRIGGER egress_ledger_stays BEFORE DELETE ON egress_ledger
BEGIN SELECT RAISE(ABORT, 'the egress ledger is append-only'); END;
