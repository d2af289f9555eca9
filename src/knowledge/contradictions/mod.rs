//! Finding what is wrong within the documents: passages that disagree on a fact, dates that have passed, files nobody has touched
//! for long. Few false alarms come before many hits: a wrong alarm holds a right answer back. Made for English documents.

mod amounts;
mod compare;
mod dates;
mod facts;
mod words;

#[cfg(test)]
mod tests;

use super::{documents::split_front_matter, parts};
use crate::{
    domain::{
        conflict::{Conflict, ConflictKind, ConflictSide},
        ids::{DocumentId, PassageId},
        knowledge::Passage,
    },
    ports::{knowledge::KnowledgeIndex, store::StoreError},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::{collections::HashMap, sync::Arc};

/// Looks through the whole index.
pub struct ConflictFinder {
    index: Arc<dyn KnowledgeIndex>,
    /// Whose vectors tell how near two sentences are in meaning; `None` goes by words alone.
    embedding_model: Option<String>,
    /// Names of the company and its product: they stand everywhere and tell nothing apart.
    own_names: Vec<String>,
    /// Documents last changed longer ago are named; 0 names none.
    stale_after_days: u32,
}

/// The vectors of a passage's sentences, in their order.
type SentenceVectors = HashMap<PassageId, Vec<Vec<f32>>>;

impl ConflictFinder {
    pub fn new(
        index: Arc<dyn KnowledgeIndex>,
        embedding_model: Option<String>,
        own_names: Vec<String>,
        stale_after_days: u32,
    ) -> Self {
        Self { index, embedding_model, own_names, stale_after_days }
    }

    /// Everything found as of `now`, in the order of the passages.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub async fn find(&self, now: Timestamp) -> Result<Vec<Conflict>, StoreError> {
        let passages = self.index.all_passages().await?;
        let vectors = self.sentence_vectors(&passages).await?;
        let today = now.to_zoned(TimeZone::UTC).date();
        let mut found = find_conflicts(&passages, &vectors, &self.own_names, today);
        found.extend(self.old_files(&passages, today).await?);
        Ok(found)
    }

    async fn sentence_vectors(&self, passages: &[Passage]) -> Result<SentenceVectors, StoreError> {
        let Some(model) = &self.embedding_model else { return Ok(HashMap::new()) };
        let ids: Vec<PassageId> = passages.iter().map(|passage| passage.id).collect();
        let packed = self.index.part_vectors(&ids, model).await?;
        Ok(packed
            .into_iter()
            .filter_map(|(id, packed)| Some((id, parts::sentence_vectors(&packed)?)))
            .collect())
    }

    /// Documents whose front matter, or else whose file, says that they were last changed long ago.
    async fn old_files(&self, passages: &[Passage], today: Date) -> Result<Vec<Conflict>, StoreError> {
        if self.stale_after_days == 0 {
            return Ok(Vec::new());
        }
        let mut first: HashMap<DocumentId, &Passage> = HashMap::new();
        for passage in passages {
            first.entry(passage.document_id).or_insert(passage);
        }
        let mut found = Vec::new();
        for document in self.index.documents().await? {
            let Some(passage) = first.get(&document.id) else { continue };
            let text = self.index.document_text(&document.slug).await?;
            let written = text.and_then(|(_, markdown)| written_on(&markdown));
            let Some(changed) = written.or_else(|| file_changed_on(&document.source)) else { continue };
            let days = today.since(changed).map_or(0, |span| span.get_days());
            if i64::from(days) > i64::from(self.stale_after_days) {
                let side = ConflictSide {
                    passage_id: passage.id,
                    section: document.title.clone(),
                    url: passage.url.split('#').next().unwrap_or_default().to_owned(),
                    sentence: document.source.clone(),
                    value: changed.to_string(),
                };
                let topic = "its age".to_owned();
                found.push(Conflict { kind: ConflictKind::OldFile, topic, side, other: None });
            }
        }
        Ok(found)
    }
}

/// The date in a document's front matter, for example `updated: 2026-11-16`.
fn written_on(markdown: &str) -> Option<Date> {
    let (front_matter, _) = split_front_matter(markdown);
    front_matter.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        let known =
            ["updated", "last_updated", "modified", "date"].contains(&key.trim().to_lowercase().as_str());
        let value = value.trim().trim_matches(['"', '\'']);
        known.then(|| value.get(..10).unwrap_or(value).parse().ok()).flatten()
    })
}

fn file_changed_on(source: &str) -> Option<Date> {
    let modified = std::fs::metadata(source).and_then(|file| file.modified()).ok()?;
    Some(Timestamp::try_from(modified).ok()?.to_zoned(TimeZone::UTC).date())
}

/// Contradictions between passages and dates that have passed.
fn find_conflicts(
    passages: &[Passage],
    vectors: &SentenceVectors,
    own_names: &[String],
    today: Date,
) -> Vec<Conflict> {
    let vocabulary = words::Vocabulary::of(passages, own_names);
    let facts: Vec<facts::Fact> = passages
        .iter()
        .enumerate()
        .flat_map(|(at, passage)| facts::facts_of(at, passage, &vocabulary))
        .collect();
    let mut found = compare::disagreements(passages, &facts, vectors);
    for passage in passages {
        found.extend(dates::expired(passage, today).into_iter().map(|(sentence, value)| Conflict {
            kind: ConflictKind::Expired,
            topic: "a date".to_owned(),
            side: side(passage, &sentence, &value),
            other: None,
        }));
    }
    found
}

fn side(passage: &Passage, sentence: &str, value: &str) -> ConflictSide {
    ConflictSide {
        passage_id: passage.id,
        section: passage.section(),
        url: passage.url.clone(),
        sentence: sentence.to_owned(),
        value: value.to_owned(),
    }
}
