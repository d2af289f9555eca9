//! Taking out of a text what names a person or opens a door, and putting it back: nothing leaves the box before it went
//! through here. Rules find what has a form and the names they know; where the embedding model has read the text, a small network adds
//! the names and addresses that only their context gives away. Pure; knows the domain only.

mod addresses;
mod blocks;
mod forms;
mod names;
mod reader;
mod words;

use crate::domain::token_states::TokenStates;
use reader::Reader;
use serde::Serialize;
use std::{collections::HashMap, ops::Range};
pub use words::{PolicyError, RedactionWords};

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A word the company wants kept in the house.
    Custom,
    SecretUrl,
    ApiKey,
    Email,
    Iban,
    Card,
    NationalId,
    IpAddress,
    Phone,
    Address,
    Person,
}

impl Kind {
    fn label(self) -> &'static str {
        match self {
            Self::Custom => "WORD",
            Self::ApiKey => "KEY",
            Self::SecretUrl => "LINK",
            Self::Email => "EMAIL",
            Self::Iban => "IBAN",
            Self::Card => "CARD",
            Self::NationalId => "ID",
            Self::IpAddress => "IP",
            Self::Phone => "PHONE",
            Self::Address => "ADDRESS",
            Self::Person => "PERSON",
        }
    }
}

/// One place in the text, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub kind: Kind,
    pub range: Range<usize>,
}

/// What is known of the conversation besides the text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// Names of the customer and of operators: taken out wherever they stand.
    pub names: &'a [&'a str],
    /// The company's own words (product names): left in even where they look like a name.
    pub keep: &'a [&'a str],
    /// Words that must not leave, as the company wrote them.
    pub custom: &'a [&'a str],
}

/// A text that may leave, and how to undo it. The originals stay on the box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    pub text: String,
    /// Placeholder and original, in order of appearance.
    pub placeholders: Vec<(String, String)>,
    /// What looks as if it should have been taken out and was not understood: such a text is held for a person.
    pub unsure: Vec<String>,
}

/// Finds and replaces.
pub struct Redactor {
    words: RedactionWords,
    reader: Reader,
}

impl Redactor {
    /// With the shipped words.
    ///
    /// # Errors
    /// When the shipped file is faulty.
    pub fn shipped() -> Result<Self, PolicyError> {
        let mut words = RedactionWords::parse(include_str!("../../assets/policy/redaction.toml"))?;
        words.known_names.extend(include_str!("../../assets/policy/names.txt").lines().map(str::to_owned));
        let reader = Reader::parse(include_bytes!("../../assets/policy/reader/weights.bin"))?;
        Ok(Self { words, reader })
    }

    /// The layer of the embedding model whose states [`Redactor::find`] and [`Redactor::redact`] take.
    pub fn layer(&self) -> usize {
        self.reader.layer()
    }

    /// All findings in order, none overlapping. `states`: what the embedding model makes of `text`; without it, the rules alone.
    pub fn find(&self, text: &str, known: Known<'_>, states: Option<&TokenStates>) -> Vec<Finding> {
        let found = self.by_rules(text, known);
        match states {
            Some(states) => added(text, &found, &self.reader.find(text, states, &self.words, known.keep)),
            None => found,
        }
    }

    /// What stands earlier in [`Kind`] wins.
    fn by_rules(&self, text: &str, known: Known<'_>) -> Vec<Finding> {
        let mut all = forms::find(text, &self.words);
        all.extend(exact(text, known.custom, Kind::Custom));
        all.extend(exact(text, known.names, Kind::Person));
        all.extend(addresses::find(text, &self.words));
        all.extend(names::find(text, &self.words, known.keep));
        all.sort_by_key(|finding| (finding.kind, finding.range.start, usize::MAX - finding.range.end));
        let mut kept: Vec<Finding> = Vec::new();
        for finding in all {
            let overlaps = |other: &Finding| {
                finding.range.start < other.range.end && other.range.start < finding.range.end
            };
            if !kept.iter().any(overlaps) {
                kept.push(finding);
            }
        }
        kept.sort_by_key(|finding| finding.range.start);
        kept
    }

