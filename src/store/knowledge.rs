//! The index of the company's documents: words through FTS5, meaning through sqlite-vec.

use super::{
    Store,
    error::failed,
    values::{count, from_json, id, json, micros, time},
};
use crate::domain::{
    ids::{DocumentId, PassageId},
    knowledge::Passage,
};
use crate::ports::{
    knowledge::{DocumentSummary, Hit, IndexChange, KnowledgeIndex, NewDocument, NewPassage},
    store::StoreError,
};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::{HashMap, VecDeque};

/// Words looked at in one search; a question has far fewer, and each costs a list of hits.
const MAX_WORDS: usize = 64;
/// How much more a word in a heading counts than one in the text.
const HEADING_WEIGHT: f64 = 3.0;

#[async_trait]
impl KnowledgeIndex for Store {
    async fn upsert(
        &self,
        document: NewDocument,
        embedding_model: &str,
        now: Timestamp,
    ) -> Result<IndexChange, StoreError> {
        let model = embedding_model.to_owned();
        self.write(move |connection| upsert(connection, &document, &model, now)).await
    }

    async fn remove(&self, source: &str) -> Result<bool, StoreError> {
        let source = source.to_owned();
        self.write(move |connection| {
            Ok(connection.prepare_cached("DELETE FROM documents WHERE source = ?1")?.execute([source])? > 0)
        })
        .await
    }

    async fn documents(&self) -> Result<Vec<DocumentSummary>, StoreError> {
        self.read(documents).await
    }

