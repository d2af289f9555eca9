//! Misspelt words of a question, put right by the documents' own words.

use crate::knowledge::words::{all_words, light_stem};
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};
use unicode_segmentation::UnicodeSegmentation;

/// Shorter words have too many neighbours.
const SHORTEST: usize = 5;
/// From this length on a word may have two mistakes.
const LONG: usize = 8;

/// Common English words of five letters and more: what stands here is meant as written, whether or not the documents
/// have it. (A chat is no chart.)
static ENGLISH: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("../../../assets/policy/lexicons/english-words.txt").split_whitespace().collect()
});

/// The documents' words and in how many passages each stands.
#[derive(Debug, Default)]
pub struct Vocabulary {
    words: HashMap<String, usize>,
    stems: HashSet<String>,
}

impl Vocabulary {
    /// Of passages' texts, headings included.
    pub fn of(texts: impl Iterator<Item = String>) -> Self {
        let mut words: HashMap<String, usize> = HashMap::new();
        for text in texts {
            let own: HashSet<String> = all_words(&text).into_iter().collect();
            for word in own {
                *words.entry(word).or_default() += 1;
            }
        }
        let stems = words.keys().map(|word| light_stem(word)).collect();
        words.retain(|word, _| can_be_misspelt(word));
        Self { words, stems }
    }

    /// The question with every word that nobody knows and that a word of the documents is near to replaced by that.
    /// `is_known` tells of words known from elsewhere, synonyms say, by stem.
    pub fn put_right(&self, question: &str, is_known: impl Fn(&str) -> bool) -> String {
        let mut right = String::with_capacity(question.len());
        let mut end = 0;
        for (start, word) in question.unicode_word_indices() {
            let meant = suspicious(word).filter(|word| !is_known(&light_stem(word)));
            if let Some(meant) = meant.and_then(|word| self.meant_by(&word)) {
                right.push_str(&question[end..start]);
                right.push_str(meant);
                end = start + word.len();
            }
        }
        right.push_str(&question[end..]);
        right
    }

    fn meant_by(&self, word: &str) -> Option<&str> {
        if self.stems.contains(&light_stem(word)) {
            return None;
        }
        let mistakes = if word.len() < LONG { 1 } else { 2 };
        let near = |other: &&String| {
            other.as_bytes()[0] == word.as_bytes()[0] && other.len().abs_diff(word.len()) <= mistakes
        };
        let ranked = self.words.keys().filter(near).map(|other| (strsim::osa_distance(word, other), other));
        // Of equally near words the commonest, then the first of the alphabet.
        let best = ranked
            .filter(|(distance, _)| *distance <= mistakes)
            .min_by_key(|(distance, other)| (*distance, std::cmp::Reverse(self.words[*other]), *other));
        best.map(|(_, other)| other.as_str())
    }
}

/// Whether any word might be misspelt: without one there is no need of a vocabulary.
pub fn has_suspicious_words(question: &str) -> bool {
    question.unicode_words().any(|word| suspicious(word).is_some())
}

/// The word in lower case when it is neither common English nor a name.
fn suspicious(word: &str) -> Option<String> {
    (can_be_misspelt(word) && !ENGLISH.contains(word)).then(|| word.to_owned())
}

/// Lower-case letters only: with a capital it may be a name, with a digit a number of something.
fn can_be_misspelt(word: &str) -> bool {
    word.len() >= SHORTEST && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("pricng?", "pricing?")]
    #[case("slow conection, forgot pasword", "slow connection, forgot password")]
    #[case("two-facter authentification", "two-factor authentication")]
    #[case::known_as_written("is there a chat?", "is there a chat?")]
    #[case::a_name("Does Discord work?", "Does Discord work?")]
    #[case::a_form_of_a_known_word("connections", "connections")]
    #[case::a_synonym("voucherr", "voucherr")]
    #[case::nothing_near("xylophonic", "xylophonic")]
    fn what_nobody_knows_becomes_the_nearest_word(#[case] question: &str, #[case] expected: &str) {
        let text =
            "Pricing, the connection, a password, two-factor authentication, a chart to discard, vouchers";
        let vocabulary = Vocabulary::of(std::iter::once(text.to_owned()));
        assert_eq!(vocabulary.put_right(question, |stem| stem == "voucherr"), expected);
    }

    #[test]
    fn plain_english_needs_no_vocabulary() {
        assert!(!has_suspicious_words("How do I export everything before the meeting?"));
        assert!(has_suspicious_words("exprot everything"));
    }
}
