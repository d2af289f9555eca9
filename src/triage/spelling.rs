//! Puts right slips in the words that matter: "refnd", "lawer", "cancle". Only words of the policy's list are ever put in, and only
//! for words that neither the rules nor the exemplars nor the lexicon know, so "changed" never becomes "charged".

use super::reading::Reading;
use std::collections::HashSet;

/// Knows which words to restore and which to leave alone.
#[derive(Debug)]
pub struct Spelling {
    targets: Vec<String>,
    known: HashSet<String>,
}

impl Spelling {
    /// `targets` are restored; `known` words are never touched.
    pub fn new(targets: Vec<String>, known: HashSet<String>) -> Self {
        Self { targets, known }
    }

    /// Corrects a message in place.
    pub fn correct(&self, reading: &mut Reading) {
        for token in &mut reading.tokens {
            if token.name_like || self.known.contains(&token.text) {
                continue;
            }
            if let Some(target) = self.target(&token.text) {
                target.clone_into(&mut token.text);
            }
        }
    }

    /// The word meant: same first letter, one slip away, or two in a long word.
    fn target(&self, word: &str) -> Option<&str> {
        if word.len() < 5 || !word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return None;
        }
        self.targets
            .iter()
            .filter(|target| {
                target.as_bytes().first() == word.as_bytes().first() && target.len().abs_diff(word.len()) <= 2
            })
            .map(|target| (strsim::osa_distance(target, word), target.as_str()))
            .filter(|(distance, target)| *distance <= if target.len() >= 9 { 2 } else { 1 })
            .min()
            .map(|(_, target)| target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("refnd", "refund")]
    #[case("subscripton", "subscription")]
    #[case("cancle", "cancel")]
    #[case("changed", "changed")]
    #[case("Refand", "refund")]
    #[case("fund", "fund")]
    #[case("rebound", "rebound")]
    fn slips_are_restored_and_other_words_left(#[case] text: &str, #[case] read: &str) {
        let targets = ["refund", "subscription", "cancel", "charged"].map(str::to_owned).to_vec();
        let spelling = Spelling::new(targets, HashSet::from(["changed".to_owned()]));
        let mut reading = Reading::new(None, text);
        spelling.correct(&mut reading);
        assert_eq!(reading.folded(), read);
    }
}
