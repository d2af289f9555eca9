-- What is wrong within the documents: passages that disagree, dates that have passed, files nobody has touched for long.
CREATE TABLE knowledge_conflicts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('amount', 'yes_no', 'expired', 'old_file')),
    topic TEXT NOT NULL,
    passage_id INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
    sentence TEXT NOT NULL,
    value TEXT NOT NULL,
    -- Null where it takes no second passage.
    other_passage_id INTEGER REFERENCES passages (id) ON DELETE CASCADE,
    other_sentence TEXT,
    other_value TEXT,
    found_at INTEGER NOT NULL,
    -- An operator looked and found it to be no conflict.
    accepted_by TEXT,
    accepted_at INTEGER,
    CHECK ((other_passage_id IS NULL) = (kind IN ('expired', 'old_file'))),
    CHECK ((other_passage_id IS NULL) = (other_sentence IS NULL)),
    CHECK ((other_passage_id IS NULL) = (other_value IS NULL)),
    CHECK ((accepted_by IS NULL) = (accepted_at IS NULL))
) STRICT;
CREATE INDEX knowledge_conflicts_by_passage ON knowledge_conflicts (passage_id);
CREATE INDEX knowledge_conflicts_by_other_passage ON knowledge_conflicts (other_passage_id);
