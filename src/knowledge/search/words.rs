//! What a question's words say of passages, reckoned from the texts themselves, so that every index gives the same.

use super::candidates::{Query, QueryWord};
use crate::{
    domain::knowledge::Passage,
    knowledge::words::{all_words, light_stem},
};
use std::collections::{HashMap, HashSet};

/// BM25's usual constants.
const K1: f32 = 1.2;
const B: f32 = 0.75;
/// What a synonym counts beside the word itself.
const SYNONYM_WEIGHT: f32 = 0.5;

/// A passage's words by stem.
pub struct TextWords {
    text: HashMap<String, f32>,
    length: f32,
    /// Of heading, path and text.
    all: HashSet<String>,
}

impl TextWords {
    pub fn of(passage: &Passage) -> Self {
        let mut text: HashMap<String, f32> = HashMap::new();
        for stem in stems(&passage.text) {
            *text.entry(stem).or_default() += 1.0;
        }
        let mut all: HashSet<String> = text.keys().cloned().collect();
        all.extend(stems(&passage.section_path.join("\n")));
        Self { length: text.values().sum(), text, all }
    }
}

/// How well a passage's words fit a question's.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct WordMeasures {
    /// BM25 of words and synonyms in the text.
    pub bm25: f32,
    /// Weighted share of the question's words in heading, path and text, a synonym counting as the word, 0..1.
    pub synonym_coverage: f32,
}

/// Measures all candidates of one question; BM25's mean length is theirs.
pub fn measure(query: &Query, texts: &[TextWords]) -> Vec<WordMeasures> {
    let mean_length =
        (texts.iter().map(|text| text.length).sum::<f32>() / texts.len().max(1) as f32).max(1.0);
    texts.iter().map(|text| measure_one(query, text, mean_length)).collect()
}

fn measure_one(query: &Query, text: &TextWords, mean_length: f32) -> WordMeasures {
    let bm25 = |word: &QueryWord| {
        let times = text.text.get(&word.stem).copied().unwrap_or(0.0);
        word.weight * times * (K1 + 1.0) / (times + K1 * (1.0 - B + B * text.length / mean_length))
    };
    let own: f32 = query.words.iter().map(bm25).sum();
    let expanded: f32 = query.expansions.iter().map(bm25).sum();
    let total: f32 = query.words.iter().map(|word| word.weight).sum();
    let holds = |word: &&QueryWord| {
        text.all.contains(&word.stem) || word.synonyms.iter().any(|stem| text.all.contains(stem))
    };
    let held: f32 = query.words.iter().filter(holds).map(|word| word.weight).sum();
    WordMeasures {
        bm25: own + SYNONYM_WEIGHT * expanded,
        synonym_coverage: if total > 0.0 { held / total } else { 0.0 },
    }
}

/// Weighted share of plain words that a text holds, forms of a word counting as the word.
pub fn coverage(words: &[(String, f32)], text: &str) -> f32 {
    let total: f32 = words.iter().map(|(_, weight)| weight).sum();
    if total <= 0.0 {
        return 0.0;
    }
    let held: HashSet<String> = stems(text).collect();
    let found: f32 =
        words.iter().filter(|(word, _)| held.contains(&light_stem(word))).map(|(_, weight)| weight).sum();
    found / total
}

fn stems(text: &str) -> impl Iterator<Item = String> + use<> {
    all_words(text).into_iter().map(|word| light_stem(&word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{DocumentId, PassageId};

    fn words(heading: &str, text: &str) -> TextWords {
        TextWords::of(&Passage {
            id: PassageId(1),
            document_id: DocumentId::new(),
            title: "Handbook".into(),
            section_path: vec!["Handbook".into(), heading.into()],
            text: text.into(),
            url: String::new(),
        })
    }

    fn word(word: &str, synonyms: &[&str]) -> QueryWord {
        let synonyms = synonyms.iter().map(|synonym| light_stem(synonym)).collect();
        QueryWord { word: word.into(), stem: light_stem(word), weight: 2.0, synonyms }
    }

    #[test]
    fn forms_and_synonyms_of_a_word_count_as_the_word() {
        let query = Query {
            words: vec![word("bills", &["invoice"]), word("exporting", &[]), word("pelican", &[])],
            expansions: vec![word("invoice", &[])],
            ..Query::default()
        };
        let texts =
            [words("Invoices", "Every invoice can be exported."), words("Roles", "What admins may do.")];
        let [near, far] = measure(&query, &texts)[..] else { panic!("two were measured") };
        assert!((near.synonym_coverage - 2.0 / 3.0).abs() < 1e-6, "{near:?}");
        assert!(near.bm25 > 0.0 && far == WordMeasures::default(), "{near:?} {far:?}");
    }
}
