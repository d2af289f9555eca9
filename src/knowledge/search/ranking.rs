//! One order from several measures.

use super::candidates::Candidate;
use crate::domain::knowledge::RetrievedPassage;

/// How the measures are put together: a weighted sum of the scores themselves (Bruch et al., 2023, find that scores carry
/// what ranks lose). With the default weights the sums are logits: their softmax over the candidates is the probability
/// that a passage is the one that answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// Of the similarity of the whole passage, its heading, its best sentence alone, and under the heading.
    pub passage: f32,
    pub heading: f32,
    pub sentence: f32,
    pub sentence_under_heading: f32,
    /// Of BM25 with synonyms, and of the question's words that the passage has.
    pub bm25: f32,
    pub synonym_coverage: f32,
}

impl Default for Weights {
    /// Fitted by maximum likelihood of the right passages (listwise softmax, ridge 1e-4) to the demo company's judged
    /// questions; `docs/QUALITY.md` says what they are worth on questions they were not fitted to.
    fn default() -> Self {
        Self {
            passage: 10.5,
            heading: 5.0,
            sentence: 5.6,
            sentence_under_heading: 6.1,
            bm25: 0.35,
            synonym_coverage: 3.1,
        }
    }
}

/// Orders the candidates, best first. Equal scores keep the order of the passages. `names_unknown` is passed on.
pub fn rank(candidates: Vec<Candidate>, weights: Weights, names_unknown: bool) -> Vec<RetrievedPassage> {
    let mut ranked: Vec<RetrievedPassage> = candidates
        .into_iter()
        .map(|candidate| RetrievedPassage {
            score: score(&candidate, weights),
            similarity: candidate.similarity,
            sentence_similarity: candidate.parts.map(|parts| parts.sentence),
            word_coverage: candidate.words.synonym_coverage,
            certainty: 0.0,
            names_unknown,
            passage: candidate.passage,
        })
        .collect();
    ranked
        .sort_by(|one, other| other.score.total_cmp(&one.score).then(one.passage.id.cmp(&other.passage.id)));
    let best = ranked.first().map_or(0.0, |first| first.score);
    let all: f32 = ranked.iter().map(|passage| (passage.score - best).exp()).sum();
    for passage in &mut ranked {
        passage.certainty = (passage.score - best).exp() / all;
    }
    ranked
}

fn score(candidate: &Candidate, weights: Weights) -> f32 {
    let whole = candidate.similarity.unwrap_or(0.0);
    // A passage without vectors of its parts is taken to be as near in all of them as it is as a whole.
    let (heading, sentence, under_heading) = candidate
        .parts
        .map_or((whole, whole, whole), |parts| (parts.heading, parts.sentence, parts.sentence_under_heading));
    weights.passage * whole
        + weights.heading * heading
        + weights.sentence * sentence
        + weights.sentence_under_heading * under_heading
        + weights.bm25 * candidate.words.bm25
        + weights.synonym_coverage * candidate.words.synonym_coverage
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            ids::{DocumentId, PassageId},
            knowledge::Passage,
        },
        knowledge::{parts::PartSimilarities, search::words::WordMeasures},
    };

    fn candidate(id: i64, similarity: f32, sentence: Option<f32>) -> Candidate {
        let passage = Passage {
            id: PassageId(id),
            document_id: DocumentId::new(),
            title: String::new(),
            section_path: vec![],
            text: String::new(),
            url: String::new(),
        };
        let parts = sentence.map(|sentence| PartSimilarities {
            heading: similarity,
            sentence,
            sentence_under_heading: sentence,
        });
        Candidate { passage, words: WordMeasures::default(), similarity: Some(similarity), parts }
    }

    #[test]
    fn a_sentence_that_answers_lifts_its_passage() {
        let ranked =
            rank(vec![candidate(1, 0.5, Some(0.4)), candidate(2, 0.5, Some(0.9))], Weights::default(), true);
        assert_eq!(ranked[0].passage.id, PassageId(2));
        assert!(ranked[0].certainty > 0.9 && ranked[0].names_unknown, "{ranked:?}");
        assert!((ranked.iter().map(|passage| passage.certainty).sum::<f32>() - 1.0).abs() < 1e-5);
    }

    #[test]
    fn passages_without_sentence_vectors_yet_are_neither_lifted_nor_lost() {
        let ranked = rank(vec![candidate(1, 0.6, None), candidate(2, 0.5, None)], Weights::default(), false);
        assert_eq!(ranked[0].passage.id, PassageId(1));
        assert_eq!(ranked[0].sentence_similarity, None);
    }
}
