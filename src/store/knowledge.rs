//! The index of the company's documents: words through FTS5, meaning through sqlite-vec.

use super::{
    Store,
    error::failed,
    knowledge_update,
    values::{count, from_json, id, time},
};
use crate::domain::{
    ids::{DocumentId, PassageId},
    knowledge::Passage,
};
use crate::ports::{
    knowledge::{DocumentSummary, Hit, IndexChange, KnowledgeIndex, NewDocument},
    store::StoreError,
};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

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
        self.write(move |connection| knowledge_update::upsert(connection, &document, &model, now)).await
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
                       JOIN passage_parts ON passage_parts.passage_id = passages.id
                           AND passage_parts.model_id = passage_vectors.model_id
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

    async fn part_vectors(
        &self,
        ids: &[PassageId],
        embedding_model: &str,
    ) -> Result<Vec<(PassageId, Vec<u8>)>, StoreError> {
        let (ids, model) = (ids.to_vec(), embedding_model.to_owned());
        self.read(move |connection| {
            let Some((model_id, _)) = find_model(connection, &model)? else { return Ok(Vec::new()) };
            let sql = "SELECT vectors FROM passage_parts WHERE passage_id = ?1 AND model_id = ?2 AND vectors <> x''";
            let mut statement = connection.prepare_cached(sql)?;
            let mut found = Vec::with_capacity(ids.len());
            for wanted in ids {
                let vectors =
                    statement.query_row(params![wanted.0, model_id], |row| row.get(0)).optional()?;
                found.extend(vectors.map(|vectors| (wanted, vectors)));
            }
            Ok(found)
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

    async fn all_passages(&self) -> Result<Vec<Passage>, StoreError> {
        self.read(|connection| {
            let sql = "SELECT passages.*, documents.title FROM passages
                       JOIN documents ON documents.id = passages.document_id ORDER BY documents.slug, passages.id";
            let mut statement = connection.prepare_cached(sql)?;
            let passages = statement.query_map([], passage)?;
            Ok(passages.collect::<rusqlite::Result<_>>()?)
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

pub(super) fn find_model(connection: &Connection, name: &str) -> Result<Option<(i64, usize)>, StoreError> {
    let sql = "SELECT id, dimensions FROM embedding_models WHERE name = ?1";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([name], |row| Ok((row.get(0)?, count(row, 1)?)))
        .optional()?)
}

pub(super) fn require_dimensions(given: usize, expected: usize) -> Result<(), StoreError> {
    if given == expected {
        Ok(())
    } else {
        Err(failed(format!("a vector has {given} numbers where this model's have {expected}")))
    }
}

/// Little-endian floats, as sqlite-vec reads them.
pub(super) fn vector_bytes(vector: &[f32]) -> Result<Vec<u8>, StoreError> {
    let usable = vector.iter().all(|value| value.is_finite()) && vector.iter().any(|value| *value != 0.0);
    if !usable {
        return Err(failed("a vector must hold finite numbers, not all zero"));
    }
    Ok(vector.iter().flat_map(|value| value.to_le_bytes()).collect())
}
