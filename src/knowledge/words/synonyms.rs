//! Other words for the same thing, from a list the operator may replace. Customers say "bill" where a document says
//! "invoice".

use super::{all_words, light_stem, stop_words::informative_words};
use serde::Deserialize;
use std::collections::HashSet;

/// Groups of words and short phrases that mean much the same in support messages.
#[derive(Debug, Clone, Default)]
pub struct Synonyms {
    groups: Vec<Vec<Term>>,
}

#[derive(Debug, Clone)]
struct Term {
    stems: Vec<String>,
    words: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    groups: Vec<Vec<String>>,
}

impl Synonyms {
    /// The list that comes with the product.
    pub fn shipped() -> Self {
        // A test parses the shipped file; without it search still works.
        Self::parse(include_str!("../../../assets/policy/synonyms.toml")).unwrap_or_default()
    }

    /// Reads `groups = [["invoice", "bill"], …]`.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        let file: File = toml::from_str(text)?;
        let term = |text: &String| {
            let stems: Vec<String> = all_words(text).iter().map(|word| light_stem(word)).collect();
            (!stems.is_empty()).then(|| Term { stems, words: informative_words(text) })
        };
        let groups = file.groups.iter().map(|group| group.iter().filter_map(term).collect()).collect();
        Ok(Self { groups })
    }

    /// Whether any group has a word of this stem.
    pub fn knows(&self, stem: &str) -> bool {
        self.groups.iter().flatten().any(|term| term.stems.iter().any(|own| own == stem))
    }

    /// The words of each group of which the question says one, by group.
    pub fn said(&self, question: &str) -> Vec<Vec<String>> {
        let stems: Vec<String> = all_words(question).iter().map(|word| light_stem(word)).collect();
        let is_said = |term: &Term| stems.windows(term.stems.len()).any(|window| window == term.stems);
        let groups = self.groups.iter().filter(|group| group.iter().any(is_said));
        groups.map(|group| group.iter().flat_map(|term| term.words.clone()).collect()).collect()
    }

    /// Words to look for besides the question's own.
    pub fn expand(&self, question: &str) -> Vec<String> {
        let mut known: HashSet<String> = all_words(question).iter().map(|word| light_stem(word)).collect();
        let mut more = Vec::new();
        for group in self.said(question) {
            for word in &group {
                if known.insert(light_stem(word)) {
                    more.push(word.clone());
                }
            }
        }
        more
    }
}