    /// Replaces every finding by a placeholder such as `[EMAIL_1]`; the same words get the same one. `states`: as for
    /// [`Redactor::find`], of `text` or of [`without_brackets`] of it.
    pub fn redact(&self, text: &str, known: Known<'_>, states: Option<&TokenStates>) -> Redacted {
        let text = without_brackets(text);
        let mut counts: HashMap<Kind, usize> = HashMap::new();
        let mut given: HashMap<(Kind, String), String> = HashMap::new();
        let (mut placeholders, mut out, mut end) = (Vec::new(), String::with_capacity(text.len()), 0);
        for Finding { kind, range } in self.find(&text, known, states) {
            let original = text[range.clone()].to_owned();
            let placeholder = given.entry((kind, original.to_lowercase())).or_insert_with(|| {
                let count = counts.entry(kind).or_default();
                *count += 1;
                let placeholder = format!("[{}_{count}]", kind.label());
                placeholders.push((placeholder.clone(), original));
                placeholder
            });
            out.push_str(&text[end..range.start]);
            out.push_str(placeholder);
            end = range.end;
        }
        out.push_str(&text[end..]);
        let unsure = forms::suspicious(&out);
        Redacted { text: out, placeholders, unsure }
    }
}

impl Redacted {
    /// Puts the originals back into an answer that uses the placeholders. Unknown placeholders stay as they are.
    pub fn restore(&self, answer: &str) -> String {
        self.placeholders
            .iter()
            .fold(answer.to_owned(), |answer, (placeholder, original)| answer.replace(placeholder, original))
    }
}

/// The text as it may leave: one that brings square brackets along must not be able to ask for another's original. Every byte keeps
/// its place.
pub fn without_brackets(text: &str) -> String {
    text.replace('[', "(").replace(']', ")")
}

/// The rules' findings, unchanged, and the words that only the reader found, as parts of the finding they adjoin.
fn added(text: &str, rules: &[Finding], read: &[Finding]) -> Vec<Finding> {
    let mut all = rules.to_vec();
    for finding in read {
        let free = words::tokens(&text[finding.range.clone()])
            .into_iter()
            .map(|token| finding.range.start + token.start..finding.range.start + token.end);
        let taken = |range: &Range<usize>| {
            rules.iter().any(|rule| range.start < rule.range.end && rule.range.start < range.end)
        };
        all.extend(free.filter(|range| !taken(range)).map(|range| Finding { kind: finding.kind, range }));
    }
    all.sort_by_key(|finding| finding.range.start);
    let mut joined: Vec<Finding> = Vec::new();
    for finding in all {
        match joined.last_mut() {
            Some(last)
                if last.kind == finding.kind
                    && matches!(finding.kind, Kind::Person | Kind::Address)
                    && read.iter().any(|whole| {
                        whole.range.start <= last.range.end && finding.range.start < whole.range.end
                    })
                    && reader::joinable(&text[last.range.end..finding.range.start]) =>
            {
                last.range.end = finding.range.end;
            }
            _ => joined.push(finding),
        }
    }
    joined
}

/// Whole words, letter case aside.
fn exact(text: &str, wanted: &[&str], kind: Kind) -> Vec<Finding> {
    let mut found = Vec::new();
    for word in wanted.iter().map(|word| word.trim()).filter(|word| word.chars().count() > 1) {
        let Ok(pattern) = regex::RegexBuilder::new(&regex::escape(word)).case_insensitive(true).build()
        else {
            continue;
        };
        let whole = |range: &Range<usize>| {
            let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            !letter(text[..range.start].chars().next_back()) && !letter(text[range.end..].chars().next())
        };
        found.extend(
            pattern.find_iter(text).map(|hit| hit.range()).filter(whole).map(|range| Finding { kind, range }),
        );
    }
    found
}

#[cfg(test)]
mod tests;
