//! Bringing the document index up to date: what did not change keeps its number and its vector.

use super::{
    error::failed,
    knowledge::{find_model, require_dimensions, vector_bytes},
    values::{json, micros},
};
use crate::domain::ids::DocumentId;
use crate::ports::{
    knowledge::{IndexChange, NewDocument, NewPassage},
    store::StoreError,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{HashMap, VecDeque};

/// Adds or replaces a document with its passages and vectors.
pub(super) fn upsert(
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
            let parts = passage.part_vectors.as_deref().unwrap_or_default();
            store_vectors(connection, passage_id, model, vector, parts)?;
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
        [passage.section_path.as_slice(), &passage.asked].concat().join("\n"),
        passage.text,
        passage.url,
        passage.anchor
    ])?;
    Ok(id)
}

fn store_vectors(
    connection: &Connection,
    passage: i64,
    model: &str,
    vector: &[f32],
    parts: &[u8],
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
    let sql = "INSERT INTO passage_parts (passage_id, model_id, vectors) VALUES (?1, ?2, ?3)
               ON CONFLICT (passage_id) DO UPDATE SET model_id = excluded.model_id, vectors = excluded.vectors";
    connection.prepare_cached(sql)?.execute(params![passage, model_id, parts])?;
    Ok(())
}
