//! The passages that either search brings up, with all that is known of each.

use super::words::{TextWords, WordMeasures, measure};
use crate::{
    domain::{ids::PassageId, knowledge::Passage},
    knowledge::parts::{self, PartSimilarities},
    ports::{
        knowledge::{Hit, KnowledgeIndex},
        store::StoreError,
    },
};
use std::collections::{HashMap, HashSet};

/// Hits taken from the word search.
const WORD_HITS: usize = 40;
/// Nearest vectors taken; more than the word hits, so that most word hits get their similarity too.
const VECTOR_HITS: usize = 200;
/// Nearest vectors that become candidates.
const VECTOR_CANDIDATES: usize = 40;

/// A word of a question and how much it tells.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryWord {
    pub word: String,
    pub stem: String,
    /// Inverse document frequency.
    pub weight: f32,
    /// Stems of other words for the same thing.
    pub synonyms: HashSet<String>,
}

/// A question as it is searched for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Informative words, heaviest first.
    pub words: Vec<QueryWord>,
    /// Other words for the same things, which the question does not say.
    pub expansions: Vec<QueryWord>,
    /// It names something that no document names.
    pub names_unknown: bool,
    /// Vector and the name of the model that made it.
    pub vector: Option<(Vec<f32>, String)>,
}

/// A passage with the measures the ranking weighs.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub passage: Passage,
    pub words: WordMeasures,
    /// Cosine similarity. A passage beyond the nearest [`VECTOR_HITS`] gets the last one's: it has no more than that.
    pub similarity: Option<f32>,
    /// Similarity of heading and sentences; `None` while the passage has no such vectors.
    pub parts: Option<PartSimilarities>,
}

/// Searches by words and synonyms and by vector, and measures what was found.
pub async fn gather(index: &dyn KnowledgeIndex, query: &Query) -> Result<Vec<Candidate>, StoreError> {
    let words: Vec<String> =
        query.words.iter().chain(&query.expansions).map(|word| word.word.clone()).collect();
    let by_words = if words.is_empty() { Vec::new() } else { index.search_words(&words, WORD_HITS).await? };
    let nearest = match &query.vector {
        Some((vector, model)) => index.search_vector(vector, model, VECTOR_HITS).await?,
        None => Vec::new(),
    };
    let mut seen = HashSet::new();
    let ids: Vec<PassageId> = by_words
        .iter()
        .chain(nearest.iter().take(VECTOR_CANDIDATES))
        .map(|hit| hit.passage_id)
        .filter(|id| seen.insert(*id))
        .collect();
    let parts = part_similarities(index, query, &ids).await?;
    let similarities = scores(&nearest);
    let furthest = nearest.last().map(|hit| hit.score);
    let passages = index.passages(&ids).await?;
    let texts: Vec<TextWords> = passages.iter().map(TextWords::of).collect();
    let measured = measure(query, &texts);
    let candidates = passages.into_iter().zip(measured).map(|(passage, words)| Candidate {
        words,
        similarity: similarities.get(&passage.id).copied().or(furthest),
        parts: parts.get(&passage.id).copied(),
        passage,
    });
    Ok(candidates.collect())
}

async fn part_similarities(
    index: &dyn KnowledgeIndex,
    query: &Query,
    ids: &[PassageId],
) -> Result<HashMap<PassageId, PartSimilarities>, StoreError> {
    let Some((vector, model)) = &query.vector else { return Ok(HashMap::new()) };
    let packed = index.part_vectors(ids, model).await?;
    let read = |(id, packed): (PassageId, Vec<u8>)| Some((id, parts::similarities(&packed, vector)?));
    Ok(packed.into_iter().filter_map(read).collect())
}

fn scores(hits: &[Hit]) -> HashMap<PassageId, f32> {
    hits.iter().map(|hit| (hit.passage_id, hit.score)).collect()
}
