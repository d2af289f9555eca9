//! What is plain to see of a word, as zeros and ones. `features` in `assets/policy/reader/train.py` says the same in the same order.

use crate::redaction::words::{RedactionWords, Token};

/// Features of a word.
pub(super) const FEATURES: usize = 30;

/// One row a word. `pieces`: into how many tokens the embedding model cut each word.
pub(super) fn of(
    text: &str,
    tokens: &[Token<'_>],
    pieces: &[usize],
    words: &RedactionWords,
) -> Vec<[f32; FEATURES]> {
    let capitals = text.chars().any(char::is_uppercase);
    (0..tokens.len()).map(|at| row(text, tokens, at, pieces[at], words, capitals)).collect()
}

fn row(
    text: &str,
    tokens: &[Token<'_>],
    at: usize,
    pieces: usize,
    words: &RedactionWords,
    capitals: bool,
) -> [f32; FEATURES] {
    let token = &tokens[at];
    let lower = token.lower();
    let digits = token.text.bytes().filter(u8::is_ascii_digit).count();
    let length = token.text.chars().count();
    let (first, last) = (at == 0, at + 1 == tokens.len());
    let before = &text[if first { 0 } else { tokens[at - 1].end }..token.start];
    let after = &text[token.end..if last { text.len() } else { tokens[at + 1].start }];
    let shouted = length > 1 && digits == 0 && token.capital() && !token.text.chars().any(char::is_lowercase);
    let ends_sentence = |gap: &str| gap.contains(['.', '!', '?']);
    [
        token.capital(),
        shouted,
        digits > 0 && digits == length,
        digits > 0 && digits < length,
        (1..=2).contains(&digits),
        digits == 3,
        digits == 4,
        digits == 5,
        digits > 5,
        length == 1,
        words.is_listed_name(&lower),
        words.not_names.contains(&lower),
        is_street(&lower, words),
        words.address_parts.contains(&lower),
        words.countries.contains(&lower),
        words.months.contains(&lower),
        words.name_particles.contains(&lower),
        pieces == 1,
        pieces >= 3,
        first || ends_sentence(before),
        before.contains('\n'),
        before.contains(','),
        before == " ",
        before.contains([':', '<', '>', '@', '/', '_', '=', '#', '$', '€', '£']),
        last || ends_sentence(after),
        after.contains('\n'),
        after.contains(','),
        after.contains([':', '<', '>', '@', '/', '_', '=', '%']),
        capitals,
        token.text.contains(['\'', '’']),
    ]
    .map(|yes| f32::from(u8::from(yes)))
}

fn is_street(lower: &str, words: &RedactionWords) -> bool {
    let length = lower.chars().count();
    words.streets.contains(lower)
        || words
            .street_endings
            .iter()
            .any(|ending| length > ending.chars().count() + 2 && lower.ends_with(ending.as_str()))
}
