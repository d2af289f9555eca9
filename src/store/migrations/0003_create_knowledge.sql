-- The company's documents, cut into passages, found by words (FTS5) and by meaning (vectors, compared by sqlite-vec).

CREATE TABLE documents (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    source TEXT NOT NULL UNIQUE,
    slug TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    markdown TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE passages (
    -- Never used again after removal: an old answer's source must not point at another text.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id BLOB NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    section_path TEXT NOT NULL CHECK (json_valid(section_path)),
    -- The section path as words, for the full-text index.
    headings TEXT NOT NULL,
    text TEXT NOT NULL,
    url TEXT NOT NULL,
    anchor TEXT NOT NULL
) STRICT;
CREATE INDEX passages_by_document ON passages (document_id, content_hash);

-- Porter's stemmer lets 'exporting' meet 'export'; it works on ASCII words only and leaves others as they are.
CREATE VIRTUAL TABLE passage_words USING fts5 (
    headings, text, content = 'passages', content_rowid = 'id', tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE TRIGGER passages_index_added AFTER INSERT ON passages BEGIN
    INSERT INTO passage_words (rowid, headings, text) VALUES (new.id, new.headings, new.text);
END;
CREATE TRIGGER passages_index_removed AFTER DELETE ON passages BEGIN
    INSERT INTO passage_words (passage_words, rowid, headings, text) VALUES ('delete', old.id, old.headings, old.text);
END;
CREATE TRIGGER passages_never_change BEFORE UPDATE OF headings, text, content_hash ON passages BEGIN
    SELECT RAISE(ABORT, 'a changed passage is a new passage');
END;

CREATE TABLE embedding_models (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    dimensions INTEGER NOT NULL CHECK (dimensions BETWEEN 1 AND 8192)
) STRICT;

-- Vectors as sqlite-vec reads them: little-endian 32-bit floats; one a passage, of the model that embedded it last.
-- An ordinary table, so that removing a passage removes its vector; a vec0 table would compare just as many vectors,
-- one by one, but would not follow. (Rows of this size would spill to overflow pages in a table without rowids.)
CREATE TABLE passage_vectors (
    passage_id INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
    model_id INTEGER NOT NULL REFERENCES embedding_models (id) ON DELETE CASCADE,
    vector BLOB NOT NULL CHECK (length(vector) > 0 AND length(vector) % 4 = 0)
) STRICT;
CREATE INDEX passage_vectors_by_model ON passage_vectors (model_id);
