//! One order from several measures.

use super::candidates::{Candidate, Query};
use crate::domain::knowledge::RetrievedPassage;

/// How the measures are put together: weighted reciprocal ranks (Cormack et al., 2009) plus the scores themselves, each
/// brought to 0..1 (Bruch et al., 2023, find that scores carry what ranks lose).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// Reciprocal rank by vector and by words.
    pub vector_rank: f32,
    pub words_rank: f32,
    /// The constant that flattens ranks.
    pub rank_constant: f32,
    pub similarity: f32,
    pub words: f32,
    pub expanded: f32,
    pub coverage: f32,
    pub heading: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            vector_rank: 0.0,
            words_rank: 0.0,
            rank_constant: 60.0,
            similarity: 1.0,
            words: 0.2,
            expanded: 0.1,
            coverage: 0.1,
            heading: 0.1,
        }
    }
}

/// Orders the candidates, best first. Equal scores keep the order of the passages.
pub fn rank(candidates: Vec<Candidate>, query: &Query, weights: Weights) -> Vec<RetrievedPassage> {
    let best = |score: fn(&Candidate) -> f32| candidates.iter().map(score).fold(f32::EPSILON, f32::max);
    let best_words = best(|candidate| candidate.words_score);
    let best_expanded = best(|candidate| candidate.expanded_score);
    let vector_ranks = ranks(&candidates, |candidate| candidate.similarity.unwrap_or(0.0));
    let words_ranks = ranks(&candidates, |candidate| candidate.words_score);
    let has_words = !query.words.is_empty();
    let mut ranked: Vec<RetrievedPassage> = candidates
        .iter()
        .enumerate()
        .map(|(index, candidate)| {
            let reciprocal = |rank: usize| weights.rank_constant / (weights.rank_constant + rank as f32);
            let mut score = weights.vector_rank * reciprocal(vector_ranks[index]);
            score += weights.similarity * candidate.similarity.unwrap_or(0.0);
            if has_words {
                score += weights.words_rank * reciprocal(words_ranks[index]);
                score += weights.words * candidate.words_score / best_words;
                score += weights.expanded * candidate.expanded_score / best_expanded;
                score += weights.coverage * candidate.coverage;
                score += weights.heading * candidate.heading_coverage;
            }
            RetrievedPassage {
                passage: candidate.passage.clone(),
                score,
                similarity: candidate.similarity,
                word_coverage: candidate.coverage,
            }
        })
        .collect();
    ranked
        .sort_by(|one, other| other.score.total_cmp(&one.score).then(one.passage.id.cmp(&other.passage.id)));
    ranked
}

/// Place of each candidate by a score, the best at 1.
fn ranks(candidates: &[Candidate], score: fn(&Candidate) -> f32) -> Vec<usize> {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by(|one, other| score(&candidates[*other]).total_cmp(&score(&candidates[*one])));
    let mut ranks = vec![0; candidates.len()];
    for (rank, index) in order.into_iter().enumerate() {
        ranks[index] = rank + 1;
    }
    ranks
}
