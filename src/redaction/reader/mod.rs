//! A small network that reads each word in its context: a person, a part of an address, or neither. It sees what the embedding model
//! makes of the word and its two neighbours, and features of five words; two layers, 84 thousand weights. Trained by
//! `assets/policy/reader/train.py`, which says on what. Pure: the model's states come in as values.

mod features;
mod network;

use super::{
    Finding, Kind,
    words::{RedactionWords, Token, tokens},
};
use crate::domain::token_states::TokenStates;
use features::FEATURES;
use network::Network;
pub use network::ReaderError;
use std::ops::Range;

/// Words whose features count, from two before to two behind.
const AROUND: usize = 2;
/// The embedding model it learnt to read, at whatever precision its file is: what its id begins with.
const MODEL: &str = "all-minilm-l6-v2";
/// What the network tells apart, in its order; the first is "neither".
const KINDS: [Kind; 2] = [Kind::Person, Kind::Address];

/// A word is taken out when its share reaches `low`, and one of the words around that are taken out with it reaches `high`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Threshold {
    low: f32,
    high: f32,
}

/// The reader with its weights.
pub struct Reader {
    network: Network,
    thresholds: [Threshold; 2],
}

impl Reader {
    /// From the file that `train.py` writes.
    ///
    /// # Errors
    /// When it is no such file, or made for other features.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReaderError> {
        let (network, thresholds) = Network::parse(bytes)?;
        let [person_low, person_high, address_low, address_high] = thresholds;
        let thresholds = [
            Threshold { low: person_low, high: person_high },
            Threshold { low: address_low, high: address_high },
        ];
        Ok(Self { network, thresholds })
    }

    /// The layer of the embedding model whose states it reads.
    pub fn layer(&self) -> usize {
        self.network.layer()
    }

    /// Names and addresses, in order; none overlap. Nothing is found with the states of another model.
    pub fn find(
        &self,
        text: &str,
        states: &TokenStates,
        words: &RedactionWords,
        keep: &[&str],
    ) -> Vec<Finding> {
        let tokens = tokens(text);
        let shares = self.shares(text, &tokens, states, words);
        let keep: Vec<String> =
            keep.iter().flat_map(|word| word.split_whitespace()).map(str::to_lowercase).collect();
        let kinds: Vec<Option<usize>> = tokens
            .iter()
            .zip(&shares)
            .map(|(token, shares)| self.kind_of(shares).filter(|_| !keep.contains(&token.lower())))
            .collect();
        let mut found = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let mut end = at + 1;
            if let Some(kind) = kinds[at] {
                while end < tokens.len()
                    && kinds[end] == Some(kind)
                    && joinable(&text[tokens[end - 1].end..tokens[end].start])
                {
                    end += 1;
                }
                if shares[at..end].iter().any(|shares| shares[kind + 1] >= self.thresholds[kind].high) {
                    found.push(Finding { kind: KINDS[kind], range: tokens[at].start..tokens[end - 1].end });
                }
            }
            at = end;
        }
        found
    }

    /// The likelier of the two kinds, where it is likely enough.
    fn kind_of(&self, shares: &[f32; 3]) -> Option<usize> {
        let kind = usize::from(shares[2] > shares[1]);
        (shares[kind + 1] >= self.thresholds[kind].low).then_some(kind)
    }

    /// What the network makes of each word: neither, a person, an address; they add up to one.
    fn shares(
        &self,
        text: &str,
        tokens: &[Token<'_>],
        states: &TokenStates,
        words: &RedactionWords,
    ) -> Vec<[f32; 3]> {
        let width = states.width;
        let known = states.model.starts_with(MODEL) && width > 0;
        if !known || 3 * width + (2 * AROUND + 1) * FEATURES != self.network.inputs() {
            return vec![[1.0, 0.0, 0.0]; tokens.len()];
        }
        let (means, pieces) = word_states(tokens, states);
        let features = features::of(text, tokens, &pieces, words);
        let mut input = vec![0.0; self.network.inputs()];
        (0..tokens.len())
            .map(|at| {
                let (state_part, feature_part) = input.split_at_mut(3 * width);
                for (step, part) in state_part.chunks_exact_mut(width).enumerate() {
                    let index = (at + step).checked_sub(1);
                    copy_or_clear(
                        part,
                        index.and_then(|index| means.get(index * width..(index + 1) * width)),
                    );
                }
                for (step, part) in feature_part.chunks_exact_mut(FEATURES).enumerate() {
                    let row = (at + step).checked_sub(AROUND).and_then(|index| features.get(index));
                    copy_or_clear(part, row.map(<[f32; FEATURES]>::as_slice));
                }
                self.network.shares(&input)
            })
            .collect()
    }
}

fn copy_or_clear(part: &mut [f32], values: Option<&[f32]>) {
    match values {
        Some(values) => part.copy_from_slice(values),
        None => part.fill(0.0),
    }
}

/// The mean of each word's tokens, `[word][width]`, and how many there are.
fn word_states(tokens: &[Token<'_>], states: &TokenStates) -> (Vec<f32>, Vec<usize>) {
    let width = states.width;
    let mut means = vec![0.0; tokens.len() * width];
    let mut pieces = vec![0; tokens.len()];
    let mut at = 0;
    for (Range { start, end }, state) in states.places.iter().zip(states.states.chunks_exact(width)) {
        while at < tokens.len() && tokens[at].end <= *start {
            at += 1;
        }
        if at < tokens.len() && *end > tokens[at].start {
            pieces[at] += 1;
            means[at * width..(at + 1) * width].iter_mut().zip(state).for_each(|(sum, value)| *sum += value);
        }
    }
    for (mean, &count) in means.chunks_exact_mut(width).zip(&pieces) {
        for value in mean {
            *value /= count.max(1) as f32;
        }
    }
    (means, pieces)
}

/// Whether two words with nothing else between them are parts of one name or address.
pub(super) fn joinable(gap: &str) -> bool {
    gap.chars().count() <= 4
        && !gap.contains("\n\n")
        && gap.chars().all(|c| c.is_whitespace() || matches!(c, ',' | '.' | '-' | '/' | '#' | '\'' | '’'))
}

#[cfg(test)]
mod tests;
