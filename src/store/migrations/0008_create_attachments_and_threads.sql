-- What mail and WhatsApp bring along: files, other forms of a text, the threads of mail, and where a channel stood when it last looked.

-- The account a message came in by, as named in the settings; empty on the web form.
ALTER TABLE messages ADD COLUMN account TEXT NOT NULL DEFAULT '';
-- What the model reads where it differs from the text people see: without quotes and signatures.
ALTER TABLE messages ADD COLUMN model_text TEXT;
-- The sanitised HTML of a mail, for people.
ALTER TABLE messages ADD COLUMN html TEXT;
-- Set when a machine wrote it: kept, never answered by itself.
ALTER TABLE messages ADD COLUMN automatic_mail TEXT;
-- Set when it is for a person's eyes only, and why.
ALTER TABLE messages ADD COLUMN held TEXT;

CREATE TABLE mail_headers (
    message_id BLOB PRIMARY KEY NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    -- Without angle brackets; made up from a digest where the sender gave none.
    rfc_message_id TEXT NOT NULL CHECK (length(rfc_message_id) BETWEEN 1 AND 1000),
    -- JSON list, oldest first, without angle brackets.
    reference_chain TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(reference_chain)),
    from_address TEXT NOT NULL,
    -- JSON list of the addresses in To and Cc.
    recipients TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(recipients)),
    reply_to TEXT,
    -- pass: the sender's domain vouches for the From address.
    authenticated TEXT NOT NULL CHECK (authenticated IN ('pass', 'fail', 'none'))
) STRICT, WITHOUT ROWID;
CREATE INDEX mail_headers_by_rfc_id ON mail_headers (rfc_message_id);

CREATE TABLE attachments (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    message_id BLOB NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    -- What the bytes are, not what the sender said they were.
    media_type TEXT NOT NULL,
    byte_length INTEGER NOT NULL CHECK (byte_length >= 0),
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    -- Of a picture inside the HTML.
    content_id TEXT,
    content BLOB NOT NULL,
    UNIQUE (message_id, position)
) STRICT;

-- A channel's memory between two looks: cursors, tokens that were renewed, the end of a subscription.
CREATE TABLE channel_state (
    channel TEXT NOT NULL CHECK (channel IN ('web', 'email', 'whatsapp')),
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (channel, account, name)
) STRICT, WITHOUT ROWID;
