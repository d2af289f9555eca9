//! A document index in memory: plain BM25 and brute-force cosine. For tests and for measuring without a database.

use super::words::{all_words, light_stem};
use crate::{
    domain::{
        ids::{DocumentId, PassageId},
        knowledge::Passage,
    },
    ports::{
        knowledge::{DocumentSummary, Hit, IndexChange, KnowledgeIndex, NewDocument},
        store::StoreError,
    },
};
use async_trait::async_trait;
use jiff::Timestamp;
use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// BM25's usual constants, and how often a heading's word counts.
const K1: f32 = 1.2;
const B: f32 = 0.75;
const HEADING_WEIGHT: f32 = 3.0;

/// The index. Cheap to make, lost when dropped.
#[derive(Debug, Default)]
pub struct MemoryIndex {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    documents: Vec<Stored>,
    next_passage: i64,
}

#[derive(Debug)]
struct Stored {
    summary: DocumentSummary,
    markdown: String,
    passages: Vec<StoredPassage>,
}

#[derive(Debug)]
struct StoredPassage {
    passage: Passage,
    content_hash: String,
    vector: Option<(String, Vec<f32>)>,
    part_vectors: Vec<u8>,
    /// Weighted occurrences by stem.
    stems: HashMap<String, f32>,
    length: f32,
}

impl MemoryIndex {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn passages(&self) -> impl Iterator<Item = &StoredPassage> {
        self.documents.iter().flat_map(|document| &document.passages)
    }
}

fn stems_of(passage: &Passage, asked: &[String]) -> (HashMap<String, f32>, f32) {
    let mut stems = HashMap::new();
    let headings = [passage.section_path.as_slice(), asked].concat().join(" ");
    for (text, weight) in [(headings.as_str(), HEADING_WEIGHT), (passage.text.as_str(), 1.0)] {
        for word in all_words(text) {
            *stems.entry(light_stem(&word)).or_insert(0.0) += weight;
        }
    }
    let length = stems.values().sum();
    (stems, length)
}

fn best(mut hits: Vec<Hit>, limit: usize) -> Vec<Hit> {
    hits.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.passage_id.cmp(&other.passage_id)));
    hits.truncate(limit);
    hits
}

#[async_trait]
impl KnowledgeIndex for MemoryIndex {
    async fn upsert(
        &self,
        document: NewDocument,
        embedding_model: &str,
        now: Timestamp,
    ) -> Result<IndexChange, StoreError> {
        let mut state = self.lock();
        let taken = state
            .documents
            .iter()
            .any(|stored| stored.summary.slug == document.slug && stored.summary.source != document.source);
        if taken {
            return Err(StoreError::Conflict);
        }
        let position = state.documents.iter().position(|stored| stored.summary.source == document.source);
        let mut earlier = position.map(|position| state.documents.remove(position));
        let id = earlier.as_ref().map_or_else(DocumentId::new, |earlier| earlier.summary.id);
        let mut change = IndexChange::default();
        let mut passages = Vec::new();
        for new in document.passages {
            let kept = earlier.as_mut().and_then(|earlier| {
                let at =
                    earlier.passages.iter().position(|passage| passage.content_hash == new.content_hash)?;
                Some(earlier.passages.swap_remove(at))
            });
            let (number, vector, parts) = if let Some(kept) = kept {
                change.kept += 1;
                (kept.passage.id, kept.vector, kept.part_vectors)
            } else {
                change.added += 1;
                state.next_passage += 1;
                (PassageId(state.next_passage), None, Vec::new())
            };
            let passage = Passage {
                id: number,
                document_id: id,
                title: document.title.clone(),
                section_path: new.section_path,
                text: new.text,
                url: new.url,
            };
            let (stems, length) = stems_of(&passage, &new.asked);
            let vector = new.embedding.map(|vector| (embedding_model.to_owned(), vector)).or(vector);
            let part_vectors = new.part_vectors.unwrap_or(parts);
            let content_hash = new.content_hash;
            passages.push(StoredPassage { passage, content_hash, vector, part_vectors, stems, length });
        }
        change.removed = earlier.map_or(0, |earlier| earlier.passages.len());
        let summary = DocumentSummary {
            id,
            source: document.source,
            slug: document.slug,
            title: document.title,
            content_hash: document.content_hash,
            passages: passages.len(),
            updated_at: now,
        };
        state.documents.push(Stored { summary, markdown: document.markdown, passages });
        Ok(change)
    }

