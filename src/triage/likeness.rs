//! Whether one message says what another says. Likeness of all words is not enough: "how do I export my data" and "how do I
//! import my data" differ in the one word that matters. So each must hold most of what the other's telling words say, and the
//! two words that tell most.

use super::reading::Reading;
use std::collections::{HashMap, HashSet};

/// Below this likeness of all words and letters nothing more is looked at.
const LEAST_SIMILARITY: f32 = 0.4;
/// From this likeness on it is the same text but for a slip.
const SAME_TEXT: f32 = 0.9;
/// Share of a message's telling words that the other must hold.
const LEAST_COVERAGE: f32 = 0.6;
/// From this likeness of their letters on, two words are forms of one.
const SAME_WORD: f32 = 0.5;
/// So many of the words that tell most must all be there.
const HEAVIEST: usize = 2;

/// In how many texts each word occurs: what few say tells much.
#[derive(Debug, Default)]
pub struct WordWeights {
    counts: HashMap<String, usize>,
    texts: usize,
}

/// A word of a message with what it tells.
#[derive(Debug, Clone)]
pub struct Word {
    stem: String,
    /// Groups of 3 and 4 letters; empty for words too short to have forms.
    letters: HashSet<String>,
    weight: f32,
}

impl WordWeights {
    /// Counts the words of one more text.
    pub fn count(&mut self, reading: &Reading) {
        self.texts += 1;
        let stems: HashSet<String> = reading.tokens.iter().map(|token| stem(&token.text)).collect();
        for stem in stems {
            *self.counts.entry(stem).or_default() += 1;
        }
    }

    /// A message's words, each once, those that tell most first.
    pub fn words(&self, reading: &Reading) -> Vec<Word> {
        let mut seen = HashSet::new();
        let mut words: Vec<Word> = reading
            .tokens
            .iter()
            .filter(|token| token.text.chars().any(char::is_alphabetic))
            .filter_map(|token| {
                let stem = stem(&token.text);
                seen.insert(stem.clone()).then(|| Word {
                    weight: self.weight(&stem),
                    letters: letters(&token.text),
                    stem,
                })
            })
            .collect();
        words.sort_by(|one, other| other.weight.total_cmp(&one.weight));
        words
    }

    /// Inverse document frequency, 0..1, squared: grammar tells next to nothing.
    fn weight(&self, stem: &str) -> f32 {
        let texts = (self.texts + 1) as f32;
        let count = (self.counts.get(stem).copied().unwrap_or(0) + 1) as f32;
        ((texts / count).ln() / texts.ln().max(1.0)).clamp(0.0, 1.0).powi(2)
    }
}

/// Whether two messages say the same. `similarity` is that of all their words and letters, 0..1.
pub fn alike(similarity: f32, one: &[Word], other: &[Word]) -> bool {
    similarity >= SAME_TEXT || (similarity >= LEAST_SIMILARITY && holds(one, other) && holds(other, one))
}

/// Whether the words hold what the other's say: most of their weight, and the heaviest of them.
fn holds(words: &[Word], wanted: &[Word]) -> bool {
    let (mut all, mut held) = (0.0, 0.0);
    for (position, word) in wanted.iter().enumerate() {
        let found = found(words, word);
        if position < HEAVIEST && found == 0.0 {
            return false;
        }
        all += word.weight;
        held += word.weight * found;
    }
    all > 0.0 && held / all >= LEAST_COVERAGE
}

/// How well a word is among others: 1 for itself, less for a form or a slip of it, else 0.
fn found(words: &[Word], wanted: &Word) -> f32 {
    if words.iter().any(|word| word.stem == wanted.stem) {
        return 1.0;
    }
    let like = |word: &Word| {
        let all = (word.letters.len() + wanted.letters.len()) as f32;
        if all == 0.0 { 0.0 } else { 2.0 * word.letters.intersection(&wanted.letters).count() as f32 / all }
    };
    words.iter().map(like).filter(|like| *like >= SAME_WORD).fold(0.0, f32::max)
}

fn letters(word: &str) -> HashSet<String> {
    if word.chars().count() <= 3 {
        return HashSet::new();
    }
    let padded: Vec<char> = std::iter::once('^').chain(word.chars()).chain(std::iter::once('$')).collect();
    [3, 4].iter().flat_map(|length| padded.windows(*length)).map(|window| window.iter().collect()).collect()
}

/// Takes the commonest endings off; no more is claimed.
fn stem(word: &str) -> String {
    for ending in ["ings", "ing", "ied", "ies", "ed", "es", "s", "ly", "e"] {
        if let Some(rest) = word.strip_suffix(ending)
            && rest.chars().count() >= 3
        {
            return rest.to_owned();
        }
    }
    word.to_owned()
}
