-- What the rules of mail look at: wishes of servers, changed subjects, and who wrote what lately.

-- The sender's server asks for no automatic responses.
ALTER TABLE messages ADD COLUMN acknowledgements_unwanted INTEGER NOT NULL DEFAULT 0 CHECK (acknowledgements_unwanted IN (0, 1));
-- A mail in a thread whose subject is another than its ticket's: perhaps another matter.
ALTER TABLE mail_headers ADD COLUMN changed_subject TEXT;

CREATE INDEX mails_by_sender ON messages (sender, created_at) WHERE channel = 'email';
CREATE INDEX outbox_automatic ON outbox (channel, created_at) WHERE automatic = 1;