    async fn document_text(&self, slug: &str) -> Result<Option<(String, String)>, StoreError> {
        let slug = slug.to_owned();
        self.read(move |connection| {
            let sql = "SELECT title, markdown FROM documents WHERE slug = ?1";
            Ok(connection
                .prepare_cached(sql)?
                .query_row([slug], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?)
        })
        .await
    }

    async fn embedded_hashes(&self, source: &str, embedding_model: &str) -> Result<Vec<String>, StoreError> {
        let (source, model) = (source.to_owned(), embedding_model.to_owned());
        self.read(move |connection| {
            let sql = "SELECT passages.content_hash FROM documents
                       JOIN passages ON passages.document_id = documents.id
                       JOIN passage_vectors ON passage_vectors.passage_id = passages.id
                       JOIN embedding_models ON embedding_models.id = passage_vectors.model_id
                       WHERE documents.source = ?1 AND embedding_models.name = ?2 ORDER BY passages.position";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([source, model], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    async fn search_words(&self, words: &[String], limit: usize) -> Result<Vec<Hit>, StoreError> {
        let phrases: Vec<String> = words.iter().filter_map(|word| phrase(word)).take(MAX_WORDS).collect();
        if phrases.is_empty() {
            return Ok(Vec::new());
        }
        let query = phrases.join(" OR ");
        self.read(move |connection| {
            let sql = format!(
                "SELECT rowid AS passage_id, -bm25(passage_words, {HEADING_WEIGHT:.1}, 1.0) AS score FROM passage_words
                 WHERE passage_words MATCH ?1 ORDER BY score DESC, rowid LIMIT ?2"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![query, row_limit(limit)], hit)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    async fn search_vector(
        &self,
        vector: &[f32],
        embedding_model: &str,
        limit: usize,
    ) -> Result<Vec<Hit>, StoreError> {
        let (dimensions, bytes, model) = (vector.len(), vector_bytes(vector)?, embedding_model.to_owned());
        self.read(move |connection| {
            let Some((model_id, expected)) = find_model(connection, &model)? else { return Ok(Vec::new()) };
            require_dimensions(dimensions, expected)?;
            // Every vector is compared; at the size of a company's documents that takes milliseconds.
            let sql = "SELECT passage_id, 1.0 - vec_distance_cosine(vector, ?1) AS score FROM passage_vectors
                       WHERE model_id = ?2 ORDER BY score DESC, passage_id LIMIT ?3";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map(params![bytes, model_id, row_limit(limit)], hit)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    async fn passages(&self, ids: &[PassageId]) -> Result<Vec<Passage>, StoreError> {
        let ids = ids.to_vec();
        self.read(move |connection| {
            let sql = "SELECT passages.*, documents.title FROM passages
                       JOIN documents ON documents.id = passages.document_id WHERE passages.id = ?1";
            let mut statement = connection.prepare_cached(sql)?;
            let mut found = Vec::with_capacity(ids.len());
            for wanted in ids {
                found.extend(statement.query_row([wanted.0], passage).optional()?);
            }
            Ok(found)
        })
        .await
    }

    async fn word_frequencies(&self, words: &[String]) -> Result<(Vec<usize>, usize), StoreError> {
        let words = words.to_vec();
        self.read(move |connection| {
            // Asked of the index itself, not of its vocabulary: that holds stems, and the words come as written.
            let sql = "SELECT count(*) FROM passage_words WHERE passage_words MATCH ?1";
            let mut statement = connection.prepare_cached(sql)?;
            let mut frequency = |word: &String| match phrase(word) {
                Some(phrase) => statement.query_row([phrase], |row| count(row, 0)),
                None => Ok(0),
            };
            let frequencies = words.iter().map(&mut frequency).collect::<rusqlite::Result<Vec<usize>>>()?;
            let total = connection
                .prepare_cached("SELECT count(*) FROM passages")?
                .query_row([], |row| count(row, 0))?;
            Ok((frequencies, total))
        })
        .await
    }
}

/// A word as FTS5 reads it literally: in quotes, so that nothing in it is syntax. `None` when it holds nothing to look for.
fn phrase(word: &str) -> Option<String> {
    let word: String = word.chars().filter(|character| !character.is_control()).take(100).collect();
    word.chars().any(char::is_alphanumeric).then(|| format!("\"{}\"", word.replace('"', "\"\"")))
}

fn row_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn hit(row: &Row<'_>) -> rusqlite::Result<Hit> {
    Ok(Hit { passage_id: PassageId(row.get("passage_id")?), score: row.get("score")? })
}

fn passage(row: &Row<'_>) -> rusqlite::Result<Passage> {
    Ok(Passage {
        id: PassageId(row.get("id")?),
        document_id: DocumentId(id(row, "document_id")?),
        title: row.get("title")?,
        section_path: from_json(row, "section_path")?,
        text: row.get("text")?,
        url: row.get("url")?,
    })
}

fn documents(connection: &Connection) -> Result<Vec<DocumentSummary>, StoreError> {
    let sql = "SELECT id, source, slug, title, content_hash, updated_at,
                      (SELECT count(*) FROM passages WHERE document_id = documents.id) AS passages
               FROM documents ORDER BY source";
    let read = |row: &Row<'_>| {
        Ok(DocumentSummary {
            id: DocumentId(id(row, "id")?),
            source: row.get("source")?,
            slug: row.get("slug")?,
            title: row.get("title")?,
            content_hash: row.get("content_hash")?,
            passages: count(row, "passages")?,
            updated_at: time(row, "updated_at")?,
        })
    };
    Ok(connection.prepare_cached(sql)?.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

fn upsert(
    connection: &Connection,
    document: &NewDocument,
    model: &str,
    now: Timestamp,
) -> Result<IndexChange, StoreError> {
    let document_id = upsert_document(connection, document, now)?;
    let mut old = old_passages(connection, document_id)?;
    let mut change = IndexChange::default();
    for (position, passage) in document.passages.iter().enumerate() {
        let kept = old.get_mut(&passage.content_hash).and_then(VecDeque::pop_front);
        let passage_id = if let Some(passage_id) = kept {
            change.kept += 1;
            let sql = "UPDATE passages SET position = ?2, url = ?3, anchor = ?4 WHERE id = ?1";
            connection.prepare_cached(sql)?.execute(params![
                passage_id,
                position as i64,
                passage.url,
                passage.anchor
            ])?;
            passage_id
        } else {
            change.added += 1;
            insert_passage(connection, document_id, position, passage)?
        };
        if let Some(vector) = &passage.embedding {
            store_vector(connection, passage_id, model, vector)?;
        }
    }
    for passage_id in old.into_values().flatten() {
        change.removed += 1;
        connection.prepare_cached("DELETE FROM passages WHERE id = ?1")?.execute([passage_id])?;
    }
    Ok(change)
}

fn upsert_document(
    connection: &Connection,
    document: &NewDocument,
    now: Timestamp,
) -> Result<[u8; 16], StoreError> {
    let owner: Option<String> = connection
        .prepare_cached("SELECT source FROM documents WHERE slug = ?1 AND source <> ?2")?
        .query_row([&document.slug, &document.source], |row| row.get(0))
        .optional()?;
    if let Some(owner) = owner {
        return Err(failed(format!(
            "{} would have the same page as {owner}: rename one of them",
            document.source
        )));
    }
    let sql = "INSERT INTO documents (id, source, slug, title, content_hash, markdown, updated_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
               ON CONFLICT (source) DO UPDATE SET slug = excluded.slug, title = excluded.title,
                   content_hash = excluded.content_hash, markdown = excluded.markdown, updated_at = excluded.updated_at
               RETURNING id";
    let values = params![
        DocumentId::new().0.into_bytes(),
        document.source,
        document.slug,
        document.title,
        document.content_hash,
        document.markdown,
        micros(now)
    ];
    Ok(connection.prepare_cached(sql)?.query_row(values, |row| row.get(0))?)
}

/// The passages a document has, by hash; one text may stand there twice.
fn old_passages(
    connection: &Connection,
    document: [u8; 16],
) -> Result<HashMap<String, VecDeque<i64>>, StoreError> {
    let mut old: HashMap<String, VecDeque<i64>> = HashMap::new();
    let mut statement = connection.prepare_cached(
        "SELECT content_hash, id FROM passages WHERE document_id = ?1 ORDER BY position, id",
    )?;
    let mut rows = statement.query([document])?;
    while let Some(row) = rows.next()? {
        old.entry(row.get(0)?).or_default().push_back(row.get(1)?);
    }
    Ok(old)
}

fn insert_passage(
    connection: &Connection,
    document: [u8; 16],
    position: usize,
    passage: &NewPassage,
) -> Result<i64, StoreError> {
    let sql = "INSERT INTO passages (document_id, position, content_hash, section_path, headings, text, url, anchor)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let id = connection.prepare_cached(sql)?.insert(params![
        document,
        position as i64,
        passage.content_hash,
        json(&passage.section_path)?,
        passage.section_path.join("\n"),
        passage.text,
        passage.url,
        passage.anchor
    ])?;
    Ok(id)
}

fn store_vector(
    connection: &Connection,
    passage: i64,
    model: &str,
    vector: &[f32],
) -> Result<(), StoreError> {
    let model_id = if let Some((model_id, dimensions)) = find_model(connection, model)? {
        require_dimensions(vector.len(), dimensions)?;
        model_id
    } else {
        let sql = "INSERT INTO embedding_models (name, dimensions) VALUES (?1, ?2)";
        connection.prepare_cached(sql)?.insert(params![model, vector.len() as i64])?
    };
    let sql = "INSERT INTO passage_vectors (passage_id, model_id, vector) VALUES (?1, ?2, ?3)
               ON CONFLICT (passage_id) DO UPDATE SET model_id = excluded.model_id, vector = excluded.vector";
    connection.prepare_cached(sql)?.execute(params![passage, model_id, vector_bytes(vector)?])?;
    Ok(())
}

fn find_model(connection: &Connection, name: &str) -> Result<Option<(i64, usize)>, StoreError> {
    let sql = "SELECT id, dimensions FROM embedding_models WHERE name = ?1";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([name], |row| Ok((row.get(0)?, count(row, 1)?)))
        .optional()?)
}

fn require_dimensions(given: usize, expected: usize) -> Result<(), StoreError> {
    if given == expected {
        Ok(())
    } else {
        Err(failed(format!("a vector has {given} numbers where this model's have {expected}")))
    }
}

/// Little-endian floats, as sqlite-vec reads them.
fn vector_bytes(vector: &[f32]) -> Result<Vec<u8>, StoreError> {
    let usable = vector.iter().all(|value| value.is_finite()) && vector.iter().any(|value| *value != 0.0);
    if !usable {
        return Err(failed("a vector must hold finite numbers, not all zero"));
    }
    Ok(vector.iter().flat_map(|value| value.to_le_bytes()).collect())
}
