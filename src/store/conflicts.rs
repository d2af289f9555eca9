//! Faults found in the documents: kept, listed, accepted.

use super::{
    Store, audit,
    values::{from_json, micros, named, time},
};
use crate::domain::{
    conflict::{Conflict, ConflictKind, ConflictSide, KeptConflict},
    ids::PassageId,
};
use crate::ports::{conflicts::ConflictStore, store::StoreError};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashSet;

#[async_trait]
impl ConflictStore for Store {
    async fn keep_conflicts(&self, found: Vec<Conflict>, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| keep(connection, &found, now)).await
    }

    async fn conflicts(&self, with_accepted: bool) -> Result<Vec<KeptConflict>, StoreError> {
        self.read(move |connection| {
            let sql = format!("{SELECT} WHERE ?1 OR accepted_at IS NULL ORDER BY conflict.id");
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map([with_accepted], read)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    async fn conflicts_of(&self, passages: &[PassageId]) -> Result<Vec<Conflict>, StoreError> {
        let passages = passages.to_vec();
        self.read(move |connection| {
            let sql = format!(
                "{SELECT} WHERE accepted_at IS NULL AND (passage_id = ?1 OR other_passage_id = ?1) ORDER BY conflict.id"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let (mut seen, mut found) = (HashSet::new(), Vec::new());
            for passage in passages {
                for kept in statement.query_map([passage.0], read)? {
                    let kept = kept?;
                    if seen.insert(kept.id) {
                        found.push(kept.conflict);
                    }
                }
            }
            Ok(found)
        })
        .await
    }

    async fn accept_conflict(&self, id: i64, operator: &str, now: Timestamp) -> Result<(), StoreError> {
        let operator = operator.to_owned();
        self.write(move |connection| {
            let sql = "UPDATE knowledge_conflicts SET accepted_by = ?2, accepted_at = ?3 WHERE id = ?1";
            if connection.prepare_cached(sql)?.execute(params![id, operator, micros(now)])? == 0 {
                return Err(StoreError::NotFound("conflict"));
            }
            let details = serde_json::json!({});
            audit::note(connection, &operator, "knowledge.accept_conflict", &id.to_string(), &details, now)
        })
        .await
    }
}

const SELECT: &str = "SELECT conflict.*, one.section_path AS path, one.url AS url,
                             two.section_path AS other_path, two.url AS other_url
                      FROM knowledge_conflicts AS conflict
                      JOIN passages AS one ON one.id = conflict.passage_id
                      LEFT JOIN passages AS two ON two.id = conflict.other_passage_id";

fn read(row: &Row<'_>) -> rusqlite::Result<KeptConflict> {
    let kind: ConflictKind = named(row, "kind")?;
    let side = |passage: &str, path: &str, url: &str, sentence: &str, value: &str| {
        let (mut path, mut url) = (from_json::<Vec<String>>(row, path)?, row.get::<_, String>(url)?);
        if kind == ConflictKind::OldFile {
            // The document as a whole is old; its first passage only stands for it.
            path.truncate(1);
            url.truncate(url.find('#').unwrap_or(url.len()));
        }
        Ok::<_, rusqlite::Error>(ConflictSide {
            passage_id: PassageId(row.get(passage)?),
            section: path.join(" › "),
            url,
            sentence: row.get(sentence)?,
            value: row.get(value)?,
        })
    };
    let two = row.get::<_, Option<i64>>("other_passage_id")?.is_some();
    let accepted_by: Option<String> = row.get("accepted_by")?;
    Ok(KeptConflict {
        id: row.get("id")?,
        conflict: Conflict {
            kind,
            topic: row.get("topic")?,
            side: side("passage_id", "path", "url", "sentence", "value")?,
            other: two
                .then(|| side("other_passage_id", "other_path", "other_url", "other_sentence", "other_value"))
                .transpose()?,
        },
        found_at: time(row, "found_at")?,
        accepted: accepted_by.map(|by| time(row, "accepted_at").map(|at| (by, at))).transpose()?,
    })
}

fn keep(connection: &Connection, found: &[Conflict], now: Timestamp) -> Result<(), StoreError> {
    let known = "SELECT id FROM knowledge_conflicts
                 WHERE kind = ?1 AND passage_id = ?2 AND sentence = ?3 AND value = ?4
                   AND other_passage_id IS ?5 AND other_sentence IS ?6 AND other_value IS ?7";
    let insert = "INSERT INTO knowledge_conflicts
                      (kind, passage_id, sentence, value, other_passage_id, other_sentence, other_value, topic, found_at)
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let mut kept: HashSet<i64> = HashSet::new();
    for conflict in found {
        let (side, other) = (&conflict.side, conflict.other.as_ref());
        let (kind, passage) = (conflict.kind.as_str(), side.passage_id.0);
        let other_passage = other.map(|other| other.passage_id.0);
        let (other_sentence, other_value) = (other.map(|o| &o.sentence), other.map(|o| &o.value));
        let key =
            params![kind, passage, side.sentence, side.value, other_passage, other_sentence, other_value];
        let id = connection.prepare_cached(known)?.query_row(key, |row| row.get(0)).optional()?;
        if let Some(id) = id {
            kept.insert(id);
            continue;
        }
        connection.prepare_cached(insert)?.execute(params![
            kind,
            passage,
            side.sentence,
            side.value,
            other_passage,
            other_sentence,
            other_value,
            conflict.topic,
            micros(now)
        ])?;
        kept.insert(connection.last_insert_rowid());
    }
    let all: Vec<i64> = connection
        .prepare_cached("SELECT id FROM knowledge_conflicts")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for gone in all.into_iter().filter(|id| !kept.contains(id)) {
        connection.prepare_cached("DELETE FROM knowledge_conflicts WHERE id = ?1")?.execute([gone])?;
    }
    Ok(())
}