    async fn remove(&self, source: &str) -> Result<bool, StoreError> {
        let mut state = self.lock();
        let before = state.documents.len();
        state.documents.retain(|stored| stored.summary.source != source);
        Ok(state.documents.len() < before)
    }

    async fn documents(&self) -> Result<Vec<DocumentSummary>, StoreError> {
        Ok(self.lock().documents.iter().map(|stored| stored.summary.clone()).collect())
    }

    async fn document_text(&self, slug: &str) -> Result<Option<(String, String)>, StoreError> {
        let state = self.lock();
        let found = state.documents.iter().find(|stored| stored.summary.slug == slug);
        Ok(found.map(|stored| (stored.summary.title.clone(), stored.markdown.clone())))
    }

    async fn embedded_hashes(&self, source: &str, embedding_model: &str) -> Result<Vec<String>, StoreError> {
        let state = self.lock();
        let passages = state.documents.iter().filter(|stored| stored.summary.source == source);
        Ok(passages
            .flat_map(|stored| &stored.passages)
            .filter(|passage| passage.vector.as_ref().is_some_and(|(model, _)| model == embedding_model))
            .map(|passage| passage.content_hash.clone())
            .collect())
    }

    async fn search_words(&self, words: &[String], limit: usize) -> Result<Vec<Hit>, StoreError> {
        let state = self.lock();
        let stems: HashSet<String> =
            words.iter().flat_map(|word| all_words(word)).map(|word| light_stem(&word)).collect();
        let count = state.passages().count() as f32;
        let average = state.passages().map(|passage| passage.length).sum::<f32>() / count.max(1.0);
        let mut scores: HashMap<PassageId, f32> = HashMap::new();
        for stem in &stems {
            let holding = state.passages().filter(|passage| passage.stems.contains_key(stem)).count() as f32;
            let idf = ((count - holding + 0.5) / (holding + 0.5)).ln().max(1e-6);
            for passage in state.passages() {
                if let Some(times) = passage.stems.get(stem) {
                    let norm = K1 * (1.0 - B + B * passage.length / average);
                    *scores.entry(passage.passage.id).or_insert(0.0) +=
                        idf * times * (K1 + 1.0) / (times + norm);
                }
            }
        }
        Ok(best(scores.into_iter().map(|(passage_id, score)| Hit { passage_id, score }).collect(), limit))
    }

    async fn search_vector(
        &self,
        vector: &[f32],
        embedding_model: &str,
        limit: usize,
    ) -> Result<Vec<Hit>, StoreError> {
        let state = self.lock();
        let hits = state.passages().filter_map(|passage| {
            let (_, own) = passage.vector.as_ref().filter(|(model, _)| model == embedding_model)?;
            let score = own.iter().zip(vector).map(|(one, other)| one * other).sum();
            Some(Hit { passage_id: passage.passage.id, score })
        });
        Ok(best(hits.collect(), limit))
    }

    async fn part_vectors(
        &self,
        ids: &[PassageId],
        embedding_model: &str,
    ) -> Result<Vec<(PassageId, Vec<u8>)>, StoreError> {
        let state = self.lock();
        let wanted: HashSet<PassageId> = ids.iter().copied().collect();
        let has_parts = |passage: &&StoredPassage| {
            wanted.contains(&passage.passage.id)
                && !passage.part_vectors.is_empty()
                && passage.vector.as_ref().is_some_and(|(model, _)| model == embedding_model)
        };
        let found = state.passages().filter(has_parts);
        Ok(found.map(|passage| (passage.passage.id, passage.part_vectors.clone())).collect())
    }

    async fn passages(&self, ids: &[PassageId]) -> Result<Vec<Passage>, StoreError> {
        let state = self.lock();
        let by_id: HashMap<PassageId, &Passage> =
            state.passages().map(|passage| (passage.passage.id, &passage.passage)).collect();
        Ok(ids.iter().filter_map(|id| by_id.get(id).map(|passage| (*passage).clone())).collect())
    }

    async fn all_passages(&self) -> Result<Vec<Passage>, StoreError> {
        Ok(self.lock().passages().map(|passage| passage.passage.clone()).collect())
    }

    async fn word_frequencies(&self, words: &[String]) -> Result<(Vec<usize>, usize), StoreError> {
        let state = self.lock();
        let frequencies = words.iter().map(|word| {
            let stems: Vec<String> = all_words(word).iter().map(|word| light_stem(word)).collect();
            state
                .passages()
                .filter(|passage| stems.iter().all(|stem| passage.stems.contains_key(stem)))
                .count()
        });
        Ok((frequencies.collect(), state.passages().count()))
    }
}
