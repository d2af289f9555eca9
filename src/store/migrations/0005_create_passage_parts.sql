-- Vectors of a passage's heading and sentences, packed by the indexer; read only for passages that a search brought up.
-- A table of its own: beside the passage's vector they would make every row that a search compares three pages long.
CREATE TABLE passage_parts (
    passage_id INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
    model_id INTEGER NOT NULL REFERENCES embedding_models (id) ON DELETE CASCADE,
    -- Empty when the passage came without.
    vectors BLOB NOT NULL
) STRICT;
