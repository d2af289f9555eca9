//! The word lists behind names and addresses, from `redaction.toml`.

use serde::Deserialize;
use std::collections::HashSet;

/// What redaction is shipped with cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    #[error("redaction.toml cannot be read: {0}")]
    Words(#[from] toml::de::Error),
    #[error(transparent)]
    Reader(#[from] super::reader::ReaderError),
}

/// Lower-cased words; the file says what each list is for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedactionWords {
    pub name_cues: HashSet<String>,
    pub name_particles: HashSet<String>,
    pub not_names: HashSet<String>,
    pub given_names: HashSet<String>,
    /// More names of people, given and family; from a list of their own (`names.txt`).
    #[serde(default)]
    pub known_names: HashSet<String>,
    /// Words so sure to stand before a name that it may be written small.
    pub sure_name_cues: Vec<String>,
    /// Countries, and months, which look like parts of an address and are none.
    pub countries: HashSet<String>,
    pub months: HashSet<String>,
    pub streets: HashSet<String>,
    pub street_endings: Vec<String>,
    pub address_parts: HashSet<String>,
    pub address_cues: Vec<String>,
    pub id_cues: Vec<String>,
    pub zip_cues: Vec<String>,
    pub phone_cues: Vec<String>,
    /// Regions whose numbers are known without a country code, by their two letters.
    pub phone_regions: Vec<String>,
}

impl RedactionWords {
    /// # Errors
    /// When the text is no such file.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        Ok(toml::from_str(text)?)
    }

    /// A name we have heard of, in small letters; of two names joined by a dash, the first is enough.
    pub fn is_listed_name(&self, lower: &str) -> bool {
        let lower = lower.trim_end_matches("'s").trim_end_matches("’s");
        let first = lower.split('-').next().unwrap_or(lower);
        [lower, first].iter().any(|name| self.given_names.contains(*name) || self.known_names.contains(*name))
    }
}

/// A word of a text with its place.
#[derive(Debug, Clone, Copy)]
pub struct Token<'a> {
    pub text: &'a str,
    pub start: usize,
    pub end: usize,
}

impl Token<'_> {
    pub fn lower(&self) -> String {
        self.text.to_lowercase()
    }

    pub fn capital(&self) -> bool {
        self.text.chars().next().is_some_and(char::is_uppercase)
    }

    pub fn has_digit(&self) -> bool {
        self.text.bytes().any(|byte| byte.is_ascii_digit())
    }
}

/// Runs of letters, digits, apostrophes, dashes inside words, and dots after single letters or abbreviations.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut start = None;
    let joins = |c: char| matches!(c, '\'' | '’' | '-');
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    for (index, &(at, c)) in characters.iter().enumerate() {
        let next_is_word = characters.get(index + 1).is_some_and(|(_, next)| next.is_alphanumeric());
        let part = c.is_alphanumeric() || (joins(c) && start.is_some() && next_is_word);
        match (part, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                found.push(Token { text: &text[from..at], start: from, end: at });
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        found.push(Token { text: &text[from..], start: from, end: text.len() });
    }
    found
}
