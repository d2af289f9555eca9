//! Postal addresses: a street's name with a house number on either side, and the parts that follow it.

use super::{
    Finding, Kind,
    blocks::{block_at, house_number},
    words::{RedactionWords, Token, tokens},
};

/// So many words may stand between a house number and the word that makes it a street.
const STREET_WORDS: usize = 5;

pub fn find(text: &str, words: &RedactionWords) -> Vec<Finding> {
    let tokens = tokens(text);
    let mut found: Vec<Finding> = Vec::new();
    for index in 0..tokens.len() {
        if found.last().is_some_and(|last| tokens[index].start < last.range.end) {
            continue;
        }
        let whole = street_around(text, &tokens, index, words)
            .or_else(|| before_part(text, &tokens, index, words))
            .or_else(|| behind_cue(text, &tokens, index, words));
        let block = block_at(text, &tokens, index, words);
        if let Some((first, last)) =
            wider(whole.map(|(first, last)| (first, rest(text, &tokens, last, words))), block)
        {
            found.push(Finding { kind: Kind::Address, range: tokens[first].start..tokens[last].end });
        }
    }
    found
}

/// First and last word of a street with its number, when the word here is what makes it one.
fn street_around(
    text: &str,
    tokens: &[Token<'_>],
    index: usize,
    words: &RedactionWords,
) -> Option<(usize, usize)> {
    let lower = tokens[index].lower();
    let ends = words
        .street_endings
        .iter()
        .any(|ending| lower.len() > ending.len() + 2 && lower.ends_with(ending.as_str()));
    if !(words.streets.contains(&lower) || ends) {
        return None;
    }
    let number = |at: usize| tokens.get(at).is_some_and(|token| house_number(token.text));
    // 12 Long Acre Street
    let back = (1..=STREET_WORDS).take_while(|&step| step <= index).find(|&step| {
        number(index - step) && (index - step..index).all(|at| joined(text, &tokens[at], &tokens[at + 1]))
    });
    let between = |step: usize| (index - step + 1..=index).any(|at| tokens[at].capital());
    if let Some(step) = back.filter(|&step| between(step)) {
        return Some((index - step, index));
    }
    // Hauptstraße 12, Rue de la Paix 5, Hoge Wei 32
    if !tokens[index].capital() && !words.streets.contains(&lower) {
        return None;
    }
    let ahead = (1..=STREET_WORDS).find(|&step| {
        number(index + step) && (index..index + step).all(|at| joined(text, &tokens[at], &tokens[at + 1]))
    })?;
    let capital = (index..index + ahead).any(|at| tokens[at].capital());
    capital.then_some((index, index + ahead))
}

/// "Apt. 57" and what stands before it: the street, whatever its name.
fn before_part(
    text: &str,
    tokens: &[Token<'_>],
    index: usize,
    words: &RedactionWords,
) -> Option<(usize, usize)> {
    const MOST: usize = 8;
    // What is a part of an address even by itself.
    const ALONE: [&str; 6] = ["apt", "apto", "apartment", "suite", "ste", "flat"];
    let number = tokens.get(index + 1).filter(|next| next.has_digit() && joined(text, &tokens[index], next));
    let lower = tokens[index].lower();
    if !words.address_parts.contains(&lower) || number.is_none() {
        return None;
    }
    let address = |token: &Token<'_>| token.has_digit() || token.capital();
    let back = (1..=MOST.min(index))
        .take_while(|&step| {
            address(&tokens[index - step]) && joined(text, &tokens[index - step], &tokens[index - step + 1])
        })
        .filter(|&step| tokens[index - step].has_digit())
        .last();
    match back {
        Some(step) => Some((index - step, index + 1)),
        None => (tokens[index].capital() && ALONE.contains(&lower.as_str())).then_some((index, index + 1)),
    }
}

/// "my address is", "lives at": a number and a name, either first.
fn behind_cue(
    text: &str,
    tokens: &[Token<'_>],
    index: usize,
    words: &RedactionWords,
) -> Option<(usize, usize)> {
    let next = tokens.get(index + 1)?;
    let number_first = house_number(tokens[index].text) && next.capital();
    let name_first = tokens[index].capital()
        && (index + 1..(index + 4).min(tokens.len())).any(|at| house_number(tokens[at].text));
    if !(number_first || name_first) || !joined(text, &tokens[index], next) {
        return None;
    }
    let start = text[..tokens[index].start].char_indices().rev().nth(24).map_or(0, |(at, _)| at);
    let before = text[start..tokens[index].start].to_lowercase();
    let before = before.trim_end_matches([' ', ':', '\n']);
    words.address_cues.iter().any(|cue| before.ends_with(cue.as_str())).then_some((index, index + 1))
}

/// The one that begins first, or reaches further.
fn wider(one: Option<(usize, usize)>, other: Option<(usize, usize)>) -> Option<(usize, usize)> {
    match (one, other) {
        (Some(one), Some(other)) => Some((one.0.min(other.0), one.1.max(other.1))),
        (one, other) => one.or(other),
    }
}

/// Nothing but blanks, a comma or a dot between two words.
fn joined(text: &str, one: &Token<'_>, other: &Token<'_>) -> bool {
    let gap = &text[one.end..other.start];
    gap.len() <= 8 && gap.chars().all(|c| matches!(c, ' ' | ',' | '.' | '\n'))
}

/// Flat, town, region, postal code and country behind a street: capitalised words and numbers up to the next plain word.
fn rest(text: &str, tokens: &[Token<'_>], from: usize, words: &RedactionWords) -> usize {
    const MOST: usize = 14;
    let mut last = from;
    for at in from + 1..tokens.len().min(from + 1 + MOST) {
        let gap = &text[tokens[at - 1].end..tokens[at].start];
        // A new sentence ends an address; a line break does not.
        let sentence = gap.contains(". ") && !words.streets.contains(&tokens[at - 1].lower());
        if sentence
            || gap.len() > 8
            || !gap.chars().all(|c| matches!(c, ' ' | ',' | '.' | '\n' | '\r' | '#' | '-' | '/'))
        {
            break;
        }
        let token = &tokens[at];
        let lower = token.lower();
        let part = words.address_parts.contains(&lower);
        // Behind a comma or on the next line stands the next part, whatever the word means elsewhere.
        let set_off = gap.contains([',', '\n']) && !gap.contains("\n\n");
        let place = words.countries.contains(&lower) || PLACE_WORDS.contains(&lower.as_str()) || set_off;
        let name = token.capital() && (place || !words.not_names.contains(&lower));
        let small = words.name_particles.contains(&lower)
            && tokens.get(at + 1).is_some_and(|next| next.capital() && &text[token.end..next.start] == " ");
        if !(part || name || token.has_digit() || small) {
            break;
        }
        last = at;
    }
    last
}

/// Words of places that mean something else elsewhere.
const PLACE_WORDS: [&str; 9] = ["uk", "usa", "us", "north", "south", "east", "west", "new", "saint"];
