//! The same answer in two documents is shown once.

use crate::{
    domain::knowledge::RetrievedPassage,
    knowledge::words::{all_words, light_stem},
};
use std::collections::HashSet;

/// Share of common words (Jaccard) from which two passages say the same.
const SAME_SHARE: f32 = 0.85;

/// The first `limit` passages, leaving out those that repeat a better one. Passages that differ in a number differ.
pub fn collapse(ranked: Vec<RetrievedPassage>, limit: usize) -> Vec<RetrievedPassage> {
    let mut kept: Vec<(RetrievedPassage, HashSet<String>)> = Vec::new();
    for hit in ranked {
        if kept.len() == limit {
            break;
        }
        let words: HashSet<String> =
            all_words(&hit.passage.text).iter().map(|word| light_stem(word)).collect();
        if !kept.iter().any(|(_, other)| is_same(&words, other)) {
            kept.push((hit, words));
        }
    }
    kept.into_iter().map(|(hit, _)| hit).collect()
}

fn is_same(one: &HashSet<String>, other: &HashSet<String>) -> bool {
    let has_digit = |word: &&String| word.bytes().any(|byte| byte.is_ascii_digit());
    if one.symmetric_difference(other).any(|word| has_digit(&word)) {
        return false;
    }
    let common = one.intersection(other).count() as f32;
    let all = one.union(other).count() as f32;
    all > 0.0 && common / all >= SAME_SHARE
}
