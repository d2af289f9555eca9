//! The passages that either search brings up, with all that is known of each.

use crate::{
    domain::{ids::PassageId, knowledge::Passage},
    knowledge::words::{all_words, light_stem},
    ports::{
        knowledge::{Hit, KnowledgeIndex},
        store::StoreError,
    },
};
use std::collections::{HashMap, HashSet};

/// Hits taken from each word search.
const WORD_HITS: usize = 40;
/// Nearest vectors taken; more than the word hits, so that most word hits get their similarity too.
const VECTOR_HITS: usize = 200;
/// Nearest vectors that become candidates.
const VECTOR_CANDIDATES: usize = 40;

/// A question as it is searched for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Informative words with their weight, heaviest first.
    pub words: Vec<(String, f32)>,
    /// Other words for the same things.
    pub expansions: Vec<String>,
    /// Vector and the name of the model that made it.
    pub vector: Option<(Vec<f32>, String)>,
}

/// A passage with the measures the ranking weighs.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub passage: Passage,
    /// BM25 of the question's words, 0 when none is there.
    pub words_score: f32,
    /// BM25 of the question's words and their synonyms.
    pub expanded_score: f32,
    /// Cosine similarity. A passage beyond the nearest [`VECTOR_HITS`] gets the last one's: it has no more than that.
    pub similarity: Option<f32>,
    /// Weighted share of the question's words in heading and text, and in the heading alone.
    pub coverage: f32,
    pub heading_coverage: f32,
}

/// Searches by words, by words and synonyms, and by vector.
pub async fn gather(index: &dyn KnowledgeIndex, query: &Query) -> Result<Vec<Candidate>, StoreError> {
    let words: Vec<String> = query.words.iter().map(|(word, _)| word.clone()).collect();
    let by_words = search_words(index, &words).await?;
    let by_expansion = if query.expansions.is_empty() {
        by_words.clone()
    } else {
        search_words(index, &[words, query.expansions.clone()].concat()).await?
    };
    let nearest = match &query.vector {
        Some((vector, model)) => index.search_vector(vector, model, VECTOR_HITS).await?,
        None => Vec::new(),
    };
    let mut seen = HashSet::new();
    let ids: Vec<PassageId> = by_words
        .iter()
        .chain(&by_expansion)
        .chain(nearest.iter().take(VECTOR_CANDIDATES))
        .map(|hit| hit.passage_id)
        .filter(|id| seen.insert(*id))
        .collect();
    let (words_scores, expanded_scores, similarities) =
        (scores(&by_words), scores(&by_expansion), scores(&nearest));
    let furthest = nearest.last().map(|hit| hit.score);
    let score_of = |scores: &HashMap<PassageId, f32>, id| scores.get(&id).copied().unwrap_or(0.0);
    Ok(index
        .passages(&ids)
        .await?
        .into_iter()
        .map(|passage| Candidate {
            words_score: score_of(&words_scores, passage.id),
            expanded_score: score_of(&expanded_scores, passage.id),
            similarity: similarities.get(&passage.id).copied().or(furthest),
            coverage: coverage(
                &query.words,
                &format!("{}\n{}", passage.section_path.join("\n"), passage.text),
            ),
            heading_coverage: coverage(&query.words, passage.heading()),
            passage,
        })
        .collect())
}

async fn search_words(index: &dyn KnowledgeIndex, words: &[String]) -> Result<Vec<Hit>, StoreError> {
    if words.is_empty() { Ok(Vec::new()) } else { index.search_words(words, WORD_HITS).await }
}

fn scores(hits: &[Hit]) -> HashMap<PassageId, f32> {
    hits.iter().map(|hit| (hit.passage_id, hit.score)).collect()
}

/// Share of the words' weight that the text holds, forms of a word counting as the word.
pub fn coverage(words: &[(String, f32)], text: &str) -> f32 {
    let total: f32 = words.iter().map(|(_, weight)| weight).sum();
    if total <= 0.0 {
        return 0.0;
    }
    let held: HashSet<String> = all_words(text).iter().map(|word| light_stem(word)).collect();
    let found: f32 =
        words.iter().filter(|(word, _)| held.contains(&light_stem(word))).map(|(_, weight)| weight).sum();
    found / total
}
